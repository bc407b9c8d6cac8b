/* Guards what two runs are said to differ by: every expected figure here was worked out by hand. */
#include "../../harness/analysis/compare.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-9, "it is %.12g", (double)(actual))

struct one {
    struct results results;
    struct report report;
};

static struct sample sample(uint64_t place, uint64_t round, uint64_t ns)
{
    return (struct sample){
        .key.dataset = "d",
        .key.backend = "mmap",
        .key.sink = "sum",
        .key.threads = 1,
        .records = 100,
        .bytes = 4000,
        .index = place,
        .round = round,
        .iterations = 2,
        .wall_ns = 2 * ns,
        .tally_records = 100,
        .tally_digest = {READING_EXACT, 7},
    };
}

/* A case of one backend; change() may alter its samples. */
static void add(struct one *run, uint64_t place, const char *backend, const uint64_t *ns, size_t n,
                void (*change)(struct sample *s))
{
    for (size_t i = 0; i < n; i++) {
        struct sample s = sample(place, i, ns[i]);
        snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
        if (change)
            change(&s);
        results_add(&run->results, STORED_SAMPLE, &s);
    }
}

static struct comparison compare(struct one *a, struct one *b)
{
    struct comparison c;
    report_of(&a->results, &a->report);
    report_of(&b->results, &b->report);
    compare_reports(&a->report, &b->report, &c);
    return c;
}

static void done(struct one *a, struct one *b, struct comparison *c)
{
    compare_free(c);
    report_free(&a->report);
    report_free(&b->report);
    results_free(&a->results);
    results_free(&b->results);
}

static const uint64_t hundred[] = {100, 90, 110, 100, 95, 105, 100}, fifty[] = {50, 40, 60, 50, 45, 55, 50};

/* Of 7 samples only the smallest and the largest hold the median with the square root of 95 %: 1 - 2/128 each.
 * 90/60 and 110/40. */
TEST(twice_as_fast)
{
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&b, 3, "mmap", fifty, 7, NULL);
    struct comparison c = compare(&a, &b);
    CHECK_EQ_U64(c.count, 1);
    CHECK_NEAR(c.cases[0].ratio.median, 2);
    CHECK_NEAR(c.cases[0].ratio.low, 1.5);
    CHECK_NEAR(c.cases[0].ratio.high, 2.75);
    CHECK_NEAR(c.cases[0].ratio.level, 0.984375 * 0.984375);
    CHECK_NEAR(c.cases[0].smallest, 1.0 / 3); /* 2/1.5 - 1, and 1 - 2/2.75 is less */
    CHECK(c.cases[0].verdict == COMPARE_FASTER);
    CHECK_EQ_U64(c.with[COMPARE_FASTER], 1);
    done(&a, &b, &c);
}

TEST(half_as_fast_and_alike)
{
    static const uint64_t near[] = {104, 93, 112, 101, 99, 107, 104};
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", fifty, 7, NULL);
    add(&a, 1, "buffered", hundred, 7, NULL);
    add(&b, 0, "mmap", hundred, 7, NULL);
    add(&b, 1, "buffered", near, 7, NULL);
    struct comparison c = compare(&a, &b);
    CHECK_NEAR(c.cases[0].ratio.median, 0.5);
    CHECK_NEAR(c.cases[0].ratio.low, 40.0 / 110);
    CHECK_NEAR(c.cases[0].ratio.high, 60.0 / 90);
    CHECK(c.cases[0].verdict == COMPARE_SLOWER);
    CHECK_NEAR(c.cases[1].ratio.median, 100.0 / 104);
    CHECK_NEAR(c.cases[1].ratio.low, 90.0 / 112);
    CHECK_NEAR(c.cases[1].ratio.high, 110.0 / 93);
    CHECK(c.cases[1].verdict == COMPARE_ALIKE);
    done(&a, &b, &c);
}

/* With 11 samples it is the second ones from the ends: 1 - 2 * 12/2048 = 0.98828; with the third 0.9346. */
TEST(more_samples_leave_out_the_ends)
{
    static const uint64_t eleven[] = {1, 90, 91, 92, 93, 100, 101, 102, 103, 110, 999};
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", eleven, 11, NULL);
    add(&b, 0, "mmap", fifty, 7, NULL);
    struct comparison c = compare(&a, &b);
    CHECK_NEAR(c.cases[0].ratio.median, 2);
    CHECK_NEAR(c.cases[0].ratio.low, 90.0 / 60);
    CHECK_NEAR(c.cases[0].ratio.high, 110.0 / 40);
    CHECK_NEAR(c.cases[0].ratio.level, (1 - 24.0 / 2048) * 0.984375);
    done(&a, &b, &c);
}

