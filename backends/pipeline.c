/* Producer and consumers: one thread reads, inflates if need be, and cuts what it got into blocks of whole records; any
 * number of consumers work on them. A block's offset says where it belongs, so the order can be restored. */
#include "../dbn/inflate.h"
#include "cut.h"
#include "file.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>

enum {
    DEFAULT_BLOCK = 128 << 10,
    HEADROOM = (DBN_MAX_RECORD + 63) / 64 * 64, /* before each block, for a record begun in the one before */
};

struct pipeline {
    struct file file;
    struct dbn_zstd *zstd;
    bool compressed, fragment;
    uint8_t *input; /* compressed bytes, DBN_ZSTD_IN of them */
    size_t room;    /* in a block, behind the headroom */
    struct ring ring;
};

struct consumer {
    struct pipeline *pipeline;
    struct block *held;
};

/* The producer's side. */

struct producer {
    struct pipeline *p;
    struct block *b;       /* being filled */
    uint64_t metadata_end; /* in the stream; UINT64_MAX while unknown */
    uint64_t offset;       /* in the stream, behind what has been filled in */
    size_t carried;
    uint8_t carry[HEADROOM];
};

/* One read, or one call of the inflater, into the block. As dbn_source.next. */
static int fill(struct pipeline *p, struct block *b, size_t *len, uint64_t *offset)
{
    if (p->compressed)
        return dbn_zstd_inflate(p->zstd, b->data + HEADROOM, len, offset);
    *offset = p->file.pos;
    int64_t got = file_read(&p->file, b->data + HEADROOM, p->room);
    *len = got > 0 ? (size_t)got : 0;
    return got > 0 ? 1 : (int)got;
}

/* Hands on the first n bytes of the block, and goes on with the rest in another one. */
static bool split(struct producer *w, size_t n)
{
    struct block *b = w->b, *rest = ring_take_unused(&w->p->ring);
    if (!rest)
        return false;
    rest->ptr = rest->data + HEADROOM;
    rest->len = b->len - n;
    rest->offset = b->offset + n;
    memcpy(rest->data + HEADROOM, b->ptr + n, rest->len);
    w->p->file.counts.copied += rest->len;
    b->len = n;
    w->b = rest;
    ring_publish(&w->p->ring, b);
    return true;
}

/* Cuts what is in the block and publishes it; what is not yet whole is carried over. False: there is no more to do. */
static bool cut(struct producer *w)
{
    if (w->metadata_end == UINT64_MAX && w->b->len >= 8)
        w->p->ring.waits_from = w->metadata_end = cut_metadata_end(w->b->ptr, w->p->fragment);
    bool valid = true;
    size_t n = 0;
    if (w->metadata_end != UINT64_MAX) {
        uint64_t begin = w->b->offset, stop = begin + w->b->len;
        if (begin < w->metadata_end && w->metadata_end < stop && !split(w, (size_t)(w->metadata_end - begin)))
            return false;
        n = stop <= w->metadata_end ? w->b->len : cut_whole_records(w->b->ptr, w->b->len, &valid);
    }
    w->carried = valid ? w->b->len - n : 0;
    memcpy(w->carry, w->b->ptr + n, w->carried);
    w->p->file.counts.copied += w->carried;
    w->b->len -= w->carried; /* an invalid record goes on: it is the consumer's decoder that names the error */
    if (w->b->len > 0) {
        ring_publish(&w->p->ring, w->b);
        w->b = NULL;
    }
    return valid;
}

/* The last block: a record, or metadata, cut off by the end or by an error. What it is, the consumer's decoder says. */
static void publish_carried(struct producer *w)
{
    if (!w->carried)
        return;
    w->b->ptr = memcpy(w->b->data, w->carry, w->carried);
    w->b->len = w->carried;
    w->b->offset = w->offset - w->carried;
    ring_publish(&w->p->ring, w->b);
    w->b = NULL;
}

static void produce(struct producer *w)
{
    struct pipeline *p = w->p;
    for (;;) {
        if (!w->b)
            w->b = ring_take_unused(&p->ring);
        if (!w->b)
            return ring_end(&p->ring, 0, 0);
        size_t len = 0;
        uint64_t offset;
        int rc = fill(p, w->b, &len, &offset);
        if (rc <= 0) {
            publish_carried(w);
            return ring_end(&p->ring, rc, offset);
        }
        w->b->ptr = w->b->data + HEADROOM - w->carried;
        w->b->len = len + w->carried;
        w->b->offset = offset - w->carried;
        w->offset = offset + len;
        memcpy(w->b->data + HEADROOM - w->carried, w->carry, w->carried);
        p->file.counts.copied += w->carried;
        if (!cut(w)) /* if nothing of it was whole, the block is filled again */
            return ring_end(&p->ring, 0, 0);
    }
}

