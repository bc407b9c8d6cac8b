#!/usr/bin/env bash
# Guards `dbnbench report`: that pages and summaries say what was stored, whatever anybody called a file. Pictures as
# such are for plots.sh.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH="$TOP/tests/cli/toys" PYTHONDONTWRITEBYTECODE=1

# made TEXT: runs made by functions of runs.py.
made() { need python3 && python3 -c "from runs import *
$1"; }
# page TEXT: checks of the page p in out/, by Python.
page() { python3 -c "from page import *; from runs import *
import statistics
p = Page('out/index.html')
$1" || depth=2 fail "the page is another"; }
# report RUN...: into out/, without pictures: their absence must not matter.
report() { mkdir -p empty && run env PATH="$PWD/empty" "$DBNBENCH" report -o out "$@"; }

two='write("a.jsonl", [case("t", "mmap", [100, 90, 110, 101, 95, 105, 99], reads=0),
    case("t", "syscall", [9000, 9900, 9500, 9300, 9100, 9200, 9250], reads=13000),
    case("t", "mmap", [50] * 7, sink="none")], limits=[("t", "map_touch", 480e9)])'

test_tables_are_what_was_stored()
{
    made "$two"
    report a.jsonl
    expect_status 0
    page '
import json
samples = [l for l in map(json.loads, open("a.jsonl")) if l["type"] == "sample"]
ns = [statistics.median(s["wall_ns"] / s["inner"] for s in samples if s["place"] == i) for i in range(3)]
assert p.column("cases", "backend") == ["mmap", "syscall", "mmap"]
assert p.column("cases", "sink") == ["sum", "sum", "none"]
assert [number(1e6 / n) for n in ns] == ["10000", "108", "20000"]
assert p.column("cases", "Mrec/s") == [number(1e6 / n) for n in ns]
assert p.column("cases", "ns/rec") == ["0.100", "9.25", "0.0500"]
assert p.column("cases", "GB/s") == [number(48000 / n) for n in ns]
assert p.column("cases", "+/-") == ["10.0%", "4.9%", "0.0%"]
assert p.column("cases", "reads/rec") == ["0", "13", "0"]
assert p.has("peak MB 5.00")
assert ["cpu", "a processor"] in p.tables["machine"]
assert p.has("dbnbench run t.dbn")'
}

test_share_of_the_limit()
{
    made 'write("a.jsonl", [case("t", "mmap", [200] * 7, limit="map_touch")], limits=[("t", "map_touch", 480e9)])'
    report a.jsonl
    page 'assert p.column("cases", "% limit") == ["50.0"] and p.has("million records a second, 50.0 % of the machine")'
}

test_the_answer_comes_first()
{
    made "$two"
    report a.jsonl
    says='On t (sink sum) mmap is fastest: 10000 million records a second. Next is syscall, which takes 92.1 times as long.'
    page "assert p.texts.count('$says') == 1"
    expect_equal "$(sed -n 5p out/summary.md)" "- $says"
    made 'write("a.jsonl", [case("t", "mmap", [100, 90, 110, 101, 95, 105, 99]), case("t", "buffered",
        [105, 108, 90, 121, 125, 119, 110]), case("t", "pipeline", [140] * 7)])'
    report a.jsonl
    page 'assert p.has("On t (sink sum) there is no winner, as ranges overlap: mmap with 10000, buffered with 9091 " +
        "million records a second. Next is pipeline, which takes 1.40 times as long.")'
    made 'write("a.jsonl", [case("t", "mmap", [100] * 2), case("t", "buffered", [200] * 2)])' # two prove nothing
    report a.jsonl
    page 'assert p.has("there is no winner, as ranges overlap: mmap with 10000, buffered with 5000 million")'
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7)])'
    report a.jsonl
    page 'assert p.has("On t (sink sum) mmap is the only one with a time: 10000 million")'
}

