/* Sinks that look for no records: what moving the bytes costs, what loading them once costs on top, and what keeping
 * them does. */
#include "arena.h"
#include "sink.h"

#include <stdlib.h>

static void end(void *self, struct tally *t)
{
    *t = *(struct tally *)self;
    free(self);
}

static size_t none_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)p, (void)offset;
    struct tally *t = self;
    t->bytes += n;
    return n;
}

const struct sink sink_none = {
    .name = "none",
    .summary = "nothing: the backend's bytes only",
    .looks = SINK_LOOKS_AWAY,
    .expect = expect_none,
    .size = sizeof(struct tally),
    .take = none_take,
    .end = end,
};

enum { LINE = 64, WORD = 8 };

/* The bytes of p that belong to touched words, in their place within the word: so a word that a span's end cuts in two
 * adds up to the same. */
static uint64_t touch_pieces(const uint8_t *p, size_t n, uint64_t offset)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        if ((offset + i) % LINE < WORD)
            sum += (uint64_t)p[i] << 8 * ((offset + i) % LINE);
    return sum;
}

static size_t touch_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct tally *t = self;
    size_t ahead = (size_t)(-offset % LINE); /* to the first whole line */
    ahead = ahead < n ? ahead : n;
    uint64_t sum = touch_pieces(p, ahead, offset);
    size_t i = ahead;
    for (; n - i >= LINE; i += LINE)
        sum += dbn_load_u64(p + i);
    sum += touch_pieces(p + i, n - i, offset + i);
    t->bytes += n;
    t->digest += sum;
    return n;
}

const struct sink sink_touch = {
    .name = "touch",
    .summary = "one 8-byte load per cache line, no framing: the reading limit",
    .looks = SINK_LOOKS_AT_BYTES,
    .expect = expect_touch,
    .size = sizeof(struct tally),
    .take = touch_take,
    .end = end,
};

/* The least that keeping records can be, with which sinks that keep them are compared. The digest is that of `touch`,
 * taken from the copy while it is in the cache. */
struct copy {
    struct tally touched;
    struct arena arena;
    uint64_t keep, kept;
};

extern const struct sink sink_copy_huge;

static int copy_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct copy *c = self;
    c->keep = plan->keep;
    c->arena.huge = sink == &sink_copy_huge;
    return 0;
}

static size_t copy_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct copy *c = self;
    if (c->kept + n > c->keep) {
        arena_clear(&c->arena);
        c->kept = 0;
    }
    uint8_t *to = arena_take(&c->arena, n, 1);
    if (!to)
        return DBN_NO_MEMORY;
    memcpy(to, p, n);
    c->kept += n;
    return touch_take(&c->touched, to, n, offset);
}

static size_t copy_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, SINK_PIECE, copy_piece);
}

static struct sink_facts copy_facts(const void *self)
{
    const struct copy *c = self;
    return (struct sink_facts){
        .copied = c->touched.bytes, .mapped = c->arena.mapped, .on_huge_pages = c->arena.got_huge};
}

static void copy_end(void *self, struct tally *t)
{
    arena_clear(&((struct copy *)self)->arena);
    *t = ((struct copy *)self)->touched;
    free(self);
}

#define COPY(id, name_of_it, how, why_not)                                                                             \
    const struct sink sink_##id = {                                                                                    \
        .name = name_of_it,                                                                                            \
        .summary = how,                                                                                                \
        .looks = SINK_LOOKS_AT_BYTES,                                                                                  \
        .expect = expect_touch,                                                                                        \
        .unavailable = why_not,                                                                                        \
        .size = sizeof(struct copy),                                                                                   \
        .begin = copy_begin,                                                                                           \
        .take = copy_take,                                                                                             \
        .end = copy_end,                                                                                               \
        .facts = copy_facts,                                                                                           \
        .keeps = true,                                                                                                 \
    };
COPY(copy, "copy", "copy the bytes as they are to fresh memory: the limit of keeping them", NULL)
COPY(copy_huge, "copy-huge", "copy to fresh memory on huge pages", arena_no_huge_pages)
