/* Guards the simulation: where theory has a formula for what it simulates, both have to agree. */
#include "../../harness/analysis/simulate.h"
#include "../support.h"

#include <errno.h>
#include <math.h>

static bool near(double actual, double expected, double most)
{
    return fabs(actual - expected) <= most;
}

#define CHECK_NEAR(actual, expected, most)                                                                             \
    CHECK_FOR(near(actual, expected, most), "it is %.15g, expected %.15g", (double)(actual), (double)(expected))
/* But for rounding. */
#define CHECK_SAME(actual, expected) CHECK_NEAR(actual, expected, 1e-9 * (double)(expected))

static struct simulate_time fixed(double ns)
{
    return (struct simulate_time){.mean_ns = ns};
}

static struct simulate_time exponential(double ns)
{
    return (struct simulate_time){.kind = SIMULATE_EXPONENTIAL, .mean_ns = ns};
}

/* --- workers --- */

static double shards[1 << 14];

/* Units of 2 ns without a bus. */
static struct simulate_workers crew(unsigned workers, size_t n_shards, double size)
{
    for (size_t i = 0; i < n_shards; i++)
        shards[i] = size;
    return (struct simulate_workers){
        .shards = shards,
        .n_shards = n_shards,
        .workers = workers,
        .cores = 64,
        .core = fixed(2),
        .bus_all_per_s = INFINITY,
        .bus_one_per_s = INFINITY,
    };
}

static struct simulated work(const struct simulate_workers *in)
{
    struct simulated out;
    CHECK_EQ_I64(simulate_workers(in, &out), 0);
    return out;
}

/* 1 ms is serial, 64 shards of 100 us are not. */
TEST(amdahls_law)
{
    for (unsigned n = 1; n <= 64; n *= 2) {
        struct simulate_workers in = crew(n, 64, 50000);
        in.plan_ns = 700000;
        in.merge_ns = 300000;
        struct simulated s = work(&in);
        CHECK_SAME(s.makespan_ns, 1e6 + 6.4e6 / n);
        CHECK_SAME(s.per_s, 64 * 50000 / s.makespan_ns * 1e9);
        CHECK_SAME(s.threads_busy, 6.4e6 / n / s.makespan_ns);
        CHECK_NEAR(s.threads_waited_ns, 0, 1e-3);
        CHECK(isnan(s.bus_busy) && isnan(s.reader_busy) && isnan(s.block_waited_ns));
    }
}

/* Of 10, 6, 6, 4, 8 and 2 ns. Of 2 workers one is done at 10, 14 and 16, the other at 6, 12 and 20; of 3 the first at
 * 10 and 12, the second at 6 and 10, the third at 6 and 14. */
TEST(uneven_shards_go_to_who_is_free)
{
    struct simulate_workers in = crew(2, 6, 0);
    const double sizes[] = {5, 3, 3, 2, 4, 1};
    in.shards = sizes;
    struct simulated s = work(&in);
    CHECK_SAME(s.makespan_ns, 20);
    CHECK_SAME(s.per_s, 18 / 20e-9);
    CHECK_SAME(s.threads_waited_ns, 4);
    in.workers = 3;
    s = work(&in);
    CHECK_SAME(s.makespan_ns, 14);
    CHECK_SAME(s.threads_waited_ns, 3 * 14 - 36);
}

/* They are there at 110, 120 and 130: too late for the third if shards take 6 ns. */
TEST(threads_start_one_after_another)
{
    struct simulate_workers in = crew(3, 3, 3);
    in.plan_ns = 100;
    in.start_ns = 10;
    struct simulated s = work(&in);
    CHECK_SAME(s.makespan_ns, 130);
    CHECK_SAME(s.threads_waited_ns, 20 + 10 - 18);
    for (int i = 0; i < 3; i++)
        shards[i] = 100;
    s = work(&in);
    CHECK_SAME(s.makespan_ns, 330);
    CHECK_SAME(s.threads_waited_ns, 20 + 10);
}

TEST(few_shards)
{
    struct simulate_workers in = crew(4, 0, 0);
    in.plan_ns = 5;
    in.merge_ns = 7;
    struct simulated s = work(&in);
    CHECK(s.makespan_ns == 12 && s.per_s == 0 && s.threads_busy == 0);
    in.plan_ns = in.merge_ns = 0;
    s = work(&in);
    CHECK(s.makespan_ns == 0 && s.per_s == 0 && s.threads_busy == 0 && s.threads_waited_ns == 0);
    in = crew(4, 1, 50);
    s = work(&in);
    CHECK_SAME(s.makespan_ns, 100);
    CHECK_SAME(s.threads_busy, 0.25);
    CHECK_SAME(s.threads_waited_ns, 300);
    in = crew(64, 3, 50);
    CHECK_SAME(work(&in).makespan_ns, 100);
    in = crew(2, 1000, 0); /* empty shards */
    CHECK(work(&in).makespan_ns == 0);
    in = crew(2, 1000, 10);
    in.core = fixed(0); /* and free ones */
    CHECK(work(&in).makespan_ns == 0);
}

