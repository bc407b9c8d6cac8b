#!/usr/bin/env bash
# Guards `dbnbench claims` from outside: stored runs in, a page out.
. "$(dirname "$0")/lib.sh"

test_page_of_stored_runs()
{
    "$DBNBENCH" gen --schema trades --records 3000 -o trades
    "$DBNBENCH" run --samples 6 -b syscall,mmap -s sum,fields -o run.jsonl trades >"$AROUND/out" 2>&1
    "$DBNBENCH" phases --samples 6 -o phases.jsonl trades >"$AROUND/out" 2>&1
    run "$DBNBENCH" claims run.jsonl phases.jsonl
    expect_status 0
    expect_out '^\| a naive reader makes .* \| 13 a record \[13, 13\] \(trades, `syscall`\) \| holds \|$'
    expect_out '^\| mmap gains 20 to 30% \| -?[0-9.]+ % \[-?[0-9.]+, -?[0-9.]+\] \(trades, over "exact allocation"\) \|'
    expect_out '^\| they are 40% of the time \| n/a \| n/a: needs a run of `dbnbench profile` \|$'
    expect_out '^- [0-9TZ-]+, [0-9]+ samples, on .*dbnbench phases '
    run "$DBNBENCH" claims -o page.md run.jsonl phases.jsonl
    expect_status 0
    grep -q '^# Claims, and what was measured$' page.md || fail "no page"
}

test_bad_runs()
{
    run "$DBNBENCH" claims
    expect_status 2
    run "$DBNBENCH" claims missing.jsonl
    expect_status 5
    expect_err 'missing.jsonl'
    echo nonsense >bad.jsonl
    run "$DBNBENCH" claims bad.jsonl
    expect_status 5
    "$DBNBENCH" gen --schema trades --records 300 -o t.dbn
    "$DBNBENCH" run --samples 1 -b mmap -o run.jsonl t.dbn >"$AROUND/out" 2>&1
    run "$DBNBENCH" claims -o /dev/full run.jsonl
    expect_status 5
}

run_cases "$@"
