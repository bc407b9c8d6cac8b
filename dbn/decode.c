/* The driver: source to sink. Spans go on as they are lent; only a record that a span's end cuts is copied. */
#include "dbn.h"
#include "refill.h"

#include <errno.h>

void dbn_decoder_init(struct dbn_decoder *d, struct dbn_source source, enum dbn_step step)
{
    *d = (struct dbn_decoder){.source = source, .step = step};
}

int dbn_refill(struct dbn_decoder *d, size_t need)
{
    if (d->span.len)
        return 1;
    int rc = d->source.next(d->source.self, need, &d->span);
    if (rc <= 0) {
        d->fault = rc < 0 ? d->span.offset : d->offset;
        d->span.len = 0;
    } else {
        d->offset = d->span.offset;
    }
    return rc;
}

void dbn_advance(struct dbn_decoder *d, size_t n)
{
    d->span.ptr += n;
    d->span.len -= n;
    d->span.offset += n;
    d->offset += n;
}

static int fail(struct dbn_decoder *d, int code, uint64_t at)
{
    d->fault = at;
    return code;
}

/* Where a naive reader is within a record: it has read up to `field` of `layout`. */
struct cursor {
    const struct dbn_layout *layout;
    size_t field;
};

/* Up to which byte the record in carry should be completed by the next read: the end of the next field, of the header,
 * or of the record. */
static size_t read_target(const struct dbn_decoder *d, struct cursor *at)
{
    size_t have = d->carried;
    if (have == 0)
        return d->step == DBN_STEP_FIELD ? 2 : d->step == DBN_STEP_RECORD ? DBN_HEADER_SIZE : 1;
    size_t size = dbn_record_size(d->carry);
    if (d->step == DBN_STEP_BLOCK)
        return size;
    if (d->step == DBN_STEP_RECORD)
        return have < DBN_HEADER_SIZE ? DBN_HEADER_SIZE : size;
    if (have < DBN_HEADER_SIZE)
        return have < 2 ? 2 : have < 4 ? 4 : have < 8 ? 8 : DBN_HEADER_SIZE;
    if (have == DBN_HEADER_SIZE)
        *at = (struct cursor){dbn_layout_of(d->carry[1], size), 0};
    while (at->layout && at->field < at->layout->fields) {
        const struct dbn_field *f = &at->layout->field[at->field];
        if (have < (size_t)f->offset + f->size)
            return (size_t)f->offset + f->size;
        at->field++;
    }
    return size;
}

DBN_INLINE int join(struct dbn_decoder *d, struct dbn_sink sink)
{
    struct cursor at = {0};
    uint64_t begin = d->offset;
    d->carried = 0;
    for (;;) {
        size_t missing = read_target(d, &at) - d->carried;
        int rc = dbn_refill(d, missing);
        if (rc < 0)
            return rc;
        if (rc == 0)
            return d->carried ? fail(d, DBN_E_TRUNCATED_RECORD, begin) : 0;
        if (d->carried == 0)
            begin = d->offset;
        size_t n = missing < d->span.len ? missing : d->span.len;
        memcpy(d->carry + d->carried, d->span.ptr, n);
        d->carried += n;
        d->joined += n;
        dbn_advance(d, n);
        size_t size = dbn_record_size(d->carry);
        if (size < DBN_HEADER_SIZE)
            return fail(d, DBN_E_BAD_RECORD_LENGTH, begin);
        if (d->carried == size) {
            size_t taken = sink.take(sink.self, d->carry, size, begin);
            return taken == size ? 1 : fail(d, taken == DBN_NO_MEMORY ? -ENOMEM : DBN_E_SINK_FAILED, begin);
        }
    }
}

int dbn_join(struct dbn_decoder *d, struct dbn_sink sink)
{
    return join(d, sink);
}

int dbn_decode(struct dbn_decoder *d, struct dbn_sink sink)
{
    int rc;
    do {
        if (d->step == DBN_STEP_BLOCK && d->span.len) {
            size_t taken = sink.take(sink.self, d->span.ptr, d->span.len, d->offset);
            if (taken == DBN_NO_MEMORY)
                return fail(d, -ENOMEM, d->offset);
            dbn_advance(d, taken);
        }
        rc = d->step != DBN_STEP_BLOCK || d->span.len ? join(d, sink) : dbn_refill(d, 1);
    } while (rc > 0);
    return rc;
}
