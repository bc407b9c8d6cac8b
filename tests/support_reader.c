#include "support_reader.h"

#include <inttypes.h>

struct taking {
    const struct sink *sink;
    void *self;
    uint64_t offset;
};

static void take(struct taking *t, const uint8_t *p, size_t n)
{
    CHECK_EQ_U64(t->sink->take(t->self, p, n, t->offset), n);
    t->offset += n;
}

static void check_layout(const uint8_t *p, size_t size, int layout)
{
    const struct dbn_layout *expected = dbn_layout_of(p[1], size);
    CHECK_EQ_U64(dbn_record_size(p), size);
    CHECK_EQ_I64(layout, expected ? expected - dbn_layout : -1);
}

static int take_run(struct dbn_reader *r, struct taking *t)
{
    struct dbn_records run;
    int rc = dbn_reader_next_run(r, &run);
    if (rc <= 0)
        return rc;
    CHECK_EQ_U64(run.offset, t->offset);
    CHECK(run.first < run.end && (size_t)(run.end - run.first) % run.size == 0);
    for (const uint8_t *p = run.first; p < run.end; p += run.size) {
        check_layout(p, run.size, run.layout);
        CHECK_EQ_U64(dbn_kind(p), dbn_kind(run.first));
    }
    take(t, run.first, (size_t)(run.end - run.first));
    return rc;
}

static int take_record(struct dbn_reader *r, struct taking *t)
{
    const struct dbn_record *record;
    int rc = dbn_reader_next(r, &record);
    if (rc <= 0)
        return rc;
    check_layout(record->p, record->size, record->layout);
    take(t, record->p, record->size);
    return rc;
}

/* Where the message says that it is. */
static uint64_t fault(const struct dbn_reader *r)
{
    const char *at = strstr(dbn_reader_message(r), "at byte ");
    return at ? strtoull(at + strlen("at byte "), NULL, 10) : 0;
}

struct ending read_rest(struct dbn_reader *r, int opened, enum reading reading, const struct sink *sink)
{
    struct taking t = {.sink = sink, .offset = dbn_reader_metadata(r)->first_record_offset};
    struct ending e = {0};
    int rc = opened < 0 ? opened : 1;
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &t.self), 0);
    for (unsigned turn = 0; rc > 0; turn++)
        rc = reading == READ_RUNS || (reading == READ_BOTH && turn % 3 == 2) ? take_run(r, &t) : take_record(r, &t);
    sink->end(t.self, &e.tally);
    CHECK_EQ_I64(take_run(r, &t), rc);
    CHECK_EQ_I64(take_record(r, &t), rc);
    CHECK_EQ_U64(*dbn_reader_message(r) != '\0', rc < 0);
    e.outcome = rc;
    e.fault = fault(r);
    CHECK_EQ_I64(dbn_reader_close(r), rc);
    return e;
}