test_failed_cases_have_their_reason()
{
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7, error="signal 11 <b>"), case("t", "buffered", [100] * 7)])'
    report a.jsonl
    expect_status 0
    page 'assert p.column("cases", "Mrec/s") == ["10000", "n/a"] and p.column("cases", "outcome") == ["ok", "crashed"]
assert p.has("crashed: t mmap sum: signal 11 <b>") and not p.has("mmap is fastest")'
    grep -qF -- '- crashed: t mmap sum: signal 11 &#60;b&#62;' out/summary.md
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7, error="signal 11")])'
    report a.jsonl
    expect_status 0
    page 'assert p.has("Of t nothing has a time with the sink sum.")'
}

test_what_is_missing_is_said()
{
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7)], unavailable={"uring": "no <liburing>"},
        missing={"governor": "no such file"}, end=False)'
    report a.jsonl
    page 'assert p.tables["unavailable"] == [["uring", "no <liburing>"]]
assert p.tables["missing"] == [["governor", "no such file"]]
assert p.has("the run did not end properly") and p.has("The picture is not drawn: gnuplot is not installed.")
assert not p.has("Where the time goes")'
    expect_out '^no picture of speed-1: gnuplot is not installed$'
    [ -s out/speed-1.tsv ] || fail "no data"
    [ ! -e out/speed-1.svg ] || fail "a picture without gnuplot"
}

# Nobody's name means anything to a browser, to Markdown, to a table's reader or to gnuplot.
test_hostile_names()
{
    need python3
    python3 - <<'EOF'
from runs import *
names = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;", "a|b`c`*d*_e_", "$(touch sentinel)",
         "`touch sentinel`", "<touch sentinel", "-n", "x\" y \"z\"\"", "'; system(\"touch sentinel\") #", "a\tb\nc\\n",
         "</style></title><svg onload=x>", "@user #12", "%s%n{/Bold x}", "ä\u202e€", "|touch sentinel", "x" * 200]
write("a.jsonl", [case(n, b, [100 + i] * 7) for n in names for i, b in enumerate(("mmap", "<b>&"))],
      command=["dbnbench run", "$(touch sentinel)", "it's", "</pre><script>"], missing={"<i>": "</td>"},
      machine={"cpu": "<u>x</u>", "cores_online": 2})
EOF
    run "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    [ -z "$(find .. -name 'sentinel*')" ] || fail "sentinel was made"
    python3 - <<'EOF' || fail "a name means something"
import glob, json, re, xml.dom.minidom
from page import *
p = Page("out/index.html")
shown = [s["dataset"].replace("\t", "?").replace("\n", "?").replace("\u202e", "\\xe2\\x80\\xae") for s in map(json.loads, open("a.jsonl"))
         if s["type"] == "sample" and s["round"] == 0]
assert p.column("cases", "dataset") == shown, (p.column("cases", "dataset"), shown)
assert set(p.column("cases", "backend")) == {"mmap", "<b>&"}
tags = {tag for tag, _ in p.elements}
assert not tags & {"img", "b", "i", "u", "touch", "image", "link", "iframe", "foreignobject"}, tags
assert len([1 for tag, _ in p.elements if tag == "script"]) == 1
assert not [a for _, a in p.elements for key in a if key.startswith("on")]
assert all(a["href"].startswith("#section-") for tag, a in p.elements if tag == "a")
assert p.has(r"dbnbench run '$(touch sentinel)' $'it\047s' '</pre><script>'")
text = open("out/summary.md", encoding="utf-8").read()
assert not re.search(r"<(?!/?(details|summary)>|!-- -->)", text)
assert not re.search(r"(?<!\\)[`*_@](?!\*)", text)
assert not re.search(r"\\[@#](?!<!-- -->)", text)
tables = [block.strip().split("\n") for block in text.split("\n\n") if block.startswith("|")]
assert len(tables) == 2
for table in tables:
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1, table[0]
for name in glob.glob("out/*.tsv"):
    lines = open(name, encoding="utf-8").read().split("\n")
    assert lines.pop() == "" and len({line.count("\t") for line in lines}) == 1, name
    assert '"' not in "".join(lines), name