/* A worker alone does a unit in 2 ns, and moves 8 bytes: 4 GB/s. The bus has 10, so 2.5 workers fill it. */
TEST(the_bus_is_shared)
{
    for (unsigned n = 1; n <= 64; n++) {
        struct simulate_workers in = crew(n, 64 * n, 1000);
        in.bytes = 8;
        in.bus_all_per_s = 10e9;
        struct simulated s = work(&in);
        CHECK_SAME(s.per_s * 8, fmin(n * 4e9, 10e9));
        CHECK_SAME(s.bus_busy, fmin(n * 0.4, 1));
        CHECK_SAME(s.threads_busy, fmin(1, 2.5 / n));
        in.bus_one_per_s = 2e9; /* slower than a core */
        s = work(&in);
        CHECK_SAME(s.per_s * 8, fmin(n * 2e9, 10e9));
        in.core = fixed(0); /* nothing but the bus */
        s = work(&in);
        CHECK_SAME(s.per_s * 8, fmin(n * 2e9, 10e9));
        CHECK(s.threads_busy == 0);
        in.bus_one_per_s = INFINITY;
        CHECK_SAME(work(&in).per_s * 8, 10e9);
    }
}

/* Of two shards at a time one wants 1 byte a ns and the other 4, of a bus that has 3: the first has all that it wants,
 * the other the remaining 2, and 3 when it is alone. 100 bytes and 500: 100 ns in which the other moves 200, and 100
 * for its last 300. */
TEST(who_wants_less_leaves_the_rest)
{
    static const double times[] = {1, 0.25}, sizes[] = {100, 500};
    struct simulate_workers in = crew(2, 2, 0);
    in.shards = sizes;
    in.core = (struct simulate_time){SIMULATE_MEASURED, 0, times, 2};
    in.bytes = 1;
    in.bus_all_per_s = 3e9;
    bool seen = false;
    for (in.seed = 0; in.seed < 20; in.seed++) {
        struct simulated s = work(&in);
        double waited = 500 * 0.25;
        seen |= fabs(s.makespan_ns - 200) < 1e-9 && fabs(s.threads_waited_ns - (400 - 100 - waited)) < 1e-9;
    }
    CHECK(seen);
}

TEST(cores_are_shared)
{
    for (unsigned n = 1; n <= 12; n++) {
        struct simulate_workers in = crew(n, 12 * n, 1000);
        in.cores = 4;
        struct simulated s = work(&in);
        CHECK_SAME(s.per_s, fmin(n, 4) * 0.5e9);
        CHECK_SAME(s.threads_busy, fmin(1, 4.0 / n));
    }
}

/* The mean of what is drawn, and no shard that is drawn twice or not at all. */
TEST(times_are_drawn_for_each_shard)
{
    static const double list[] = {1, 2, 6};
    enum { N = LENGTH(shards) };
    struct simulate_workers in = crew(1, N, 1);
    in.core = exponential(3);
    struct simulated s = work(&in);
    CHECK_NEAR(s.makespan_ns / N, 3, 4 * 3 / sqrt(N));
    in.core = (struct simulate_time){SIMULATE_MEASURED, 0, list, LENGTH(list)};
    s = work(&in);
    CHECK_NEAR(s.makespan_ns / N, 3, 4 * sqrt(14.0 / 3) / sqrt(N)); /* variance: (4 + 1 + 9) / 3 */
    CHECK_SAME(s.makespan_ns, floor(s.makespan_ns + 0.5));
    in.seed++;
    CHECK(work(&in).makespan_ns != s.makespan_ns);
    in.seed--;
    CHECK(work(&in).makespan_ns == s.makespan_ns);
}

/* --- pipeline --- */

enum { BLOCKS = 200000 };

static struct simulated flow(struct simulate_time read, struct simulate_time consume, unsigned consumers, unsigned ring)
{
    const struct simulate_pipeline in = {
        .blocks = BLOCKS, .consumers = consumers, .ring = ring, .read = read, .consume = consume, .seed = 11};
    struct simulated out;
    CHECK_EQ_I64(simulate_pipeline(&in, &out), 0);
    return out;
}

