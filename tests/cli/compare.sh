#!/usr/bin/env bash
# Guards `dbnbench compare`: its figures, worked out by hand, what it refuses, and what it warns of.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH="$TOP/tests/cli/toys" PYTHONDONTWRITEBYTECODE=1

# made TEXT: runs a.jsonl and b.jsonl, or what the text writes, with functions of runs.py.
made() { need python3 && python3 -c "from runs import *
hundred, fifty = [100, 90, 110, 100, 95, 105, 100], [50, 40, 60, 50, 45, 55, 50]
$1"; }

test_figures()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred), case("t", "syscall", fifty), case("t", "buffered", hundred)])
write("b.jsonl", [case("t", "buffered", hundred), case("t", "mmap", fifty), case("t", "syscall", hundred)], id="two")'
    run "$DBNBENCH" compare a.jsonl b.jsonl
    expect_status 0
    expect_out '^mmap +10000 +20000 +2\.00 \[1\.50 to 2\.75\] +33\.3 faster$'
    expect_out '^syscall +20000 +10000 +0\.500 \[0\.364 to 0\.667\] +37\.5 slower$'
    expect_out '^buffered +10000 +10000 +1\.00 \[0\.818 to 1\.22\] +22\.2 no difference seen$'
    expect_out '^Cases: B is faster in 1, slower in 1, no difference was seen in 1;'
    expect_out '^two runs at different times are weaker evidence than one run'
    ! grep -q '^warning' "$AROUND/out" || fail "a warning of nothing"
}

test_json_and_markdown()
{
    need jq
    made 'write("a.jsonl", [case("t|`x`<b>", "mmap", hundred), case("t|`x`<b>", "syscall", hundred)])
write("b.jsonl", [case("t|`x`<b>", "mmap", fifty)], id="two")'
    run "$DBNBENCH" compare --json a.jsonl b.jsonl
    expect_status 0
    expect_equal "$(jq -c '[.cases[] | [.verdict, .ratio.median == 2, .ratio.low, .ratio.high]]' "$AROUND/out")" \
        '[["faster",true,1.5,2.75],["only in A",false,null,null]]'
    expect_equal "$(jq -c '[.interleaved, .a.run, .b.run]' "$AROUND/out")" '[false,"one","two"]'
    run "$DBNBENCH" compare --markdown a.jsonl b.jsonl
    expect_status 0
    expect_out '^\| t\\\|\\`x\\`&#60;b&#62; \| mmap \| sum \| 10000 \| 20000 \| 2.00 ..1.50 to 2.75.. \| 33.3 '
    run "$DBNBENCH" compare --json --markdown a.jsonl b.jsonl
    expect_status 2
}

test_too_few_samples()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred[:6])])
write("b.jsonl", [case("t", "mmap", fifty)])'
    run "$DBNBENCH" compare a.jsonl b.jsonl
    expect_status 0
    expect_out '^t +mmap +sum +.* too few samples$'
    expect_out 'too few samples in 1 \(7 of each run are needed\)'
    run "$DBNBENCH" compare --max-slower 5 a.jsonl b.jsonl
    expect_status 3
    expect_equal "$(err)" "dbnbench: t/mmap/sum/threads:1: 6 samples are too few to tell: 7 of each run are needed"
    made 'write("a.jsonl", [case("t", "mmap", hundred[:6]), case("t", "syscall", fifty)])
write("b.jsonl", [case("t", "mmap", fifty), case("t", "syscall", hundred)])'
    run "$DBNBENCH" compare --max-slower 5 a.jsonl b.jsonl
    expect_status 1
}

test_other_data_are_refused()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred)])
write("records.jsonl", [case("t", "mmap", hundred, records=999)])
write("digest.jsonl", [case("t", "mmap", hundred, tally_digest="00000000000000ab")])'
    run "$DBNBENCH" compare a.jsonl records.jsonl
    expect_status 2
    expect_equal "$(out)" ""
    expect_err 'a.jsonl and records.jsonl cannot be compared: t is not the same data: 1000 records in the first run'
    run "$DBNBENCH" compare a.jsonl digest.jsonl
    expect_status 2
    expect_err 't is not the same data: other values were found in t/mmap/sum'
}

