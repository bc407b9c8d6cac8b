/* Guards the statistics and what a report makes of samples: every expected figure here was worked out by
 * hand. */
#include "../../harness/analysis/report.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-9, "it is %.12g", (double)(actual))

TEST(medians)
{
    double one[] = {7}, two[] = {9, 4}, odd[] = {6, 1, 2, 9, 1, 4, 2}, even[] = {10, 1, 3, 2}, same[] = {5, 5, 5, 5};
    CHECK_NEAR(stats_of(one, 1).median, 7);
    CHECK_NEAR(stats_of(two, 2).median, 6.5);
    CHECK_NEAR(stats_of(odd, 7).median, 2);
    CHECK_NEAR(stats_of(even, 4).median, 2.5);
    CHECK_NEAR(stats_of(same, 4).median, 5);
    CHECK_EQ_U64(stats_of(NULL, 0).n, 0);
}

/* The usual tables of the sign test. */
TEST(ranks_are_those_of_the_tables)
{
    static const struct {
        size_t n, rank;
        double level; /* to 4 places */
    } rows[] = {
        {1, 0, 0},       {5, 0, 0},        {6, 1, 0.9688},   {7, 1, 0.9844},    {8, 1, 0.9922},  {9, 2, 0.9609},
        {10, 2, 0.9785}, {11, 2, 0.9883},  {12, 3, 0.9614},  {15, 4, 0.9648},   {17, 5, 0.9510}, {20, 6, 0.9586},
        {25, 8, 0.9567}, {30, 10, 0.9572}, {50, 18, 0.9672}, {100, 40, 0.9648},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double level;
        size_t rank = stats_rank(rows[i].n, STATS_LEVEL, &level);
        CHECK_FOR(rank == rows[i].rank, "n = %zu: rank %zu", rows[i].n, rank);
        CHECK_FOR(fabs(level - rows[i].level) < 0.00005, "n = %zu: level %.6f", rows[i].n, level);
    }
}

TEST(large_samples_have_an_interval)
{
    double level;
    size_t rank = stats_rank(100000, STATS_LEVEL, &level); /* n/2 - 1.96 * sqrt(n)/2 = 49690 */
    CHECK_FOR(rank > 49680 && rank < 49700, "%zu", rank);
    CHECK(level >= 0.95 && level < 0.9525);
}

TEST(intervals)
{
    double nine[] = {9, 8, 7, 6, 5, 4, 3, 2, 1}, five[] = {50, 10, 40, 20, 30}, one[] = {3};
    struct stats s = stats_of(nine, 9);
    CHECK(s.confident);
    CHECK_NEAR(s.low, 2);
    CHECK_NEAR(s.high, 8);
    s = stats_of(five, 5);
    CHECK(!s.confident);
    CHECK_NEAR(s.low, 10);
    CHECK_NEAR(s.high, 50);
    CHECK_NEAR(s.level, 0.9375); /* 1 - 2 / 2^5 */
    s = stats_of(one, 1);
    CHECK_NEAR(s.low, 3);
    CHECK_NEAR(s.high, 3);
    CHECK_NEAR(s.level, 0);
}

/* --- reports --- */

static struct results results;

static struct sample sample(uint64_t place, const char *backend, const char *sink, uint64_t round, uint64_t wall_ns)
{
    struct sample s = {
        .key.dataset = "d",
        .key.threads = 1,
        .records = 100,
        .bytes = 5000,
        .index = place,
        .round = round,
        .iterations = 2,
        .wall_ns = wall_ns,
        .reads = {READING_EXACT, 26},
        .syscr = {READING_EXACT, 26},
        .max_rss_bytes = {READING_EXACT, 1000 * (round + 1)},
    };
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    return s;
}

static void add(uint64_t place, const char *backend, const char *sink, uint64_t round, uint64_t wall_ns)
{
    struct sample s = sample(place, backend, sink, round, wall_ns);
    results_add(&results, STORED_SAMPLE, &s);
}

/* Of a run in which `syscall` asks for field by field. */
static struct report report(void)
{
    struct report r;
    if (!results.run)
        results.run = json_pack("{s:{s:{s:s}}}", "backends", "syscall", "asks", "fields");
    report_of(&results, &r);
    return r;
}