TEST(six_samples_are_too_few)
{
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 6, NULL);
    add(&b, 0, "mmap", fifty, 7, NULL);
    struct comparison c = compare(&a, &b);
    CHECK(c.cases[0].verdict == COMPARE_TOO_FEW);
    CHECK_NEAR(c.cases[0].ratio.low, 1.5);
    CHECK_NEAR(c.cases[0].ratio.level, 0.96875 * 0.984375);
    done(&a, &b, &c);
}

static void fail_third(struct sample *s)
{
    if (s->round != 3)
        return;
    s->outcome = SAMPLE_CRASHED;
    snprintf(s->error, sizeof s->error, "signal 11");
}

static void use_threads(struct sample *s)
{
    s->key.threads = 2;
}

TEST(failed_and_lonely_cases)
{
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&a, 1, "buffered", hundred, 7, NULL);
    add(&b, 0, "mmap", fifty, 7, fail_third);
    add(&b, 1, "buffered", fifty, 7, use_threads);
    struct comparison c = compare(&a, &b);
    CHECK_EQ_U64(c.count, 3);
    CHECK(c.cases[0].a && c.cases[0].b && c.cases[0].verdict == COMPARE_FAILED);
    CHECK(c.cases[1].a && !c.cases[1].b);
    CHECK(!c.cases[2].a && c.cases[2].b);
    CHECK_EQ_U64(c.with[COMPARE_FAILED], 1);
    CHECK_EQ_U64(c.with[COMPARE_ALIKE] + c.with[COMPARE_FASTER] + c.with[COMPARE_SLOWER], 0);
    done(&a, &b, &c);
}

static void read_a_tenth(struct sample *s)
{
    s->prefix = s->records = s->tally_records = 10;
    s->tally_digest = reading_exactly(9);
}

static void find_another_way(struct sample *s)
{
    s->tally_digest = reading_exactly(9);
    s->digest_version = reading_exactly(2);
}

static void find_another(struct sample *s)
{
    s->tally_digest = reading_exactly(9);
}

/* 10 records in 50 ns are 5 a record, against 1. */
TEST(other_parts_of_a_file_are_compared_by_record)
{
    char why[512] = "";
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&b, 0, "mmap", fifty, 7, read_a_tenth);
    struct comparison c = compare(&a, &b);
    CHECK_NEAR(c.cases[0].ratio.median, 0.2);
    CHECK_NEAR(c.cases[0].ratio.low, 0.15);
    CHECK(compare_datasets(&a.report, &b.report, why, sizeof why));
    done(&a, &b, &c);
}

TEST(digests_of_two_versions_are_not_compared)
{
    char why[512] = "";
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&b, 0, "mmap", fifty, 7, find_another_way);
    struct comparison c = compare(&a, &b);
    CHECK(compare_datasets(&a.report, &b.report, why, sizeof why));
    done(&a, &b, &c);
}

TEST(other_data_are_noticed_by_their_digest)
{
    char why[512] = "";
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&b, 0, "mmap", fifty, 7, find_another);
    struct comparison c = compare(&a, &b);
    CHECK(!compare_datasets(&a.report, &b.report, why, sizeof why));
    CHECK_FOR(strstr(why, "d is not the same data") && strstr(why, "0000000000000009"), "%s", why);
    done(&a, &b, &c);
}

TEST(other_data_are_noticed_by_their_size)
{
    static const char format[] = "{s:[{s:s, s:i, s:i}, {s:s, s:i, s:i}]}";
    char why[512] = "";
    struct results run_a = {.run = json_pack(format, "datasets", "name", "x", "records", 5, "bytes", 500, "name", "y",
                                             "records", 6, "bytes", 600)};
    struct results run_b = {.run = json_pack(format, "datasets", "name", "z", "records", 7, "bytes", 700, "name", "y",
                                             "records", 6, "bytes", 601)};
    struct report a = {.results = &run_a}, b = {.results = &run_b};
    CHECK(compare_datasets(&a, &a, why, sizeof why));
    CHECK(!compare_datasets(&a, &b, why, sizeof why));
    CHECK_STR(why, "y is not the same data: 600 bytes in the first run, 601 in the second");
    results_free(&run_a);
    results_free(&run_b);
}

