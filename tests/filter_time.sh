#!/usr/bin/env bash
# How fast `filter` is beside `touch`, by CPU time in one interleaved run on `mmap`: 5 M records of mbp-1, an instrument
# that has 1.4 % of them, seven that have a scattered half, and a time. It fails if the first is below 0.9 of `touch`.
# No test asserts a time, so this is no part of `make test`.
set -u
cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d -p "${1:-/tmp}") || exit 1
trap 'rm -rf "$scratch"' EXIT
one=filter:instrument=10946718
half=filter
for instrument in 10368889 3960562 14329451 7921124 1512797 11881686 5473359; do half+=:instrument=$instrument; done
time=filter:from=2024-01-02T14:35:to=2024-01-02T14:40
build/dbnbench gen --schema mbp-1 --records 5000000 -o "$scratch/mbp-1.dbn" || exit 1

for sink in $one $half $time; do
    echo "$sink: $(build/dbnbench decode -s "$sink" "$scratch/mbp-1.dbn" | tail -n 1)"
done
build/dbnbench run -b mmap -s "touch,$one,$half,$time" --samples 15 --no-limits -o "$scratch/run.jsonl" \
    "$scratch/mbp-1.dbn" >"$scratch/table" || exit 1

# speed SINK: of touch's CPU time to the sink's, the median over rounds.
speed()
{
    jq -s --arg sink "$1" '[map(select(.type == "sample")) | group_by(.round)[]
        | (map(select(.sink == "touch") | .cpu_ns / .iterations)[0]) /
          (map(select(.sink == $sink) | .cpu_ns / .iterations)[0])] | sort | .[length / 2 | floor] * 1000 | round / 1000' \
        "$scratch/run.jsonl"
}
echo "speed as a ratio to touch: one instrument $(speed "$one"), a scattered half $(speed "$half"), a time $(speed "$time")"
jq -en "$(speed "$one") >= 0.9" >"$scratch/reached"
