/* Three looks, each at a third of the error that a test may make, and as many tests at their share of GATE_ALPHA:
 * Bonferroni's way. It is a little stricter than need be, and needs no assumption on how looks and cases hang together,
 * so that every case can be judged as soon as it has its blocks. */
#include "gate.h"

#include "../analysis/stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *const gate_verdicts[GATE_VERDICTS] = {
    [GATE_NOTHING] = "nothing compared", [GATE_OK] = "ok",
    [GATE_IMPROVED] = "improved",        [GATE_INCONCLUSIVE] = "inconclusive",
    [GATE_REGRESSED] = "regressed",      [GATE_COULD_NOT_RUN] = "could not run",
    [GATE_WRONG] = "wrong result",
};

const size_t gate_looks[GATE_LOOKS] = {20, 40, GATE_BLOCKS};
const struct gate_rule gate_cpu_rule = {.floor = 0.02, .target = 0.05};
const struct gate_rule gate_wall_rule = {.floor = 0.05, .target = 0.10};

enum gate_verdict gate_worse(enum gate_verdict a, enum gate_verdict b)
{
    return a > b ? a : b;
}

/* --- time --- */

/* How many standard deviations from the mean a normal variable exceeds with probability p < 1/2. */
static double normal_quantile(double p)
{
    double low = 0, high = 40;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / sqrt(2)) / 2 > p)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct gate_judgement impossible(enum gate_verdict verdict, size_t n, const char *why)
{
    struct gate_judgement j = {.verdict = verdict, .n = n};
    snprintf(j.why, sizeof j.why, "%s", why);
    return j;
}

static enum gate_verdict judge_interval(const struct signed_rank *r, const struct gate_rule *rule)
{
    if (!r->bounded)
        return GATE_INCONCLUSIVE;
    if (r->low > log1p(rule->floor))
        return GATE_REGRESSED;
    if (r->high < log1p(-rule->floor))
        return GATE_IMPROVED;
    return r->high < log1p(rule->target) ? GATE_OK : GATE_INCONCLUSIVE;
}

/* A change is called a regression if the lower limit clears the floor. That lies half the interval below the estimate;
 * and for 9 of 10 estimates to be high enough, the change must be larger by another 1.28 standard errors. */
static void set_detectable(struct gate_judgement *j, const struct signed_rank *r, double alpha,
                           const struct gate_rule *rule)
{
    double reach = (r->high - r->low) / 2 * (1 + normal_quantile(0.1) / normal_quantile(alpha));
    double margin = log1p(rule->target) - log1p(rule->floor);
    j->detectable = expm1(log1p(rule->floor) + reach);
    double needed = ceil((double)r->n * (reach / margin) * (reach / margin));
    j->needed = needed < 1e6 ? (size_t)needed : 1000000;
}

struct gate_judgement gate_judge(const double *d, size_t n, size_t tests, const struct gate_rule *rule)
{
    if (n == 0)
        return impossible(GATE_COULD_NOT_RUN, n, "nothing was measured");
    if (n > SIGNED_RANK_MAX || tests == 0)
        return impossible(GATE_COULD_NOT_RUN, n, "not a number of blocks or tests");
    for (size_t i = 0; i < n; i++)
        if (!isfinite(d[i]))
            return impossible(GATE_COULD_NOT_RUN, n, "a block has no finite ratio");
    double alpha = GATE_ALPHA / GATE_LOOKS / (double)tests;
    struct signed_rank r = signed_rank_interval(d, n, alpha);
    struct gate_judgement j = {
        .verdict = judge_interval(&r, rule),
        .n = n,
        .estimate = expm1(r.estimate),
        .low = expm1(r.low),
        .high = expm1(r.high),
    };
    set_detectable(&j, &r, alpha, rule);
    if (!r.bounded)
        snprintf(j.why, sizeof j.why, "%zu blocks are too few for %zu tests", n, tests);
    else if (j.verdict == GATE_INCONCLUSIVE)
        snprintf(j.why, sizeof j.why, "too noisy: about %zu blocks would be needed", j.needed);
    return j;
}

/* --- counts --- */

/* What is missing never passes: head must have whatever base has. */
static enum gate_verdict judge_missing(struct gate_count base, struct gate_count head, char why[GATE_WHY])
{
    if (base.known && head.known)
        return GATE_OK;
    snprintf(why, GATE_WHY, "%s",
             head.known   ? "base does not tell"
             : base.known ? "head does not tell, and base does"
                          : "neither tells");
    return base.known ? GATE_COULD_NOT_RUN : GATE_INCONCLUSIVE;
}

enum gate_verdict gate_judge_count(struct gate_count base, struct gate_count head, bool may_differ, char why[GATE_WHY])
{
    enum gate_verdict missing = judge_missing(base, head, why);
    if (missing == GATE_INCONCLUSIVE && may_differ && !head.known) {
        snprintf(why, GATE_WHY, "neither tells, as allowed");
        return GATE_OK;
    }
    if (missing != GATE_OK || base.value == head.value)
        return missing;
    snprintf(why, GATE_WHY, "%" PRIu64 " -> %" PRIu64 "%s", base.value, head.value, may_differ ? ", as allowed" : "");
    if (may_differ)
        return head.value < base.value ? GATE_IMPROVED : GATE_OK;
    return GATE_REGRESSED;
}