TEST(the_slower_side_decides)
{
    static const struct {
        double read, consume;
        unsigned consumers;
    } rows[] = {{5, 3, 1},   {3, 5, 1},    {4, 4, 1}, {2, 10, 4}, {3, 10, 4},
                {1, 64, 64}, {1, 100, 64}, {0, 7, 3}, {7, 0, 3}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        double r = rows[i].read, c = rows[i].consume, each = fmax(r, c / rows[i].consumers);
        struct simulated s = flow(fixed(r), fixed(c), rows[i].consumers, rows[i].consumers + 16);
        CHECK_NEAR(s.per_s, 1e9 / each, 1e-3 * 1e9 / each);
        CHECK_NEAR(s.reader_busy, r / each, 1e-3);
        CHECK_NEAR(s.threads_busy, c / each / rows[i].consumers, 1e-3);
        CHECK_NEAR(s.threads_waited_ns, rows[i].consumers * s.makespan_ns - BLOCKS * c, 1e-6 * s.makespan_ns);
        CHECK(isnan(s.bus_busy));
    }
}

/* One block is either filled or consumed; two are enough for both at once; of three blocks two are consumed at most. */
TEST(small_rings)
{
    CHECK_SAME(flow(fixed(5), fixed(3), 1, 1).makespan_ns, 8.0 * BLOCKS);
    CHECK_SAME(flow(fixed(5), fixed(3), 4, 1).makespan_ns, 8.0 * BLOCKS);
    CHECK_SAME(flow(fixed(5), fixed(3), 1, 2).makespan_ns, 5.0 * BLOCKS + 3);
    CHECK_SAME(flow(fixed(3), fixed(5), 1, 2).makespan_ns, 3 + 5.0 * BLOCKS);
    CHECK_SAME(flow(fixed(3), fixed(5), 1, 1).reader_waited_ns, 5.0 * (BLOCKS - 1));
    CHECK_NEAR(flow(fixed(1), fixed(100), 64, 3).per_s, 3e9 / 101, 1e-4 * 3e9 / 101);
    struct simulated s = flow(fixed(3), fixed(5), 1, 2);
    CHECK_SAME(s.reader_waited_ns,
               2.0 * (BLOCKS - 2)); /* each but the first two ends to be filled as the last is taken */
}

/* Whoever slept loses the time that waking takes; whoever was busy does not. */
TEST(waking_takes_time)
{
    struct simulate_pipeline in = {
        .blocks = 1000, .consumers = 1, .ring = 4, .read = fixed(10), .consume = fixed(3), .wake_ns = 5};
    struct simulated s;
    CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
    CHECK_SAME(s.makespan_ns, 10 * 1000 + 5 + 3); /* the consumer sleeps before each block */
    CHECK_SAME(s.block_waited_ns, 5);
    in.ring = 1;
    CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
    CHECK_SAME(s.makespan_ns, 1000 * (10 + 5 + 3) + 999 * 5); /* and the reader before each but the first */
    in.ring = 0;
    in.read = fixed(3);
    in.consume = fixed(10);
    CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
    CHECK_SAME(s.makespan_ns, 3 + 5 + 10 * 1000); /* nobody sleeps but for the first */
}

/* K blocks that go round between two exponential servers of the same rate: each is busy for K/(K+1) of the time. The
 * deviation is that of a few seeds, 4 times. */
TEST(a_closed_tandem)
{
    for (unsigned k = 1; k <= 32; k *= 2) {
        struct simulated s = flow(exponential(10), exponential(10), 1, k);
        double busy = k / (k + 1.0);
        CHECK_NEAR(s.reader_busy, busy, 4 / sqrt(BLOCKS));
        CHECK_NEAR(s.per_s, busy * 1e8, 4 * 1e8 / sqrt(BLOCKS));
    }
    /* With half the rate of one server: (1 - x^K) / (1 - x^(K+1)) of the slower one's, x = 1/2. */
    for (int k = 1; k <= 8; k++) {
        struct simulated s = flow(exponential(5), exponential(10), 1, (unsigned)k);
        CHECK_NEAR(s.per_s, 1e8 * (1 - exp2(-k)) / (1 - exp2(-k - 1)), 4 * 1e8 / sqrt(BLOCKS));
    }
}

/* The standard error of the mean wait from a few seeds of their own. */
static void check_wait(struct simulate_time consume, unsigned consumers, double arrival_ns, double expected)
{
    enum { SEEDS = 16 };
    double sum = 0, squares = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct simulate_pipeline in = {.blocks = 20000,
                                             .consumers = consumers,
                                             .read = exponential(arrival_ns),
                                             .consume = consume,
                                             .seed = seed << 32};
        struct simulated s;
        CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
        sum += s.block_waited_ns;
        squares += s.block_waited_ns * s.block_waited_ns;
    }
    double mean = sum / SEEDS, error = sqrt((squares / SEEDS - mean * mean) / (SEEDS - 1));
    CHECK_FOR(fabs(mean - expected) < 3.5 * error, "%u servers: %g +- %g, expected %g", consumers, mean, error,
              expected);
    CHECK_FOR(error < 0.05 * expected, "%u servers: %g +- %g", consumers, mean, error);
}

