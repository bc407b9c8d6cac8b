/* The records of some instruments or publishers, or of a time. Each is tested in the same few steps, whatever is asked
 * for, and in a run the only branch is whether one of four matches. */
#include "../../dbn/walk.h"
#include "digest.h"
#include "filter.h"
#include "sink.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 256, PUBLISHERS = 1 << 16 };

struct matched {
    uint64_t records, digest;
};

/* What is asked for, as it is looked up. */
struct test {
    uint32_t factor;          /* makes of an instrument that is asked for a place of its own */
    uint64_t all_instruments; /* 1: every one is let through, else 0 */
    uint64_t from, span;      /* of ts_event: from ... from + span */
    uint32_t instrument[PLACES];
    uint64_t publisher[PUBLISHERS / 64];
};

struct filter_sink {
    struct tally walked;
    struct matched matched;
    struct test test;
};

DBN_INLINE size_t place_of(uint32_t factor, uint32_t instrument)
{
    return instrument * factor >> 24;
}
_Static_assert(PLACES == 1 << (32 - 24), "a place for each of the highest bits");

/* False: two of them have the same place. A place of none holds an instrument whose place is another one. */
static bool set_places(struct test *t, const struct filter *f)
{
    for (size_t i = 0; i < PLACES; i++)
        t->instrument[i] = f->instrument[0];
    for (size_t i = 0; i < f->instruments; i++) {
        uint32_t *place = &t->instrument[place_of(t->factor, f->instrument[i])];
        if (*place != f->instrument[0] && *place != f->instrument[i])
            return false;
        *place = f->instrument[i];
    }
    return t->instrument[place_of(t->factor, f->instrument[0])] == f->instrument[0];
}

/* Whichever two instruments they are, they share a place with odds of 2 to PLACES at most: a good factor is soon found.
 */
static int filter_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    static const struct filter all;
    const struct filter *f = sink->way ? sink->way : &all;
    struct test *t = &((struct filter_sink *)self)->test;
    (void)plan;
    t->all_instruments = f->instruments == 0;
    t->from = f->timed ? f->from : 0;
    t->span = f->timed ? f->to - 1 - f->from : UINT64_MAX;
    for (size_t i = 0; i < f->publishers; i++)
        t->publisher[f->publisher[i] / 64] |= UINT64_C(1) << f->publisher[i] % 64;
    if (f->publishers == 0)
        memset(t->publisher, 0xFF, sizeof t->publisher);
    for (t->factor = 0x9E3779B1; !set_places(t, f);)
        t->factor = t->factor * 5 + 2; /* stays odd */
    return 0;
}

struct state {
    const struct test *test;
    struct matched matched;
};

/* 1 or 0. */
DBN_INLINE uint64_t matches(const struct test *t, const uint8_t *p)
{
    uint64_t head = dbn_load_u64(p);
    uint32_t instrument = (uint32_t)(head >> 32), publisher = (uint16_t)(head >> 16);
    uint64_t match = t->instrument[place_of(t->factor, instrument)] == instrument;
    match = (match | t->all_instruments) & t->publisher[publisher / 64] >> publisher % 64;
    return match & (dbn_load_u64(p + 8) - t->from <= t->span);
}

DBN_INLINE void add(struct matched *m, uint64_t match, const uint8_t *p, uint64_t offset)
{
    m->records += match;
    m->digest += digest_head(dbn_load_u64(p), dbn_load_u64(p + 8), offset) & -match;
}

DBN_INLINE void filter_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    struct state *s = state;
    (void)size;
    add(&s->matched, matches(s->test, p), p, offset);
}

DBN_INLINE const uint8_t *filter_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    const uint8_t *last = end - size;
    struct state s = *(struct state *)state;
    for (; dbn_run_has_four(p, last, kind, size); p += 4 * size, offset += 4 * size) {
        uint64_t match[4];
        for (size_t i = 0; i < 4; i++) {
            match[i] = matches(s.test, p + i * size);
        }
        if ((match[0] | match[1] | match[2] | match[3]) == 0)
            continue;
        for (size_t i = 0; i < 4; i++)
            add(&s.matched, match[i], p + i * size, offset + i * size);
    }
    for (; dbn_run_goes_on(p, last, kind); p += size, offset += size)
        filter_one(&s, p, size, offset);
    *(struct state *)state = s;
    return p;
}

static size_t filter_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct filter_sink *f = self;
    struct state s = {&f->test, f->matched};
    size_t taken = dbn_take(&s, p, n, offset, &f->walked.records, filter_one, filter_run);
    f->walked.bytes += taken;
    f->matched = s.matched;
    return taken;
}

static struct sink_facts filter_facts(const void *self)
{
    return (struct sink_facts){.filters = true, .matched = ((const struct filter_sink *)self)->matched.records};
}

static void filter_end(void *self, struct tally *t)
{
    struct filter_sink *f = self;
    *t = f->walked;
    t->digest = f->matched.digest;
    free(f);
}

const struct sink sink_filter = {
    .name = "filter",
    .summary = "find records: filter:instrument=7:publisher=1:from=2024-01-02:to=2024-01-03T12:00, or some of it",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_filter,
    .parse = filter_parse,
    .size = sizeof(struct filter_sink),
    .begin = filter_begin,
    .take = filter_take,
    .end = filter_end,
    .facts = filter_facts,
};
