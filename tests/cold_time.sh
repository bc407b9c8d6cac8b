#!/usr/bin/env bash
# How fast a cold file is read, beside what fio gets from it: medians of decodes as processes, in alternation. Fails unless
# uring comes to 0.95 of fio or more, with at most half of buffered's CPU time. No test asserts a time, so this is no part
# of `make test`. Takes 4 s a round on a disk of 1 GB/s.
#
#   tests/cold_time.sh [ROUNDS [FILE]]     9 rounds and 384 MB of trades unless told otherwise; needs fio
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-9} file=${2:-} dbnbench=build/dbnbench
command -v fio >/dev/null || { echo "needs fio (Debian: fio)" >&2 && exit 5; }
scratch=$(mktemp -d build/cold_time.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
[ -n "$file" ] || { file=$scratch/trades.dbn && $dbnbench gen --schema trades --records 8000000 -o "$file"; }
size=$(stat -c %s "$file")
ways=(buffered "buffered --advise dontcache" mmap "mmap --advise readahead" direct uring)
TIMEFORMAT='%R %U %S'

# GB/s and CPU ns a byte, of fio while it reads; of a decode as a process.
one()
{
    $dbnbench decode --drop-cache "$file"
    if [ "$1" = fio ]; then
        fio --name=cold --filename="$file" --readonly --direct=1 --rw=read --bs=1M --iodepth=32 --ioengine=io_uring \
            --output-format=terse --terse-version=3 | awk -F ';' '{ print $7 * 1024 / 1e9, "-" }'
    else
        # shellcheck disable=SC2086 # several words are meant
        { time $dbnbench decode -s sum -b $1 "$file" >"$scratch/found"; } 2>"$scratch/time" || return
        awk -v size="$size" '{ print size / $1 / 1e9, ($2 + $3) * 1e9 / size }' "$scratch/time"
    fi
}

for ((round = 0; round < rounds; round++)); do
    for way in fio "${ways[@]}"; do
        if found=$(one "$way"); then echo "$round|$way|${found/ /|}"; else echo "$way: $(tail -n 1 "$scratch/time")" >&2; fi
    done
done >"$scratch/all"

# Medians, and medians of ratios of one round.
awk -F '|' '
function median(list, a, n, i, j, kept) {
    n = split(list, a, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { kept = a[j]; a[j] = a[j - 1]; a[j - 1] = kept }
    return n == 0 ? "n/a" : sprintf("%.3g", n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2)
}
{ rate[$1, $2] = $3; cpu[$1, $2] = $4; if (!seen[$2]++) way[++ways] = $2; if ($1 >= rounds) rounds = $1 + 1 }
END {
    printf "%-28s %8s %8s %10s %12s\n", "cold", "GB/s", "of fio", "CPU ns/B", "of buffered"
    for (w = 1; w <= ways; w++) {
        rates = of_fio = cpus = of_buffered = ""
        for (r = 0; r < rounds; r++) {
            if (!((r, way[w]) in rate)) continue
            rates = rates " " rate[r, way[w]]
            of_fio = of_fio " " rate[r, way[w]] / rate[r, "fio"]
            if (way[w] == "fio") continue
            cpus = cpus " " cpu[r, way[w]]
            of_buffered = of_buffered " " cpu[r, way[w]] / cpu[r, "buffered"]
        }
        printf "%-28s %8s %8s %10s %12s\n", way[w], median(rates), median(of_fio), median(cpus), median(of_buffered)
        if (way[w] == "uring") bad = !(median(of_fio) >= 0.95 && median(of_buffered) <= 0.5)
    }
    exit bad
}' "$scratch/all"
