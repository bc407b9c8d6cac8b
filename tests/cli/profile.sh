#!/usr/bin/env bash
# Guards `dbnbench profile` from outside: what it prints, stores and exits with. Never how long anything takes: with so
# few and short samples the figures mean nothing. (slow)
. "$(dirname "$0")/lib.sh"

files()
{
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    "$DBNBENCH" gen --schema mixed --records 3000 -o m.dbn
    "$DBNBENCH" gen --schema trades --records 3000 --zstd 1 -o z.dbn.zst
}

profile() { run "$DBNBENCH" profile -o samples.jsonl "$@"; }

# of EXPRESSION: of the JSON object d that was printed, by Python.
of() { out | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

test_text()
{
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    profile --samples 1 -b syscall,buffered,mmap,pipeline t.dbn
    expect_status 0
    expect_out '^backend +part +alone ns +share % +at most$'
    expect_out '^syscall +whole +[0-9.]+ '
    expect_out '^buffered +calls +[0-9.-]+ '
    expect_out '^mmap +faults +[0-9.-]+ '
    expect_out '^pipeline +hand-over +[0-9.-]+ '
    expect_out '^backend +.*CPU ns +reads/rec +faults/rec +moved +the parts$'
    expect_out '^mmap +.* too few samples$'
    expect_out '^stored: samples.jsonl$'
}

test_json_of_plain_and_compressed_files()
{
    need python3
    files
    profile --samples 1 --json -b syscall,mmap,pipeline t.dbn z.dbn.zst
    expect_status 0
    expect_equal "$(of 'len(d["tables"]["counts"])')" 6
    expect_equal "$(of '{r["outcome"] for r in d["rows"]}')" "{'ok'}"
    expect_equal "$(of '[r["dataset"] for r in d["tables"]["counts"][::3]]')" "['t.dbn', 'z.dbn.zst']"
    parts() { of "[p['part'] for p in d['tables']['where'] if (p['dataset'], p['backend']) == ($1)]"; }
    expect_equal "$(parts "'t.dbn', 'mmap'")" \
        "['whole', 'calls', 'faults', 'memory', 'framing', 'fields', 'allocation', 'unexplained']"
    expect_equal "$(parts "'z.dbn.zst', 'pipeline'")" \
        "['whole', 'calls', 'hand-over', 'inflate', 'framing', 'fields', 'allocation', 'unexplained']"
    # One sample: so the parts add up to the whole, and shares to 100 %.
    expect_equal "$(of '{p["part"] for p in d["tables"]["where"] if p["share"] is None}')" "{'whole'}"
    out >printed.json
    python3 - <<'END' || fail "the parts do not add up"
import json
rows = {}
for p in json.load(open("printed.json"))["tables"]["where"]:
    rows.setdefault((p["dataset"], p["backend"]), []).append(p)
near = lambda a, b: abs(a / b - 1) < 1e-6
for whole, *parts in rows.values():
    assert near(sum(p["alone"]["median"] for p in parts), whole["alone"]["median"]), parts
    assert near(sum(p["share"]["median"] for p in parts), 100), parts
END
    expect_equal "$(of '{r["verdict"] for r in d["tables"]["counts"]}')" "{'too few samples'}"
    expect_equal "$(of '[round(r["reads"]) for r in d["tables"]["counts"][:3]]')" '[13, 0, 0]'
}

# Every byte that moves is counted: fields are read and joined, kept rows copied and moved as arrays double.
test_moved_bytes()
{
    need python3
    files
    "$DBNBENCH" gen --schema trades --records 30000 -o t.dbn --force # metadata are joined by other means
    profile --samples 1 --json -s fields -b syscall,buffered,mmap t.dbn
    expect_status 0
    expect_equal "$(of '[round(r["moved"], 1) for r in d["tables"]["counts"][:3]]')" '[2.0, 1.0, 0.0]'
    profile --samples 1 --json -s fields -b buffered z.dbn.zst
    expect_equal "$(of 'd["tables"]["counts"][0]["moved"] > 1')" True
    profile --samples 1 --json -b mmap t.dbn
    expect_equal "$(of '1.9 < d["tables"]["counts"][0]["moved"] < 2.5')" True
}

test_nothing_kept()
{
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    profile --samples 2 -s fields -b buffered t.dbn
    expect_status 0
    for part in whole calls framing fields unexplained; do expect_out "^$part "; done
    ! out | grep -q allocation\  || fail "allocation is among the parts"
    [ "$(grep -c '"sink":"rows"' samples.jsonl)" -eq 0 ] || fail "rows were kept"
}

# What is shown can be worked out again from what was stored.
test_samples_are_stored()
{
    need python3
    "$DBNBENCH" gen --schema trades --records 3000 --zstd 1 -o z.dbn.zst
    profile --samples 3 -b buffered,pipeline z.dbn.zst
    expect_status 0
    python3 - <<'EOF'
import json
lines = [json.loads(line) for line in open("samples.jsonl")]
assert lines[0]["type"] == "run" and lines[-1]["type"] == "end"
assert len({line["run"] for line in lines}) == 1
cases = {}
for line in lines:
    if line["type"] == "sample":
        assert line["outcome"] == "ok"
        cases.setdefault((line["backend"], line["sink"]), set()).add(line["round"])
assert {backend for backend, _ in cases} == {"buffered", "buffered/raw", "pipeline", "memory", "memory/raw"}, cases
assert all(rounds == {0, 1, 2} for rounds in cases.values()), cases
EOF
}

test_new_file_in_results()
{
    "$DBNBENCH" gen --schema trades --records 300 -o t.dbn
    run "$DBNBENCH" profile --samples 1 -b mmap t.dbn
    expect_status 0
    expect_out '^stored: results/profile-.*\.jsonl$'
    expect_equal "$(find results -name 'profile-*.jsonl' | wc -l)" 1
}

test_standard_output_gets_samples_alone()
{
    "$DBNBENCH" gen --schema trades --records 300 -o t.dbn
    run "$DBNBENCH" profile --samples 1 -b mmap -o - t.dbn
    expect_status 0
    [ "$(out | grep -vc '^{')" -eq 0 ] || fail "not only JSON lines"
    expect_err '^whole '
}

test_usage()
{
    local words
    for words in '' '-s sum t.dbn' '-s rows, t.dbn' '-b none t.dbn' '--samples 0 t.dbn' '--samples x t.dbn' \
        '--time x t.dbn' '--json -o - t.dbn' '--seed -1 t.dbn' '-d nonsense --dir .'; do
        # shellcheck disable=SC2086 # several words are meant
        run "$DBNBENCH" profile $words
        expect_status 2
        expect_equal "$(out)" ""
    done
    expect_equal "$(find . -type f)" ""
}

test_files_that_cannot_be_decoded()
{
    run "$DBNBENCH" profile missing.dbn
    expect_status 5
    expect_err '^dbnbench: missing.dbn: No such file or directory$'
    "$DBNBENCH" gen --schema trades --records 300 -o t.dbn
    head -c -1 t.dbn >cut.dbn
    run "$DBNBENCH" profile -o samples.jsonl cut.dbn
    expect_status 5
    expect_err '^dbnbench: cut.dbn: at byte [0-9]+ .*TRUNCATED_RECORD'
    [ ! -e samples.jsonl ] || fail "samples of a bad file"
    "$DBNBENCH" gen --schema trades --records 3000 --zstd 1 -o z.dbn.zst
    head -c 9000 z.dbn.zst >cut.dbn.zst
    run "$DBNBENCH" profile cut.dbn.zst
    expect_status 5
    expect_err 'ZSTD_TRUNCATED'
    : >empty.dbn
    run "$DBNBENCH" profile empty.dbn
    expect_status 5
}

# There is nothing to divide by.
test_file_without_records()
{
    "$DBNBENCH" gen --schema trades --records 0 -o t.dbn
    profile --samples 1 -b buffered,mmap t.dbn
    expect_status 0
    expect_out '^t.dbn +buffered .* n/a$'
    need python3
    profile --samples 1 --json -b buffered t.dbn
    expect_equal "$(of 'd["tables"]["counts"][0]["cpu"]')" None
}

test_interrupted()
{
    local pid tries=0
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    stoppable "$DBNBENCH" profile --samples 10000 -b mmap -o samples.jsonl t.dbn >"$AROUND/out" 2>"$AROUND/err" &
    pid=$!
    until grep -q '"type":"sample"' samples.jsonl 2>/dev/null; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 800 ] || fail "no samples"
    done
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    expect_status 130
    tail -n 1 samples.jsonl | grep -q '"interrupted":true'
    expect_out '^stored: samples.jsonl$'
}

run_cases "$@"
