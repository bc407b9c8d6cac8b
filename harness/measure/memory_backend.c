/* The mapping, and the guard against files that shrink, are those of the mmap backend. */
#include "memory_backend.h"

#include <errno.h>
#include <stdlib.h>

extern const struct backend backend_mmap;

enum { DEFAULT_BLOCK = 64 << 10, LINE = 64 };

static int memory_open(const struct backend_input *in, void **self)
{
    struct backend_input populated = *in;
    populated.advice = ADVISE_POPULATE;
    return backend_mmap.open(&populated, self);
}

static int memory_next(void *self, size_t need, struct dbn_span *out)
{
    return backend_mmap.next(self, need, out);
}

static int memory_close(void *self, struct backend_counts *counts)
{
    return backend_mmap.close(self, counts);
}

struct pieces {
    void *mapping;
    struct dbn_span rest;
    size_t block;
    uint64_t touched; /* keeps compilers from leaving it out */
};

static int pieces_open(const struct backend_input *in, void **self)
{
    struct pieces *p = calloc(1, sizeof *p);
    int rc = p ? memory_open(in, &p->mapping) : -ENOMEM;
    if (rc) {
        free(p);
        return rc;
    }
    p->block = in->block ? in->block : DEFAULT_BLOCK;
    *self = p;
    return 0;
}

static int pieces_next(void *self, size_t need, struct dbn_span *out)
{
    struct pieces *p = self;
    int rc = p->rest.len ? 1 : memory_next(p->mapping, need, &p->rest);
    *out = p->rest;
    if (rc != 1) {
        p->rest.len = 0;
        return rc;
    }
    out->len = need < p->rest.len ? need : p->rest.len;
    p->rest = (struct dbn_span){out->ptr + out->len, p->rest.len - out->len, out->offset + out->len};
    return 1;
}

static int pieces_close(void *self, struct backend_counts *counts)
{
    struct pieces *p = self;
    int rc = memory_close(p->mapping, counts);
    free(p);
    return rc;
}

/* Copying to a buffer would be more like a read(2), but cannot be subtracted: it was seen to take longer where nobody
 * looks at the copy. */
static int cached_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct pieces *p = self;
    int rc = pieces_next(p, p->block, out);
    for (size_t i = 0; rc == 1 && i < out->len; i += LINE)
        p->touched += out->ptr[i];
    return rc;
}

const struct backend memory_backend = {
    .name = "memory",
    .summary = "the file in memory, in one piece",
    .mapped = true,
    .open = memory_open,
    .next = memory_next,
    .close = memory_close,
};

const struct backend memory_backend_cached = {
    .name = "memory-cached",
    .summary = "the file in memory, a block at a time in the cache",
    .block = DEFAULT_BLOCK,
    .mapped = true,
    .open = pieces_open,
    .next = cached_next,
    .close = pieces_close,
};

static const struct backend by_field = {
    .name = "memory-fields",
    .summary = "the file in memory, a field at a time",
    .step = DBN_STEP_FIELD,
    .mapped = true,
    .open = pieces_open,
    .next = pieces_next,
    .close = pieces_close,
};

static const struct backend by_record = {
    .name = "memory-records",
    .summary = "the file in memory, a record in two pieces",
    .step = DBN_STEP_RECORD,
    .mapped = true,
    .open = pieces_open,
    .next = pieces_next,
    .close = pieces_close,
};

const struct backend *memory_backend_stepped(enum dbn_step step)
{
    return step == DBN_STEP_FIELD ? &by_field : step == DBN_STEP_RECORD ? &by_record : NULL;
}
