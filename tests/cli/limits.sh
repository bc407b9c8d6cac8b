#!/usr/bin/env bash
# Guards `dbnbench limits` from outside: it is a session like any other, so every sample is stored, and what has no
# value has a reason. Never how large a limit is. (release only)
. "$(dirname "$0")/lib.sh"

limits() { run "$DBNBENCH" limits --samples 2 -o samples.jsonl "$@"; }
# stored FILTER: what jq's filter makes of the lines, as one array.
stored() { jq -cs "$1" samples.jsonl; }

test_samples_are_stored()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn
    limits --only read_16_ns,copy_64k,inflate t.dbn
    expect_status 0
    expect_out '^stored: samples.jsonl$'
    expect_equal "$(stored '[.[0].type, .[0].kind, .[-1].type]')" '["run","limits","end"]'
    expect_equal "$(stored '[.[] | select(.type == "limit" and .value > 0) | [.dataset, .limit, .round]] | sort')" \
        '[["t.dbn","copy_64k",0],["t.dbn","copy_64k",1],["t.dbn","read_16_ns",0],["t.dbn","read_16_ns",1]]'
    expect_equal "$(stored '[.[] | select(.type == "limit" and .missing) | [.limit, .missing]]')" \
        '[["inflate","the file is not compressed"]]'
    expect_equal "$(stored '.[0].limits | keys')" '["copy_64k","inflate","read_16_ns"]'
}

# It need not be one that can be decoded.
test_any_file_will_do()
{
    need jq
    head -c 100000 /dev/zero >zeros
    limits --only copy_4k --json zeros
    expect_status 0
    out | jq -e . >/dev/null || fail "not JSON"
    expect_equal "$(stored 'map(select(.type == "limit")) | length')" 2
    limits missing
    expect_status 5
    expect_err '^dbnbench: missing: No such file or directory$'
    run "$DBNBENCH" limits --only copy_5k
    expect_status 2
    expect_err "unknown limit 'copy_5k'"
}

test_all_cores_at_once()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn
    run "$DBNBENCH" limits --samples 1 -o samples.jsonl t.dbn
    expect_status 0
    expect_equal "$(stored '[.[] | select(.type == "limit" and .dataset == "capacity").limit] |
        contains(["arithmetic x1", "memory x1"])')" true
}

CASE_SECONDS=60
run_cases "$@"
