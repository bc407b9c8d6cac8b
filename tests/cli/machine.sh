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

# Where control groups can be made, in either version.
test_a_cpu_quota()
{
    local group
    need jq
    for group in /sys/fs/cgroup/cpu/dbnbench-test-$$ /sys/fs/cgroup/dbnbench-test-$$; do
        [ -e "${group%/*}/cgroup.procs" ] && mkdir "$group" 2>/dev/null && break
    done || skip "no control group can be made here"
    # shellcheck disable=SC2064 # as it is now
    trap "rmdir '$group'" EXIT
    { echo 100000 >"$group/cpu.cfs_period_us" && echo 10000 >"$group/cpu.cfs_quota_us"; } 2>/dev/null ||
        echo 10000 100000 2>/dev/null >"$group/cpu.max" || skip "no CPU quota can be set here"
    "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn
    run bash -c 'echo $$ >"$1/cgroup.procs" && exec "$0" run --samples 3 --no-limits -b mmap -s sum -o results.jsonl \
        t.dbn' "$DBNBENCH" "$group"
    expect_status 0
    expect_out '^Not quiet: a CPU quota held the process up for [0-9.]+% of the time'
    expect_equal "$(head -n 1 results.jsonl | jq .machine.group_cpu_milli)" 100
    expect_equal "$(jq -s '.[-1].after.throttled_periods > .[0].before.throttled_periods' results.jsonl)" true
}

# Each event counts here, or has its reason.
test_counters()
{
    run "$DBNBENCH" list counters
    expect_status 0
    for name in cycles instructions branches branch-misses cache-references cache-misses L1-dcache-load-misses \
        LLC-load-misses dTLB-load-misses task-clock cpu-clock page-faults minor-faults major-faults context-switches \
        cpu-migrations '\(allocations\)'; do
        expect_out "^$name +(counts(, the user's side only)?|always counted|n/a: .+)$"
    done
}

run_cases "$@"
