/* The mapping, and the guard against files that shrink, are those of the mmap backend. */
#include "memory_backend.h"

#include "../../backends/ring.h"

#include <errno.h>
#include <stdlib.h>

extern const struct backend backend_mmap;

enum { CACHED_BLOCK = 64 << 10, HANDED_BLOCK = 128 << 10, LINE = 64 };

struct memory {
    void *mapping;
    struct dbn_span rest;
    size_t block;
    uint64_t touched; /* keeps compilers from leaving it out */
};

static int memory_open(const struct backend_input *in, void **self)
{
    struct memory *m = calloc(1, sizeof *m);
    struct backend_input populated = *in;
    populated.advice = ADVISE_POPULATE;
    int rc = m ? backend_mmap.open(&populated, &m->mapping) : -ENOMEM;
    if (rc) {
        free(m);
        return rc;
    }
    m->block = in->block ? in->block : CACHED_BLOCK;
    *self = m;
    return 0;
}

static int pieces_next(void *self, size_t need, struct dbn_span *out)
{
    struct memory *m = self;
    int rc = m->rest.len ? 1 : backend_mmap.next(m->mapping, need, &m->rest);
    *out = m->rest;
    if (rc != 1) {
        m->rest.len = 0;
        return rc;
    }
    out->len = need < m->rest.len ? need : m->rest.len;
    m->rest = (struct dbn_span){out->ptr + out->len, m->rest.len - out->len, out->offset + out->len};
    return 1;
}

static int whole_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    return pieces_next(self, SIZE_MAX, out);
}

/* Copying to a buffer would be more like a read(2), but cannot be subtracted: it was seen to take longer where nobody
 * looks at the copy. */
static int cached_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct memory *m = self;
    int rc = pieces_next(m, m->block, out);
    for (size_t i = 0; rc == 1 && i < out->len; i += LINE)
        m->touched += out->ptr[i];
    return rc;
}

static int memory_close(void *self, struct backend_counts *counts)
{
    struct memory *m = self;
    int rc = backend_mmap.close(m->mapping, counts);
    free(m);
    return rc;
}

const struct backend memory_backend = {
    .name = "memory",
    .summary = "the file in memory, in one piece",
    .mapped = true,
    .open = memory_open,
    .next = whole_next,
    .close = memory_close,
};

const struct backend memory_backend_cached = {
    .name = "memory-cached",
    .summary = "the file in memory, a block at a time in the cache",
    .block = CACHED_BLOCK,
    .mapped = true,
    .open = memory_open,
    .next = cached_next,
    .close = memory_close,
};

static const struct backend by_field = {
    .name = "memory-fields",
    .summary = "the file in memory, a field at a time",
    .step = DBN_STEP_FIELD,
    .mapped = true,
    .open = memory_open,
    .next = pieces_next,
    .close = memory_close,
};

static const struct backend by_record = {
    .name = "memory-records",
    .summary = "the file in memory, a record in two pieces",
    .step = DBN_STEP_RECORD,
    .mapped = true,
    .open = memory_open,
    .next = pieces_next,
    .close = memory_close,
};

const struct backend *memory_backend_stepped(enum dbn_step step)
{
    return step == DBN_STEP_FIELD ? &by_field : step == DBN_STEP_RECORD ? &by_record : NULL;
}

/* --- handed over by another thread: what a consumer of its blocks meets, without system calls --- */

struct handed {
    void *memory;
    size_t block;
    struct ring ring;
    struct block *held;
};

static void *producer_main(void *arg)
{
    struct handed *h = arg;
    struct dbn_span span;
    struct block *b;
    int rc;
    while ((rc = pieces_next(h->memory, h->block, &span)) > 0 && (b = ring_take_unused(&h->ring)) != NULL) {
        b->ptr = memcpy(b->data, span.ptr, span.len);
        b->len = span.len;
        b->offset = span.offset;
        ring_publish(&h->ring, b);
    }
    ring_end(&h->ring, rc < 0 ? rc : 0, 0);
    return NULL;
}

/* The consumer holds no block while it waits, so the ring need not grow for it. */
static int handed_open(const struct backend_input *in, void **self)
{
    struct handed *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    h->block = in->block ? in->block : HANDED_BLOCK;
    int rc = memory_open(in, &h->memory);
    if (rc == 0) {
        rc = ring_open(&h->ring, h->block, producer_main, h);
        if (rc)
            memory_close(h->memory, NULL);
    }
    if (rc)
        free(h);
    else
        *self = h;
    return rc;
}

static int handed_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct handed *h = self;
    h->held = ring_exchange(&h->ring, h->held);
    *out = h->held ? (struct dbn_span){h->held->ptr, h->held->len, h->held->offset} : (struct dbn_span){0};
    return h->held ? 1 : h->ring.outcome;
}

static int handed_close(void *self, struct backend_counts *counts)
{
    struct handed *h = self;
    if (h->held)
        ring_give_back(&h->ring, h->held);
    ring_close(&h->ring);
    int rc = memory_close(h->memory, counts);
    free(h);
    return rc;
}

const struct backend memory_backend_handed = {
    .name = "memory-handed",
    .summary = "the file in memory, in blocks from another thread",
    .block = HANDED_BLOCK,
    .own_threads = 1,
    .open = handed_open,
    .next = handed_next,
    .close = handed_close,
};
