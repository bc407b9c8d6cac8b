/* Bytes in memory, copied by a thread of their own to blocks that are handed over in a ring: what a consumer of another
 * core's blocks meets, without system calls. */
#include "memory_backend.h"

#include "../../backends/ring.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum { DEFAULT_BLOCK = 128 << 10 };

struct handed {
    void *bytes; /* of memory_backend */
    size_t block;
    struct ring ring;
    pthread_t thread;
    struct block *held;
};

static int copy_blocks(struct handed *h)
{
    struct dbn_span span;
    int rc;
    while ((rc = memory_backend.next(h->bytes, 1, &span)) > 0) {
        for (size_t at = 0; at < span.len;) {
            struct block *b = ring_take_unused(&h->ring);
            if (!b)
                return 0;
            b->len = span.len - at < h->block ? span.len - at : h->block;
            b->ptr = memcpy(b->data, span.ptr + at, b->len);
            b->offset = span.offset + at;
            at += b->len;
            ring_publish(&h->ring, b);
        }
    }
    return rc;
}

static void *producer_main(void *arg)
{
    struct handed *h = arg;
    ring_end(&h->ring, copy_blocks(h), 0);
    return NULL;
}

static int start_thread(struct handed *h)
{
    sigset_t all, before; /* signals are the main thread's business */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&h->thread, NULL, producer_main, h);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

static int start(struct handed *h)
{
    int rc = ring_open(&h->ring, h->block);
    if (rc)
        return rc;
    rc = ring_grow(&h->ring); /* the block that is held */
    if (rc == 0)
        rc = start_thread(h);
    if (rc)
        ring_close(&h->ring);
    return rc;
}

static int handed_open(const struct backend_input *in, void **self)
{
    struct handed *h = calloc(1, sizeof *h);
    int rc = h ? memory_backend.open(in, &h->bytes) : -ENOMEM;
    if (rc == 0) {
        h->block = in->block ? in->block : DEFAULT_BLOCK;
        rc = start(h);
        if (rc)
            memory_backend.close(h->bytes, NULL);
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
    ring_cancel(&h->ring);
    pthread_join(h->thread, NULL);
    if (h->held)
        ring_give_back(&h->ring, h->held);
    ring_close(&h->ring);
    int rc = memory_backend.close(h->bytes, counts);
    free(h);
    return rc;
}

const struct backend memory_backend_handed = {
    .name = "memory-handed",
    .summary = "the file in memory, in blocks from another thread",
    .block = DEFAULT_BLOCK,
    .own_threads = 1,
    .open = handed_open,
    .next = handed_next,
    .close = handed_close,
};
