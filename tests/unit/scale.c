/* Guards what is made of samples of scaling: speed-ups, capacity, shares, serial fractions. Every expected
 * figure here was worked out by hand. */
#include "../../harness/analysis/scale.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_NEAR(actual, expected)                                                                                   \
    CHECK_FOR(fabs((actual) - (expected)) < 1e-9, #actual " is %.12g", (double)(actual))

static struct results results;

static struct reading exactly(uint64_t value)
{
    return (struct reading){READING_EXACT, value};
}

static struct sample sample(uint64_t threads, uint64_t split, uint64_t round, uint64_t wall_ns)
{
    struct sample s = {
        .key.dataset = "d",
        .key.backend = "mmap",
        .key.sink = "sum",
        .key.threads = threads,
        .key.files = 1,
        .key.split = split,
        .records = 1000,
        .bytes = 48000,
        .round = round,
        .iterations = 2,
        .wall_ns = wall_ns,
        .cpu_ns = {READING_EXACT, wall_ns},
        .plan_ns = exactly(wall_ns / 100),
        .start_ns = exactly(wall_ns / 50),
        .open_ns = exactly(wall_ns / 25),
        .work_ns = exactly(wall_ns / 2 * threads),
        .wait_ns = exactly(0),
        .idle_ns = exactly(wall_ns / 20),
        .merge_ns = exactly(wall_ns / 200),
        .shards = exactly(2 * split),
        .redone = exactly(0),
    };
    return s;
}

static void add(struct sample s)
{
    results_add(&results, STORED_SAMPLE, &s);
}

static void add_capacity(enum capacity_kind kernel, uint64_t threads, uint64_t round, double rate)
{
    struct limit_sample l = {.dataset = CAPACITY_DATASET, .round = round, .per_second = kernel == CAPACITY_MEMORY};
    capacity_name(kernel, threads, l.limit);
    l.value = l.wall_value = l.per_second ? rate : 1 / rate;
    results_add(&results, STORED_LIMIT, &l);
}

static void set_cores(int cores)
{
    results.run =
        json_pack("{s:{s:i}, s:{s:{s:s}}}", "machine", "cores_allowed", cores, "backends", "mmap", "asks", "blocks");
    CHECK(results.run != NULL);
}

/* Two threads 1.6 times as fast, where memory gave 1.8 and arithmetic 2 times as much; four cores are not there. */
static void add_rounds(unsigned rounds)
{
    set_cores(2);
    for (unsigned round = 0; round < rounds; round++) {
        uint64_t wall = 160000 * (round + 1);
        add(sample(1, 1, round, wall));
        add(sample(2, 2, round, wall * 10 / 16));
        add(sample(4, 4, round, wall * 10 / 16));
        for (unsigned kernel = 0; kernel < CAPACITY_KERNELS; kernel++) {
            add_capacity((enum capacity_kind)kernel, 1, round, 10.0 * (round + 1));
            add_capacity((enum capacity_kind)kernel, 2, round, (kernel == CAPACITY_MEMORY ? 18.0 : 20.0) * (round + 1));
        }
    }
}

static struct report report;

static struct scale derived(void)
{
    struct scale s;
    report_of(&results, &report);
    scale_of(&report, &s);
    return s;
}

static void done(struct scale *s)
{
    scale_free(s);
    report_free(&report);
}

TEST(speedups_are_taken_within_rounds)
{
    add_rounds(7);
    struct scale s = derived();
    CHECK_EQ_U64(s.count, 1);
    CHECK_EQ_U64(s.point_count, 3);
    CHECK_NEAR(s.points[0].speedup.median, 1);
    CHECK_NEAR(s.points[1].speedup.median, 1.6);
    CHECK_NEAR(s.points[1].speedup.low, 1.6);
    CHECK_NEAR(s.points[1].speedup.high, 1.6);
    CHECK_NEAR(s.points[1].rate.median, 1000 / (640000 * 10 / 16 / 2.0) * 1e9);
    done(&s);
}

TEST(capacity_is_of_the_kernel_that_counts)
{
    add_rounds(7);
    struct scale s = derived();
    CHECK_NEAR(s.points[1].capacity.median, 1.8);
    CHECK_NEAR(s.points[1].of_capacity.median, 1.6 / 1.8);
    /* 1/S = s + (1 - s)/2 with S = 2 * 1.6 / 1.8 */
    CHECK_NEAR(s.points[1].serial.median, (1.8 / 3.2 - 0.5) / 0.5);
    done(&s);
}

TEST(compressed_files_are_held_against_arithmetic)
{
    add_rounds(7);
    for (size_t i = 0; i < results.count; i++)
        strcpy(results.samples[i].limit, "inflate");
    struct scale s = derived();
    CHECK_NEAR(s.points[1].of_capacity.median, 1.6 / 2);
    CHECK_NEAR(s.points[1].capacity.median, 2);
    done(&s);
}

TEST(without_capacity_there_is_no_share_of_it)
{
    add_rounds(7);
    results.limit_count = 0;
    struct scale s = derived();
    CHECK_EQ_U64(s.points[1].of_capacity.n, 0);
    CHECK_EQ_U64(s.points[1].serial.n, 0);
    CHECK_NEAR(s.points[1].speedup.median, 1.6);
    done(&s);
}

TEST(more_threads_than_cores_are_marked)
{
    add_rounds(7);
    struct scale s = derived();
    CHECK(!s.points[1].oversubscribed);
    CHECK(s.points[2].oversubscribed);
    CHECK(strstr(s.rows[0].amdahl.why, "only 2 usable") != NULL);
    done(&s);
}

TEST(shares_are_of_all_threads_time)
{
    add_rounds(7);
    struct scale s = derived();
    const struct scale_point *p = &s.points[1];
    double sum = 0;
    CHECK_NEAR(p->part[SCALE_PLAN].median, 0.01); /* of one thread, while the other waits */
    CHECK_NEAR(p->part[SCALE_MERGE].median, 0.005);
    CHECK_NEAR(p->part[SCALE_START].median, 0.01);
    CHECK_NEAR(p->part[SCALE_OPEN].median, 0.02);
    CHECK_NEAR(p->part[SCALE_WORK].median, 0.5);
    CHECK_NEAR(p->part[SCALE_IDLE].median, 0.025);
    CHECK_NEAR(p->part[SCALE_WAIT].median, 0);
    for (size_t i = 0; i < SCALE_PARTS; i++)
        sum += p->part[i].median;
    CHECK_NEAR(sum, 1);
    CHECK_NEAR(p->growth.median, 2 / 1.6 - 1);
    done(&s);
}

TEST(parts_that_were_not_stored_are_unknown)
{
    set_cores(2);
    for (unsigned round = 0; round < 6; round++)
        for (unsigned threads = 1; threads <= 2; threads++) {
            struct sample one = sample(threads, threads, round, 1000);
            one.plan_ns = (struct reading){0};
            add(one);
        }
    struct scale s = derived();
    CHECK_EQ_U64(s.points[1].part[SCALE_PLAN].n, 0);
    CHECK_EQ_U64(s.points[1].part[SCALE_OTHER].n, 0);
    CHECK_EQ_U64(s.points[1].part[SCALE_WORK].n, 6);
    struct scale_curve curve;
    scale_curve_of(&s, &s.rows[0], &curve);
    CHECK_STR(curve.why, "where the threads' time went was not stored");
    done(&s);
}

TEST(a_failed_point_has_no_figures)
{
    add_rounds(7);
    struct sample failed = sample(2, 2, 7, 1000);
    failed.outcome = SAMPLE_MISMATCH;
    add(failed);
    struct scale s = derived();
    CHECK_EQ_U64(s.points[1].samples, 0);
    CHECK_EQ_I64(s.points[1].sample->outcome, SAMPLE_MISMATCH);
    CHECK_EQ_U64(s.points[1].speedup.n, 0);
    done(&s);
}

TEST(a_row_without_one_thread_in_one_piece_is_left_out)
{
    set_cores(2);
    for (unsigned round = 0; round < 6; round++)
        add(sample(2, 2, round, 1000));
    struct scale s = derived();
    CHECK_EQ_U64(s.count, 0);
    CHECK_EQ_U64(s.point_count, 0);
    done(&s);
}

TEST(rows_are_told_apart)
{
    set_cores(2);
    for (unsigned round = 0; round < 6; round++) {
        struct sample many = sample(1, 1, round, 2000), other = sample(1, 1, round, 3000),
                      part = sample(1, 1, round, 10);
        many.key.files = 3;
        strcpy(other.key.backend, "buffered");
        part.prefix = part.records = part.key.requested = 10;
        add(sample(1, 1, round, 1000));
        add(many);
        add(other);
        add(part); /* shows another thing */
    }
    struct scale s = derived();
    CHECK_EQ_U64(s.count, 3);
    CHECK_STR(s.rows[0].backend, "buffered");
    CHECK_EQ_U64(s.rows[1].files, 1);
    CHECK_EQ_U64(s.rows[2].files, 3);
    done(&s);
}

/* Nothing is as large as a number in a file: a round, or how many files there are. */
TEST(numbers_of_a_file_size_nothing)
{
    add_rounds(6);
    for (unsigned round = 0; round < 7; round++) {
        struct sample s = sample(1, 1, round < 6 ? round : INT64_MAX, 1000);
        s.key.files = UINT64_MAX;
        add(s);
    }
    struct scale s = derived();
    struct scale_curve curve;
    CHECK_EQ_U64(s.count, 2);
    CHECK_EQ_U64(s.rows[1].files, UINT64_MAX);
    CHECK_EQ_U64(s.points[s.rows[1].first].speedup.n, 7);
    scale_curve_of(&s, &s.rows[1], &curve);
    CHECK_STR(curve.why, "what threads cost is not known from 1 thread alone");
    done(&s);
}

/* A serial part of 5, 10 and 15 %, from round to round. */
static void add_law_rounds(unsigned rounds)
{
    set_cores(8);
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned threads = 1; threads <= 8; threads *= 2) {
            double serial = 0.05 * (round % 3 + 1);
            add(sample(threads, threads, round, (uint64_t)(1e12 * (serial + (1 - serial) / threads))));
            add_capacity(CAPACITY_MEMORY, threads, round, 10.0 * threads);
        }
}