/* Cases that differ by any part of their key are two. */
static void ask_for_ten(struct sample *s)
{
    s->key.requested = 10;
}

TEST(cases_are_told_apart_by_all_of_their_key)
{
    char why[512] = "";
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&a, 1, "mmap", fifty, 7, ask_for_ten);
    add(&b, 0, "mmap", hundred, 7, NULL);
    add(&b, 1, "mmap", hundred, 7, ask_for_ten);
    struct comparison c = compare(&a, &b);
    CHECK_EQ_U64(c.count, 2);
    CHECK_NEAR(c.cases[0].ratio.median, 1);
    CHECK(c.cases[0].verdict == COMPARE_ALIKE);
    CHECK_NEAR(c.cases[1].ratio.median, 0.5);
    CHECK(c.cases[1].verdict == COMPARE_SLOWER);
    CHECK(compare_datasets(&a.report, &a.report, why, sizeof why));
    done(&a, &b, &c);
}

TEST(order_of_backends)
{
    static const uint64_t wide[] = {45, 90, 110, 100, 95, 105, 100}, slow[] = {300, 290, 310, 300, 295, 305, 300};
    struct one a = {0}, b = {0};
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&a, 1, "buffered", fifty, 7, NULL);
    add(&a, 2, "syscall", slow, 7, NULL);
    add(&a, 3, "pipeline", fifty, 7, ask_for_ten); /* of another kind: no pair */
    add(&b, 0, "mmap", fifty, 7, NULL);
    add(&b, 1, "buffered", wide, 7, NULL);
    add(&b, 2, "syscall", slow, 7, NULL);
    add(&b, 3, "pipeline", fifty, 7, ask_for_ten);
    struct comparison c = compare(&a, &b);
    struct compare_order order = compare_order(&c);
    CHECK_EQ_U64(order.alike, 2);
    CHECK_EQ_U64(order.tied, 1); /* mmap and buffered overlap in b */
    done(&a, &b, &c);
    add(&a, 0, "mmap", hundred, 7, NULL);
    add(&a, 1, "buffered", fifty, 7, NULL);
    add(&b, 0, "mmap", fifty, 7, NULL);
    add(&b, 1, "buffered", slow, 7, NULL);
    c = compare(&a, &b);
    order = compare_order(&c);
    CHECK_EQ_U64(order.opposite, 1);
    done(&a, &b, &c);
}

TEST(surroundings)
{
    json_t *a = json_pack("{s:{s:s, s:i, s:{s:s}}, s:{s:s}, s:i}", "machine", "cpu", "one", "cores", 2, "caches", "L2",
                          "1024K", "build", "flags", "-O2", "seed", 1);
    json_t *b = json_pack("{s:{s:s, s:i, s:{s:s, s:s}}, s:{s:s}, s:i}", "machine", "cpu", "two", "cores", 2, "caches",
                          "L2", "512K", "L3", "1M", "build", "flags", "-O3", "seed", 2);
    const struct results run_a = {.run = a}, run_b = {.run = b};
    const struct report of_a = {.results = &run_a}, of_b = {.results = &run_b};
    struct comparison same, other;
    compare_reports(&of_a, &of_a, &same);
    compare_reports(&of_a, &of_b, &other);
    CHECK_EQ_U64(json_array_size(same.differences), 0);
    char *text = json_dumps(other.differences, JSON_COMPACT);
    CHECK_STR(text, "[{\"field\":\"machine.cpu\",\"a\":\"one\",\"b\":\"two\"},"
                    "{\"field\":\"machine.caches.L2\",\"a\":\"1024K\",\"b\":\"512K\"},"
                    "{\"field\":\"machine.caches.L3\",\"a\":null,\"b\":\"1M\"},"
                    "{\"field\":\"build.flags\",\"a\":\"-O2\",\"b\":\"-O3\"}]");
    free(text);
    compare_free(&same);
    compare_free(&other);
    json_decref(a);
    json_decref(b);
}

TESTS(CASE(twice_as_fast), CASE(half_as_fast_and_alike), CASE(more_samples_leave_out_the_ends),
      CASE(six_samples_are_too_few), CASE(failed_and_lonely_cases), CASE(other_parts_of_a_file_are_compared_by_record),
      CASE(digests_of_two_versions_are_not_compared), CASE(other_data_are_noticed_by_their_digest),
      CASE(other_data_are_noticed_by_their_size), CASE(surroundings), CASE(cases_are_told_apart_by_all_of_their_key),
      CASE(order_of_backends));
