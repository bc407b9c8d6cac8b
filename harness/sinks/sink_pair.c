/* Two sinks on the same records: what a program does that keeps both the records and their texts. They take turns on
 * pieces that stay in the cache, so the second finds there what the first one loaded. */
#include "sink_piece.h"

#include <errno.h>
#include <stdlib.h>

extern const struct sink sink_rows, sink_rows_exact, sink_rows_arena, sink_columns, sink_columns_scalar;
extern const struct sink sink_strings, sink_strings_copy;

struct pair {
    const struct sink *a, *b;
    void *of_a, *of_b;
};

static int pair_begin(const struct sink_plan *plan, void **self, const struct sink *a, const struct sink *b)
{
    struct pair *s = malloc(sizeof *s);
    struct tally ignored;
    if (!s)
        return -ENOMEM;
    *s = (struct pair){.a = a, .b = b};
    int rc = a->begin(plan, &s->of_a);
    if (rc) {
        free(s);
        return rc;
    }
    rc = b->begin(plan, &s->of_b);
    if (rc) {
        a->end(s->of_a, &ignored);
        free(s);
        return rc;
    }
    *self = s;
    return 0;
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct pair *s = self;
    size_t taken = s->a->take(s->of_a, p, n, offset);
    return s->b->take(s->of_b, p, taken, offset);
}

static size_t pair_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, 4 * SINK_PIECE, take_piece);
}

static uint64_t pair_copied(const void *self)
{
    const struct pair *s = self;
    return (s->a->copied ? s->a->copied(s->of_a) : 0) + (s->b->copied ? s->b->copied(s->of_b) : 0);
}

static struct sink_facts pair_facts(const void *self)
{
    const struct pair *s = self;
    struct sink_facts facts = s->b->facts(s->of_b);
    if (s->a->facts) {
        struct sink_facts of_a = s->a->facts(s->of_a);
        sink_facts_add(&facts, &of_a);
    }
    return facts;
}

static void pair_end(void *self, struct tally *t)
{
    struct pair *s = self;
    struct tally of_b;
    s->a->end(s->of_a, t);
    s->b->end(s->of_b, &of_b);
    t->digest += of_b.digest;
    free(s);
}

#define PAIR(id, name_of_it, how, first, second)                                                                       \
    static int id##_begin(const struct sink_plan *plan, void **self)                                                   \
    {                                                                                                                  \
        return pair_begin(plan, self, &first, &second);                                                                \
    }                                                                                                                  \
    const struct sink sink_##id = {                                                                                    \
        .name = name_of_it,                                                                                            \
        .summary = how,                                                                                                \
        .begin = id##_begin,                                                                                           \
        .take = pair_take,                                                                                             \
        .end = pair_end,                                                                                               \
        .copied = pair_copied,                                                                                         \
        .facts = pair_facts,                                                                                           \
    };
PAIR(rows_and_copies, "rows+strings-copy", "rows, and strings-copy", sink_rows, sink_strings_copy)
PAIR(rows_exact_and_copies, "rows-exact+strings-copy", "rows-exact, and strings-copy", sink_rows_exact,
     sink_strings_copy)
PAIR(rows_exact_and_strings, "rows-exact+strings", "rows-exact, and strings", sink_rows_exact, sink_strings)
PAIR(rows_arena_and_strings, "rows-arena+strings", "rows-arena, and strings", sink_rows_arena, sink_strings)
PAIR(columns_and_strings, "columns+strings", "columns, and strings", sink_columns, sink_strings)
PAIR(columns_scalar_and_strings, "columns-scalar+strings", "columns-scalar, and strings", sink_columns_scalar,
     sink_strings)
