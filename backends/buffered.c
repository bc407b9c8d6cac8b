/* read(2) into one buffer, 64 KiB at a time unless told otherwise. */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

enum { DEFAULT_BLOCK = 64 << 10, PAGE = 4096 };

struct buffered {
    struct file file;
    size_t block;
    uint8_t *buffer;
};

static int buffered_open(const struct backend_input *in, void **self)
{
    struct buffered *b = calloc(1, sizeof *b);
    if (!b)
        return -ENOMEM;
    b->block = in->block ? in->block : DEFAULT_BLOCK;
    b->buffer = aligned_alloc(PAGE, (b->block + PAGE - 1) / PAGE * PAGE);
    int rc = b->buffer ? file_open(&b->file, in) : -ENOMEM;
    if (rc) {
        free(b->buffer);
        free(b);
        return rc;
    }
    *self = b;
    return 0;
}

static int buffered_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct buffered *b = self;
    *out = (struct dbn_span){.ptr = b->buffer, .offset = b->file.pos};
    int64_t got = file_read(&b->file, b->buffer, b->block);
    if (got <= 0)
        return (int)got;
    out->len = (size_t)got;
    return 1;
}

static int buffered_close(void *self, struct backend_counts *counts)
{
    struct buffered *b = self;
    int rc = file_close(&b->file, counts);
    free(b->buffer);
    free(b);
    return rc;
}

const struct backend backend_buffered = {
    .name = "buffered",
    .summary = "read(2) of 64 KiB blocks (--block SIZE)",
    .block = DEFAULT_BLOCK,
    .limit = BACKEND_COPY,
    .streams = true,
    .open = buffered_open,
    .next = buffered_next,
    .close = buffered_close,
};
