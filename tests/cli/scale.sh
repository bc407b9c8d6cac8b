#!/usr/bin/env bash
# Guards `dbnbench scale` from outside: which points it measures, what it stores, prints and exits with. Never how fast
# anything is. (slow)
. "$(dirname "$0")/lib.sh"

files()
{
    for i in 1 2 3; do "$DBNBENCH" gen --schema trades --records $((i * 2000)) --seed "$i" -o "t$i.dbn"; done
}

scale() { run "$DBNBENCH" scale -o samples.jsonl "$@"; }

# of EXPRESSION: of the JSON object d that was printed, by Python.
of() { out | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

test_text()
{
    files
    scale --samples 1 -t 1,2 t1.dbn t2.dbn
    expect_status 0
    expect_out '^What threads gained'
    expect_out '^dataset +backend +threads +files +split +.*M/s +speed-up '
    expect_out '^t1\.dbn +mmap +2 +1 +2 '
    expect_out '^all files together +mmap +2 +2 +1 '
    expect_out '^dataset +backend +threads +files +split .* work '
    expect_out "^Amdahl's law n/a: only "
    expect_out '^all files together, 2 files +mmap +2 .*[0-9]'
    expect_out '^stored: samples.jsonl$'
}

test_points()
{
    need python3 jq
    files
    scale --samples 1 --json -b mmap,pipeline,syscall -t 2,4 t1.dbn t2.dbn t3.dbn --files 2,3
    expect_status 0
    # What is added up over decodes, files, shards and threads.
    expect_equal "$(jq -c 'select(.type == "sample") | select(.shards != .iterations * .files * .split or
        ([.start_ns, .open_ns, .work_ns, .idle_ns] | any(. == 0)) or
        ((.plan_ns > 0 and .merge_ns > 0) != (.backend != "pipeline")))' samples.jsonl)" ''
    points()
    {
        of "[(p['threads'], p['split']) for p in d['tables']['scaling']
            if (p['dataset'], p['files'], p['backend']) == ($1)]"
    }
    expect_equal "$(points "'t1.dbn', 1, 'mmap'")" '[(1, 1), (2, 2), (4, 4)]'
    expect_equal "$(points "'t1.dbn', 1, 'syscall'")" '[(1, 1), (2, 2), (4, 4)]'
    expect_equal "$(points "'t1.dbn', 1, 'pipeline'")" '[(1, 1), (2, 1), (4, 1)]'
    expect_equal "$(points "'all files together', 2, 'mmap'")" '[(1, 1), (2, 1), (4, 1)]'
    expect_equal "$(points "'all files together', 3, 'mmap'")" '[(1, 1), (2, 1), (4, 1)]'
    expect_equal "$(of '{r["outcome"] for r in d["rows"]}')" "{'ok'}"
    expect_equal "$(of '{p["oversubscribed"] for p in d["tables"]["shares"] if p["threads"] == 1}')" "{False}"
}

# Shares of the threads' time, with what they leave, are all of it.
test_shares_add_up()
{
    need python3
    files
    scale --samples 1 --json -b mmap,pipeline -t 1,2 t1.dbn
    expect_equal "$(of 'all(abs(sum(p[part]["median"] for part in
        ("plan", "start", "open", "work", "wait", "idle", "merge", "other")) - 100) < 1e-4
        for p in d["tables"]["shares"])')" True
}

test_lengths()
{
    "$DBNBENCH" gen --schema trades --records 30000 -o t.dbn
    scale --samples 1 -b buffered -t 1 --records 100,1000,20000,90000 t.dbn
    expect_status 0
    rows samples.jsonl
    for n in 100 1000 20000; do expect_out "^ *($n|-) +$n +[0-9.]+ "; done
    ! out | grep -q 90000 || fail "a length that the file does not have"
}

test_what_is_stored()
{
    need python3
    files
    scale --samples 2 -b mmap -t 1,2 t1.dbn t2.dbn
    python3 - <<'END' || fail "not what should be stored"
import json
lines = [json.loads(line) for line in open("samples.jsonl")]
samples = [l for l in lines if l["type"] == "sample"]
limits = {l["limit"] for l in lines if l["type"] == "limit" and l["dataset"] == "capacity"}
assert limits == {"arithmetic x1", "arithmetic x2", "memory x1", "memory x2"}, limits
assert len([l for l in lines if l["type"] == "limit" and l["dataset"] == "capacity"]) == 8
assert {(s["files"], s["split"], s["threads"]) for s in samples} == {(1, 1, 1), (1, 2, 2), (2, 1, 1), (2, 1, 2)}
two = [s for s in samples if s["files"] == 2][0]
assert two["records"] == 6000 and two["dataset"] == "all files together"
assert all(s["shards"] == s["iterations"] * s["files"] * s["split"] and s["redone"] == 0 for s in samples)
assert all(s[key] >= 0 for s in samples for key in ("plan_ns", "start_ns", "open_ns", "work_ns", "idle_ns", "merge_ns"))
END
}

test_sets_of_datasets()
{
    need python3
    mkdir data
    sed -n 's/^DATASET("[^"]*", "\([^"]*\)".*"parts")$/\1/p' "$TOP/datasets/manifest.def" >names
    while read -r name; do "$DBNBENCH" gen --schema trades --records 500 -o "data/$name"; done <names
    scale --samples 1 --json -b mmap -t 1 --dir data -d parts
    expect_status 0
    expect_equal "$(of '[(r["dataset"], r["files"]) for r in d["tables"]["scaling"]]')" "[('parts', $(wc -l <names))]"
    scale --samples 1 --dir data -d parts,part-1
    expect_status 0
    scale --samples 1 --dir data -d part-1,parts
    expect_status 2
    expect_err 'some of parts are among those before it'
}

test_usage()
{
    files
    for words in '-t 0' '-t 1,x' '--files 0' '--records 0' '--samples 0' '-b none' \
        '-s none,x' '-d nothing' '--json -o -'; do
        # shellcheck disable=SC2086
        run "$DBNBENCH" scale $words t1.dbn
        expect_status 2
    done
}

test_bad_files()
{
    files
    run "$DBNBENCH" scale missing.dbn
    expect_status 5
    expect_err 'missing.dbn: No such file'
    head -c -5 t3.dbn >cut.dbn
    run "$DBNBENCH" scale -o samples.jsonl cut.dbn
    expect_status 5
    expect_err 'cut.dbn: .*TRUNCATED_RECORD'
}

test_interrupted()
{
    local pid tries=0
    files
    stoppable "$DBNBENCH" scale --samples 10000 -b mmap -t 1,2 -o samples.jsonl t1.dbn >"$AROUND/out" 2>"$AROUND/err" &
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
