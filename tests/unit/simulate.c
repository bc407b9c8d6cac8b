/* Guards the simulation: where theory has a formula for what it simulates, both have to agree. */
#include "../../harness/analysis/simulate.h"
#include "../support.h"

#include <math.h>

static bool near(double actual, double expected, double most)
{
    return fabs(actual - expected) <= most;
}

#define CHECK_NEAR(actual, expected, most)                                                                             \
    CHECK_FOR(near(actual, expected, most), "it is %.15g, expected %.15g", (double)(actual), (double)(expected))
/* But for rounding. */
#define CHECK_SAME(actual, expected) CHECK_NEAR(actual, expected, 1e-9 * (double)(expected))

enum { TIMES = 4096 };

/* Lists that live as long as the test needs them. */
static struct simulate_time listed(double (*time)(size_t i, double ns), double ns, size_t n)
{
    static double lists[8][TIMES];
    static size_t next;
    double *list = lists[next++ % LENGTH(lists)];
    for (size_t i = 0; i < n; i++)
        list[i] = time(i, ns);
    return (struct simulate_time){list, n};
}

static double same(size_t i, double ns)
{
    (void)i;
    return ns;
}

static double quantile(size_t i, double ns)
{
    return -log1p(-((double)i + 0.5) / TIMES) * ns;
}

static struct simulate_time fixed(double ns)
{
    return listed(same, ns, 1);
}

