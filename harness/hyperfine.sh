#!/bin/sh
# External timing of whole processes: hyperfine times `dbnbench decode` with every backend, warm and cold, and
# its figures are compared with those of a run over the same file. `make hyperfine` calls this.
#
#   harness/hyperfine.sh DBNBENCH FILE [SINK [BACKEND,BACKEND... [SAMPLES]]]
#
# Leaves results/hyperfine-TIME-warm.jsonl (the run), ...-warm.json (hyperfine's times),
# and the same of the cold file.
set -eu
dbnbench=$1 file=$2 sink=${3:-sum} backends=${4:-} samples=${5:-}

# Without a shell hyperfine splits a command like one, so what is between single quotes stays as it is.
quote()
{
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

if [ -z "$backends" ]; then
    backends=$("$dbnbench" list backends | sed '/\[unavailable: /d; s/^ *\([^ ]*\).*/\1/' | paste -sd , -)
fi

measure() # CACHE OPTION...: those of hyperfine
{
    cache=$1 out=results/hyperfine-$stamp-$1 cold=
    shift
    [ "$cache" = warm ] || cold=--cold
    "$dbnbench" run -b "$backends" -s "$sink" ${samples:+--samples "$samples"} $cold \
        -o "$out.jsonl" -- "$file"
    for backend in $(echo "$backends" | tr , ' '); do
        set -- "$@" "--command-name=${file##*/}/$backend/$sink/threads:1${cold:+/cold}" \
            "$(quote "$dbnbench") decode -b $backend -s $sink -- $(quote "$file")"
    done
    # 7 are the fewest from which a ratio of two runs has an interval.
    if [ -n "$samples" ]; then set -- --runs "$samples" "$@"; else set -- --min-runs 7 "$@"; fi
    hyperfine -N --export-json "$out.json" "$@"
    "$dbnbench" compare "$out.jsonl" "$out.json"
}

mkdir -p results
stamp=$(date -u +%Y%m%dT%H%M%SZ)-$$
measure warm --warmup 1
if "$dbnbench" decode --drop-cache -- "$file"; then
    measure cold --prepare "$(quote "$dbnbench") decode --drop-cache -- $(quote "$file")"
else
    echo "cold: n/a, the file cannot be dropped from the page cache (the reason is above)"
fi
