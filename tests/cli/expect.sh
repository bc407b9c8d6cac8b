#!/usr/bin/env bash
# Guards `dbnbench compare --expect` from outside: promises and stored runs in, verdicts out. (slow)
. "$(dirname "$0")/lib.sh"

test_promises_beside_stored_runs()
{
    "$DBNBENCH" gen --schema trades --records 3000 -o trades
    "$DBNBENCH" run --samples 6 -b syscall,mmap -s sum,fields -o run.jsonl trades >"$AROUND/out" 2>&1
    "$DBNBENCH" phases --samples 6 -o phases.jsonl trades >"$AROUND/out" 2>&1
    run "$DBNBENCH" compare --expect "$TOP/docs/claims/dbn-jl.json" run.jsonl phases.jsonl
    expect_status 0
    expect_out '^a naive reader makes .* 13\.0 \[13\.0 to 13\.0\] a record .* holds'
    expect_out '^mmap gains 20 to 30% .* -?[0-9.]+ \[-?[0-9.]+ to -?[0-9.]+\] %'
    expect_out '^they are 40% of the time .* n/a .* not measured'
    run "$DBNBENCH" compare --markdown --expect "$TOP/docs/claims/dbn-jl.json" run.jsonl phases.jsonl
    expect_status 0
    expect_out '^# Claims, and what was measured$'
    expect_out '^\| they are 40% of the time \| n/a .*needs a run of .*dbnbench profile'
    expect_out '^- [0-9TZ-]+, [0-9]+ samples, on .*phases '
    cat >own.json <<'END'
{"title": "Ours", "promises": [{"says": "mapping needs no calls", "low": 0, "high": 0, "unit": "a record",
 "measure": "read_calls", "case": {"backend": "mmap", "sink": "sum"}}]}
END
    run "$DBNBENCH" compare --json --expect own.json run.jsonl
    expect_status 0
    expect_out '"verdict": "holds"'
}

test_bad_runs()
{
    run "$DBNBENCH" compare --expect "$TOP/docs/claims/dbn-jl.json"
    expect_status 2
    run "$DBNBENCH" compare --expect "$TOP/docs/claims/dbn-jl.json" missing.jsonl
    expect_status 5
    expect_err 'missing.jsonl'
    "$DBNBENCH" gen --schema trades --records 300 -o t.dbn
    "$DBNBENCH" run --samples 1 -b mmap -o run.jsonl t.dbn >"$AROUND/out" 2>&1
    echo nonsense >bad.json
    run "$DBNBENCH" compare --expect bad.json run.jsonl
    expect_status 2
    expect_err 'bad.json: .*nonsense'
    run "$DBNBENCH" compare --expect missing.json run.jsonl
    expect_status 5
    expect_err '^dbnbench: missing.json: No such file or directory$'
}

CASE_SECONDS=180
test_values_that_are_none()
{
    local value
    for value in '{"least": "2"}' '{"least": 1.9}' '{"least": null}' '{"last": 1}' '{}'; do
        echo '{"title": "t", "promises": [{"says": "x", "low": 1, "high": 2, "unit": "u", "measure": "rate",
            "case": {"threads": '"$value"'}}]}' >x.json
        run "$DBNBENCH" compare --expect x.json "$TOP/results/example.jsonl"
        expect_status 2
        expect_err '^dbnbench: x.json: promise 1: a value of its case is none of: '
    done
}

run_cases "$@"
