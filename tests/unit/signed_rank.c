/* Guards Wilcoxon's signed ranks: distribution and critical values against published tables, intervals and shared ranks
 * against what was worked out by hand, and how often they are wrong on noise that hangs together. */
#include "../../harness/analysis/stats.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-9, "it is %.12g", (double)(actual))

/* Critical values as textbooks have them: the largest W for one-sided 5 %, 2.5 %, 1 % and 0.5 %; -1: none. */
TEST(critical_values_are_those_of_the_tables)
{
    static const double alpha[] = {0.05, 0.025, 0.01, 0.005};
    static const struct {
        size_t n;
        int w[4];
    } rows[] = {
        {4, {-1, -1, -1, -1}},  {5, {0, -1, -1, -1}},    {6, {2, 0, -1, -1}},        {7, {3, 2, 0, -1}},
        {8, {5, 3, 1, 0}},      {9, {8, 5, 3, 1}},       {10, {10, 8, 5, 3}},        {11, {13, 10, 7, 5}},
        {12, {17, 13, 9, 7}},   {13, {21, 17, 12, 9}},   {14, {25, 21, 15, 12}},     {15, {30, 25, 19, 15}},
        {16, {35, 29, 23, 19}}, {17, {41, 34, 27, 23}},  {18, {47, 40, 32, 27}},     {19, {53, 46, 37, 32}},
        {20, {60, 52, 43, 37}}, {25, {100, 89, 76, 68}}, {30, {151, 137, 120, 109}}, {50, {466, 434, 397, 373}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < 4; k++) {
            int got = signed_rank_critical(rows[i].n, alpha[k]);
            CHECK_FOR(got == rows[i].w[k], "n = %zu, alpha = %g: %d, expected %d", rows[i].n, alpha[k], got,
                      rows[i].w[k]);
        }
}

TEST(the_most_values)
{
    int w = signed_rank_critical(SIGNED_RANK_MAX, 0.025);
    CHECK_FOR(w > 8400 && w < 8450, "%d", w); /* most/2 - 1.96 sqrt(n(n+1)(2n+1)/24) = 8441, less the rounding */
}

/* The averages of 1, 3, 7 are 1, 2, 3, 4, 5, 7; their median is 3.5. */
TEST(estimates)
{
    const double three[] = {7, 1, 3}, one[] = {4}, same[] = {2, 2, 2, 2, 2, 2};
    struct signed_rank r = signed_rank_interval(three, 3, 0.05);
    CHECK_NEAR(r.estimate, 3.5);
    CHECK(!r.bounded);
    CHECK_NEAR(r.low, 1);
    CHECK_NEAR(r.high, 7);
    r = signed_rank_interval(three, 3, 0.125); /* 1 of 8 */
    CHECK(r.bounded);
    r = signed_rank_interval(one, 1, 0.01);
    CHECK(!r.bounded);
    CHECK_NEAR(r.estimate, 4);
    r = signed_rank_interval(same, 6, 0.05);
    CHECK(r.bounded);
    CHECK_NEAR(r.low, 2);
    CHECK_NEAR(r.high, 2);
}

/* 1 to 6 at 5 %: critical 2, so the 3rd smallest and largest of 21 averages: 1, 1.5, 2 and 5, 5.5, 6. */
TEST(intervals)
{
    const double six[] = {4, 2, 6, 1, 5, 3};
    struct signed_rank r = signed_rank_interval(six, 6, 0.05);
    CHECK(r.bounded);
    CHECK_NEAR(r.low, 2);
    CHECK_NEAR(r.high, 5);
    CHECK_NEAR(r.estimate, 3.5);
}

TEST(swapped_arms_turn_the_sign)
{
    const double d[] = {0.3, -0.1, 0.7, 0.2, 0.9, -0.4, 0.5}, other[] = {-0.3, 0.1, -0.7, -0.2, -0.9, 0.4, -0.5};
    struct signed_rank a = signed_rank_interval(d, 7, 0.05), b = signed_rank_interval(other, 7, 0.05);
    CHECK_NEAR(a.estimate, -b.estimate);
    CHECK_NEAR(a.low, -b.high);
    CHECK_NEAR(a.high, -b.low);
}

static uint64_t state = 1;
static double uniform(void)
{
    return stats_random_unit(&state);
}

/* Drawn once, with a fixed seed: noise that hangs together from run to run (0.9), with spikes; base and head in blocks
 * of four as a gate takes them. The interval leaves out the truth at each end about as often as it says. */
TEST(coverage_on_noise_that_hangs_together)
{
    enum { GATES = 4000, BLOCKS = 20 };
    size_t low = 0, high = 0;
    double noise = 0;
    for (size_t gate = 0; gate < GATES; gate++) {
        double d[BLOCKS];
        for (size_t b = 0; b < BLOCKS; b++) {
            double least[2] = {1e9, 1e9};
            size_t first = uniform() < 0.5;
            for (size_t i = 0; i < 4; i++) {
                size_t arm = i == 0 || i == 3 ? first : 1 - first;
                noise = 0.9 * noise + uniform() - 0.5;
                double spike = uniform() < 0.05 ? 5 * uniform() : 0;
                least[arm] = fmin(least[arm], noise + spike);
            }
            d[b] = least[1] - least[0];
        }
        struct signed_rank r = signed_rank_interval(d, BLOCKS, 0.01);
        low += r.low > 0;
        high += r.high < 0;
    }
    CHECK_FOR(low > 15 && low < 60, "%zu of 4000 beyond the lower end", low);
    CHECK_FOR(high > 15 && high < 60, "%zu of 4000 beyond the upper end", high);
}

TESTS(CASE(critical_values_are_those_of_the_tables), CASE(the_most_values), CASE(estimates), CASE(intervals),
      CASE(swapped_arms_turn_the_sign), CASE(coverage_on_noise_that_hangs_together));
