#!/usr/bin/env bash
# Guards what stored runs may do to who looks at them: nothing. Names and reasons are anybody's text. (slow)
. "$(dirname "$0")/lib.sh"

# hostile FILE: its lines, with what terminals obey in every text that does not have to be what it is.
hostile()
{
    need python3
    python3 - "$1" <<'END'
import json, sys
BAD = "\x1b[31m\x1b]0;t\x07\r\n\x85\x9b2J\x7f\u202e\u2066\u200f\u2028=|<b>\"'`"
KEEP = {"type", "run", "kind", "outcome", "cache", "limit", "unit", "tally_digest", "sink", "version", "container",
        "asks", "requested", "name"}
def walk(value, key=""):
    if isinstance(value, dict):
        return {k + (BAD if key in ("machine", "unavailable", "missing", "build") else ""): walk(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [walk(v, key) for v in value]
    return BAD + value[:100] + BAD if isinstance(value, str) and key not in KEEP else value
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == "sample":
        o["dataset"], o["backend"] = BAD + o["dataset"], o["backend"][:8] + "\x9b\u202e\x1b[m"
        if o.get("place") == 1:
            o = {k: v for k, v in o.items() if not k.endswith("_ns")} | {"outcome": "failed", "error": BAD}
    elif o["type"] == "limit":
        o["dataset"] = BAD + o["dataset"]
    elif o["type"] == "run":
        o = walk(o)
    print(json.dumps(o))
END
}

# harmless FILE...: no control character is in them, other than ends of lines and tabs.
harmless()
{
    local file
    for file; do
        [ -s "$file" ] || fail "$file: empty"
        ! grep -nP '[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$file" \
            >found || fail "$file: $(head -n 3 found | cat -v | cut -c 1-400)"
    done
}

test_reports_in_every_format()
{
    local format
    for run in example example-scale example-phases; do
        hostile "$TOP/results/$run.jsonl" >hostile.jsonl
        for format in json csv csv-samples markdown gbench github-action-benchmark; do
            run "$DBNBENCH" report --format $format hostile.jsonl
            expect_status 0
            harmless "$AROUND/out" "$AROUND/err"
        done
        run "$DBNBENCH" report --text hostile.jsonl
        expect_status 0
        harmless "$AROUND/out"
        run "$DBNBENCH" report -o page hostile.jsonl
        expect_status 0
        harmless page/*.html page/*.md page/*.tsv
        ! grep -n '<b>' page/index.html
        rm -r page
    done
}

test_comparisons()
{
    local options
    hostile "$TOP/results/example.jsonl" >hostile.jsonl
    hostile "$TOP/results/example-ratios.jsonl" >other.jsonl
    sed 's/"run": "/&x/' hostile.jsonl >again.jsonl
    for options in "" --json --markdown; do
        # shellcheck disable=SC2086 # none is none
        run "$DBNBENCH" compare $options hostile.jsonl again.jsonl
        expect_status 0
        harmless "$AROUND/out"
    done
    for options in "" --json; do
        # shellcheck disable=SC2086
        run "$DBNBENCH" compare --trend $options hostile.jsonl again.jsonl
        expect_status 0
        harmless "$AROUND/out"
    done
    run "$DBNBENCH" compare hostile.jsonl other.jsonl
    harmless "$AROUND/out"
}

# Two runs of nothing but such text.
test_empty_runs()
{
    printf '{"type":"run","run":"a\\u0085\\u009b[31m","format":1}\n' >c1.jsonl
    printf '{"type":"run","run":"a","format":1,"command":["dbnbench run","\\u001b[31mRED\\u001b]0;t\\u0007"],%s\n' \
        '"machine":{"cpu":"x\u001b[2J"}}' >esc.jsonl
    for file in c1 esc; do
        run "$DBNBENCH" report --text $file.jsonl
        harmless "$AROUND/out"
        run "$DBNBENCH" report -o page $file.jsonl
        harmless page/index.html page/summary.md
        run "$DBNBENCH" compare --trend $file.jsonl
        harmless "$AROUND/err"
        run "$DBNBENCH" compare --expect "$TOP/docs/claims/dbn-jl.json" --markdown $file.jsonl
        harmless "$AROUND/out" "$AROUND/err"
        run "$DBNBENCH" report -f csv $file.jsonl
        harmless "$AROUND/err"
    done
}

run_cases "$@"
