#!/usr/bin/env bash
# Guards the page in a browser, at three widths: nothing overflows or is cut off, every figure is that of the stored runs,
# and nothing is fetched. Planted faults of each kind are found. (release only)
. "$(dirname "$0")/lib.sh"
export PYTHONPATH="$TOP/tests/cli/toys" PYTHONDONTWRITEBYTECODE=1

# look SCRIPT: opens frames.html, whose frames report to it, and gives what they report to a script of Python as `seen`.
look()
{
    timeout 100 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
        --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$PWD/profile" --virtual-time-budget=20000 \
        --dump-dom "file://$PWD/frames.html" >dom.html 2>/dev/null || skip "chromium cannot be started here"
    python3 -c "from look import *
seen = frames()
$1" || depth=2 fail "the page is not as it should be"
}

test_every_figure_at_every_width()
{
    need chromium gnuplot python3
    cp "$TOP"/results/example{,-decoders,-profile,-phases,-scale}.jsonl .
    run "$DBNBENCH" report -o out ./*.jsonl
    expect_status 0
    run "$DBNBENCH" report -f json -o cases.json example-decoders.jsonl
    python3 -c 'from runs import *
write("long.jsonl", [case("a name that takes much room, and more of it" * 3, "buffered-as-others-are", [n] * 7, block=b, threads=2,
    split=2, sink="rows+strings-copy") for n, b in ((100, 65536), (1200, 4096))])'
    run "$DBNBENCH" report -o long long.jsonl
    python3 -c 'from look import *
page = open("out/index.html", encoding="utf-8").read()
frame("400", page, 400)
frame("1000", page, 1000)
frame("1600", page, 1600)
frame("wide", page.replace("<h2>Words", "<table style=\"width:1001px\"><tr><td>1</table><h2>Words"), 1000)
frame("cut", page.replace(">mmap</text>", ">a name that is much too long for its place</text>", 1), 1000)
frame("image", page.replace("<h2>Words", "<img src=\"http://example.com/1.png\"><h2>Words"), 1000)
frame("unsorted", page.replace("button.onclick", "button.x"), 1000)
frame("cell", changed(page, r"(<td class=\"n[^>]*>\d*)(\d)(?=[.\d]* \[)"), 1000)
bar = open("out/speed-1.tsv").read().split("\n")[2].split("\t")[3]
frame("bar", changed(page, "(<text> *" + bar[:-1] + ")(" + bar[-1] + ")(?=</text>)"), 1000)
frame("sentence", changed(page, r"(class=\"says\">On [^<]* )(\d)"), 1000)
frame("long", open("long/index.html", encoding="utf-8").read(), 400)
write_frames()'
    look '
for name in "400", "1000", "1600":
    assert not faults(seen[name]), (name, faults(seen[name]))
assert not seen["long"]["faults"], seen["long"]["faults"]
for name, found in ("wide", "overflows"), ("cut", "is cut off"), ("image", "is fetched"), ("unsorted", "sorted"), \
        ("cell", "not what is stored"), ("bar", "not what is stored"), ("sentence", "not what is stored"):
    assert any(found in fault for fault in faults(seen[name])), (name, faults(seen[name]))'
}

run_cases "$@"
