/* Cases take turns, in an order drawn anew for each round: whatever drifts meanwhile, meets all of them alike. */
#include "session_parts.h"

#include "../analysis/stats.h"
#include "../machine/clock.h"
#include "measure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* Of one file, or of all (SIZE_MAX), those that take part. */
static size_t count_cases(const struct plan *p, size_t file)
{
    size_t n = 0;
    for (size_t i = 0; i < p->case_count; i++)
        n += (file == SIZE_MAX || p->cases[i].file == file) && !p->cases[i].failed;
    return n;
}

struct turn {
    unsigned round;
    uint64_t rounds;     /* that there will be, as far as is known */
    uint64_t end_ns;     /* when it will be over, as far as is known; 0: unknown */
    uint64_t between_ns; /* what a round takes beside cases */
};

/* --- time: all cases get as much, but none more rounds than there are, and none too few samples --- */

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Samples that a case still takes, if it gets this much time. */
static double samples_in(const struct plan_case *c, double ns, double rounds)
{
    double least = c->taken < SESSION_SAMPLES_MIN ? (double)(SESSION_SAMPLES_MIN - c->taken) : 0;
    return clamp(ns / (double)(c->cost_ns + 1), least < rounds ? least : rounds, rounds);
}

/* What all of it takes then, and the samples of the case that takes most. */
static double spent(const struct session *s, const struct turn *t, double ns, double rounds, double *most)
{
    double sum = 0;
    *most = 0;
    for (const struct plan_case *c = s->plan.cases; c < s->plan.cases + s->plan.case_count; c++) {
        double n = c->failed ? 0 : samples_in(c, ns, rounds);
        *most = n > *most ? n : *most;
        sum += n * (double)c->cost_ns;
    }
    return sum + (s->plan.case_count ? *most : rounds) * (double)t->between_ns;
}

/* The time for each case with which all of it takes no longer than what is left: more does not help where it fits. */
static double share_of(const struct session *s, const struct turn *t, double left, double rounds)
{
    enum { STEPS = 50 };
    double most, low = 0, high = spent(s, t, INFINITY, rounds, &most);
    if (s->o->seconds == 0 || high <= left)
        return high;
    for (int i = 0; i < STEPS; i++) {
        double middle = (low + high) / 2;
        if (spent(s, t, middle, rounds, &most) > left)
            high = middle;
        else
            low = middle;
    }
    return low;
}

/* Before each round, by what samples took so far: who takes part in it. Each case does every 1, 2, 4, 8... rounds, so
 * that those of few samples have them in the same rounds, where ratios are taken. */
static void share_time(struct session *s, struct turn *t)
{
    uint64_t now = clock_now_ns(), limit = s->begin_ns + s->o->seconds * 1000000000u;
    double rounds = (double)(s->o->rounds - t->round), most;
    double share = share_of(s, t, limit > now ? (double)(limit - now) : 0, rounds);
    t->end_ns = now + (uint64_t)spent(s, t, share, rounds, &most);
    t->rounds = t->round + (s->plan.case_count ? (uint64_t)ceil(most) : s->o->rounds - t->round);
    for (struct plan_case *c = s->plan.cases; c < s->plan.cases + s->plan.case_count; c++) {
        double n = samples_in(c, share, rounds);
        unsigned every = 1;
        while (n > 0 && every < t->rounds && 2 * every * n <= most)
            every *= 2;
        c->due = n > 0 && t->round % every == 0;
    }
}

static void show(struct session *s, const struct plan_case *c, const struct turn *t)
{
    uint64_t now = clock_now_ns();
    double left = t->end_ns > now ? (double)(t->end_ns - now) / 1e9 : 0;
    session_progress(s, c ? &c->key : NULL, "round %u/%" PRIu64 ", %.0f s left:", t->round + 1, t->rounds, left);
}

/* What takes turns: the cases, behind them the limits of each file, and then what tells the machine's capacity. */
static size_t turns(const struct session *s)
{
    return s->plan.case_count + s->limit_count * LIMITS_COUNT + s->capacity_count;
}

/* A turn behind those of the cases. */
static bool take_limits(struct session *s, size_t turn, struct turn *t)
{
    size_t file = turn / LIMITS_COUNT;
    uint64_t begin_ns = clock_now_ns();
    int rc = 0;
    if (file >= s->limit_count)
        rc = capacity_take(&s->capacity[turn - s->limit_count * LIMITS_COUNT], t->round, session_keep_limit, s);
    else if (s->plan.case_count == 0 || count_cases(&s->plan, file) > 0) /* it may be for the sake of limits alone */
        rc = limits_take(&s->limits[file], turn % LIMITS_COUNT, t->round, session_keep_limit, s);
    t->between_ns += clock_now_ns() - begin_ns;
    return rc > 0 ? session_stop(s) : rc == 0;
}

static bool take_case(struct session *s, struct plan_case *c, const struct turn *t)
{
    struct sample sample;
    uint64_t begin_ns = clock_now_ns();
    if (c->failed || !c->due)
        return true;
    show(s, c, t);
    if (!measure(&s->plan, c, c->range, s->plan.cold, t->round, &sample))
        return session_stop(s);
    c->cost_ns = clock_now_ns() - begin_ns;
    c->taken++;
    return session_keep(s, c, &sample);
}

/* Has a case fewer samples than were asked for, or too few to end? */
static bool lacks(const struct session *s, uint64_t samples)
{
    for (const struct plan_case *c = s->plan.cases; c < s->plan.cases + s->plan.case_count; c++)
        if (!c->failed && c->taken < samples)
            return true;
    return false;
}

bool session_measure(struct session *s)
{
    struct plan *p = &s->plan;
    size_t n = turns(s), *order = calloc(n + 1, sizeof *order);
    uint64_t state = s->o->seed, seconds = s->o->seconds, took = 0;
    struct turn t = {0};
    bool go_on = true;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (; t.round < s->o->rounds && go_on && !s->cut; t.round++) {
        uint64_t begin_ns = clock_now_ns();
        stats_shuffle(order, n, &state);
        share_time(s, &t);
        if (p->case_count == 0)
            show(s, NULL, &t);
        t.between_ns = 0;
        for (size_t i = 0; i < n && go_on; i++)
            go_on = order[i] < p->case_count ? take_case(s, &p->cases[order[i]], &t)
                                             : take_limits(s, order[i] - p->case_count, &t);
        took = clock_now_ns() - begin_ns;
        bool over = seconds > 0 && clock_now_ns() - s->begin_ns + took > seconds * 1000000000u;
        s->cut =
            over && t.round + 1 < s->o->rounds && t.round + 1 >= SESSION_SAMPLES_MIN && !lacks(s, SESSION_SAMPLES_MIN);
    }
    s->cut |= go_on && lacks(s, s->o->rounds);
    free(order);
    return go_on;
}