for name in glob.glob("out/*.svg"):
    assert not xml.dom.minidom.parse(name).getElementsByTagName("script"), name
if glob.glob("out/*.svg"):
    drawn = "".join(open(name, encoding="utf-8").read() for name in glob.glob("out/speed-*.svg"))
    for n in ("&lt;script>alert(1)&lt;/script>", "$(touch sentinel)", "`touch sentinel`", 'a?b?c\\n', "%s%n{/Bold x}"):
        assert "Reading " + n in drawn, n
EOF
}

# The policy lets the page's own script run, and no other.
test_policy_knows_the_script()
{
    made "$two"
    report a.jsonl
    page '
import base64, hashlib, re
text = open("out/index.html").read()
script = re.search("<script>(.*)</script>", text, re.S).group(1)
digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert "script-src '"'sha256-\" + digest + \"'"'" in text, digest
assert not re.search(r"(src|href)=.?(https?:)?//", text)'
}

test_in_a_browser()
{
    need chromium
    made "$two"
    run "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    timeout 50 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
        --user-data-dir="$PWD/profile" --window-size=1000,800 --dump-dom "file://$PWD/out/index.html" \
        >dom.html 2>/dev/null || skip "chromium cannot be started here"
    page '
dom = Page("dom.html")
assert dom.tables == p.tables and len(dom.tables["cases"]) == 4
headings = [a for t, a in dom.elements if t == "th"]
assert sum(t == "button" for t, a in dom.elements) > len(headings), "the script did not run"'
}

# Threads on a machine where 1, 2 and 4 of them get 1, 2 and 4 times as much; and steps of which one has no time.
scale='write("s.jsonl", [case("t", "mmap", [ns] * 7, threads=n, split=n, files=1, work_ns=2 * ns * n, plan_ns=0,
    start_ns=0, open_ns=0, merge_ns=0) for n, ns in ((1, 400), (2, 220), (4, 130))],
    limits=[("capacity", "memory x%d" % n, n * 1e9) for n in (1, 2, 4)], command=["dbnbench scale", "t.dbn"], inputs=[], id="s", machine=dict(cores_allowed=4),
    ms=3)'
steps='ns = [500, 450, 550, 500, 500, 475, 525]
write("p.jsonl", [case("t<b>", "syscall", [2 * n for n in ns], reads=5, files=1, split=1),
    case("t<b>", "buffered", ns, files=1, split=1)], command=["dbnbench phases"], id="p", chain_inputs=["t<b>"], ms=4,
    chain=dict(name="c", steps=[
    dict(name="naive", backend="syscall", sink="sum", threads=1, split=1, many=False, against="", low=0, high=0,
        frees="nothing"),
    dict(name="blocks", backend="buffered", sink="sum", threads=1, split=1, many=False, against="naive", low=1.5,
        high=2.5, frees="nothing"),
    dict(name="maps", backend="mmap", sink="sum", threads=1, split=1, many=False, against="naive", low=3, high=3,
        frees="nothing")]))'

