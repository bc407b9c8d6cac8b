#!/usr/bin/env bash
# Guards `dbnbench phases` from outside: that every step of a chain is measured and verified, what is stored and
# printed, and that bad chains are refused by name. Never how fast anything is.
. "$(dirname "$0")/lib.sh"

phases() { run "$DBNBENCH" phases -o samples.jsonl "$@"; }

# of EXPRESSION: of the JSON object d that was printed, by Python.
of() { out | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

own_chain()
{
    cat >chain <<'END'
{"name": "own", "steps": [
 {"name": "slow", "backend": "syscall", "sink": "sum"},
 {"name": "blocks", "backend": "buffered", "sink": "sum", "low": 1.4, "high": 1.66}]}
END
}

test_roadmap()
{
    need python3
    "$DBNBENCH" gen --schema definition --records 300 -o d.dbn
    phases --samples 1 --json d.dbn
    expect_status 0
    expect_equal "$(of '{s["dataset"] for s in d["tables"]["steps"]}')" "{'d.dbn'}"
    expect_equal "$(of '{r["outcome"] for r in d["rows"]}')" "{'ok'}"
    expect_equal "$(of '[s["gain"] for s in d["tables"]["steps"] if s["step"] == "threads over files"]')" '[None]'
    expect_equal "$(of 'd["tables"]["steps"][0]["verdict"]')" '-'
    expect_equal "$(of '{s["verdict"] for s in d["tables"]["steps"][1:8]}')" "{'n/a'}"
    expect_equal "$(of 'all(s["gain"]["median"] > 0 for s in d["tables"]["steps"][1:8])')" True
}

test_several_files_at_once()
{
    need python3
    mkdir data
    sed -n 's/^DATASET("[^"]*", "\([^"]*\)".*"parts")$/\1/p' "$TOP/datasets/manifest.def" >names
    while read -r name; do "$DBNBENCH" gen --schema trades --records 500 -o "data/$name"; done <names
    "$DBNBENCH" gen --schema trades --records 800 -o t.dbn
    phases --samples 1 --json --dir data --many parts t.dbn
    expect_status 0
    expect_equal "$(of '[s["rate"] > 0 for s in d["tables"]["steps"] if s["step"] == "threads over files"]')" "[True]"
}

test_text()
{
    "$DBNBENCH" gen --schema trades --records 800 -o t.dbn
    own_chain
    phases --samples 1 --chain chain t.dbn
    expect_status 0
    expect_out '^Steps of the chain own$'
    expect_out '^dataset +step +backend +.*threads .*promised +gain +verdict +in all'
    expect_out '^t\.dbn +slow +syscall +.*1 '
    expect_out '^t\.dbn +blocks +buffered +.*1 +1\.4 to 1\.66 +[0-9.]+ \[[0-9.]+ to [0-9.]+\] '
    expect_out '^stored: samples.jsonl$'
    grep -q '"chain":{"name":"own"' samples.jsonl || fail "the chain is not stored"
}

test_bad_chains()
{
    "$DBNBENCH" gen --schema trades --records 80 -o t.dbn
    run "$DBNBENCH" phases --chain missing t.dbn
    expect_status 5
    expect_err 'chain missing: No such file or directory$'
    own_chain
    sed -i 's/buffered/bufered/' chain
    run "$DBNBENCH" phases --chain chain t.dbn
    expect_status 2
    expect_err 'chain chain: blocks: no backend is named bufered'
    own_chain
    sed -i 's/sum/some/' chain
    run "$DBNBENCH" phases --chain chain t.dbn
    expect_status 2
    expect_err 'no sink is named some'
    echo nonsense >chain
    run "$DBNBENCH" phases --chain chain t.dbn
    expect_status 2
    expect_err 'chain chain: .* near .nonsense. .line 1.'
    own_chain
    sed -i 's/high/hihg/' chain
    run "$DBNBENCH" phases --chain chain t.dbn
    expect_status 2
    expect_err 'chain chain: step 2: 1 object item.*left unpacked: hihg'
    [ ! -e results ] || fail "something was stored"
}

test_bad_files()
{
    run "$DBNBENCH" phases missing.dbn
    expect_status 5
    expect_err 'missing.dbn: No such file'
    "$DBNBENCH" gen --schema trades --records 80 -o t.dbn
    head -c -1 t.dbn >cut.dbn
    run "$DBNBENCH" phases cut.dbn
    expect_status 5
    expect_err 'TRUNCATED_RECORD'
}

run_cases "$@"
