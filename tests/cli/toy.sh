#!/usr/bin/env bash
# Guards docs/architecture.md, "How to add": a backend and a sink are one file and one line each. (release only) (slow)
. "$(dirname "$0")/lib.sh"

# A way of reading as someone might write it who has read backends/backend.h and nothing else.
write_toy()
{
    cat >"$1" <<'END'
/* pread(2) of 1000 bytes at a time, as no other does. */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct toy {
    int fd;
    uint64_t pos, end;
    struct backend_counts counts;
    uint8_t block[1000];
};

static int toy_open(const struct backend_input *in, void **self)
{
    struct stat st;
    struct toy *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int rc = t->fd < 0 || fstat(t->fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = DBN_E_UNSUPPORTED_FILE;
    if (rc == 0) {
        t->pos = in->begin;
        t->end = in->end;
        t->counts.other = 2;
        *self = t;
        return 0;
    }
    if (t->fd >= 0)
        close(t->fd);
    free(t);
    return rc;
}

static int toy_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct toy *t = self;
    ssize_t n;
    uint64_t left = t->end - t->pos;
    do {
        n = pread(t->fd, t->block, left < sizeof t->block ? (size_t)left : sizeof t->block, (off_t)t->pos);
        t->counts.reads++;
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return n < 0 ? -errno : 0;
    *out = (struct dbn_span){.ptr = t->block, .len = (size_t)n, .offset = t->pos};
    t->pos += (uint64_t)n;
    t->counts.bytes_read += (uint64_t)n;
    return 1;
}

static int toy_close(void *self, struct backend_counts *counts)
{
    struct toy *t = self;
    if (counts)
        *counts = t->counts;
    close(t->fd);
    free(t);
    return 0;
}

const struct backend backend_toy = {
    .name = "toy",
    .summary = "pread(2) of 1000 bytes",
    .open = toy_open,
    .next = toy_next,
    .close = toy_close,
};
END
}

# A workload as someone might write it who has read harness/sinks/sink.h and dbn/walk.h: how many records are bids.
write_toy_sink()
{
    cat >"$1" <<'END'
/* Counts the records whose side is B. */
#include "../../dbn/walk.h"
#include "sink.h"

#include <stdlib.h>

static bool is_bid(const uint8_t *p, size_t size)
{
    return size > 29 && p[29] == 'B'; /* in trades */
}

static uint64_t bids_expect(const struct sink *self, const struct ref_record *r)
{
    (void)self;
    return r->size > 29 && r->p[29] == 'B';
}

static size_t bids_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct tally *t = self;
    const uint8_t *q = p, *end = p + n;
    (void)offset;
    for (size_t size; (size = dbn_walk(q, end)) != 0; q += size) {
        t->records++;
        t->digest += is_bid(q, size);
    }
    t->bytes += (uint64_t)(q - p);
    return (size_t)(q - p);
}

static void bids_end(void *self, struct tally *t)
{
    *t = *(struct tally *)self;
    free(self);
}

const struct sink sink_bids = {
    .name = "bids",
    .summary = "count bids",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = bids_expect,
    .size = sizeof(struct tally),
    .take = bids_take,
    .end = bids_end,
};
END
}

# expect_toy_sink PROGRAM: it is like any other sink, also in a pair.
expect_toy_sink()
{
    local bids
    run "$1" list sinks
    expect_status 0
    expect_equal "$(out | tail -n 1)" "  bids               count bids"
    run "$1" verify -s bids,bids+sum,rows+bids trades.dbn all.zst
    expect_status 0
    expect_equal "$(out | grep -c ': ok, 3000 records, ')" 2
    bids=$("$1" cat trades.dbn | grep -c '"side": "B"')
    [ "$bids" -gt 100 ] || fail "$bids bids"
    run "$1" decode -b mmap -s bids --json trades.dbn
    expect_out "\"digest\": \"$(printf %016x "$bids")\""
    run "$1" run --samples 2 -b mmap -s bids,bids+fields -o sinks.jsonl trades.dbn
    expect_status 0
    expect_equal "$(grep -c '"sink":"bids\(+fields\)\?".*"outcome":"ok"' sinks.jsonl)" 4
}