test_scaling_alone()
{
    made "$scale"
    report s.jsonl
    expect_status 0
    page '
assert p.column("scaling", "threads") == ["1", "2", "4"] == p.column("scaling", "split")
assert p.column("scaling", "M/s")[1] == "4545 [4545 to 4545]"
assert p.column("scaling", "speed-up") == ["1.00 [1.00 to 1.00]", "1.82 [1.82 to 1.82]", "3.08 [3.08 to 3.08]"]
assert p.column("scaling", "machine") == ["-", "2.00 [2.00 to 2.00]", "4.00 [4.00 to 4.00]"]
assert p.column("scaling", "% of it") == ["-", "90.9 [90.9 to 90.9]", "76.9 [76.9 to 76.9]"]
assert p.column("scaling", "serial %") == ["-", "10.0 [10.0 to 10.0]", "10.00 [10.00 to 10.00]"]
says = "t: mmap is fastest with 4 threads: 7692 million a second, 3.08 times as fast as with one, 76.9 % of what"
assert p.has(says)
assert [e for e in p.elements if e[0] == "table"][0][1]["id"] == "scaling", "it does not come first"
assert p.column("cases", "threads") == ["4", "2", "1"] == p.column("cases", "split") # the fastest first
lines = [l.rstrip("\n").split("\t") for l in open("out/scaling-1.tsv")]
assert lines[0] == ["series", "backend", "threads", "text", "rate (M/s)", "rate (M/s)_low", "rate (M/s)_high",
    "machine (M/s)", "model (M/s)", "name (M/s)"], lines[0]
rows = dict((int(l[2]), l[3:4] + [float(v) for v in l[4:]]) for l in lines[1:])
near = lambda a, b: abs(a / b - 1) < 1e-4
assert near(rows[2][1], 1e5 / 22) and near(rows[4][4], 10000) and near(rows[1][1], 2500), rows
assert rows[4][0] == "4 threads: 7692" and rows[8][0] == "" and rows[8][1] != rows[8][1], rows
assert all(r[5] > 0 for r in rows.values()) and max(rows) == 8, rows # a model goes to twice the cores
curves = dict(zip(p.column("curves", "threads"), p.column("curves", "Amdahl")))
assert curves["64"] == "%.0f" % (2500 / (0.1 + 0.9 / 64)), curves # with a tenth that is serial'
    sed -n 5p out/summary.md | grep -q '^- t: mmap is fastest with 4 threads: 7692 million '
    grep -q '^| 4 | 4 | 7692 ' out/summary.md
    run env PATH="$PWD/empty" "$DBNBENCH" report --text s.jsonl
    expect_status 0
    expect_out '^ +4 +4 +7692 '
}

test_steps_alone()
{
    made "$steps"
    report p.jsonl
    expect_status 0
    page '
assert p.column("steps", "step") == ["naive", "blocks", "maps"]
assert p.column("steps", "compared with") == ["", "", "naive"]
assert p.column("steps", "promised") == ["-", "1.5 to 2.5", "3"]
assert p.column("steps", "gain") == ["-", "2.00 [2.00 to 2.00]", "n/a"]
assert p.column("steps", "verdict") == ["-", "holds", "n/a"]
assert p.column("steps", "in all") == ["1.00 [1.00 to 1.00]", "2.00 [2.00 to 2.00]", "n/a"]
assert p.column("steps", "Mrec/s") == ["1000", "2000", "n/a"]
assert [e for e in p.elements if e[0] == "table"][0][1]["id"] == "steps", "it does not come first"
assert p.has("t<b>: the last step, blocks, is 2.00 times as fast as the first, naive. blocks gained most: 2.00 " +
    "times, where 1.5 to 2.5 was promised. 1 of 2 promises hold.")'
    expect_equal "$(tr '\t' ',' <out/waterfall-1.tsv)" "$(
        )row,step,gain,promised,verdict,outcome,from,to,to_low,to_high,promised from,promised to
0,naive,,,,2,0,1,1,1,NaN,NaN
1,blocks,×2.00,1.5 to 2.5,holds,0,1,2,2,2,1.5,2.5
2,or maps,n/a,3,n/a,2,1,NaN,NaN,NaN,3,3"
    sed -n 5p out/summary.md | grep -qF -- '- t&#60;b&#62;: the last step, blocks, is 2.00 times as fast'
    grep -qF '| blocks | buffered | 1.5 to 2.5 |  | 2.00' out/summary.md
    run env PATH="$PWD/empty" "$DBNBENCH" report --text p.jsonl
    expect_status 0
    expect_out '^blocks +buffered +1.5 to 2.5 .*2.00 \[2.00 to 2.00\] '
}

# What is fastest comes from the run of that, however old; the others have sections of their own.
test_all_kinds_of_runs()
{
    made "$two
$scale
$steps"
    report p.jsonl s.jsonl a.jsonl
    expect_status 0
    page '
assert p.has("run one") and [t for t in p.texts if "fastest" in t][0].startswith("On t (sink sum) mmap is fastest: ")
ids = [a["id"] for t, a in p.elements if t == "table"]
assert [i for i in ids if i in ("cases", "scaling", "steps")] == ["cases", "scaling", "steps"]'
}

