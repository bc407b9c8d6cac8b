#!/usr/bin/env bash
# Does `advise` foretell what reading a folder takes? Three folders, each read in four ways fixed beforehand, 5 times in
# turns, from the page cache. Of each way the interval foretold is no wider than 25 % to each side and holds the median of
# the five, or what was foretold is within 15 % of it. The way that it recommends is within 5 % of the fastest. Else it
# fails. It takes 2 to 3 minutes and 3 GB of disk. No test asserts a time, so this is no part of `make test`.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v jq >/dev/null || { echo "jq is not installed" && exit 1; }
scratch=$(mktemp -d -p "${1:-/tmp}") || exit 1
trap 'rm -rf "$scratch"' EXIT
budget=${ADVISE_TIME:-30} sink=sum threads=2 failed=0
gen() { build/dbnbench gen "$@" || exit 1; }

ways=("-b mmap" "-b buffered" "-b mmap -t $threads" "-b buffered -t $threads --split $((8 * threads))")

echo "making three folders" >&2
mkdir "$scratch"/{plain,one,mixed}
for i in {1..8}; do gen --schema trades --records $((1500000 + 300000 * i)) --seed "$i" -o "$scratch/plain/$i.dbn"; done
for i in {1..6}; do gen --schema mbo --records 1500000 --seed "$i" --zstd 3 -o "$scratch/one/$i.dbn.zst"; done
for i in {1..40}; do
    gen --schema mbp-1 --records $((20000 + 5000 * i)) --seed "$i" --zstd 1 --frames 12 -o "$scratch/mixed/a$i.zst"
    gen --schema trades --records $((40000 * (i % 5 + 1))) --seed "$i" -o "$scratch/mixed/b$i.dbn"
    gen --schema mbo --records $((i % 4 * 20000 + 1000)) --seed "$i" --zstd 3 -o "$scratch/mixed/c$i.zst"
done

# took NAME OPTION...: one more line of microseconds of one decode, and nothing but that, in the file of this name.
took()
{
    local begun=${EPOCHREALTIME/./}
    build/dbnbench decode -s $sink "${@:2}" "$folder"/* >>"$scratch/found" || exit 1
    echo $((${EPOCHREALTIME/./} - begun)) >>"$scratch/$1"
}
median() { sort -n "$scratch/$1" | sed -n 3p; }

for folder in "$scratch"/{plain,one,mixed}; do
    cat "$folder"/* >/dev/null
    build/dbnbench advise --json -t $threads -s $sink --time "$budget" "$folder" >"$scratch/advice" || exit 1
    best=$(jq -r '.best' "$scratch/advice")
    rm -f "$scratch"/took-* "$scratch/found"
    for _ in {1..5}; do
        for i in "${!ways[@]}"; do
            # shellcheck disable=SC2086 # several words are meant
            took "took-$i" ${ways[i]}
            [ "${ways[i]}" != "$best" ] || cp "$scratch/took-$i" "$scratch/took-best"
        done
        # shellcheck disable=SC2086
        [[ " ${ways[*]/%/,} " == *" $best, "* ]] || took took-best $best
    done
    [ "$(sed 's/, [0-9]* shards.*//' "$scratch/found" | sort -u | wc -l)" -eq 1 ] || { echo "results differ" && exit 1; }
    echo "${folder##*/}: $(du -sh "$folder" | cut -f 1), whole: $(jq .whole "$scratch/advice")," \
        "sample: $(jq '.sampled_bytes / 1e6 | floor' "$scratch/advice") MB"
    fastest=$(median took-best)
    for i in "${!ways[@]}"; do
        us=$(median "took-$i")
        [ "$us" -ge "$fastest" ] || fastest=$us
        jq -r --arg way "${ways[i]}" --argjson s "$us" '.ways[] | select(.way == $way and .sink == "'$sink'") |
            .seconds | ($s / 1e6) as $s | (([.high - .median, .median - .low] | max) / .median) as $width |
            (.median / $s - 1) as $off |
            [if ($width <= 0.25 and .low <= $s and $s <= .high) or ($off | fabs) <= 0.15 then "ok  " else "FAIL" end,
             $way, "foretold", (.median, .low, .high | . * 10000 | round / 10000), "took", $s,
             "off by", ($off * 1000 | round / 10), "%"] | map(tostring) | join(" ")' "$scratch/advice" |
            tee "$scratch/line"
        grep -q '^ok' "$scratch/line" || failed=1
    done
    over=$((($(median took-best) - fastest) * 1000 / fastest))
    verdict='ok  '
    [ $over -le 50 ] || { verdict=FAIL && failed=1; }
    echo "$verdict recommended: $best, $((over / 10)).$((over % 10)) % over the fastest;" \
        "cold: $(jq -r '.no_cold // "measured"' "$scratch/advice")"
done
exit $failed