test_other_machines_are_named()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred)])
write("b.jsonl", [case("t", "mmap", hundred)], machine=dict(cpu="another\033[31m", cores_online=4, kernel="Linux"),
    build=dict(version="1", compiler="cc", flags="-O3"))'
    run "$DBNBENCH" compare a.jsonl b.jsonl
    expect_status 0
    expect_out '^warning: the machine differs: machine.cpu: "a processor" \| "another.*\[31m"$'
    expect_out '^warning: the program differs: build.flags: "-O2" \| "-O3"$'
    expect_equal "$(grep -c '^warning' "$AROUND/out")" 2
}

test_lonely_and_failed_cases()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred), case("u", "mmap", hundred), case("t", "syscall", fifty)])
write("b.jsonl", [case("t", "mmap", fifty, error="signal 11"), case("t", "syscall", fifty, threads=2)])'
    run "$DBNBENCH" compare a.jsonl b.jsonl
    expect_status 0
    expect_out '^u +mmap +1 +10000 .* only in A$'
    expect_out '^t +syscall +1 +20000 .* only in A$'
    expect_out '^t +syscall +2 .* only in B$'
    expect_out '^t/mmap/sum/threads:1: crashed in B: signal 11$'
    expect_out '^t +mmap +1 +10000 +n/a +failed$'
}

test_runs_of_one_file()
{
    made 'write("a.jsonl", [case("t", "mmap", hundred)], id="one")
write("a.jsonl", [case("t", "mmap", fifty)], id="two", mode="a")
write("b#c.jsonl", [case("t", "mmap", fifty)], id="two")'
    run "$DBNBENCH" compare a.jsonl#one a.jsonl
    expect_status 0
    expect_out '^t +mmap +sum +10000 +20000 +2\.00 '
    run "$DBNBENCH" compare a.jsonl#one 'b#c.jsonl'
    expect_status 0
    run "$DBNBENCH" compare a.jsonl#one a.jsonl#three
    expect_status 5
    expect_err '^dbnbench: a.jsonl#three: no run three in it$'
}

test_usage()
{
    run "$DBNBENCH" compare
    expect_status 2
    run "$DBNBENCH" compare --expect a.json --trend a.jsonl b.jsonl
    expect_status 2
    expect_err 'only one of --expect and --trend$'
    run "$DBNBENCH" compare --markdown a.jsonl
    expect_status 2
    expect_err '--markdown is for two runs$'
    run "$DBNBENCH" compare missing.jsonl missing.jsonl
    expect_status 5
    expect_err '^dbnbench: missing.jsonl: No such file or directory$'
}

# slower FACTOR: b.jsonl is a.jsonl with the samples of mmap so much slower.
slower()
{
    jq -c "if .type == \"sample\" and .backend == \"mmap\" then .wall_ns = (.wall_ns * $1 | floor) else . end" a.jsonl >b.jsonl
}
# What a job of CI needs to know of two stored runs.

test_exit_status_of_what_is_slower()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 2000 -o t.dbn
    "$DBNBENCH" run -b mmap,buffered -s sum --samples 9 --no-limits -o taken.jsonl t.dbn >/dev/null 2>&1
    jq -c 'if .type == "sample" then .wall_ns = 1000000 + .round else . end' taken.jsonl >a.jsonl
    run "$DBNBENCH" compare --max-slower 5 a.jsonl a.jsonl
    expect_status 0
    slower 1.5
    run "$DBNBENCH" compare a.jsonl b.jsonl # without it nothing is judged
    expect_status 0
    run "$DBNBENCH" compare --max-slower 5 a.jsonl b.jsonl
    expect_status 1
    expect_equal "$(err)" "dbnbench: t.dbn/mmap/sum/threads:1: slower by more than 5 %"
    run "$DBNBENCH" compare --max-slower 60 a.jsonl b.jsonl
    expect_status 0
    run "$DBNBENCH" compare --max-slower 5 b.jsonl a.jsonl # faster
    expect_status 0
    grep -v '"backend":"mmap"' a.jsonl >b.jsonl
    run "$DBNBENCH" compare --max-slower 5 a.jsonl b.jsonl
    expect_status 5
    expect_err 'B does not have it$'
    run "$DBNBENCH" compare --max-slower 5 b.jsonl a.jsonl
    expect_status 0
    grep -v '"sample"' a.jsonl >b.jsonl
    run "$DBNBENCH" compare --max-slower 5 b.jsonl a.jsonl
    expect_status 5
    expect_err 'have no case in common'
}

test_no_case_in_common()
{
    local path=$TOP/results
    run "$DBNBENCH" compare "$path/example-kept.jsonl" "$path/example-scale.jsonl"
    expect_status 5
    expect_equal "$(out)" ""
    expect_err ' have no case in common; '
}

run_cases "$@"
