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

# is_picture NAME [svg]: both files are there, or that one, and whole.
is_picture()
{
    python3 - "$@" <<'EOF' || depth=3 fail "$1 is no picture"
import struct, sys, xml.dom.minidom
svg = xml.dom.minidom.parse(sys.argv[1] + ".svg").documentElement
assert svg.tagName == "svg" and len(svg.getElementsByTagName("text")) > 3
if sys.argv[2:] == ["svg"]:
    sys.exit()
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
# filled COLOUR COUNT: so many areas.
filled() { expect_equal "$(grep -c "fill = 'rgb( *$1)'" picture.svg)" "$2"; }

test_speed()
{
    draw speed <<'END'
row|label|ours|value|ratio|rate|rate_low|rate_high|limit|limit's name
0|mmap|1|200|×1|200|190|210|220|limit 220
1|<b>&`x`$(y)\042|0|20.5|×9.76|20.5|19|22|NaN|
END
    says mmap '<b>&`x`$(y)"' 200 20.5 ×1 ×9.76 'limit 220' 'decoders of others' 0 50
    filled '15, 105, 173' 2 # and one in the key
    filled '185, 122,  28' 2
    is_picture picture-narrow svg
    draw speed <<'END' # without a limit and without others
row|label|ours|value|ratio|rate|rate_low|rate_high|limit|limit's name
0|mmap|1|200|×1|200|190|210|NaN|
END
    says mmap 200
    lacks 'decoders of others'
}

test_where()
{
    {
        echo 'row|label|whole|part|number|share|from|to'
        echo '0|mmap on t|5 ns a record|calls|0|60 %|0|60'
        echo '0|mmap on t|5 ns a record|faults|1||60|60'
        echo '0|mmap on t|5 ns a record|framing|5|50 %|60|100'
        echo '0|mmap on t|5 ns a record|unexplained|8|0 %|100|100'
    } | draw where
    says 'mmap on t' '5 ns a record' calls framing 'calls 60 %' 'framing 50 %' '0 %' '100 %'
    lacks faults unexplained
    is_picture picture-narrow svg
    { # all that there can be have a place in the key
        echo 'row|label|whole|part|number|share|from|to'
        for i in {0..8}; do
            echo "0|a name that takes much room: pipeline|123 ns|part-$i|$i|10 %|${i}0|${i}9"
        done
    } | draw where
    says part-{0..8}
}

test_scaling_leaves_out_what_is_not_there()
{
    draw scaling <<'END'
series|backend|threads|text|rate|rate_low|rate_high|machine|model|name
0|mmap|1||70|66|75|NaN|70|NaN
0|mmap|2||120|110|128|130|118|NaN
0|mmap|4||NaN|NaN|NaN|NaN|180|180
1|<b>|1||30|26|35|NaN|NaN|NaN
1|<b>|2||50|45|55|60|NaN|50
END
    says 1 2 4 mmap '<b>' 'model only' model machine
    draw scaling <<'END'
series|backend|threads|text|rate|rate_low|rate_high|machine|model|name
0|mmap|1||70|66|75|NaN|NaN|NaN
0|mmap|2||120|110|128|NaN|NaN|120
END
    says 1 2 mmap
    lacks 'model only'
}

test_waterfall()
{
    draw waterfall <<'END'
row|step|gain|promised|verdict|outcome|from|to|low|high|promised_low|promised_high
0|read in blocks|×62|50 to 80|holds|0|1|62|58|66|50|80
1|no `copies` <b>|×0.9|1 to 1.2|slower|1|62|56|50|58|62|74
2|not measured|n/a||n/a|2|NaN|NaN|NaN|NaN|NaN|NaN
END
    says 'read in blocks' 'no `copies` <b>' 'not measured' promised ×62 ×0.9 '50 to 80' holds slower n/a
    filled '15, 105, 173' 2 # and one in the key
    filled '181,  82,  27' 2
    is_picture picture-narrow svg
}

test_samples()
{
    draw samples <<'END'
row|label|value|ours|round|rounds|time|median
0|mmap|5.50|1|0|2|5|5.5
0|mmap|5.50|1|1|2|6|5.5
1|other|50.0|0|0|2|50|50
END
    says mmap other 5.50 50.0
    expect_equal "$(grep -c "<use .*color='rgb( 15, 105, 173)'" picture.svg)" 2
}

# What gnuplot is given and what the page knows are the same colours.
test_colours()
{
    local colour
    for colour in $(grep -o '0x[0-9a-f]\{6\}' "$TOP/plots/common.gp"); do
        grep -q -- "--[a-z]*: #${colour#0x};" "$TOP/plots/colours.css" || fail "$colour is not in colours.css"
    done
    ! grep -n '0x[0-9a-f]\{6\}' "$TOP"/plots/[!c]*.gp || fail "a colour without a name"
}

test_report_draws_what_it_has_and_says_the_rest()
{
    need gnuplot
    made 'write("a.jsonl", [case("t", "buffered", [100, 101, 102], block=b, threads=n, sink=s)
    for b in (4096, 65536) for n in (1, 2) for s in ("sum", "none")])'
    run "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    cd out
    is_picture speed-1
    is_picture samples-1
    expect_equal "$(find . -name 'where*' -o -name 'scaling*' -o -name 'waterfall*')" ""
    expect_equal "$(grep -c '<figure' index.html)" "$(find . -name '*.svg' | wc -l)"
    ! grep -Eq 'Where the time goes|How it scales|What each step' index.html || fail "a section without data"
    ! grep -q 'rgb(' speed-1.svg || fail "a colour without a name"
    grep -q "svg \[fill='#0f69ad'\] { fill: var(--ours); }" speed-1.svg
    grep -q 'prefers-color-scheme: dark' speed-1.svg
    expect_equal "$(grep -ho ' id=["'"'"'][^"'"'"']*' index.html | sort | uniq -d)" "" # no name twice on a page
    expect_equal "$(sed -n 2p speed-1.tsv)" "$(printf '%s\n' \
        '0|buffered --block 4K|1|9901|×1|9900.9900990099|9803.921568627451|10000|NaN|' | tr '|' '\t')"
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
    grep -q 'The model is simulated from the times of the run, and no measurement' out/index.html
    cp out/scaling-1.svg picture.svg && says mmap model machine
    cp out/waterfall-1.svg picture.svg && says slow blocks t.dbn 'times as fast as slow'
}

