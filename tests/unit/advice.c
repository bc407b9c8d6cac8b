/* Guards what is foretold of reading a folder: how threads share files, intervals, and which way is called fastest. */
#include "../test.h"

#include "../../harness/analysis/advice.h"

#include <math.h>

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9 * fabs(b);
}

TEST(threads_take_what_is_next)
{
    static const struct advice_load three[] = {{10, 1}, {10, 1}, {10, 1}}, one[] = {{30, 1}}, cut[] = {{30, 6}};
    static const struct advice_load uneven[] = {{1, 1}, {1, 1}, {1, 1}, {9, 1}};
    CHECK(near(advice_makespan(three, 3, 1), 30));
    CHECK(near(advice_makespan(three, 3, 2), 20));
    CHECK(near(advice_makespan(three, 3, 3), 10));
    CHECK(near(advice_makespan(one, 1, 8), 30));
    CHECK(near(advice_makespan(cut, 1, 2), 15));
    CHECK(near(advice_makespan(cut, 1, 4), 10));
    CHECK(near(advice_makespan(uneven, 4, 2), 10));
    CHECK(advice_makespan(NULL, 0, 4) == 0);
}

TEST(many_parts)
{
    enum { N = 30000 };
    static struct advice_load load[N];
    for (size_t i = 0; i < N; i++)
        load[i] = (struct advice_load){1, 1};
    CHECK(near(advice_makespan(load, N, 4), N / 4.));
    load[7].ns = N;
    CHECK(near(advice_makespan(load, N, 4), N));
}

static struct advice_way way(enum advice_group group, double seconds)
{
    return (struct advice_way){.group = group,
                               .backend = "any",
                               .threads = 1,
                               .seconds = {seconds, seconds * 1.01, seconds * 0.99},
                               .rounds = 3};
}

TEST(intervals_and_the_fastest)
{
    static struct advice a;
    a.ways[0] = way(ADVICE_ONE, 3);
    a.ways[1] = way(ADVICE_FILES, 2.01);
    a.ways[2] = way(ADVICE_SHARDS, 2);
    a.ways[3] = way(ADVICE_CHANGE, 1);
    a.ways[4] = way(ADVICE_FILES, 0.1);
    a.ways[4].rounds = 0;
    a.way_count = 5;
    CHECK(advice_fastest(&a, ADVICE_ONE, ADVICE_SHARED) == &a.ways[1]);
    CHECK(advice_fastest(&a, ADVICE_SHARDS, ADVICE_SHARDS) == &a.ways[2]);
    CHECK(advice_fastest(&a, ADVICE_SHARED, ADVICE_SHARED) == NULL);
    struct stats s = advice_seconds(&a, &a.ways[0]);
    CHECK(near(s.median, 3) && near(s.low, 2.85) && near(s.high, 3.15));
    a.whole = true;
    s = advice_seconds(&a, &a.ways[0]);
    CHECK(near(s.low, 2.97) && near(s.high, 3.03));
}

TESTS(CASE(threads_take_what_is_next), CASE(many_parts), CASE(intervals_and_the_fastest));