# What looks like such a run, and has nothing of it.
test_runs_without_what_they_are_of()
{
    made 'bad = case("t", "mmap", [100] * 7, error="signal 11", split=1, files=1)
write("s.jsonl", [bad], command=["dbnbench scale"], inputs=[])
write("p.jsonl", [case("t", "mmap", [100] * 7)], command=["dbnbench phases"], chain=dict(name="c", steps=[3]),
    chain_inputs=["t"])
write("q.jsonl", [bad], command=["dbnbench phases"],
    chain_inputs=[7, "t"], chain=dict(name="c", steps=[dict(name="maps", backend="mmap", sink="sum", threads=1, split=1,
    many=False, against="", low=0, high=0, frees="nothing")]))'
    report s.jsonl
    expect_status 0
    page 'assert p.has("nothing can be said") and p.column("cases", "outcome") == ["crashed"]'
    report p.jsonl
    expect_status 0
    page 'assert p.column("cases", "Mrec/s") == ["10000"]'
    report q.jsonl
    expect_status 0
    page 'assert p.column("steps", "verdict") == ["crashed"] and p.has("no step of the chain c could be compared")
assert p.has("What each step promised")'
}

test_more_threads_are_not_ranked_by_cpu_time()
{
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7), case("t", "mmap", [60] * 7, threads=2),
        case("t", "program", [300] * 7, decoder="x/y")], decoders=[dict(name="x/y", kind="program")])'
    report a.jsonl
    page 'assert p.has("mmap is fastest: 10000 million records a second of CPU time. Next is x/y, which takes 3.00 times")'
}

test_calls_a_record()
{
    made 'write("a.jsonl", [case("t", b, [100] * 7, records=2730000, reads=r) for b, r in
        (("syscall", 35490000), ("buffered", 2000), ("once", 2), ("half", 27300), ("mmap", 0))])'
    report a.jsonl
    page 'assert p.tables["reads"] == [["backend", "t"], ["syscall", "13.0"], ["buffered", "1/1,365"],
    ["once", "1/1,365,000"], ["half", "1/100"], ["mmap", "none"]]
assert p.has("Read calls a record of t: syscall makes most, 13.0, and mmap fewest, none.")'
}

# Of the same kind, and older; not any other run.
test_the_run_before()
{
    made "write('old.jsonl', [case('t', 'mmap', [200, 202, 204, 206, 208, 210, 212])], id='old', ms=1600000000000)
$two
$steps"
    report a.jsonl p.jsonl old.jsonl
    page 'assert p.column("compared", "B is")[0] == "faster"
assert p.has("This run, B, is faster than the one before, A, in 1 cases, and slower in 0. In 0 no difference")'
    report a.jsonl p.jsonl
    page 'assert "compared" not in p.tables and not p.has("The run before")'
}

test_text_writes_nothing()
{
    made "$two"
    COLUMNS=80 run "$DBNBENCH" report --text a.jsonl
    expect_status 0
    expect_out '^t +mmap +10000 92.1 times \(syscall\) '
    expect_out '^mmap +sum .*10000 '
    expect_out '^verdict: '
    expect_equal "$(ls -A)" "a.jsonl"
}

test_which_runs()
{
    made 'write("old.jsonl", [case("t", "mmap", [100] * 7)], id="old", ms=1600000000000)
write("new.jsonl", [case("t", "mmap", [50] * 7)], id="new")'
    report new.jsonl old.jsonl
    page 'assert p.has("run new ") and p.column("cases", "Mrec/s") == ["20000"]'
    mkdir results
    cp new.jsonl results/z.jsonl && touch -d '2020-01-01' results/z.jsonl && cp old.jsonl results/a.jsonl
    report
    expect_status 0
    page 'assert p.has("run old ")'
}