test_profile()
{
    need gnuplot python3
    "$DBNBENCH" gen --schema trades --records 3000 -o t.dbn
    run "$DBNBENCH" profile --samples 1 -b mmap -o p.jsonl t.dbn
    run "$DBNBENCH" report -o out p.jsonl
    expect_status 0
    cp out/where-1.svg picture.svg && says 'mmap on t.dbn' 'CPU time of a record'
    expect_equal "$(awk -F '\t' 'NR > 1 { s += $8 - $7 } END { printf "%.3f", s }' out/where-1.tsv)" 100.000
    grep -q '<table id="where">' out/index.html
    grep -Eq '>mmap on t.dbn takes .* ns of CPU time a record, .* % of it for ' out/index.html
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
    is_picture out/speed-1
}

test_gnuplot_that_fails()
{
    made 'write("a.jsonl", [case("t", "mmap", [100, 101, 102])])'
    mkdir bin out
    printf '#!/bin/sh\necho "line 7: <out of memory>" >&2\nexit 1\n' >bin/gnuplot
    chmod +x bin/gnuplot
    echo old >out/speed-1.svg
    run env PATH="$PWD/bin:$PATH" "$DBNBENCH" report -o out a.jsonl
    expect_status 0
    expect_out '^no picture of speed-1: gnuplot: line 7: <out of memory>$'
    grep -q 'The picture is not drawn: gnuplot: line 7: &#60;out of memory&#62;' out/index.html
    [ ! -e out/speed-1.svg ] || fail "a picture of another time"
}

run_cases "$@"