static struct simulate_time exponential(double ns)
{
    return listed(quantile, ns, TIMES);
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

static double work(const struct simulate_workers *in)
{
    double ns = simulate_workers(in);
    CHECK(!isnan(ns));
    return ns;
}

/* 1 ms is serial, 64 shards of 100 us are not. */
TEST(amdahls_law)
{
    for (unsigned n = 1; n <= 64; n *= 2) {
        struct simulate_workers in = crew(n, 64, 50000);
        in.plan_ns = 700000;
        in.merge_ns = 300000;
        CHECK_SAME(work(&in), 1e6 + 6.4e6 / n);
    }
}

/* Of 10, 6, 6, 4, 8 and 2 ns. Of 2 workers one is done at 10, 14 and 16, the other at 6, 12 and 20; of 3 the first at
 * 10 and 12, the second at 6 and 10, the third at 6 and 14. */
TEST(uneven_shards_go_to_who_is_free)
{
    struct simulate_workers in = crew(2, 6, 0);
    const double sizes[] = {5, 3, 3, 2, 4, 1};
    in.shards = sizes;
    CHECK_SAME(work(&in), 20);
    in.workers = 3;
    CHECK_SAME(work(&in), 14);
}

/* They are there at 110, 120 and 130: too late for the third if shards take 6 ns. */
TEST(threads_start_one_after_another)
{
    struct simulate_workers in = crew(3, 3, 3);
    in.plan_ns = 100;
    in.start_ns = 10;
    CHECK_SAME(work(&in), 130);
    for (int i = 0; i < 3; i++)
        shards[i] = 100;
    CHECK_SAME(work(&in), 330);
}

TEST(few_shards)
{
    struct simulate_workers in = crew(4, 0, 0);
    in.plan_ns = 5;
    in.merge_ns = 7;
    CHECK(work(&in) == 12);
    in.plan_ns = in.merge_ns = 0;
    CHECK(work(&in) == 0);
    in = crew(4, 1, 50);
    CHECK_SAME(work(&in), 100);
    in = crew(64, 3, 50);
    CHECK_SAME(work(&in), 100);
    in = crew(2, 1000, 0); /* empty shards */
    CHECK(work(&in) == 0);
    in = crew(2, 1000, 10);
    in.core = fixed(0); /* and free ones */
    CHECK(work(&in) == 0);
}

/* A worker alone does a unit in 2 ns, and moves 8 bytes: 4 GB/s. The bus has 10, so 2.5 workers fill it. */
TEST(the_bus_is_shared)
{
    for (unsigned n = 1; n <= 64; n++) {
        struct simulate_workers in = crew(n, 64 * n, 1000);
        double bytes = 64e3 * n * 8;
        in.bytes = 8;
        in.bus_all_per_s = 10e9;
        CHECK_SAME(bytes / work(&in), fmin(n * 4, 10));
        in.bus_one_per_s = 2e9; /* slower than a core */
        CHECK_SAME(bytes / work(&in), fmin(n * 2, 10));
        in.core = fixed(0); /* nothing but the bus */
        CHECK_SAME(bytes / work(&in), fmin(n * 2, 10));
        in.bus_one_per_s = INFINITY;
        CHECK_SAME(bytes / work(&in), 10);
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
    in.core = (struct simulate_time){times, 2};
    in.bytes = 1;
    in.bus_all_per_s = 3e9;
    bool seen = false;
    for (in.seed = 0; in.seed < 20; in.seed++)
        seen |= fabs(work(&in) - 200) < 1e-9;
    CHECK(seen);
}

TEST(cores_are_shared)
{
    for (unsigned n = 1; n <= 12; n++) {
        struct simulate_workers in = crew(n, 12 * n, 1000);
        in.cores = 4;
        CHECK_SAME(12e3 * n / work(&in), fmin(n, 4) * 0.5);
    }
}

/* The mean of what is drawn, and no shard that is drawn twice or not at all. */
TEST(times_are_drawn_for_each_shard)
{
    static const double list[] = {1, 2, 6};
    enum { N = LENGTH(shards) };
    struct simulate_workers in = crew(1, N, 1);
    in.core = exponential(3);
    CHECK_NEAR(work(&in) / N, 3, 4 * 3 / sqrt(N));
    in.core = (struct simulate_time){list, LENGTH(list)};
    double ns = work(&in);
    CHECK_NEAR(ns / N, 3, 4 * sqrt(14.0 / 3) / sqrt(N)); /* variance: (4 + 1 + 9) / 3 */
    CHECK_SAME(ns, floor(ns + 0.5));
    in.seed++;
    CHECK(work(&in) != ns);
    in.seed--;
    CHECK(work(&in) == ns);
}

/* --- pipeline --- */

enum { BLOCKS = 200000 };

static double flow(struct simulate_time read, struct simulate_time consume, unsigned consumers, unsigned ring)
{
    const struct simulate_pipeline in = {
        .blocks = BLOCKS, .consumers = consumers, .ring = ring, .read = read, .consume = consume, .seed = 11};
    double ns = simulate_pipeline(&in);
    CHECK(!isnan(ns));
    return ns;
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
        double ns = flow(fixed(r), fixed(c), rows[i].consumers, rows[i].consumers + 16);
        CHECK_NEAR(BLOCKS / ns, 1 / each, 1e-3 / each);
    }
}

/* One block is either filled or consumed; two are enough for both at once; of three blocks two are consumed at most. */
TEST(small_rings)
{
    CHECK_SAME(flow(fixed(5), fixed(3), 1, 1), 8.0 * BLOCKS);
    CHECK_SAME(flow(fixed(5), fixed(3), 4, 1), 8.0 * BLOCKS);
    CHECK_SAME(flow(fixed(5), fixed(3), 1, 2), 5.0 * BLOCKS + 3);
    CHECK_SAME(flow(fixed(3), fixed(5), 1, 2), 3 + 5.0 * BLOCKS);
    CHECK_NEAR(BLOCKS / flow(fixed(1), fixed(100), 64, 3), 3 / 101.0, 1e-4 * 3 / 101);
}

/* K blocks that go round between two exponential servers of the same rate: each is busy for K/(K+1) of the time. The
 * deviation is that of a few seeds, 4 times. */
TEST(a_closed_tandem)
{
    for (unsigned k = 1; k <= 32; k *= 2) {
        double busy = k / (k + 1.0);
        CHECK_NEAR(BLOCKS / flow(exponential(10), exponential(10), 1, k), busy / 10, 0.4 / sqrt(BLOCKS));
    }
    /* With half the rate of one server: (1 - x^K) / (1 - x^(K+1)) of the slower one's, x = 1/2. */
    for (int k = 1; k <= 8; k++) {
        double ns = flow(exponential(5), exponential(10), 1, (unsigned)k);
        CHECK_NEAR(BLOCKS / ns, 0.1 * (1 - exp2(-k)) / (1 - exp2(-k - 1)), 0.4 / sqrt(BLOCKS));
    }
}

/* K blocks that go round between a reader and c consumers: p is how probable it is that i of them are with the
 * consumers, by the balance of both rates, and the reader rests if all are. */
TEST(many_consumers)
{
    for (unsigned c = 2; c <= 4; c++)
        for (unsigned k = c; k <= 2 * c; k += c) {
            double p = 1, sum = 1;
            for (unsigned i = 1; i <= k; i++) {
                p *= 10.0 / 4 / fmin(i, c);
                sum += p;
            }
            double rate = (1 - p / sum) / 4;
            CHECK_NEAR(BLOCKS / flow(exponential(4), exponential(10), c, k), rate, 4 * rate / sqrt(BLOCKS));
        }
}

TEST(no_blocks)
{
    struct simulate_pipeline in = {.consumers = 3, .ring = 2, .read = fixed(1), .consume = fixed(1)};
    CHECK(simulate_pipeline(&in) == 0);
    in.blocks = 1;
    CHECK(simulate_pipeline(&in) == 2);
}

/* --- what no machine can be --- */

static void check_refused(const struct simulate_workers *in)
{
    CHECK(isnan(simulate_workers(in)));
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
    in = crew(1, 2, 1), in.core = fixed(NAN), check_refused(&in);
    in = crew(1, 2, 1), in.core = (struct simulate_time){bad, 2}, check_refused(&in);
    in = crew(1, 2, 1), in.core = (struct simulate_time){bad, 0}, check_refused(&in);
    in = crew(1, 2, 1), in.bytes = -1, check_refused(&in);
    in = crew(1, 2, 1), in.bus_all_per_s = 0, check_refused(&in);
    in = crew(1, 2, 1), in.bus_one_per_s = NAN, check_refused(&in);
    in = crew(1, 2, 1), in.plan_ns = -1, check_refused(&in);
    in = crew(1, 2, 1), in.start_ns = INFINITY, check_refused(&in);
    in = crew(1, 2, 1), in.merge_ns = NAN, check_refused(&in);
    const struct simulate_pipeline good = {.consumers = 1, .ring = 1, .read = fixed(1), .consume = fixed(1)};
    struct simulate_pipeline p[] = {good, good, good, good, good, good};
    CHECK(!isnan(simulate_pipeline(&good)));
    p[0].consumers = 0;
    p[1].consumers = SIMULATE_THREADS + 1;
    p[2].ring = 0;
    p[3].ring = SIMULATE_RING + 1;
    p[4].read = fixed(-1);
    p[5].consume = fixed(INFINITY);
    for (size_t i = 0; i < LENGTH(p); i++)
        CHECK_FOR(isnan(simulate_pipeline(&p[i])), "pipeline %zu", i);
}

TESTS(CASE(amdahls_law), CASE(uneven_shards_go_to_who_is_free), CASE(threads_start_one_after_another), CASE(few_shards),
      CASE(the_bus_is_shared), CASE(who_wants_less_leaves_the_rest), CASE(cores_are_shared),
      CASE(times_are_drawn_for_each_shard), CASE(the_slower_side_decides), CASE(small_rings), CASE(a_closed_tandem),
      CASE(many_consumers), CASE(no_blocks), CASE(impossible_machines));