/* Arrivals at random, and a ring without an end. Waiting in M/M/1 is load / (1 - load) service times, in M/D/1 half of
 * that (Pollaczek and Khinchine). */
TEST(one_server_queues)
{
    for (double load = 0.25; load < 0.8; load += 0.25) {
        check_wait(exponential(100), 1, 100 / load, 100 * load / (1 - load));
        check_wait(fixed(100), 1, 100 / load, 50 * load / (1 - load));
    }
    /* Service of 10 or 190: the mean square is 18100, so 18100 / 20000 of what M/M/1 has. */
    static const double two[] = {10, 190};
    check_wait((struct simulate_time){SIMULATE_MEASURED, 0, two, 2}, 1, 200, 100 * 18100 / 20000.0);
}

/* Erlang's C: the probability that all c servers are busy. */
static double erlang_c(unsigned c, double offered)
{
    double b = 1;
    for (unsigned i = 1; i <= c; i++)
        b = offered * b / (i + offered * b);
    return b / (1 - offered / c * (1 - b));
}

TEST(many_server_queues)
{
    CHECK_SAME(erlang_c(2, 1), 1.0 / 3);
    for (unsigned c = 2; c <= 16; c *= 2) {
        double load = 0.8, waits = erlang_c(c, load * c);
        check_wait(exponential(100), c, 100 / load / c, waits * 100 / (c * (1 - load)));
    }
}

TEST(no_blocks)
{
    struct simulate_pipeline in = {.consumers = 3, .ring = 2, .read = fixed(1), .consume = fixed(1)};
    struct simulated s;
    CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
    CHECK(s.makespan_ns == 0 && s.per_s == 0 && s.reader_busy == 0 && s.threads_busy == 0 && s.block_waited_ns == 0);
    in.blocks = 1;
    CHECK_EQ_I64(simulate_pipeline(&in, &s), 0);
    CHECK(s.makespan_ns == 2 && s.threads_waited_ns == 5 && s.reader_waited_ns == 0);
}

/* --- what no machine can be --- */

static void check_refused(const struct simulate_workers *in)
{
    struct simulated s;
    CHECK_EQ_I64(simulate_workers(in, &s), -EINVAL);
}

TEST(impossible_machines)
{
    static const double bad[] = {1, NAN};
    struct simulate_workers in = crew(1, 2, 1);
    in.workers = 0, check_refused(&in);
    in = crew(SIMULATE_THREADS + 1, 2, 1), check_refused(&in);
    in = crew(1, 2, 1), in.cores = 0, check_refused(&in);
    in = crew(1, 2, -1), check_refused(&in);
    in = crew(1, 2, INFINITY), check_refused(&in);
    in = crew(1, 2, 1), in.core.mean_ns = NAN, check_refused(&in);
    in = crew(1, 2, 1), in.core = (struct simulate_time){SIMULATE_MEASURED, 1, bad, 2}, check_refused(&in);
    in = crew(1, 2, 1), in.core = (struct simulate_time){SIMULATE_MEASURED, 1, bad, 0}, check_refused(&in);
    in = crew(1, 2, 1), in.bytes = -1, check_refused(&in);
    in = crew(1, 2, 1), in.bus_all_per_s = 0, check_refused(&in);
    in = crew(1, 2, 1), in.bus_one_per_s = NAN, check_refused(&in);
    in = crew(1, 2, 1), in.plan_ns = -1, check_refused(&in);
    in = crew(1, 2, 1), in.start_ns = INFINITY, check_refused(&in);
    in = crew(1, 2, 1), in.merge_ns = NAN, check_refused(&in);
    static const struct simulate_pipeline pipelines[] = {
        {.consumers = 0},
        {.consumers = SIMULATE_THREADS + 1},
        {.consumers = 1, .ring = SIMULATE_RING + 1},
        {.consumers = 1, .wake_ns = -1},
        {.consumers = 1, .read = {.mean_ns = -1}},
        {.consumers = 1, .consume = {.mean_ns = INFINITY}},
    };
    for (size_t i = 0; i < LENGTH(pipelines); i++) {
        struct simulated s;
        CHECK_FOR(simulate_pipeline(&pipelines[i], &s) == -EINVAL, "pipeline %zu", i);
    }
}

TESTS(CASE(amdahls_law), CASE(uneven_shards_go_to_who_is_free), CASE(threads_start_one_after_another), CASE(few_shards),
      CASE(the_bus_is_shared), CASE(who_wants_less_leaves_the_rest), CASE(cores_are_shared),
      CASE(times_are_drawn_for_each_shard), CASE(the_slower_side_decides), CASE(small_rings), CASE(waking_takes_time),
      CASE(a_closed_tandem), CASE(one_server_queues), CASE(many_server_queues), CASE(no_blocks),
      CASE(impossible_machines));