# One that was not finished is shown if there is no other, and it says so.
test_a_complete_one_is_preferred()
{
    mkdir results
    made 'write("results/young.jsonl", [case("t", "mmap", [100] * 7)], id="young", end=False)'
    run "$DBNBENCH" report --text
    expect_status 0
    expect_out '^Run young.*; not finished\.$'
    made 'write("results/old.jsonl", [case("t", "mmap", [100] * 7)], id="old")'
    touch -d '2020-01-01' results/old.jsonl
    run "$DBNBENCH" report --text
    expect_out '^Run old, '
}

# What was interrupted before there was anything to show does not hide what is older.
test_the_newest_has_results()
{
    empty() { printf '{"type":"run","run":"%s","format":1}\n{"type":"end","run":"%s","interrupted":true}\n' "$1" "$1"; }
    made 'write("a.jsonl", [case("t", "mmap", [100] * 7)], id="full")'
    mkdir results
    touch -d '2020-01-02' a.jsonl && cp -p a.jsonl results/a.jsonl && empty none >results/z.jsonl
    : >results/nothing.jsonl
    for words in "" "results/a.jsonl"; do
        # shellcheck disable=SC2086 # none is none
        report $words
        expect_status 0
        page 'assert p.has("run full ")'
        [ -n "$words" ] || expect_err '^dbnbench: results/z.jsonl: run none was interrupted before its first sample$'
        [ -n "$words" ] || expect_err '^dbnbench: results/nothing.jsonl: no run in it$'
        { empty first && cat a.jsonl && empty second; } >results/a.jsonl
    done
    expect_err '^dbnbench: results/a.jsonl: run second was interrupted before its first sample$'
    run "$DBNBENCH" report -f csv results/a.jsonl
    expect_status 0
    report results/a.jsonl#first
    expect_status 0
    expect_err '^dbnbench: results/a.jsonl#first: run first was interrupted before its first sample$'
    page 'assert p.has("nothing can be said")'
}

# Nobody takes an example for a run of their own.
test_examples()
{
    local name
    mkdir results
    cp -p "$TOP"/results/example*.jsonl results/
    for name in results/*; do
        head -n 1 "$name" | grep -q '"example":true' || fail "$name is no example"
        run "$DBNBENCH" report --text "$name"
        expect_status 0
        sed -n 1p "$AROUND/out" | grep -q '^Example run [^ ]*'
    done
    run "$DBNBENCH" report -f csv results/example.jsonl
    expect_err '^dbnbench: results/example.jsonl: an example that comes with dbnbench, measured on another machine$'
    run "$DBNBENCH" report --text
    expect_status 5
    expect_err '^dbnbench: results: no stored run of your own is in it; `make bench` stores one, .*results/example.jsonl`$'
    [ ! -s "$AROUND/out" ] || fail "something is shown"
    made 'write("results/mine.jsonl", [case("t", "mmap", [100] * 7)], id="mine")'
    touch -d '2020-01-01' results/mine.jsonl
    report
    expect_status 0
    page 'assert p.has("run mine ") and not p.has("an example")'
    report results/mine.jsonl results/example-scale.jsonl # each section says of what it is
    page 'assert len([t for t in p.texts if "is an example" in t]) == 1'
}

test_usage()
{
    made "$two"
    run "$DBNBENCH" report a.jsonl
    expect_status 2
    run "$DBNBENCH" report -o out --text a.jsonl
    expect_status 2
    run "$DBNBENCH" report -o out missing.jsonl
    expect_status 5
    expect_err '^dbnbench: missing.jsonl: No such file or directory$'
    run "$DBNBENCH" report -o out
    expect_status 5
    expect_err '^dbnbench: results: no stored run is in it'
    run "$DBNBENCH" report -o missing/out a.jsonl
    expect_status 5
    expect_err '^dbnbench: missing/out: No such file or directory$'
    run "$DBNBENCH" report -o a.jsonl a.jsonl
    expect_status 5
    expect_err 'Not a directory$'
    expect_equal "$(ls -A)" "a.jsonl"
}

run_cases "$@"
