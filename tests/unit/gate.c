/* Guards the gate's verdicts: a table of everything that a case can come to, and that nothing which is
 * missing, empty or not a number passes. */
#include "../../harness/gate/gate.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- blocks --- */

/* What time does: `change` as a ratio to the base, with noise of this width around it, evenly spread. */
struct times {
    size_t n;
    double change, noise;
};

static void set_blocks(struct gate_timing *t, const struct times *cpu, double waits, double wall)
{
    t->n = cpu->n;
    for (size_t i = 0; i < cpu->n; i++) {
        double spread = cpu->noise * (((double)((i * 7919) % cpu->n) + 0.5) / (double)cpu->n - 0.5);
        t->block[i].cpu = log1p(cpu->change) + spread;
        t->block[i].wall = log1p(wall) + spread;
        t->block[i].waits = waits + spread / 10;
    }
}

enum { TESTS_IN_GATE = 18 };

/* --- the truth table --- */

enum presence { BOTH, ONLY_BASE, ONLY_HEAD, NEITHER };

static const struct row {
    const char *what;
    enum presence presence;
    enum gate_verdict exact; /* that of its counts */
    bool exact_only, by_wall;
    struct times time, again; /* n = 0: none were taken */
    double waits;
    enum gate_verdict verdict;
} rows[] = {
    /* nothing is not ok */
    {"no counts", .exact_only = true, .verdict = GATE_COULD_NOT_RUN},
    {"no counts, but times", .time = {20, 0, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"counts, but no times", .exact = GATE_OK, .verdict = GATE_COULD_NOT_RUN},
    {"NaN", .exact = GATE_OK, .time = {20, NAN, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"infinite", .exact = GATE_OK, .time = {20, INFINITY, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"head took no time", .exact = GATE_OK, .time = {20, -1, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"less than none", .exact = GATE_OK, .time = {20, -2, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"waits NaN", .exact = GATE_OK, .time = {20, 0, 0.01}, .waits = NAN, .verdict = GATE_COULD_NOT_RUN},

    /* who is there */
    {"vanished", ONLY_BASE, GATE_OK, .time = {20, 0, 0.01}, .verdict = GATE_COULD_NOT_RUN},
    {"vanished, counts only", ONLY_BASE, GATE_OK, .exact_only = true, .verdict = GATE_COULD_NOT_RUN},
    {"new", ONLY_HEAD, .verdict = GATE_INCONCLUSIVE},
    {"neither has it", NEITHER, .verdict = GATE_COULD_NOT_RUN},

    /* counts alone */
    {"counts ok", .exact = GATE_OK, .exact_only = true, .verdict = GATE_OK},
    {"counts better", .exact = GATE_IMPROVED, .exact_only = true, .verdict = GATE_IMPROVED},
    {"counts missing", .exact = GATE_INCONCLUSIVE, .exact_only = true, .verdict = GATE_INCONCLUSIVE},
    {"counts differ", .exact = GATE_REGRESSED, .exact_only = true, .verdict = GATE_REGRESSED},
    {"no decode", .exact = GATE_COULD_NOT_RUN, .exact_only = true, .verdict = GATE_COULD_NOT_RUN},
    {"wrong", .exact = GATE_WRONG, .exact_only = true, .verdict = GATE_WRONG},

    /* time */
    {"no change", .exact = GATE_OK, .time = {20, 0, 0.04}, .verdict = GATE_OK},
    {"1 % slower", .exact = GATE_OK, .time = {20, 0.01, 0.02}, .verdict = GATE_OK},
    {"10 % slower, twice", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .again = {20, 0.1, 0.04},
     .verdict = GATE_REGRESSED},
    {"10 % slower, once", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .again = {20, 0, 0.04},
     .verdict = GATE_INCONCLUSIVE},
    {"10 % slower, then faster", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .again = {20, -0.1, 0.04},
     .verdict = GATE_INCONCLUSIVE},
    {"10 % slower, then noise", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .again = {80, 0.1, 2},
     .verdict = GATE_INCONCLUSIVE},
    {"10 % slower, then NaN", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .again = {20, NAN, 0.04},
     .verdict = GATE_COULD_NOT_RUN},
    {"10 % slower, not confirmed", .exact = GATE_OK, .time = {20, 0.1, 0.04}, .verdict = GATE_COULD_NOT_RUN},
    {"10 % faster", .exact = GATE_OK, .time = {20, -0.1, 0.04}, .verdict = GATE_IMPROVED},
    {"97 % faster", .exact = GATE_OK, .time = {20, -0.97, 0.04}, .verdict = GATE_IMPROVED},
    {"noisy", .exact = GATE_OK, .time = {80, 0, 1}, .verdict = GATE_INCONCLUSIVE},
    {"between floor and target", .exact = GATE_OK, .time = {80, 0.035, 0.2}, .verdict = GATE_INCONCLUSIVE},
    {"3 blocks", .exact = GATE_OK, .time = {3, 0, 0.001}, .verdict = GATE_INCONCLUSIVE},
    {"3 blocks, twice as slow", .exact = GATE_OK, .time = {3, 1, 0.001}, .verdict = GATE_INCONCLUSIVE},
    {"waits", .exact = GATE_OK, .time = {20, 0, 0.02}, .again = {20, 0, 0.02}, .waits = 0.2, .verdict = GATE_REGRESSED},
    {"waits a little", .exact = GATE_OK, .time = {20, 0, 0.02}, .waits = 0.04, .verdict = GATE_OK},
    {"waits less", .exact = GATE_OK, .time = {20, 0, 0.02}, .waits = -0.2, .verdict = GATE_OK},

    /* wall time has a wider floor */
    {"wall: 4 % slower", .exact = GATE_OK, .by_wall = true, .time = {20, 0.04, 0.02}, .verdict = GATE_OK},
    {"wall: 15 % slower", .exact = GATE_OK, .by_wall = true, .time = {20, 0.15, 0.04}, .again = {20, 0.15, 0.04},
     .verdict = GATE_REGRESSED},
    {"wall: waits are in it", .exact = GATE_OK, .by_wall = true, .time = {20, 0, 0.02}, .waits = NAN,
     .verdict = GATE_OK},

    /* the gravest counts */
    {"counts differ, faster", .exact = GATE_REGRESSED, .time = {20, -0.1, 0.04}, .verdict = GATE_REGRESSED},
    {"counts differ, noisy", .exact = GATE_REGRESSED, .time = {80, 0, 1}, .verdict = GATE_REGRESSED},
    {"counts missing, slower", .exact = GATE_INCONCLUSIVE, .time = {20, 0.1, 0.04}, .again = {20, 0.1, 0.04},
     .verdict = GATE_REGRESSED},
    {"wrong, but faster", .exact = GATE_WRONG, .time = {20, -0.5, 0.04}, .verdict = GATE_WRONG},
    {"could not run, slower", .exact = GATE_COULD_NOT_RUN, .time = {20, 0.1, 0.04}, .again = {20, 0.1, 0.04},
     .verdict = GATE_COULD_NOT_RUN},
};

static struct plan_file file = {.name = "x"};

static void judge(struct gate_timing *t, const struct row *r, const struct times *times)
{
    if (times->n == 0)
        return;
    set_blocks(t, times, r->waits, times->change);
    gate_judge_timing(t, r->by_wall, TESTS_IN_GATE);
}

TEST(truth_table)
{
    static struct gate_case c;
    _Static_assert(sizeof rows / sizeof rows[0] >= 43, "rows were lost");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        c = (struct gate_case){.file = &file, .exact = r->exact, .by_wall = r->by_wall};
        c.in[0] = r->presence == BOTH || r->presence == ONLY_BASE;
        c.in[1] = r->presence == BOTH || r->presence == ONLY_HEAD;
        judge(&c.timing, r, &r->time);
        judge(&c.confirming, r, &r->again);
        enum gate_verdict verdict = gate_judge_case(&c, r->exact_only);
        CHECK_FOR(verdict == r->verdict, "%s: %s", r->what, gate_verdicts[verdict]);
        bool fine = verdict == GATE_OK || verdict == GATE_IMPROVED, by_time = r->exact <= GATE_OK;
        CHECK_FOR(fine || *c.why || !by_time, "%s: no reason", r->what); /* that of counts is theirs */
    }
}

/* --- whole gates --- */

TEST(the_gravest_verdict_is_the_gates)
{
    static const enum gate_verdict order[] = {
        GATE_NOTHING, GATE_OK, GATE_IMPROVED, GATE_INCONCLUSIVE, GATE_REGRESSED, GATE_COULD_NOT_RUN, GATE_WRONG};
    for (size_t a = 0; a < GATE_VERDICTS; a++)
        for (size_t b = 0; b < GATE_VERDICTS; b++)
            CHECK_EQ_U64(gate_worse(order[a], order[b]), order[a > b ? a : b]);
}

/* --- counts --- */

TEST(counts)
{
    static const struct {
        struct gate_count base, head;
        enum gate_verdict verdict, allowed;
    } table[] = {
        {{true, 5}, {true, 5}, GATE_OK, GATE_OK},
        {{true, 0}, {true, 0}, GATE_OK, GATE_OK},
        {{true, 5}, {true, 6}, GATE_REGRESSED, GATE_OK},
        {{true, 0}, {true, 1}, GATE_REGRESSED, GATE_OK},
        {{true, 6}, {true, 5}, GATE_REGRESSED, GATE_IMPROVED},
        {{true, 5}, {false, 5}, GATE_COULD_NOT_RUN, GATE_COULD_NOT_RUN},
        {{false, 5}, {true, 5}, GATE_INCONCLUSIVE, GATE_INCONCLUSIVE},
        {{false, 0}, {false, 0}, GATE_INCONCLUSIVE, GATE_OK},
        {{true, UINT64_MAX}, {true, UINT64_MAX - 1}, GATE_REGRESSED, GATE_IMPROVED},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char why[GATE_WHY] = "";
        CHECK_EQ_U64(gate_judge_count(table[i].base, table[i].head, false, why), table[i].verdict);
        CHECK_FOR(table[i].verdict == GATE_OK || *why, "row %zu: no reason", i);
        CHECK_EQ_U64(gate_judge_count(table[i].base, table[i].head, true, why), table[i].allowed);
    }
}

TEST(counts_that_may_rise_a_little)
{
    static const struct {
        uint64_t base, head;
        enum gate_verdict verdict;
        bool said;
    } table[] = {
        {100000, 100000, GATE_OK, false}, {100000, 100090, GATE_OK, false},       {100000, 100200, GATE_OK, true},
        {100000, 100490, GATE_OK, true},  {100000, 100510, GATE_REGRESSED, true}, {100000, 99000, GATE_IMPROVED, true},
        {0, 1, GATE_COULD_NOT_RUN, true}, {0, 0, GATE_COULD_NOT_RUN, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char why[GATE_WHY] = "";
        struct gate_count base = {true, table[i].base}, head = {true, table[i].head}, none = {0};
        CHECK_EQ_U64(gate_judge_rise(base, head, 0.001, 0.005, false, why), table[i].verdict);
        CHECK_EQ_U64(*why != '\0', table[i].said);
        CHECK_EQ_U64(gate_judge_rise(base, none, 0.001, 0.005, false, why), GATE_COULD_NOT_RUN);
        CHECK_EQ_U64(gate_judge_rise(none, head, 0.001, 0.005, false, why), GATE_INCONCLUSIVE);
    }
}

/* --- the figures beside a verdict --- */

TEST(swapped_arms_turn_the_sign)
{
    double d[40], other[40];
    for (size_t i = 0; i < 40; i++) {
        d[i] = 0.08 + 0.04 * sin((double)i);
        other[i] = -d[i];
    }
    struct gate_judgement a = gate_judge(d, 40, 5, &gate_cpu_rule), b = gate_judge(other, 40, 5, &gate_cpu_rule);
    CHECK_EQ_U64(a.verdict, GATE_REGRESSED);
    CHECK_EQ_U64(b.verdict, GATE_IMPROVED);
    CHECK(fabs(log1p(a.estimate) + log1p(b.estimate)) < 1e-12);
    CHECK(fabs(log1p(a.low) + log1p(b.high)) < 1e-12);
    CHECK(fabs(a.detectable - b.detectable) < 1e-12);
}

TEST(what_could_have_been_seen)
{
    double narrow[40], wide[40];
    for (size_t i = 0; i < 40; i++) {
        narrow[i] = 0.01 * sin((double)i * 1.7);
        wide[i] = 10 * narrow[i];
    }
    struct gate_judgement a = gate_judge(narrow, 40, 5, &gate_cpu_rule), b = gate_judge(wide, 40, 5, &gate_cpu_rule);
    CHECK(a.low <= a.estimate && a.estimate <= a.high);
    CHECK(a.detectable > gate_cpu_rule.floor && a.detectable < gate_cpu_rule.target);
    CHECK(b.detectable > gate_cpu_rule.target && b.needed > 80);
    CHECK(a.needed <= 40);
    /* As much as that is caught, with the same noise. */
    for (size_t i = 0; i < 40; i++)
        narrow[i] += log1p(a.detectable);
    CHECK_EQ_U64(gate_judge(narrow, 40, 5, &gate_cpu_rule).verdict, GATE_REGRESSED);
}

TEST(more_tests_need_more_evidence)
{
    double d[20];
    for (size_t i = 0; i < 20; i++)
        d[i] = 0.035 + 0.06 * (((double)((i * 7) % 20) + 0.5) / 20 - 0.5);
    struct gate_judgement few = gate_judge(d, 20, 1, &gate_cpu_rule), many = gate_judge(d, 20, 1000, &gate_cpu_rule);
    CHECK_EQ_U64(few.verdict, GATE_REGRESSED);
    CHECK_EQ_U64(many.verdict, GATE_INCONCLUSIVE);
    CHECK(many.low < few.low && many.high > few.high);
    CHECK_EQ_U64(gate_judge(d, 20, 0, &gate_cpu_rule).verdict, GATE_COULD_NOT_RUN);
    CHECK_EQ_U64(gate_judge(d, 201, 1, &gate_cpu_rule).verdict, GATE_COULD_NOT_RUN);
}

TESTS(CASE(truth_table), CASE(the_gravest_verdict_is_the_gates), CASE(counts), CASE(counts_that_may_rise_a_little),
      CASE(swapped_arms_turn_the_sign), CASE(what_could_have_been_seen), CASE(more_tests_need_more_evidence));
