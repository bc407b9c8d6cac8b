#!/usr/bin/env bash
# Guards the pictures (release only): each script draws what its table holds, both by itself and in a report, and the
# same each time; what has no data is left out with a reason. (slow)
. "$(dirname "$0")/lib.sh"
export PYTHONPATH="$TOP/tests/cli/toys" PYTHONDONTWRITEBYTECODE=1

made() { need python3 && python3 -c "from runs import *
$1"; }

# draw SCRIPT <TABLE, with | between columns: makes picture.svg and picture.png.
draw()
{
    need gnuplot python3
    tr '|' '\t' >picture.tsv
    rm -f picture.svg picture.png
    run gnuplot -d -e "name='picture'" "$TOP/plots/common.gp" "$TOP/plots/$1.gp"
    expect_status 0
    is_picture picture
}

# is_picture NAME: both files are there, and whole.
is_picture()
{
    python3 - "$1" <<'EOF' || depth=3 fail "$1 is no picture"
import struct, sys, xml.dom.minidom
svg = xml.dom.minidom.parse(sys.argv[1] + ".svg").documentElement
assert svg.tagName == "svg" and len(svg.getElementsByTagName("text")) > 3
png = open(sys.argv[1] + ".png", "rb").read()
assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[-8:-4] == b"IEND" and len(png) > 2000
width, height = struct.unpack(">II", png[16:24])
assert width >= 600 and height >= 100
EOF
}

# says TEXT..., lacks TEXT...: texts of the picture, whole.
texts() { python3 -c '
import xml.dom.minidom
for t in xml.dom.minidom.parse("picture.svg").getElementsByTagName("text"):
    print("".join(n.data for n in t.childNodes))'; }
says() { for text; do texts | sed 's/^ *//' | grep -qxFe "$text" || depth=2 fail "it does not say $text"; done; }
lacks() { for text; do ! texts | grep -qxFe "$text" || depth=2 fail "it says $text"; done; }
# marks COLOUR: how many points of that colour.
marks() { grep -c "<use .*color='rgb($1)'" picture.svg; }

test_throughput()
{
    draw throughput <<'END'
row|label|dataset|backend|sink|threads|block (bytes)|Mrec/s|Mrec/s_low|Mrec/s_high|limit (Mrec/s)
0|mmap sum|t|mmap|sum|1|0|200|190|210|220
1|<b>&`x`$(y)\042 sum|t|mmap|sum|1|0|0.2|0.1|0.3|NaN
2|failed (no time)|t|mmap|sum|1|0|NaN|NaN|NaN|NaN
END
    says 'mmap sum' '<b>&`x`$(y)" sum' 'failed (no time)' limit 'median, interval' 0.1 100
    expect_equal "$(marks '  0, 114, 178')" 3 # and one in the key
    draw throughput <<'END' # nothing has a time
row|label|dataset|backend|sink|threads|block (bytes)|Mrec/s|Mrec/s_low|Mrec/s_high|limit (Mrec/s)
0|failed (no time)|t|mmap|sum|1|0|NaN|NaN|NaN|NaN
END
}

test_no_system_calls_are_shown_as_none()
{
    draw syscalls <<'END'
row|label|dataset|backend|threads|block (bytes)|reads (1/record)|calls (1/record)
0|...a name that takes much room: syscall with 16 threads|t|syscall|1|0|13|13.1
1|t: mmap|t|mmap|1|0|0|0.001
END
    says '...a name that takes much room: syscall with 16 threads' 't: mmap' none 10 0.01
    says reads 'all calls of the backend'
    expect_equal "$(marks '  0, 114, 178')" 3
}

test_where()
{
    {
        echo 'row|label|dataset|backend|whole (ns/record)|part|part number|share %|share %_low|share %_high|from %|to %'
        echo '0|t: mmap, 5 ns|t|mmap|5|calls|0|60|50|70|0|60'
        echo '0|t: mmap, 5 ns|t|mmap|5|faults|1|NaN|NaN|NaN|NaN|NaN'
        echo '0|t: mmap, 5 ns|t|mmap|5|framing|2|50|40|60|60|110'
        echo '0|t: mmap, 5 ns|t|mmap|5|unexplained|3|-10|-20|0|0|-10'
    } | draw where
    says 't: mmap, 5 ns' calls framing unexplained 0 100
    lacks faults
    { # all that there can be have a place in the key
        echo 'row|label|dataset|backend|whole (ns/record)|part|part number|share %|share %_low|share %_high|from %|to %'
        for i in {0..8}; do
            echo "0|a name that takes much room: pipeline, 123 ns|t|mmap|5|part-$i|$i|10|5|15|${i}0|${i}9"
        done
    } | draw where
    says part-{0..8}
}

test_scaling_leaves_out_models_that_are_not_there()
{
    draw scaling <<'END'
threads|measured|measured_low|measured_high|capacity|amdahl|usl|simulated
1|70|66|75|NaN|70|70|71
2|120|110|128|NaN|125|118|122
4|180|170|190|NaN|210|175|NaN
END
    says 1 2 4 'measured, interval' "Amdahl's law (fitted model)" 'USL (fitted model)' 'simulated (model)'
    lacks "machine's capacity"
    draw scaling <<'END'
threads|measured|measured_low|measured_high|capacity|amdahl|usl|simulated
1|70|66|75|NaN|NaN|NaN|NaN
2|120|110|128|NaN|NaN|NaN|NaN
END
    says 'measured, interval'
    lacks "Amdahl's law (fitted model)" 'USL (fitted model)' 'simulated (model)' "machine's capacity"
    { # many threads have room
        echo 'threads|measured|measured_low|measured_high|capacity|amdahl|usl|simulated'
        for n in 1 2 4 8 16 32 64; do echo "$n|NaN|NaN|NaN|$((n * 70))|NaN|NaN|NaN"; done
    } | draw scaling
    says 1 2 64 "machine's capacity"
}

test_waterfall()
{
    draw waterfall <<'END'
step|promised_low|promised_high|measured|measured_low|measured_high|all
read in blocks|50|80|62|58|66|62
no `copies` <b>|1|1.2|0.98|0.9|1.05|60.8
not measured|NaN|NaN|NaN|NaN|NaN|NaN
END
    says 'read in blocks' 'no `copies` <b>' 'not measured' promised 'measured, interval' 'all steps so far'
    expect_equal "$(marks '213,  94,   0')" 3
}

test_samples()
{
    draw samples <<'END'
row|label|dataset|round|rounds|time (ns/record)|time (of the median)
0|mmap sum|t|0|2|5|1
0|mmap sum|t|1|2|6|1.2
1|syscall sum|t|0|2|50|1
END
    says 'mmap sum' 'syscall sum'
    expect_equal "$(marks '  0, 114, 178')" 2
}

test_report_draws_what_it_has_and_says_the_rest()
{
    need gnuplot
    made 'write("a.jsonl", [case("t", "buffered", [100, 101, 102], block=b, threads=n, sink=s)
    for b in (4096, 65536) for n in (1, 2) for s in ("sum", "none")])'
    run "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    cd out
    for name in throughput-1 syscalls-1 samples-1; do
        is_picture $name
    done
    expect_equal "$(find . -name 'where*' -o -name 'scaling*' -o -name 'waterfall*')" ""
    expect_equal "$(grep -c '<figure' index.html)" "$(find . -name '*.svg' | wc -l)"
    grep -q 'left out: Where the time goes: none of these runs is a profile' index.html
    grep -q 'left out: Threads: none of these runs scales over threads' index.html
    grep -q 'left out: What each step promised and gave: none of these runs' index.html
    grep -q 'prefers-color-scheme:dark' throughput-1.svg
    expect_equal "$(grep -ho ' id=["'"'"'][^"'"'"']*' index.html | sort | uniq -d)" "" # no name twice on a page
    expect_equal "$(head -n 2 throughput-1.tsv)" "$(printf '%s\n' \
        'row|label|dataset|backend|sink|threads|block (bytes)|Mrec/s|Mrec/s_low|Mrec/s_high|limit (Mrec/s)' \
        '0|buffered --block 4K sum|t|buffered|sum|1|4096|9900.990099009901|9803.921568627451|10000|NaN' | tr '|' '\t')"
}

