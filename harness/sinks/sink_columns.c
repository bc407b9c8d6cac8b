/* Materialising as columns, a struct of arrays for each kind of record. What is found in the columns is added up a
 * block at a time, right after it was filled. All memory is freed at the end, which is part of the work. Of `batches`
 * only the last block of each kind is there: programs that work on columns batch by batch need no more. */
#include "../../dbn/tables.h"
#include "../../dbn/walk.h"
#include "arena.h"
#include "columns.h"
#include "digest.h"
#include "layouts.h"
#include "sink.h"

#include <stdlib.h>

enum {
    PIECE = 256 << 10,
    FIRST_ROWS = 8,
    BLOCK_BYTES = 256 << 10,
    COLUMNS_MAX = 96,
    SHORT_RUN = 16, /* of records, which vectors are not worth getting ready for */
};

/* Records of one kind. Their columns are kept in blocks, of which the last is being filled. */
struct table {
    struct table *next;
    uint16_t kind;
    size_t size, known; /* of a record; of its layout, behind which its rest begins */
    unsigned layout;
    size_t columns, row_bytes;
    bool has_texts;
    struct {
        uint16_t width;
        bool number;
    } column[COLUMNS_MAX];
    size_t rows, most; /* in all blocks; in one */
    /* The last block. */
    uint8_t *base;
    size_t room, filled; /* rows */
    bool run;            /* all of it came one behind the other in the stream, */
    uint64_t offset;     /* from here on; */
    uint64_t *weights;   /* else each row has its own, by which the order of all kinds can be found again */
};

struct columns {
    const struct columns_way *way;
    columns_sum *sum; /* the best or NULL, whatever the way is: looking is not what the ways are compared by */
    struct tally tally;
    const uint8_t *end; /* of the piece */
    uint64_t keep, kept;
    bool again;                        /* a block that is full is looked at and then used again */
    bool failed;                       /* memory ran out */
    struct table *first, *of[1 << 16]; /* all of them; by kind */
    struct arena arena;
};

/* --- kinds and their columns --- */

static void add_column(struct table *t, size_t width, bool number)
{
    t->column[t->columns].width = (uint16_t)width;
    t->column[t->columns++].number = number;
    t->has_texts |= !number;
    t->row_bytes += width;
}

static void set_columns(struct table *t)
{
    for (size_t i = 0; i < DBN_HEADER_FIELDS; i++)
        if (dbn_header_field[i].offset >= COLUMNS_HEADER)
            add_column(t, dbn_header_field[i].size, true);
    t->known = DBN_HEADER_SIZE;
    if (t->layout != LAYOUT_UNKNOWN) {
        const struct dbn_layout *l = &dbn_layout[t->layout - 1];
        for (size_t i = 0; i < l->fields; i++)
            if (l->field[i].type != DBN_TYPE_PAD)
                add_column(t, l->field[i].size, l->field[i].type != DBN_TYPE_TEXT);
        t->known = l->size;
    }
    if (t->size > t->known)
        add_column(t, t->size - t->known, false);
    for (t->most = COLUMNS_ROWS; t->most > 64 && t->most * t->row_bytes > BLOCK_BYTES;)
        t->most /= 2;
}

/* The table of records like the one at p. NULL if memory ran out. */
static struct table *table_for(struct columns *c, const uint8_t *p)
{
    uint16_t kind = dbn_kind(p);
    struct table *t = c->of[kind];
    if (t || !(t = calloc(1, sizeof *t)))
        return t;
    t->kind = kind;
    t->size = dbn_record_size(p);
    t->layout = layouts_at(p);
    set_columns(t);
    t->next = c->first;
    return c->first = c->of[kind] = t;
}

/* --- what is in a block --- */

static uint64_t weight(uint64_t offset)
{
    return 2 * offset + 1;
}

static void set_weights(struct table *t, size_t row, size_t n, uint64_t offset)
{
    for (size_t i = 0; i < n; i++)
        t->weights[row + i] = weight(offset + i * t->size);
}

/* Each value times the weight of its record, where these follow from each other in no regular way. */
DBN_INLINE uint64_t sum_weighed_of(const uint8_t *p, size_t width, size_t n, const uint64_t *weights)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t value = 0;
        memcpy(&value, p + i * width, width);
        sum += value * weights[i];
    }
    return sum;
}

static uint64_t sum_weighed(const uint8_t *p, size_t width, size_t n, const uint64_t *weights)
{
    return width == 1   ? sum_weighed_of(p, 1, n, weights)
           : width == 2 ? sum_weighed_of(p, 2, n, weights)
           : width == 4 ? sum_weighed_of(p, 4, n, weights)
                        : sum_weighed_of(p, 8, n, weights);
}

static uint64_t sum_texts(const uint8_t *p, size_t width, size_t n, const uint64_t *weights)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += digest_xxh3(p + i * width, width) * weights[i];
    return sum;
}

/* The same, where all records of the block stood one behind the other: without a multiplication for each. */
static uint64_t sum_run(const struct table *t, columns_sum *sum, const uint8_t *p, size_t width)
{
    struct columns_sums s = sum(p, width, t->filled);
    return weight(t->offset) * s.plain + 2 * t->size * s.by_place;
}

static void digest_block(struct columns *c, struct table *t)
{
    const uint8_t *base = t->base;
    uint64_t n = t->filled, weights = 0;
    bool run = t->run && c->sum;
    if (t->run && (!run || t->has_texts))
        set_weights(t, 0, n, t->offset);
    if (t->run)
        weights = n * weight(t->offset) + t->size * (n * (n - 1));
    else
        for (size_t i = 0; i < n; i++)
            weights += t->weights[i];
    for (size_t k = 0; k < t->columns; k++) {
        size_t width = t->column[k].width;
        uint64_t sum = !t->column[k].number ? sum_texts(base, width, n, t->weights)
                       : run                ? sum_run(t, c->sum, base, width)
                                            : sum_weighed(base, width, n, t->weights);
        c->tally.digest += sum * digest_column(k);
        base += t->room * width + COLUMNS_GAP;
    }
    c->tally.digest += t->kind * DIGEST_FINAL * weights;
}

