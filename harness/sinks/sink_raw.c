/* Sinks that look for no records: what moving the bytes costs, and what loading them once costs on top. */
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