TEST(laws_are_medians_over_rounds)
{
    add_law_rounds(9);
    add(sample(1, 1, 9, 1000)); /* interrupted before the others */
    struct scale s = derived();
    const struct scale_row *row = &s.rows[0];
    CHECK_STR(row->amdahl.why, "");
    CHECK_STR(row->usl.why, "");
    CHECK_EQ_U64(row->law_points, 4);
    CHECK_EQ_U64(row->law_rounds, 9);
    CHECK_NEAR(row->amdahl.sigma.median, 0.1);
    CHECK_NEAR(row->amdahl.sigma.low, 0.05);
    CHECK_NEAR(row->amdahl.sigma.high, 0.15);
    CHECK_NEAR(row->usl.sigma.median, 0.1);
    CHECK_NEAR(row->usl.kappa.median, 0);
    struct scale_curve curve;
    scale_curve_of(&s, row, &curve);
    CHECK_NEAR(curve.point[6].amdahl / s.points[0].rate.median, 1 / (0.1 + 0.9 / 64));
    CHECK(isnan(curve.point[6].machine) && isnan(curve.point[6].measured.median));
    done(&s);
}

TEST(laws_need_rounds)
{
    add_law_rounds(5);
    struct scale s = derived();
    CHECK_STR(s.rows[0].amdahl.why, "only 5 rounds with all numbers of threads; 6 are needed");
    CHECK_STR(s.rows[0].usl.why, s.rows[0].amdahl.why);
    done(&s);
}