# Runs of their own kind, as they are stored.
test_scaling_and_steps()
{
    need gnuplot
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    cat >chain <<'END'
{"name": "chain", "steps": [
 {"name": "slow", "backend": "syscall", "sink": "sum"},
 {"name": "blocks", "backend": "buffered", "sink": "sum", "low": 1.4, "high": 1.66}]}
END
    run "$DBNBENCH" scale --samples 1 -b mmap -t 1,2 -o s.jsonl t.dbn
    run "$DBNBENCH" phases --samples 1 --chain chain -o p.jsonl t.dbn
    run "$DBNBENCH" report -o out s.jsonl p.jsonl
    expect_status 0
    is_picture out/scaling-1
    is_picture out/waterfall-1
    grep -q 'Amdahl&#39;s law n/a: only ' out/index.html
    grep -q 'Other lines are models, no measurements' out/index.html
    cp out/scaling-1.svg picture.svg && says 'simulated (model)' 'measured, interval' "machine's capacity"
    cp out/waterfall-1.svg picture.svg && says slow blocks 'Steps of chain: t.dbn'
}

test_profile()
{
    need gnuplot python3
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    run "$DBNBENCH" profile --samples 1 -b mmap -o p.jsonl t.dbn
    run "$DBNBENCH" report -o out p.jsonl
    expect_status 0
    cp out/where-1.svg picture.svg && says calls framing allocation
    # One sample: so the parts add up to the whole.
    expect_equal "$(awk -F '\t' 'NR > 1 && $8 != "NaN" { s += $8 } END { printf "%.3f", s }' out/where-1.tsv)" 100.000
    grep -q '<table id="where">' out/index.html
    grep -Eq '<li>mmap on t.dbn takes .* ns of CPU time a record; the largest part is ' out/index.html
}

