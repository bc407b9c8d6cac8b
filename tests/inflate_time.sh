#!/usr/bin/env bash
# How fast the backend `inflate` is with 2 threads, beside libzstd on one: files of one frame, 95 MB inflated, in the page
# cache. Three minutes on 2 idle cores. No test asserts a time, so this is no part of `make test`.
#
# Wall and CPU time are medians of ratios within the rounds of one run. "entropy" is our first stage on one thread as a
# ratio to libzstd's, by the shortest of 15 decodes each. libzstd does both stages at once: its first one is taken to be its
# whole time less that of our second.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d -p "${1:-/tmp}")
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/stages.c" <<'END'
#include "inflate/execute.h"
#define ZSTD_STATIC_LINKING_ONLY
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zstd.h>

static uint8_t *file, out[8 << 20];
static size_t size;
static struct block block;
static struct block_tables tables;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void own(double seconds[2])
{
    struct walk walk;
    struct block_claim claim;
    struct walk_place place;
    struct execution e;
    size_t at = 0;
    walk_begin(&walk, file, size, 22);
    while (walk_next(&walk, &claim, &place) > 0) {
        if (at > sizeof out / 2) {
            memmove(out, out + at - claim.window, claim.window);
            at = claim.window;
        }
        place.has_checksum = false;
        double begun = now();
        if (!block_decode(&block, &claim, &tables))
            abort();
        double decoded = now();
        if (!execute(&e, &claim, &place, &block, out + at))
            abort();
        seconds[0] += decoded - begun;
        seconds[1] += now() - decoded;
        at += block.size;
    }
}

static double libzstd(void)
{
    ZSTD_DCtx *c = ZSTD_createDCtx();
    ZSTD_inBuffer in = {file, size, 0};
    ZSTD_DCtx_setParameter(c, ZSTD_d_forceIgnoreChecksum, ZSTD_d_ignoreChecksum);
    double begun = now();
    for (size_t left = 1; left != 0;) {
        ZSTD_outBuffer to = {out, 128 << 10, 0};
        left = ZSTD_decompressStream(c, &to, &in);
        if (ZSTD_isError(left))
            abort();
    }
    double done = now();
    ZSTD_freeDCtx(c);
    return done - begun;
}

int main(int argc, char **argv)
{
    double best[3] = {1e9, 1e9, 1e9};
    FILE *f = fopen(argv[argc - 1], "rb");
    fseek(f, 0, SEEK_END);
    size = (size_t)ftell(f);
    rewind(f);
    file = malloc(size);
    if (fread(file, 1, size, f) != size)
        return 1;
    for (int i = 0; i < 15; i++) {
        double took[3] = {0};
        own(took);
        took[2] = libzstd();
        for (int k = 0; k < 3; k++)
            best[k] = took[k] < best[k] ? took[k] : best[k];
    }
    printf("%.2f", best[0] / (best[2] - best[1]));
    return 0;
}
END
cc -O2 -D_GNU_SOURCE -I. -o "$scratch/stages" "$scratch/stages.c" build/inflate/*.o build/dbn/zstd_frames.o -lzstd

printf '%-10s %13s %13s %13s %8s\n' 'data set' 'none: faster' 'sum: faster' 'none: CPU' entropy
for spec in trades:2000000 mbo:1700000 mixed:1500000 ohlcv-1s:1700000 mbp-10:260000; do
    name=${spec%:*} file=$scratch/${spec%:*}.zst
    build/dbnbench gen --schema "$name" --records "${spec#*:}" --zstd 3 -o "$file"
    build/dbnbench run -b buffered,inflate -t 1,2 -s none,sum --no-limits --samples 15 -o "$scratch/run" "$file" >/dev/null
    # ratio SINK READING: of buffered to inflate with 2 threads
    ratio()
    {
        jq -rs --arg sink "$1" --arg reading "$2" '[.[] | select(.type == "sample" and .sink == $sink)]
            | group_by(.round) | map((map(select(.backend == "buffered"))[0][$reading]) as $one
                | (map(select(.backend == "inflate" and .threads == 2))[0][$reading]) as $two | $one / $two)
            | sort | .[length / 2 | floor] * 100 | round / 100' "$scratch/run"
    }
    cpu=$(ratio none cpu_ns)
    printf '%-10s %13s %13s %12s%% %8s\n' "$name" "$(ratio none wall_ns)" "$(ratio sum wall_ns)" \
        "$(jq -n "1 / $cpu * 100 - 100 | round")" "$("$scratch/stages" "$file")"
    rm "$file" "$scratch/run"
done