/* Perfectly parallel work that needs little of the bus doubles with the threads; what one thread plans does not. */
TEST(what_is_simulated_is_what_the_service_times_allow)
{
    set_cores(2);
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned threads = 1; threads <= 2; threads++) {
            struct sample s = sample(threads, threads, round, 2 * 1000000 / threads);
            s.plan_ns = exactly(threads > 1 ? 2 * 100000 : 0);
            s.start_ns = s.open_ns = s.idle_ns = s.merge_ns = exactly(0);
            s.work_ns = exactly(2 * 1000000);
            add(s);
        }
        add_capacity(CAPACITY_MEMORY, 1, round, 1e12);
        add_capacity(CAPACITY_MEMORY, 2, round, 1e15);
    }
    struct scale s = derived();
    struct scale_curve curve;
    scale_curve_of(&s, &s.rows[0], &curve);
    CHECK_STR(curve.why, "");
    CHECK_EQ_U64(curve.count, 7);
    CHECK_EQ_U64(curve.point[6].threads, 64);
    CHECK_NEAR(curve.point[0].simulated / 1e6, 1);
    CHECK_NEAR(curve.point[1].simulated / 1e6, 1 / (0.1 + 0.5));
    CHECK_NEAR(curve.point[6].simulated / 1e6, 1 / (0.1 + 1 / 64.0));
    CHECK_NEAR(curve.point[1].measured.median / 1e6, 2);
    CHECK(isnan(curve.point[2].measured.median));
    done(&s);
}