static void done(struct report *r)
{
    report_free(r);
    results_free(&results);
}

TEST(rows_come_in_the_order_of_cases)
{
    add(7, "b", "sum", 1, 400);
    add(2, "a", "sum", 0, 600);
    add(7, "b", "sum", 0, 200);
    struct report r = report();
    CHECK_EQ_U64(r.count, 2);
    CHECK_STR(r.rows[0].sample->key.backend, "a");
    CHECK_STR(r.rows[1].sample->key.backend, "b");
    CHECK_EQ_U64(r.rows[1].samples, 2);
    CHECK_NEAR(r.rows[0].ns.median, 300); /* for one decode of two */
    CHECK_NEAR(r.rows[1].ns.median, 150);
    CHECK_EQ_U64(r.rows[1].reads.value, 13);
    CHECK(!r.rows[1].reads_vary);
    CHECK_EQ_U64(r.rows[1].peak_bytes.value, 2000);
    CHECK_EQ_U64(r.fewest, 1);
    CHECK_EQ_U64(r.most, 2);
    done(&r);
}

/* The ratio of medians would be 300/200 = 1.5; the rounds that both have say 2, 3 and 1. */
TEST(ratios_are_of_the_same_round)
{
    static const uint64_t touch[] = {200, 300, 600, 0, 100}, sum[] = {100, 100, 600, 200, 0};
    for (uint64_t round = 0; round < 5; round++) {
        if (touch[round])
            add(0, "mmap", "touch", round, touch[round]);
        if (sum[round])
            add(1, "mmap", "sum", round, sum[round]);
    }
    struct report r = report();
    CHECK_EQ_U64(r.rows[1].of_touch.n, 3);
    CHECK_NEAR(r.rows[1].of_touch.median, 2);
    CHECK_NEAR(r.rows[1].of_touch.low, 1);
    CHECK_NEAR(r.rows[1].of_touch.high, 3);
    CHECK_NEAR(r.rows[0].of_touch.median, 1);
    CHECK_EQ_U64(r.rows[1].of_none.n, 0);
    CHECK_EQ_U64(r.rows[1].of_baseline.n, 0);
    done(&r);
}

/* 10 records in 1000 ns against 100 in 500: 100 ns a record against 5. */
TEST(different_parts_of_a_file_compare_by_record)
{
    struct sample s = sample(0, "syscall", "sum", 0, 2000);
    s.prefix = s.records = 10;
    results_add(&results, STORED_SAMPLE, &s);
    add(1, "mmap", "sum", 0, 1000);
    add(2, "mmap", "fields", 0, 1000);
    struct report r = report();
    CHECK_NEAR(r.rows[1].of_baseline.median, 20);
    CHECK_EQ_U64(r.rows[2].of_baseline.n, 0);
    done(&r);
}

/* But threads do with the syscall backend, which has but one. */
TEST(other_threads_and_caches_do_not_compare)
{
    struct sample s = sample(0, "mmap", "touch", 0, 2000);
    s.key.threads = 2;
    results_add(&results, STORED_SAMPLE, &s);
    s = sample(1, "syscall", "sum", 0, 2000);
    s.key.cold = true;
    results_add(&results, STORED_SAMPLE, &s);
    s = sample(2, "syscall", "touch", 0, 8000);
    results_add(&results, STORED_SAMPLE, &s);
    add(3, "mmap", "sum", 0, 1000);
    struct report r = report();
    CHECK_EQ_U64(r.rows[3].of_touch.n, 0);
    CHECK_EQ_U64(r.rows[3].of_baseline.n, 0);
    CHECK_NEAR(r.rows[0].of_baseline.median, 4);
    done(&r);
}