enum gate_verdict gate_judge_rise(struct gate_count base, struct gate_count head, double warn, double fail,
                                  bool may_differ, char why[GATE_WHY])
{
    enum gate_verdict missing = judge_missing(base, head, why);
    if (missing != GATE_OK)
        return missing;
    if (base.value == 0) {
        snprintf(why, GATE_WHY, "base has none, which cannot be");
        return GATE_COULD_NOT_RUN;
    }
    double rise = (double)head.value / (double)base.value - 1;
    if (fabs(rise) > warn)
        snprintf(why, GATE_WHY, "%" PRIu64 " -> %" PRIu64 ", %+.2f %%%s", base.value, head.value, 100 * rise,
                 may_differ && rise > fail ? ", as allowed" : "");
    if (rise > fail && !may_differ)
        return GATE_REGRESSED;
    return rise < -fail ? GATE_IMPROVED : GATE_OK;
}

/* --- cases --- */

void gate_judge_timing(struct gate_timing *t, bool by_wall, size_t tests)
{
    double time[GATE_BLOCKS], waits[GATE_BLOCKS];
    for (size_t i = 0; i < t->n; i++) {
        time[i] = by_wall ? t->block[i].wall : t->block[i].cpu;
        waits[i] = t->block[i].waits;
    }
    t->time = gate_judge(time, t->n, tests, by_wall ? &gate_wall_rule : &gate_cpu_rule);
    t->verdict = t->time.verdict;
    snprintf(t->why, sizeof t->why, "%s", t->time.why);
    if (t->verdict == GATE_REGRESSED)
        snprintf(t->why, sizeof t->why, "it takes %.1f %% more time", 100 * t->time.estimate);
    if (!by_wall)
        t->waits = gate_judge(waits, t->n, tests, &gate_wall_rule);
    if (t->waits.verdict == GATE_COULD_NOT_RUN || t->waits.verdict == GATE_REGRESSED) {
        t->verdict = gate_worse(t->verdict, t->waits.verdict);
        snprintf(t->why, sizeof t->why, "%s", t->waits.why);
    }
    if (t->waits.verdict == GATE_REGRESSED)
        snprintf(t->why, sizeof t->why, "it waits: it takes %.1f %% longer for the same CPU time",
                 100 * t->waits.estimate);
    t->done = t->verdict != GATE_INCONCLUSIVE || t->n >= GATE_BLOCKS;
}

static void say(struct gate_case *c, const char *why)
{
    if (!*c->why)
        snprintf(c->why, sizeof c->why, "%s", why);
}

/* What a regression comes to when it was measured again, in another random order and layout of the code. */
static enum gate_verdict judge_again(struct gate_case *c)
{
    const struct gate_timing *again = &c->confirming;
    switch (again->verdict) {
    case GATE_NOTHING:
        say(c, "regressed, and was not measured again");
        return GATE_COULD_NOT_RUN;
    case GATE_OK:
    case GATE_IMPROVED:
    case GATE_INCONCLUSIVE:
        say(c, again->shifted ? "regressed, but not in another layout of the code" : "regressed, but not once more");
        return GATE_INCONCLUSIVE;
    default:
        say(c, again->verdict == GATE_REGRESSED ? c->timing.why : again->why);
        return again->verdict;
    }
}

static enum gate_verdict judge_time(struct gate_case *c)
{
    if (c->timing.verdict == GATE_REGRESSED)
        return judge_again(c);
    if (c->timing.verdict == GATE_NOTHING) {
        say(c, "its time was not judged");
        return GATE_COULD_NOT_RUN;
    }
    say(c, c->timing.why);
    return c->timing.verdict;
}

static void say_worst_item(struct gate_case *c)
{
    char why[GATE_WHY];
    for (size_t i = 0; i < c->items; i++) {
        if (c->item[i].verdict != c->exact || c->exact == GATE_OK)
            continue;
        snprintf(why, sizeof why, "%s: %.190s", c->item[i].name, c->item[i].why);
        say(c, why);
    }
}

enum gate_verdict gate_judge_case(struct gate_case *c, bool exact_only)
{
    if (!c->in[1]) {
        say(c, c->in[0] ? "it vanished: base has this backend, and head does not" : "neither program has this backend");
        return GATE_COULD_NOT_RUN;
    }
    if (!c->in[0]) {
        say(c, "it is new: there is nothing to compare with");
        return GATE_INCONCLUSIVE;
    }
    say_worst_item(c);
    if (c->exact == GATE_NOTHING) {
        say(c, "nothing was counted");
        return GATE_COULD_NOT_RUN;
    }
    if (exact_only || c->exact == GATE_WRONG || c->exact == GATE_COULD_NOT_RUN)
        return c->exact;
    return gate_worse(c->exact, judge_time(c));
}
