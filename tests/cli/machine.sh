#!/usr/bin/env bash
# Guards list machine: that it says what is missing and why, for people and as JSON, as whatever user and whatever is
# refused.
. "$(dirname "$0")/lib.sh"

# Each fact that is null has its reason.
reasons_of() { jq -r '. as $all | [paths(. == null)] | .[] | last | select($all.missing[.] == null)' <<<"$1"; }

test_facts_for_people()
{
    run "$DBNBENCH" list machine
    expect_status 0
    for title in build libraries machine caches mitigations now; do expect_out "^$title$"; done
    for fact in cpu kernel governor clocksource smt hypervisor transparent_hugepages cores_online cores_allowed \
        group_cpu_milli verdict compiler flags version; do
        expect_out "^  $fact +[^ ]"
    done
    expect_out '^  verdict +(quiet|noisy)$'
    [ ! -s "$AROUND/err" ] || fail "something on standard error"
}

test_what_is_null_has_a_reason()
{
    need jq
    run "$DBNBENCH" list machine --json
    expect_status 0
    expect_equal "$(jq -r 'keys | join(" ")' "$AROUND/out")" "build machine missing now"
    expect_equal "$(jq -r '.missing | map(type) | unique | join(" ")' "$AROUND/out" | sed 's/^string$//')" ""
    expect_equal "$(reasons_of "$(out)")" ""
}

test_a_plain_user()
{
    need setpriv jq
    [ "$(id -u)" -eq 0 ] || skip "is one already"
    cp "$DBNBENCH" "$AROUND/copy" && chmod 755 "$AROUND" "$AROUND/copy"
    setpriv --reuid 65534 --regid 65534 --clear-groups "$AROUND/copy" list machine --json >/dev/null 2>&1 ||
        skip "another user cannot run programs from here"
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$AROUND/copy" list machine --json
    expect_status 0
    expect_equal "$(reasons_of "$(out)")" ""
}

run_cases "$@"
