#!/usr/bin/env bash
# Guards the timed part of `dbnbench gate` (release only) and what it writes. Slow programs are found out by `make
# test-all`, since it takes a minute and a machine that is not too busy; unit/gate.c and unit/gate_resample.c do it on
# made-up times.
. "$(dirname "$0")/lib.sh"

small() { "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn; }

# gate [OPTION...]: this build against itself.
gate() { run "$DBNBENCH" gate --no-instructions -f t.dbn -b mmap "$@" "$DBNBENCH" "$DBNBENCH"; }

test_against_itself()
{
    need jq
    small
    gate --json --markdown m.md --seed 1
    expect_status 0
    expect_equal "$(out | jq -c '[.type, .exit, .why, (.cases | length)]')" '["gate",0,null,1]'
    expect_equal "$(out | jq '.time | fromdateiso8601 > now - 3600 and fromdateiso8601 <= now')" true
    expect_equal "$(out | jq -c '.cases[0].timing | [.clock, (.time | .blocks >= 20 and .low <= .estimate
        and .estimate <= .high and .detectable > 0.02), (.log_cpu | length) == .time.blocks]')" '["cpu",true,true]'
    grep -q '^| [a-z ]* | t.dbn/mmap/sum/threads:1 | ' m.md || fail "no case in m.md"
    gate && expect_status 0
    expect_out '/mmap/sum/threads:1 .* \[.* to .*\] +[0-9.]+ % +[248]0 of CPU time'
}

test_results_that_cannot_be_written()
{
    small
    gate --exact --markdown nowhere/m.md && expect_status 5 && expect_err 'nowhere/m.md: No such file'
    gate --exact --junit nowhere/j.xml && expect_status 5 && expect_err 'nowhere/j.xml: No such file'
    gate --exact --markdown /dev/full && expect_status 5
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

# Of two cases, one has blocks, but too few to be judged, when the other's program has the gate stopped.
test_interrupted_before_a_look()
{
    small
    printf '%s\n' '#!/bin/bash' "d=${DBNBENCH@Q}" '[[ $* = *--backend=buffered* ]] && echo >>n' \
        '[ "$(cat n 2>/dev/null | wc -l)" -lt 12 ] || { kill -TERM $PPID; sleep 9; }' 'exec "$d" "$@"' >stops
    chmod +x stops
    run "$DBNBENCH" gate --no-instructions --allow calls -f t.dbn -b mmap,buffered "$DBNBENCH" ./stops
    expect_status 130
    expect_out '^could not run t.dbn/mmap/sum/threads:1 .*its time was not judged'
    expect_out '^gate: could not run '
}

# A result that changes from process to process: the timed ones see it, where the counting ones did not.
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

# faulty NAME LINES: a program that does this before a decode, where the files are in $@ and the options in ${a[@]}.
faulty()
{
    printf '%s\n' '#!/bin/bash' "d=${DBNBENCH@Q}" '[ "$1" = decode ] || exec "$d" "$@"' \
        'while [ "$1" != -- ]; do a+=("$1"); shift; done; shift' "$2" 'exec "$d" "${a[@]}" -- "$@"' >"$1"
    chmod +x "$1"
}

test_slow_programs()
{
    only_in_all "it takes a minute"
    "$DBNBENCH" gen --schema trades --records 50000 -o t.dbn
    faulty none :
    faulty cpu '[ $# -lt 4 ] || "$d" "${a[@]}" -- "${@:1:$# / 4}" >/dev/null'
    faulty sleeping 'sleep "$((5 * $# / 1000)).$(printf %03d $((5 * $# % 1000)))"'
    faulty layout 'export ELSEWHERE=$(printf %02000d 0)'
    slow() { run "$DBNBENCH" gate --no-instructions --allow calls,bytes,allocations -f t.dbn -b "$1" ./none "$2"; }
    slow mmap ./layout && expect_status 0
    slow buffered ./cpu && expect_status 1 && expect_out 'it takes [0-9.]+ % (more time|longer for)'
    slow mmap ./sleeping && expect_status 1 && expect_out 'it waits: it takes [0-9.]+ % longer'
}

run_cases "$@"
