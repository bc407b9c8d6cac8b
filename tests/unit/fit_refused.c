/* Guards what no law is fitted to, and the reasons that are given; and the small functions of fit.h, by hand. */
#include "../../harness/analysis/fit.h"
#include "../support.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 12, MOST_POINTS = 6 };

static const struct fit_point points[] = {{1, false}, {2, false}, {4, false}, {8, false}, {12, false}, {16, false}};
static double table[ROUNDS * MOST_POINTS];

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-12, "it is %.17g", (double)(actual))

/* Amdahl's law with s = 0.1, in every round. */
static struct fit_input made(const struct fit_point *some, size_t count)
{
    for (size_t r = 0; r < ROUNDS; r++)
        for (size_t p = 0; p < count; p++)
            table[r * count + p] = 1 / (0.1 + 0.9 / some[p].threads);
    return (struct fit_input){some, count, table, ROUNDS, 1, 50};
}

static void check_refused(const struct fit_input *in, const char *amdahl, const char *usl_why)
{
    struct fit_law law;
    fit_amdahl(in, &law);
    CHECK_STR(law.why, amdahl);
    fit_usl(in, &law);
    CHECK_STR(law.why, usl_why);
}

#define FEW(n, needed)                                                                                                 \
    "only " #n " usable numbers of threads, with a core each and in 6 rounds or more; " #needed " are needed"

TEST(too_few_points)
{
    static const struct fit_point two[] = {{1, false}, {2, false}, {4, true}, {8, true}};
    static const struct fit_point one[] = {{1, false}}, equal[] = {{1, false}, {1, false}, {1, false}};
    static const struct fit_point three[] = {{2, false}, {1, false}, {4, false}, {2, false}};
    struct fit_input in = made(two, 4);
    check_refused(&in, FEW(2, 3), FEW(2, 4));
    in = made(two, 2);
    check_refused(&in, FEW(2, 3), FEW(2, 4));
    in = made(one, 1);
    check_refused(&in, FEW(1, 3), FEW(1, 4));
    in = made(equal, 3);
    check_refused(&in, FEW(1, 3), FEW(1, 4));
    in = made(three, 4);
    check_refused(&in, "", FEW(3, 4));
    for (size_t r = 0; r < 7; r++)
        table[r * 4 + 2] = NAN;
    check_refused(&in, FEW(2, 3), FEW(2, 4));
}

TEST(without_1_thread)
{
    static const char why[] = "there is no point with 1 thread, which speed-ups are relative to";
    static const struct fit_point many[] = {{2, false}, {4, false}, {8, false}, {16, false}};
    static const struct fit_point marked[] = {{1, true}, {2, false}, {4, false}, {8, false}, {16, false}};
    struct fit_input in = made(many, 4);
    check_refused(&in, why, why);
    in = made(marked, 5);
    check_refused(&in, why, why);
    in = made(many, 0);
    check_refused(&in, why, why);
}

TEST(too_few_rounds)
{
    struct fit_input in = made(points, LENGTH(points));
    in.rounds = 5;
    check_refused(&in, "only 5 rounds with 1 thread; 6 are needed", "only 5 rounds with 1 thread; 6 are needed");
    in.rounds = 6;
    check_refused(&in, "", "");
    table[3 * LENGTH(points)] = NAN;
    check_refused(&in, "only 5 rounds with 1 thread; 6 are needed", "only 5 rounds with 1 thread; 6 are needed");
    in.rounds = 1;
    check_refused(&in, "only 1 rounds with 1 thread; 6 are needed", "only 1 rounds with 1 thread; 6 are needed");
    in.rounds = 0;
    check_refused(&in, "only 0 rounds with 1 thread; 6 are needed", "only 0 rounds with 1 thread; 6 are needed");
}

/* What is no speed-up is missing, whatever made it. */
TEST(what_is_no_speedup)
{
    static const double none[] = {0, -1.5, INFINITY, -INFINITY, NAN};
    struct fit_law with, without;
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct fit_input in = made(points, LENGTH(points));
        table[2 * LENGTH(points) + 3] = none[i];
        fit_usl(&in, &with);
        table[2 * LENGTH(points) + 3] = NAN;
        fit_usl(&in, &without);
        CHECK_STR(with.why, "");
        CHECK_NEAR(with.sigma.high, without.sigma.high);
    }
    struct fit_input many = made(points, LENGTH(points));
    many.count = FIT_POINTS + 1;
    check_refused(&many, "65 points are too many; 64 can be fitted", "65 points are too many; 64 can be fitted");
}

/* --- by hand --- */

/* S = 1.6 with 2: (0.625 - 0.5) / 0.5 = 0.25; 1.5: 1/3; 2: 0; 4: -0.5. With 4 threads S = 2.5 is (0.4 - 0.25) / 0.75 =
 * 0.2. */
TEST(karp_and_flatt)
{
    static const struct fit_point some[] = {{1, false}, {2, false}, {4, true}};
    static const double values[] = {1, 1.6, 2.5, 1, 1.5, 2.5, 1, 2, 2.5, 1, NAN, 2.5, 1, 4, 2.5, 1, 0, 2.5};
    struct fit_input in = {some, 3, values, 6, 0, 0};
    CHECK_EQ_U64(fit_karp_flatt(&in, 0).n, 0);
    struct stats s = fit_karp_flatt(&in, 1);
    CHECK_EQ_U64(s.n, 4);
    CHECK_NEAR(s.median, 0.125);
    CHECK_NEAR(s.low, -0.5);
    CHECK_NEAR(s.high, 1.0 / 3);
    CHECK(!s.confident);
    s = fit_karp_flatt(&in, 2);
    CHECK_EQ_U64(s.n, 6);
    CHECK_NEAR(s.median, 0.2);
    CHECK(s.confident);
}

TEST(small_functions)
{
    CHECK(fit_limit(0.25) == 4 && fit_limit(0) == INFINITY);
    CHECK(fit_peak(0.19, 0.01) == 9 && fit_peak(0.5, 0) == INFINITY && fit_peak(1, 0) == 1 && fit_peak(2, 0.1) == 1);
    CHECK(fit_peak(0.5, 0.8) == 1);
    CHECK(fit_effective(1.5, 2, 1.5) == 2 && fit_effective(3, 4, 4) == 3);
    CHECK(isnan(fit_effective(1, 2, 0)) && isnan(fit_effective(1, 2, NAN)) && isnan(fit_effective(0, 2, 1)));
    struct fit_law law = {.sigma = {.value = 0.1}, .kappa = {.value = 0.01}};
    CHECK_NEAR(fit_predict(&law, 5), 5 / 1.6); /* 1 + 0.1 * 4 + 0.01 * 20 */
    CHECK(fit_predict(&law, 1) == 1);
}

TESTS(CASE(too_few_points), CASE(without_1_thread), CASE(too_few_rounds), CASE(what_is_no_speedup),
      CASE(karp_and_flatt), CASE(small_functions));
