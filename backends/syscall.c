/* The naive readers: no buffer, so each piece that the decoder asks for is one read(2). `syscall` is asked field by
 * field, `syscall-record` for the header and then for the rest of the record. */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

struct reader {
    struct file file;
    uint8_t piece[64 << 10]; /* metadata is asked for in larger pieces than records are */
};

static int reader_open(const struct backend_input *in, void **self)
{
    struct reader *r = malloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    int rc = file_open(&r->file, in);
    if (rc)
        free(r);
    else
        *self = r;
    return rc;
}

static int reader_next(void *self, size_t need, struct dbn_span *out)
{
    struct reader *r = self;
    *out = (struct dbn_span){.ptr = r->piece, .offset = r->file.pos};
    int64_t got = file_read(&r->file, r->piece, need < sizeof r->piece ? need : sizeof r->piece);
    if (got <= 0)
        return (int)got;
    out->len = (size_t)got;
    return 1;
}

static int reader_close(void *self, struct backend_counts *counts)
{
    struct reader *r = self;
    int rc = file_close(&r->file, counts);
    free(r);
    return rc;
}

const struct backend backend_syscall = {
    .name = "syscall",
    .summary = "one read(2) per field, no buffer: the naive baseline",
    .step = DBN_STEP_FIELD,
    .limit = "read_16_ns",
    .streams = true,
    .open = reader_open,
    .next = reader_next,
    .close = reader_close,
};

const struct backend backend_syscall_record = {
    .name = "syscall-record",
    .summary = "two read(2) per record: the header, then the rest",
    .step = DBN_STEP_RECORD,
    .limit = "read_16_ns",
    .streams = true,
    .open = reader_open,
    .next = reader_next,
    .close = reader_close,
};