/* 48 bytes a record at 1 ns each; one thread has all the bus it wants, two have no more of it together. */
TEST(a_bus_that_is_full_bounds_what_is_simulated)
{
    set_cores(2);
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned threads = 1; threads <= 2; threads++) {
            struct sample s = sample(threads, threads, round, 2 * 1000000);
            s.plan_ns = s.start_ns = s.open_ns = s.idle_ns = s.merge_ns = exactly(0);
            s.work_ns = exactly(2 * 1000000);
            add(s);
        }
        add_capacity(CAPACITY_MEMORY, 1, round, 48e6);
        add_capacity(CAPACITY_MEMORY, 2, round, 48e6);
    }
    struct scale s = derived();
    struct scale_curve curve;
    scale_curve_of(&s, &s.rows[0], &curve);
    for (size_t i = 0; i < curve.count; i++)
        CHECK_FOR(fabs(curve.point[i].simulated / 1e6 - 1) < 1e-6, "%zu: %g", i, curve.point[i].simulated);
    done(&s);
}

/* What each decode of 1 ms takes on one thread: work, and the reader's time. */
static struct scale_curve simulated(uint64_t files, uint64_t work_ns)
{
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned threads = 1; threads <= 2; threads++) {
            struct sample s = sample(threads, 1, round, 2 * 1000000);
            s.key.files = files;
            s.plan_ns = s.start_ns = s.open_ns = s.idle_ns = s.merge_ns = exactly(0);
            s.work_ns = exactly(2 * work_ns);
            add(s);
        }
        add_capacity(CAPACITY_MEMORY, 1, round, 1e12);
        add_capacity(CAPACITY_MEMORY, 2, round, 1e15);
    }
    struct scale s = derived();
    struct scale_curve curve;
    scale_curve_of(&s, &s.rows[0], &curve);
    done(&s);
    return curve;
}

/* Of 100, 600 and 300 records: two threads take the first two, and who took the first is free first. */
TEST(simulated_files_go_to_who_is_free)
{
    set_cores(2);
    json_object_set_new(results.run, "inputs", json_pack("[{s:s, s:i, s:i}]", "name", "d", "first", 1, "files", 3));
    json_object_set_new(results.run, "datasets",
                        json_pack("[{}, {s:i}, {s:i}, {s:i}]", "records", 100, "records", 600, "records", 300));
    struct scale_curve curve = simulated(3, 1000000);
    CHECK_STR(curve.why, "");
    CHECK_NEAR(curve.point[0].simulated / 1e6, 1);
    CHECK_NEAR(curve.point[1].simulated / 1e6, 1 / 0.6);
    CHECK_NEAR(curve.point[2].simulated / 1e6, 1 / 0.6);
}

TEST(files_that_are_not_there_are_not_simulated)
{
    set_cores(2);
    json_object_set_new(results.run, "inputs", json_pack("[{s:s, s:i, s:i}]", "name", "d", "first", 1, "files", 3));
    json_object_set_new(results.run, "datasets", json_pack("[{}, {}, {}]"));
    CHECK_STR(simulated(3, 1000000).why, "the sizes of the files are not known");
}

/* A reader that takes 0.2 ms, and consumers that take 0.8 ms together. */
TEST(the_slower_side_of_a_shared_backend_counts)
{
    set_cores(2);
    json_object_set_new(json_object_get(json_object_get(results.run, "backends"), "mmap"), "shared", json_true());
    struct scale_curve curve = simulated(1, 800000);
    CHECK_STR(curve.why, "");
    CHECK_NEAR(curve.point[0].simulated / 1e6, 1 / 0.8);
    CHECK_NEAR(curve.point[1].simulated / 1e6, 1 / 0.4);
    CHECK_NEAR(curve.point[6].simulated / 1e6, 1 / 0.2);
}

TESTS(CASE(speedups_are_taken_within_rounds), CASE(capacity_is_of_the_kernel_that_counts),
      CASE(compressed_files_are_held_against_arithmetic), CASE(without_capacity_there_is_no_share_of_it),
      CASE(more_threads_than_cores_are_marked), CASE(shares_are_of_all_threads_time),
      CASE(parts_that_were_not_stored_are_unknown), CASE(a_failed_point_has_no_figures),
      CASE(a_row_without_one_thread_in_one_piece_is_left_out), CASE(rows_are_told_apart),
      CASE(numbers_of_a_file_size_nothing), CASE(laws_are_medians_over_rounds), CASE(laws_need_rounds),
      CASE(what_is_simulated_is_what_the_service_times_allow), CASE(a_bus_that_is_full_bounds_what_is_simulated),
      CASE(simulated_files_go_to_who_is_free), CASE(files_that_are_not_there_are_not_simulated),
      CASE(the_slower_side_of_a_shared_backend_counts));