# expect_toy PROGRAM: it is like any other backend to every command.
expect_toy()
{
    local schema size
    run "$1" list backends
    expect_status 0
    expect_equal "$(out | tail -n 1)" "  toy                pread(2) of 1000 bytes"
    for schema in trades all; do
        "$1" gen --schema $schema --records 3000 -o $schema.dbn
        "$1" gen --schema $schema --records 3000 --zstd 1 --frames 3 -o $schema.zst
    done
    run "$1" verify trades.dbn all.dbn trades.zst all.zst
    expect_status 0
    expect_equal "$(out | grep -c ': ok, 3000 records, all of: .* toy agree$')" 4
    size=$(stat -c %s trades.dbn)
    run "$1" decode -b toy --json trades.dbn
    expect_status 0
    expect_out '"backend": "toy", .*"records": 3000, '
    expect_out "\"reads\": $((size / 1000 + 2)), \"bytes_read\": $size\}"
    run "$1" run --samples 2 -s sum -o results.jsonl trades.dbn
    expect_status 0
    run "$1" report --text results.jsonl
    expect_out '^toy +- +[0-9.]+ +[0-9.]+ '
    grep -q '"backend":"toy","sink":"sum".*"outcome":"ok"' results.jsonl || fail "no sample of the toy"
}

test_one_file_and_one_line()
{
    mkdir tree
    tar -C "$TOP" --exclude=./build --exclude=./.git --exclude=./datasets/data --exclude='./results/*.jsonl' -cf - . |
        tar -C tree -xf -
    write_toy tree/backends/toy.c
    echo 'BACKEND(toy)' >>tree/backends/list.h
    write_toy_sink tree/harness/sinks/sink_bids.c
    echo 'SINK(bids)' >>tree/harness/sinks/sinks.h
    make -C tree NO_INSTALL=1 CFLAGS=-O1 WERROR=1 >make.log 2>&1 || fail "$(grep -m 1 -i error make.log)"
    expect_toy tree/build/dbnbench
    expect_toy_sink tree/build/dbnbench
}

# EXTRA_BACKENDS does the same for a file that stays elsewhere, and changes nothing in the tree.
test_file_outside_the_tree()
{
    mkdir elsewhere out
    write_toy elsewhere/toy.c
    cp -a "$BUILD"/{flags,version,dbn,inflate,backends,datasets,harness} out
    make -C "$TOP" OUT="$PWD/out" EXTRA_BACKENDS="$PWD/elsewhere/toy.c" >make.log 2>&1 ||
        fail "$(grep -m 1 -i error make.log)"
    expect_toy out/dbnbench
    run "$DBNBENCH" list backends
    ! grep -q toy "$AROUND/out" || fail "the toy is in the build of the tree"
}

# docs/ci.md, "In your own CI": two revisions of one file, of which the newer one was written first.
test_two_revisions_in_a_gate()
{
    local arm size
    mkdir base head out
    write_toy base/toy.c
    sed 's/1000/4000/' base/toy.c >head/toy.c
    touch -d yesterday head/toy.c
    cp -a "$BUILD"/{flags,version,dbn,inflate,backends,datasets,harness} out
    for arm in base head; do
        make -C "$TOP" OUT="$PWD/out" EXTRA_BACKENDS="$PWD/$arm/toy.c" >make.log 2>&1 ||
            fail "$(grep -m 1 -i error make.log)"
        cp out/dbnbench $arm/arm
    done
    "$DBNBENCH" gen --schema trades --records 3000 -o trades.dbn
    size=$(stat -c %s trades.dbn)
    run head/arm gate --exact --no-instructions -b toy -f trades.dbn base/arm head/arm
    expect_status 1
    expect_out "read calls: $((size / 1000 + 2)) -> $((size / 4000 + 2))\$"
}

run_cases "$@"
