/* Materialising as columns, a struct of arrays for each kind of record. What is found in the columns is added up a
 * block at a time, right after it was filled. All memory is freed at the end, which is part of the work. */
#include "../../dbn/walk.h"
#include "columns.h"
#include "sink_piece.h"

#include <errno.h>
#include <stdlib.h>

enum { PIECE = 256 << 10 };

struct sink_columns {
    struct columns *columns;
    struct tally tally;
    const uint8_t *end; /* of the piece */
    uint64_t keep, kept;
    bool failed; /* memory ran out */
};

static int columns_begin(const struct sink *sink, const struct sink_plan *plan, void **self)
{
    struct sink_columns *s = calloc(1, sizeof *s);
    if (!s || !(s->columns = columns_new(sink->way ? sink->way : columns_best()))) {
        free(s);
        return -ENOMEM;
    }
    s->keep = plan->keep ? plan->keep : SINK_KEEP;
    *self = s;
    return 0;
}

DBN_INLINE void columns_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    struct sink_columns *s = state;
    (void)size;
    s->failed = s->failed || !columns_keep(s->columns, p, s->end, 1, offset);
}

DBN_INLINE const uint8_t *columns_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    struct sink_columns *s = state;
    const uint8_t *run_end = dbn_run_end(p, end);
    size_t n = (size_t)(run_end - p) / dbn_record_size(p);
    s->failed = s->failed || !columns_keep(s->columns, p, end, n, offset);
    return run_end;
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct sink_columns *s = self;
    if (s->kept > s->keep) {
        columns_clear(s->columns);
        s->kept = 0;
    }
    s->end = p + n;
    size_t taken = s->failed ? 0 : dbn_take(s, p, n, offset, &s->tally.records, columns_one, columns_run);
    s->tally.bytes += taken;
    s->kept += taken;
    return s->failed ? 0 : taken;
}

static size_t columns_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, PIECE, take_piece);
}

static uint64_t columns_copied(const void *self)
{
    return ((const struct sink_columns *)self)->tally.bytes;
}

static void columns_end(void *self, struct tally *t)
{
    struct sink_columns *s = self;
    columns_clear(s->columns);
    *t = s->tally;
    t->digest = columns_digest(s->columns);
    columns_free(s->columns);
    free(s);
}

const struct sink sink_columns = {
    .name = "columns",
    .summary = "keep all records as columns, an array for each field, by vector instructions",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_columns,
    .begin = columns_begin,
    .take = columns_take,
    .end = columns_end,
    .copied = columns_copied,
};

const struct sink sink_columns_scalar = {
    .name = "columns-scalar",
    .summary = "the same columns, a value at a time",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_columns,
    .way = &columns_scalar,
    .begin = columns_begin,
    .take = columns_take,
    .end = columns_end,
    .copied = columns_copied,
};
