#!/usr/bin/env bash
# How long `verify` takes for 10 million trades, 480 MB that are in the page cache: under 10 s on an idle machine of two
# cores, else it fails. No test asserts a time, so this is no part of `make test`.
set -u
cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d -p "${1:-/tmp}") || exit 1
trap 'rm -rf "$scratch"' EXIT
build/dbnbench gen --schema trades --records 10000000 -o "$scratch/t.dbn" || exit 1
begun=${EPOCHREALTIME/./} TIMEFORMAT='%R s, with %U s of CPU time in the program and %S s in the kernel'
time build/dbnbench verify "$scratch/t.dbn" || exit 1
[ $((${EPOCHREALTIME/./} - begun)) -lt 10000000 ]
