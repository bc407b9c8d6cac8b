/* The least that keeping records can be: their bytes copied as they are into fresh memory, without looking for any.
 * Sinks that keep records are compared with it. The digest is that of `touch`, taken from the copy while it is in the
 * cache. */
#include "arena.h"
#include "sink.h"

#include <stdlib.h>

extern const struct sink sink_touch;

struct copy {
    struct arena arena;
    uint64_t keep, kept;
    struct sink_facts facts;
    void *touch;
};

static int begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct copy *c = self;
    (void)sink;
    c->keep = plan->keep;
    return sink_begin(&sink_touch, plan, &c->touch);
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
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
    c->facts.copied += n;
    return sink_touch.take(c->touch, to, n, offset);
}

static size_t take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, SINK_PIECE, take_piece);
}

static struct sink_facts facts(const void *self)
{
    return ((const struct copy *)self)->facts;
}

static void end(void *self, struct tally *t)
{
    struct copy *c = self;
    sink_touch.end(c->touch, t);
    arena_clear(&c->arena);
    free(c);
}

const struct sink sink_copy = {
    .name = "copy",
    .summary = "copy the bytes as they are to fresh memory: the limit of keeping them",
    .looks = SINK_LOOKS_AT_BYTES,
    .expect = expect_touch,
    .size = sizeof(struct copy),
    .begin = begin,
    .take = take,
    .end = end,
    .facts = facts,
};