test_same_pictures_each_time()
{
    need gnuplot
    made 'write("a.jsonl", [case("t", "mmap", [100, 101, 102]), case("t", "syscall", [900, 950, 920], reads=1000)])'
    "$DBNBENCH" report -o one a.jsonl >/dev/null
    TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$DBNBENCH" report -o two a.jsonl >/dev/null
    find one -name '*.svg' | grep -q .
    diff -r one two
}

# Nothing of the user's or of the folder's takes part.
test_settings_of_the_user()
{
    need gnuplot
    made 'write("a.jsonl", [case("t", "mmap", [100, 101, 102])])'
    echo 'set output "sentinel"; print 1; exit status 3' >.gnuplot
    mkdir plots && echo 'exit status 3' >plots/common.gp
    run env HOME="$PWD" "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    is_picture out/throughput-1
}

test_gnuplot_that_fails()
{
    made 'write("a.jsonl", [case("t", "mmap", [100, 101, 102])])'
    mkdir bin out
    printf '#!/bin/sh\necho "line 7: <out of memory>" >&2\nexit 1\n' >bin/gnuplot
    chmod +x bin/gnuplot
    echo old >out/throughput-1.svg
    run env PATH="$PWD/bin:$PATH" "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    expect_out '^no picture of throughput-1: gnuplot: line 7: <out of memory>$'
    grep -q 'not drawn: Throughput: t: gnuplot: line 7: &#60;out of memory&#62;' out/index.html
    [ ! -e out/throughput-1.svg ] || fail "a picture of another time"
}

run_cases "$@"