static void *producer_main(void *arg)
{
    struct producer w = {.p = arg, .metadata_end = UINT64_MAX};
    produce(&w);
    free(w.b);
    return NULL;
}

/* The consumers' side. */

static int consumer_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct consumer *c = self;
    struct ring *ring = &c->pipeline->ring;
    c->held = ring_exchange(ring, c->held);
    *out = c->held ? (struct dbn_span){c->held->ptr, c->held->len, c->held->offset}
                   : (struct dbn_span){.offset = ring->fault};
    return c->held ? 1 : ring->outcome;
}

static int consumer_attach(void *self, void **consumer)
{
    struct consumer *c = malloc(sizeof *c);
    if (!c)
        return -ENOMEM;
    *c = (struct consumer){.pipeline = self};
    if (ring_grow(&c->pipeline->ring) < 0) {
        free(c);
        return -ENOMEM;
    }
    *consumer = c;
    return 0;
}

static void consumer_detach(void *consumer)
{
    struct consumer *c = consumer;
    if (c->held)
        ring_give_back(&c->pipeline->ring, c->held);
    free(c);
}

/* The compressed file, for the inflater. */
static int file_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct pipeline *p = self;
    *out = (struct dbn_span){.ptr = p->input, .offset = p->file.pos};
    int64_t got = file_fill(&p->file, p->input, DBN_ZSTD_IN);
    if (got <= 0)
        return (int)got;
    out->len = (size_t)got;
    return 1;
}

static int start_inflater(struct pipeline *p, unsigned window_log)
{
    uint64_t fault;
    p->room = DBN_ZSTD_OUT;
    p->input = malloc(DBN_ZSTD_IN);
    if (!p->input)
        return -ENOMEM;
    int rc = dbn_zstd_open((struct dbn_source){file_next, p}, window_log, &p->zstd);
    if (rc)
        return rc;
    rc = dbn_zstd_detect(p->zstd, DBN_ZSTD_IN, &fault);
    if (rc == 0)
        return DBN_E_FILE_CHANGED; /* since its first bytes were looked at */
    return rc < 0 ? rc : 0;
}

static void release(struct pipeline *p)
{
    dbn_zstd_close(p->zstd);
    free(p->input);
    free(p);
}

/* All but the file. */
static int start(struct pipeline *p, const struct backend_input *in)
{
    int compressed = file_is_compressed(&p->file);
    if (compressed < 0)
        return compressed;
    p->compressed = compressed;
    p->fragment = in->fragment;
    p->room = in->block ? in->block : DEFAULT_BLOCK;
    int rc = p->compressed ? start_inflater(p, in->window_log) : 0;
    if (rc == 0)
        rc = ring_open(&p->ring, HEADROOM + p->room, producer_main, p);
    return rc;
}

static int pipeline_open(const struct backend_input *in, void **self)
{
    struct pipeline *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    int rc = file_open(&p->file, in);
    if (rc == 0) {
        rc = start(p, in);
        if (rc)
            file_close(&p->file, NULL);
    }
    if (rc)
        release(p);
    else
        *self = p;
    return rc;
}

/* All consumers have been detached. */
static int pipeline_close(void *self, struct backend_counts *counts)
{
    struct pipeline *p = self;
    p->file.counts.wait_ns = p->ring.waited;
    ring_close(&p->ring);
    if (p->compressed) {
        struct dbn_zstd_stats zstd = dbn_zstd_stats(p->zstd);
        p->file.counts.copied += zstd.inflated + zstd.joined;
    }
    int rc = file_close(&p->file, counts);
    release(p);
    return rc;
}

const struct backend backend_pipeline = {
    .name = "pipeline",
    .summary = "a reader thread reads and inflates, consumers decode its blocks",
    .block = DEFAULT_BLOCK,
    .limit = BACKEND_COPY,
    .own_threads = 1,
    .attach = consumer_attach,
    .detach = consumer_detach,
    .open = pipeline_open,
    .next = consumer_next,
    .close = pipeline_close,
};
