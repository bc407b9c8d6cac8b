/* A block is base, head, head, base or the other way round, at random: whatever drifts over a block hits both
 * alike. Of each arm's two processes the faster counts, since noise only adds. Cases take turns block by block. */
#include "gate.h"

#include "../machine/clock.h"
#include "../analysis/stats.h"

#include <math.h>
#include <stdio.h>

/* A fair draw below n. */
static uint64_t draw(struct gate *g, uint64_t n)
{
    return stats_random(&g->random) % n;
}

/* --- how much a process has to do: short enough for many of them, long enough that its start weighs little --- */

enum {
    PROCESS_NS = 25 * 1000000,
    DECODES_MAX = 100,
    PROBE = 5,                 /* decodes of the longer probe */
    RECORDS_EACH_CALLS = 1000, /* where every record takes calls: the tracer stops at each of them */
    LARGE = 128 << 20,         /* bytes of a file; of a larger one only RECORDS_LARGE are read */
    RECORDS_LARGE = 1000000,
};

static uint64_t prefix_of(const struct gate *g, const struct gate_case *c)
{
    if (c->file->compressed || g->arm[0].modes) /* it cannot be cut, or the decoder reads all of it */
        return 0;
    return c->per_record ? RECORDS_EACH_CALLS : c->file->size > LARGE ? RECORDS_LARGE : 0;
}

/* False: failed, or stopped. */
static bool probe(struct gate *g, struct gate_case *c, uint64_t decodes, uint64_t *ns, enum gate_verdict *verdict)
{
    struct gate_decode what = {.sink = c->key.sink, .decodes = decodes};
    struct gate_reading reading;
    *verdict = gate_decode(g, &g->arm[0], c, &what, &reading, c->why);
    c->found = reading.found;
    c->by_wall |= *verdict == GATE_OK && g->use.cpu_ns == 0;
    *ns = g->use.cpu_ns ? g->use.cpu_ns : g->use.wall_ns;
    return *verdict == GATE_OK;
}

bool gate_fit(struct gate *g, struct gate_case *c)
{
    uint64_t prefix = prefix_of(g, c), one = 0, many = 0;
    enum gate_verdict verdict;
    const struct plan_range *range = plan_range(&g->plan, c->file, 0, c->why, sizeof c->why);
    if (range && prefix > 0 && prefix < range->records)
        range = plan_range(&g->plan, c->file, prefix, c->why, sizeof c->why);
    if (!range) {
        c->exact = GATE_COULD_NOT_RUN;
        return *c->why != '\0';
    }
    c->range = range;
    if (probe(g, c, 1, &one, &verdict) && probe(g, c, PROBE, &many, &verdict)) {
        uint64_t each = many > one ? (many - one) / (PROBE - 1) : 1;
        uint64_t n = PROCESS_NS / (each ? each : 1);
        c->decodes = n < 1 ? 1 : n > DECODES_MAX ? DECODES_MAX : n;
        probe(g, c, c->decodes, &one, &verdict);
    }
    if (verdict != GATE_OK)
        c->exact = verdict == GATE_NOTHING ? c->exact : verdict;
    return verdict != GATE_NOTHING;
}

/* --- blocks --- */

struct times {
    double cpu, wall, waits; /* the least */
};

static enum gate_verdict run_once(struct gate *g, const struct gate_arm *arm, struct gate_case *c, bool shifted,
                                  struct times *t)
{
    struct gate_reading reading;
    struct gate_decode what = {c->key.sink, c->decodes, draw(g, GATE_PADDING), shifted};
    enum gate_verdict verdict = gate_decode(g, arm, c, &what, &reading, c->why);
    if (verdict != GATE_OK)
        return verdict;
    if (!tally_equal(&reading.found, &c->found)) {
        snprintf(c->why, sizeof c->why, "%s: another result than the first process had", arm->name);
        return GATE_WRONG;
    }
    t->cpu = fmin(t->cpu, (double)g->use.cpu_ns);
    t->wall = fmin(t->wall, (double)g->use.wall_ns);
    t->waits = fmin(t->waits, (double)(g->use.wall_ns - g->use.queued_ns) / (double)g->use.cpu_ns);
    return GATE_OK;
}

/* False: stopped. */
static bool add_block(struct gate *g, struct gate_case *c, struct gate_timing *t)
{
    struct times times[2] = {{INFINITY, INFINITY, INFINITY}, {INFINITY, INFINITY, INFINITY}};
    size_t first = (size_t)draw(g, 2);
    for (size_t i = 0; i < 4; i++) {
        size_t which = i == 0 || i == 3 ? first : 1 - first;
        enum gate_verdict verdict = run_once(g, &g->arm[which], c, t->shifted, &times[which]);
        if (verdict == GATE_OK) /* that is for a look to say */
            continue;
        t->verdict = verdict;
        t->done = true;
        return verdict != GATE_NOTHING;
    }
    t->block[t->n++] = (struct gate_block){log(times[1].cpu / times[0].cpu), log(times[1].wall / times[0].wall),
                                           log(times[1].waits / times[0].waits)};
    return true;
}

/* --- cases in turn --- */

static struct gate_timing *timing_of(struct gate_case *c, bool again)
{
    return again ? &c->confirming : &c->timing;
}

/* How many judgements there will be at each look: those of all cases share GATE_ALPHA. */
static size_t count_tests(const struct gate *g)
{
    size_t tests = 0;
    for (size_t i = 0; i < g->count; i++)
        if (!g->cases[i].timing.done)
            tests += g->cases[i].by_wall ? 1 : 2;
    return tests;
}

/* One block of every case that needs more. False: stopped. */
static bool take_round(struct gate *g, bool again, size_t n)
{
    for (size_t i = 0; i < g->count; i++) {
        struct gate_case *c = &g->cases[i];
        struct gate_timing *t = timing_of(c, again);
        if (t->done)
            continue;
        g->progress(g->progress_arg, again ? "again" : "time", c, n);
        if (!add_block(g, c, t))
            return false;
    }
    return true;
}

static void judge(struct gate *g, bool again, size_t tests, bool last)
{
    for (size_t i = 0; i < g->count; i++) {
        struct gate_timing *t = timing_of(&g->cases[i], again);
        if (t->done)
            continue;
        gate_judge_timing(t, g->cases[i].by_wall, tests);
        t->done |= last;
    }
}

/* When time is over, that is the last look, wherever it comes: it has nothing to do with what was seen. */
static bool measure(struct gate *g, bool again, size_t tests)
{
    uint64_t begin = clock_now_ns();
    bool over = false;
    for (size_t look = 0, n = 0; look < GATE_LOOKS && !over; look++) {
        for (; n < gate_looks[look] && !over; n++) {
            if (!take_round(g, again, n))
                return false;
            over = n + 1 >= gate_looks[0] && g->limit_s > 0 && clock_now_ns() - begin > g->limit_s * 1000000000u;
        }
        judge(g, again, tests, over);
    }
    return true;
}

bool gate_compare_times(struct gate *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct gate_case *c = &g->cases[i];
        c->timing.done = !c->in[0] || !c->in[1] || c->exact == GATE_WRONG || c->exact == GATE_COULD_NOT_RUN;
        c->confirming.done = true;
    }
    size_t tests = count_tests(g);
    if (!measure(g, false, tests))
        return false;
    for (size_t i = 0; i < g->count; i++) {
        g->cases[i].confirming.done = g->cases[i].timing.verdict != GATE_REGRESSED;
        g->cases[i].confirming.shifted = g->arm[1].shifted;
    }
    return measure(g, true, tests);
}
