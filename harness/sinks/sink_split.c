/* How many records there are of each instrument or day, and how many bytes: what has to be known of each record to put
 * it where it belongs. */
#include "../../dbn/walk.h"
#include "keys.h"
#include "sink.h"

#include <stdlib.h>

enum { FIRST_PLACES = 256 };

struct split {
    struct tally tally;
    struct keys keys;
    uint64_t keep;       /* bytes of the table */
    bool failed;         /* memory ran out, and what follows goes */
    struct keyed nobody; /* here */
};

struct keyed *keys_add(struct keys *k, uint32_t key)
{
    if (k->taken * 2 >= k->places) {
        struct keys more = {.places = k->places ? k->places * 2 : FIRST_PLACES, .taken = k->taken};
        more.place = calloc(more.places, sizeof *more.place);
        if (!more.place)
            return NULL;
        for (size_t i = 0; i < k->places; i++)
            if (k->place[i].number)
                *keys_place(&more, k->place[i].key) = k->place[i];
        free(k->place);
        *k = more;
    }
    struct keyed *at = keys_place(k, key);
    *at = (struct keyed){.key = key, .number = (uint32_t)++k->taken};
    return at;
}

/* What is in the table is found first. */
static void clear(struct split *s)
{
    for (size_t i = 0; i < s->keys.places; i++) {
        const struct keyed *at = &s->keys.place[i];
        s->tally.digest += digest_key(at->key) * (at->records + at->bytes * DIGEST_OFFSET);
    }
    free(s->keys.place);
    s->keys = (struct keys){0};
}

DBN_INLINE void count(struct split *s, uint32_t key, size_t size)
{
    struct keyed *at = keys_find(&s->keys, key);
    if (!at) {
        at = &s->nobody;
        s->failed = true;
    }
    at->records++;
    at->bytes += size;
}

#define SPLIT(by)                                                                                                      \
    DBN_INLINE void one_##by(void *state, const uint8_t *p, size_t size, uint64_t offset)                              \
    {                                                                                                                  \
        (void)offset;                                                                                                  \
        count(state, key_##by(p), size);                                                                               \
    }                                                                                                                  \
    DBN_INLINE const uint8_t *run_##by(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)             \
    {                                                                                                                  \
        size_t size = dbn_record_size(p);                                                                              \
        uint16_t kind = dbn_kind(p);                                                                                   \
        const uint8_t *last = end - size;                                                                              \
        (void)offset;                                                                                                  \
        for (; dbn_run_goes_on(p, last, kind); p += size)                                                              \
            count(state, key_##by(p), size);                                                                           \
        return p;                                                                                                      \
    }                                                                                                                  \
    static size_t piece_##by(void *self, const uint8_t *p, size_t n, uint64_t offset)                                  \
    {                                                                                                                  \
        struct split *s = self;                                                                                        \
        if (s->keys.places * sizeof *s->keys.place > s->keep)                                                          \
            clear(s);                                                                                                  \
        size_t taken = dbn_take(s, p, n, offset, &s->tally.records, one_##by, run_##by);                               \
        s->tally.bytes += taken;                                                                                       \
        return s->failed ? DBN_NO_MEMORY : taken;                                                                      \
    }                                                                                                                  \
    static size_t take_##by(void *self, const uint8_t *p, size_t n, uint64_t offset)                                   \
    {                                                                                                                  \
        return sink_take_pieces(self, p, n, offset, 4 * SINK_PIECE, piece_##by);                                       \
    }
SPLIT(instrument)
SPLIT(day)

static int split_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    (void)sink;
    ((struct split *)self)->keep = plan->keep;
    return 0;
}

static void split_end(void *self, struct tally *t)
{
    struct split *s = self;
    clear(s);
    *t = s->tally;
    free(s);
}

const struct sink sink_split = {
    .name = "split",
    .summary = "count records and bytes of each instrument",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_split,
    .size = sizeof(struct split),
    .begin = split_begin,
    .take = take_instrument,
    .end = split_end,
};

const struct sink sink_split_days = {
    .name = "split-days",
    .summary = "count records and bytes of each day of ts_event, in UTC",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_split_days,
    .size = sizeof(struct split),
    .begin = split_begin,
    .take = take_day,
    .end = split_end,
};
