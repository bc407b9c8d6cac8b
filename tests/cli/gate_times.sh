#!/usr/bin/env bash
# Guards the timed part of `dbnbench gate` (release only), what it writes, and stored runs. No time is judged here: that
# the gate sees slowdowns is tried by `gate --self-test`, and on made-up times by unit/gate.c.
. "$(dirname "$0")/lib.sh"

small() { "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn; }

# gate [OPTION...]: this build against itself.
gate() { run "$DBNBENCH" gate --no-instructions -f t.dbn -b mmap "$@" "$DBNBENCH" "$DBNBENCH"; }

test_against_itself()
{
    need jq
    small
    gate --json --log l.jsonl --junit j.xml --markdown m.md --seed 1
    expect_status 0
    expect_equal "$(out | jq -c '[.type, .exit, .injected, (.cases | length)]')" '["gate",0,null,1]'
    expect_equal "$(out | jq -c '.cases[0].timing | [.clock, (.time | .blocks >= 20 and .low <= .estimate
        and .estimate <= .high and .detectable > 0.02), (.log_cpu | length) == .time.blocks]')" '["cpu",true,true]'
    expect_equal "$(jq -c .type l.jsonl)" '"gate"'
    grep -q '<testsuite name="dbnbench gate" tests="1" failures="0" errors="0"' j.xml || fail "no suite in j.xml"
    grep -q '^| t.dbn/mmap/sum/1 | ' m.md || fail "no case in m.md"
    gate && expect_status 0 && expect_out '/mmap/sum/1: .* could see [0-9.]+ %, [248]0 blocks of CPU time$'
    run "$DBNBENCH" gate --resample l.jsonl --gates 20
    expect_status 0
    expect_out '^20 gates of 1 cases, no change: 0 false alarms'
}

test_results_that_cannot_be_written()
{
    small
    gate --exact --junit nowhere/j.xml && expect_status 5 && expect_err 'nowhere/j.xml: No such file'
    gate --exact --log nowhere/l.jsonl && expect_status 5
    gate --exact --markdown /dev/full && expect_status 5
    run "$DBNBENCH" gate --resample t.dbn && expect_status 5
}

test_interrupted()
{
    "$DBNBENCH" gen --schema trades --records 300000 -o t.dbn
    "$DBNBENCH" gate --no-instructions -f t.dbn "$DBNBENCH" "$DBNBENCH" >"$AROUND/out" 2>"$AROUND/err" </dev/null &
    sleep 1
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect_status 130
    expect_out '^Interrupted: not all was compared\.$'
}

# A result that changes from process to process: the coins' processes see it, where the counting ones did not.
test_changing_results()
{
    small
    printf '%s\n' '#!/bin/bash' "d=${DBNBENCH@Q}" 'n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n' \
        'if [ "$n" -gt 15 ]; then "$d" "$@" | sed "s/\"records\": /&1/"; exit; fi; exec "$d" "$@"' >changes
    chmod +x changes
    run "$DBNBENCH" gate --no-instructions -f t.dbn -b mmap "$DBNBENCH" ./changes
    expect_status 4
    expect_out 'head: another result than the first process had$'
}

run_cases "$@"
