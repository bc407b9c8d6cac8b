/* Materialising: what `fields` does, and every record kept as a row, a typed struct in memory. The sinks differ in
 * where that memory comes from. All of it is freed at the end, which is part of the work. */
#include "../../dbn/walk.h"
#include "digest.h"
#include "row_memory.h"
#include "sink.h"

#include <stdlib.h>

extern const struct sink sink_fields;

struct rows {
    void *fields; /* the sink of that name */
    uint64_t keep, kept, digest;
    struct sink_facts facts;
    struct row_memory memory;
};

static int rows_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct rows *r = self;
    const enum row_memory_kind *kind = sink->way;
    r->keep = plan->keep;
    row_memory_begin(&r->memory, *kind, plan, &r->facts);
    return sink_begin(&sink_fields, plan, &r->fields);
}

/* A single record, of 16 bytes or more: a call of memcpy() for a length unknown until then would cost more. */
DBN_INLINE void copy_row(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i + 16 <= size; i += 16)
        memcpy(to + i, from + i, 16);
    memcpy(to + size - 16, from + size - 16, 16);
}

/* Keeps n bytes of records of one kind. The digest is of what then stands in the rows. */
static bool keep_run(struct rows *r, const uint8_t *p, size_t n)
{
    size_t size = dbn_record_size(p);
    for (size_t got; n > 0; p += got, n -= got) {
        uint8_t *row = row_memory_room(&r->memory, p, n, &got, &r->facts.copied);
        if (!row)
            return false;
        if (got == size)
            copy_row(row, p, got);
        else
            memcpy(row, p, got);
        r->facts.copied += got;
        for (size_t i = 0; i < got; i += size)
            r->digest += dbn_load_u64(row + i + 8);
    }
    return true;
}

/* n bytes of whole records, found valid before. */
static bool keep(struct rows *r, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    if (r->kept + n > r->keep) {
        row_memory_clear(&r->memory);
        r->kept = 0;
    }
    while (p < end) {
        const uint8_t *begin = p;
        size_t size = dbn_record_size(p);
        uint16_t kind = dbn_kind(p);
        do
            p += size;
        while (p < end && dbn_kind(p) == kind);
        if (!keep_run(r, begin, (size_t)(p - begin)))
            return false;
    }
    r->kept += n;
    return true;
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct rows *r = self;
    size_t taken = sink_fields.take(r->fields, p, n, offset);
    return keep(r, p, taken) ? taken : DBN_NO_MEMORY;
}

static size_t rows_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, SINK_PIECE, take_piece);
}

static struct sink_facts rows_facts(const void *self)
{
    const struct rows *r = self;
    struct sink_facts facts = r->facts;
    facts.mapped = r->memory.arena.mapped;
    facts.on_huge_pages = r->memory.arena.got_huge;
    return facts;
}

static void rows_end(void *self, struct tally *t)
{
    struct rows *r = self;
    sink_fields.end(r->fields, t);
    t->digest += r->digest * DIGEST_OFFSET;
    row_memory_clear(&r->memory);
    free(r);
}

#define ROWS(id, name_of_it, how, memory, why_not)                                                                     \
    const struct sink sink_##id = {                                                                                    \
        .name = name_of_it,                                                                                            \
        .summary = how,                                                                                                \
        .looks = SINK_LOOKS_AT_RECORDS,                                                                                \
        .expect = expect_rows,                                                                                         \
        .way = &(const enum row_memory_kind){memory},                                                                  \
        .unavailable = why_not,                                                                                        \
        .size = sizeof(struct rows),                                                                                   \
        .begin = rows_begin,                                                                                           \
        .take = rows_take,                                                                                             \
        .end = rows_end,                                                                                               \
        .facts = rows_facts,                                                                                           \
        .keeps = true,                                                                                                 \
    };
ROWS(rows, "rows", "what fields does, and keep every record as a struct in memory", ROWS_GROW, NULL)
ROWS(rows_exact, "rows-exact", "rows in memory that is taken once, after counting them", ROWS_EXACT, NULL)
ROWS(rows_arena, "rows-arena", "rows in large chunks that are never moved", ROWS_ARENA, NULL)
ROWS(rows_huge, "rows-huge", "rows-arena on huge pages", ROWS_HUGE, arena_no_huge_pages)