/* --- keeping records --- */

/* What is full is gone over while it is still in a cache. */
static bool add_block(struct columns *c, struct table *t, uint64_t offset)
{
    if (t->filled)
        digest_block(c, t);
    bool grown = t->room == t->most;
    t->filled = 0;
    t->run = true;
    t->offset = offset;
    if (c->again && grown)
        return true;
    t->room = t->rows < FIRST_ROWS ? FIRST_ROWS : t->rows < t->most ? t->rows : t->most;
    t->weights = arena_take(&c->arena, t->room * sizeof *t->weights, _Alignof(uint64_t));
    t->base = arena_take(&c->arena, t->room * t->row_bytes + t->columns * COLUMNS_GAP, ARENA_ALIGN);
    return t->weights && t->base;
}

/* Where the n rows that come next stand in the stream. */
static void place_rows(struct table *t, size_t n, uint64_t offset)
{
    if (t->run && offset == t->offset + t->filled * t->size)
        return;
    if (t->run)
        set_weights(t, 0, t->filled, t->offset);
    t->run = false;
    set_weights(t, t->filled, n, offset);
}

static void copy_rest(const struct table *t, const uint8_t *p, size_t n)
{
    size_t width = t->column[t->columns - 1].width;
    uint8_t *to = t->base + t->room * (t->row_bytes - width) + (t->columns - 1) * COLUMNS_GAP + t->filled * width;
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * width, p + i * t->size + t->known, width);
}

/* Keeps n records of one kind that stand one behind the other at p. False if memory ran out. */
static bool keep(struct columns *c, const uint8_t *p, const uint8_t *end, size_t n, uint64_t offset)
{
    struct table *t = table_for(c, p);
    if (!t)
        return false;
    while (n > 0) {
        if (t->filled == t->room && !add_block(c, t, offset))
            return false;
        size_t fit = t->room - t->filled < n ? t->room - t->filled : n;
        const struct columns_way *way = fit < SHORT_RUN ? &columns_scalar : c->way;
        if (way->tile && fit > way->tile / t->size)
            fit = way->tile / t->size;
        place_rows(t, fit, offset);
        way->fill[t->layout](p, end, fit, t->size, t->base, t->room, t->filled);
        if (t->size > t->known)
            copy_rest(t, p, fit);
        t->filled += fit;
        t->rows += fit;
        p += fit * t->size;
        offset += fit * t->size;
        n -= fit;
    }
    return true;
}

/* What is in blocks is found first. */
static void clear(struct columns *c)
{
    for (struct table *t = c->first; t; t = t->next) {
        if (t->filled)
            digest_block(c, t);
        t->room = t->filled = t->rows = 0;
    }
    arena_rewind(&c->arena);
}

/* --- the sinks --- */

extern const struct sink sink_batches;

static int columns_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct columns *c = self;
    c->way = sink->way ? sink->way : columns_best();
    c->sum = columns_best()->sum;
    c->keep = plan->keep;
    c->again = sink == &sink_batches;
    c->arena.huge = true;
    return 0;
}

DBN_INLINE void columns_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    struct columns *c = state;
    (void)size;
    c->failed = c->failed || !keep(c, p, c->end, 1, offset);
}

DBN_INLINE const uint8_t *columns_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    struct columns *c = state;
    const uint8_t *run_end = dbn_run_end(p, end);
    size_t n = (size_t)(run_end - p) / dbn_record_size(p);
    c->failed = c->failed || !keep(c, p, end, n, offset);
    return run_end;
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct columns *c = self;
    if (c->kept > c->keep) {
        clear(c);
        c->kept = 0;
    }
    c->end = p + n;
    size_t taken = dbn_take(c, p, n, offset, &c->tally.records, columns_one, columns_run);
    c->tally.bytes += taken;
    c->kept += taken;
    return c->failed ? DBN_NO_MEMORY : taken;
}

static size_t columns_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, PIECE, take_piece);
}

static struct sink_facts columns_facts(const void *self)
{
    const struct columns *c = self;
    return (struct sink_facts){.copied = c->tally.bytes, .mapped = c->arena.mapped, .on_huge_pages = c->arena.got_huge};
}

static void columns_end(void *self, struct tally *tally)
{
    struct columns *c = self;
    clear(c);
    arena_clear(&c->arena);
    for (struct table *t = c->first, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    *tally = c->tally;
    free(c);
}

#define COLUMNS(id, name_of_it, how, best_or)                                                                          \
    const struct sink sink_##id = {                                                                                    \
        .name = name_of_it,                                                                                            \
        .summary = how,                                                                                                \
        .looks = SINK_LOOKS_AT_RECORDS,                                                                                \
        .expect = expect_columns,                                                                                      \
        .way = best_or,                                                                                                \
        .size = sizeof(struct columns),                                                                                \
        .begin = columns_begin,                                                                                        \
        .take = columns_take,                                                                                          \
        .end = columns_end,                                                                                            \
        .facts = columns_facts,                                                                                        \
        .keeps = true,                                                                                                 \
    };
COLUMNS(columns, "columns", "keep all records as columns, an array for each field, by vector instructions", NULL)
COLUMNS(batches, "batches", "columns of up to 4096 records, each added up and then overwritten by the next", NULL)
COLUMNS(columns_scalar, "columns-scalar", "the same columns, a value at a time", &columns_scalar)