TEST(a_failed_sample_leaves_no_number)
{
    add(0, "mmap", "touch", 0, 100);
    add(0, "mmap", "touch", 1, 100);
    add(1, "mmap", "sum", 0, 100);
    struct sample s = sample(0, "mmap", "touch", 2, 0);
    s.outcome = SAMPLE_MISMATCH;
    results_add(&results, STORED_SAMPLE, &s);
    struct report r = report();
    CHECK_EQ_U64(r.count, 2);
    CHECK_EQ_U64(r.rows[0].sample->outcome, SAMPLE_MISMATCH);
    CHECK_EQ_U64(r.rows[0].ns.n, 0);
    CHECK_EQ_U64(r.rows[1].of_touch.n, 0);
    CHECK_EQ_U64(r.most, 1);
    done(&r);
}

TEST(doubtful_samples_are_counted)
{
    for (uint64_t round = 0; round < 4; round++) {
        struct sample s = sample(0, "mmap", "sum", round, 100);
        s.reads.value += round == 1;
        s.syscr.state = round == 2 ? READING_UNSUPPORTED : READING_EXACT;
        s.syscr.value = round == 2 ? 0 : 26;
        s.disk_bytes = (struct reading){READING_EXACT, round == 3 ? 10 << 20 : 4096};
        results_add(&results, STORED_SAMPLE, &s);
    }
    struct report r = report();
    CHECK_EQ_U64(r.rows[0].miscounted, 1);
    CHECK(r.rows[0].reads_vary);
    CHECK_EQ_U64(r.rows[0].from_disk, 1);
    done(&r);
}

TEST(an_empty_run_is_a_report)
{
    struct report r = report();
    CHECK_EQ_U64(r.count, 0);
    CHECK(!r.noise.quiet);
    CHECK_EQ_U64(r.noise.steal_ppm.state, READING_UNSUPPORTED);
    done(&r);
}

static json_t *conditions(int load_milli, int ticks, int idle, int steal, json_int_t own_ns)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:I}", "load_milli", load_milli, "ticks", ticks, "idle_ticks", idle,
                     "steal_ticks", steal, "ticks_per_second", 100, "own_ns", own_ns);
}

/* 1000 ticks of two cores: 400 idle, 20 stolen, 5 s = 500 ours; 80 are left for others. */
TEST(the_machine_is_divided_up)
{
    results.run = json_pack("{s:o, s:{s:i}}", "before", conditions(100, 5000, 1000, 10, 1000000000), "machine",
                            "cores_online", 2);
    results.end = json_pack("{s:o}", "after", conditions(900, 6000, 1400, 30, 6000000000));
    for (uint64_t round = 0; round < 9; round++)
        add(0, "mmap", "sum", round, 1000 + round);
    struct report r = report();
    CHECK_EQ_U64(r.noise.cores, 2);
    CHECK_EQ_U64(r.noise.steal_ppm.value, 20000);
    CHECK_EQ_U64(r.noise.others_ppm.value, 80000);
    CHECK_NEAR(r.noise.spread, 3.0 / 1004); /* 1001 to 1007 */
    CHECK(!r.noise.quiet);
    CHECK_STR(r.noise.why, "the host took 2.0% of the cores' time, other processes took 8.0% of the cores' time");
    done(&r);
}

TEST(a_quiet_machine_is_called_quiet)
{
    results.run =
        json_pack("{s:o, s:{s:i}}", "before", conditions(100, 5000, 1000, 10, 0), "machine", "cores_online", 2);
    results.end = json_pack("{s:o}", "after", conditions(900, 6000, 1500, 10, 5000000000));
    for (uint64_t round = 0; round < 9; round++)
        add(0, "mmap", "sum", round, 1000 + round);
    struct report r = report();
    CHECK(r.noise.quiet);
    CHECK_STR(r.noise.why, "");
    done(&r);
}

TESTS(CASE(medians), CASE(ranks_are_those_of_the_tables), CASE(large_samples_have_an_interval), CASE(intervals),
      CASE(rows_come_in_the_order_of_cases), CASE(ratios_are_of_the_same_round),
      CASE(different_parts_of_a_file_compare_by_record), CASE(other_threads_and_caches_do_not_compare),
      CASE(a_failed_sample_leaves_no_number), CASE(doubtful_samples_are_counted), CASE(an_empty_run_is_a_report),
      CASE(the_machine_is_divided_up), CASE(a_quiet_machine_is_called_quiet));
