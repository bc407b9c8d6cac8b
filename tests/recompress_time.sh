#!/usr/bin/env bash
# How much faster 2 threads decode a file after `recompress` than one thread decodes it in one frame: at least 1.25 times
# on 2 idle cores, by medians of 9 interleaved decodes, else it fails. No test asserts a time, so this is no part of
# `make test`.
set -u
cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d -p "${1:-/tmp}") || exit 1
trap 'rm -rf "$scratch"' EXIT
build/dbnbench gen --schema trades --records 3000000 --zstd 3 -o "$scratch/one.zst" &&
    build/dbnbench recompress -o "$scratch/many.zst" "$scratch/one.zst" || exit 1

# decode FILE OPTION...: one more line of microseconds in the file of this name.
decode()
{
    local begun=${EPOCHREALTIME/./}
    build/dbnbench decode -b buffered -s fields "${@:2}" "$scratch/$1.zst" >"$scratch/found-$1" || exit 1
    echo $((${EPOCHREALTIME/./} - begun)) >>"$scratch/$1"
}
median() { sort -n "$scratch/$1" | sed -n 5p; }

for _ in {1..9}; do
    decode one
    decode many -t 2 --split 16
done
one=$(median one) many=$(median many)
echo "one frame: $one us; frames shared by 2 threads: $many us; $((one * 100 / many)) % as fast"
[ $((many * 125)) -le $((one * 100)) ]
