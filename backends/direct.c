/* read(2) past the page cache where the file can be read so, by a thread that runs ahead. */
#include "extent.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEFAULT_BLOCK = 1 << 20 };

struct direct {
    struct file file;
    struct ring ring;
    size_t block;
    uint64_t begin;  /* of the first extent */
    uint8_t *memory; /* for the blocks of the ring, which come back in the order in which they were lent */
    struct block *held;
};

static void fill(struct direct *d, struct extent *e)
{
    uint8_t *to;
    size_t n;
    uint64_t offset;
    ssize_t got;
    do {
        extent_ask(e, &d->file, &to, &n, &offset);
        d->file.counts.reads++;
        got = pread(d->file.fd, to, n, (off_t)offset);
    } while (extent_answer(e, &d->file, got < 0 ? -errno : got));
}

static void *reader_main(void *arg)
{
    struct direct *d = arg;
    struct extent e = {.error = 0};
    struct dbn_span span;
    struct block *b;
    uint64_t at = d->begin;
    for (size_t i = 0; !e.error && at < d->file.end && (b = ring_take_unused(&d->ring)) != NULL; i++) {
        e.memory = d->memory + i % RING_BLOCKS * d->block;
        extent_begin(&e, &d->file, at, d->block);
        at += e.len;
        fill(d, &e);
        if (extent_lend(&e, &d->file, &span) > 0) {
            b->ptr = span.ptr;
            b->len = span.len;
            b->offset = span.offset;
            ring_publish(&d->ring, b);
        } else {
            free(b);
        }
    }
    ring_end(&d->ring, e.error, d->file.pos);
    return NULL;
}

static int start(struct direct *d, const struct backend_input *in)
{
    uint64_t blocks = extent_divide(&d->file, in->block ? in->block : DEFAULT_BLOCK, &d->begin, &d->block);
    d->memory = extent_memory(d->block * (blocks < RING_BLOCKS ? blocks : RING_BLOCKS));
    return d->memory ? ring_open(&d->ring, 0, reader_main, d) : -ENOMEM;
}

static int direct_open(const struct backend_input *in, void **self)
{
    struct direct *d = calloc(1, sizeof *d);
    int rc = d ? file_open(&d->file, in) : -ENOMEM;
    if (rc == 0) {
        file_set_direct(&d->file, true);
        rc = start(d, in);
        if (rc)
            file_close(&d->file, NULL);
    }
    if (rc) {
        free(d ? d->memory : NULL);
        free(d);
    } else {
        *self = d;
    }
    return rc;
}

static int direct_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct direct *d = self;
    d->held = ring_exchange(&d->ring, d->held);
    *out = d->held ? (struct dbn_span){d->held->ptr, d->held->len, d->held->offset}
                   : (struct dbn_span){.offset = d->ring.fault};
    return d->held ? 1 : d->ring.outcome;
}

static int direct_close(void *self, struct backend_counts *counts)
{
    struct direct *d = self;
    if (d->held)
        ring_give_back(&d->ring, d->held);
    ring_close(&d->ring);
    int rc = file_close(&d->file, counts);
    free(d->memory);
    free(d);
    return rc;
}

const struct backend backend_direct = {
    .name = "direct",
    .summary = "a thread reads ahead, past the page cache: blocks of 1 MiB (--block SIZE)",
    .block = DEFAULT_BLOCK,
    .own_threads = 1,
    .direct = true,
    .open = direct_open,
    .next = direct_next,
    .close = direct_close,
};
