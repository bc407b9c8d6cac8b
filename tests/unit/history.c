/* Guards the trend of stored runs: changes are seen where they were made, noise alone is none more often than is said,
 * and what cannot be compared is not put into one series. */
#include "../../harness/analysis/history.h"
#include "../../harness/analysis/stats_random.h"
#include "../test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 300 };

static double values[MOST];
static bool changed[MOST];

static double normal(uint64_t *random)
{
    return sqrt(-2 * log(stats_random_unit(random))) * cos(2 * M_PI * stats_random_unit(random));
}

/* n values from `from` on of about that level. */
static void make(size_t from, size_t n, double level, double noise, uint64_t *random)
{
    for (size_t i = from; i < from + n; i++)
        values[i] = level * exp(noise * normal(random));
}

static int changes(size_t n, double smallest)
{
    int count = history_changes(values, n, smallest, 1, changed), marked = 0;
    for (size_t i = 0; i < n; i++)
        marked += changed[i];
    CHECK_EQ_I64(marked, count);
    return count;
}

TEST(steps_are_found)
{
    int exact = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        uint64_t random = seed;
        make(0, 14, 100, 0.02, &random);
        make(14, 16, seed % 2 ? 120 : 85, 0.02, &random);
        exact += changes(30, 0.05) == 1 && changed[14];
    }
    CHECK_FOR(exact >= 39, "%d of 40", exact);
}

TEST(steps_there_and_back)
{
    uint64_t random = 1;
    make(0, 15, 100, 0.01, &random);
    make(15, 12, 130, 0.01, &random);
    make(27, 15, 100, 0.01, &random);
    CHECK_EQ_I64(changes(42, 0.05), 2);
    CHECK(changed[15] && changed[27]);
}

/* Several windows; the answer is that for each part alone. */
TEST(long_series)
{
    uint64_t random = 7;
    make(0, 100, 50, 0.02, &random);
    make(100, 150, 60, 0.02, &random);
    make(250, 50, 40, 0.02, &random);
    CHECK_EQ_I64(changes(300, 0.05), 2);
    CHECK(changed[100] && changed[250]);
    make(0, 285, 50, 0.02, &random); /* only the last values, but as many as are needed */
    make(285, 15, 100, 0.02, &random);
    CHECK_EQ_I64(changes(300, 0.05), 1);
    CHECK(changed[285]);
    for (size_t at = 56; at < 66; at++) { /* about where a window ends */
        make(0, at, 50, 0.01, &random);
        make(at, 120 - at, 60, 0.01, &random);
        CHECK_FOR(changes(120, 0.05) == 1 && changed[at], "%zu", at);
    }
}

TEST(small_steps_do_not_count)
{
    uint64_t random = 3;
    make(0, 15, 100, 0.003, &random);
    make(15, 15, 103, 0.003, &random);
    CHECK_EQ_I64(changes(30, 0.05), 0);
    CHECK_EQ_I64(changes(30, 0.01), 1);
    CHECK(changed[15]);
    make(15, 15, 97, 0.003, &random); /* downwards as well */
    CHECK_EQ_I64(changes(30, 0.05), 0);
    CHECK_EQ_I64(changes(30, 0.01), 1);
}

TEST(a_single_odd_run_is_no_change)
{
    uint64_t random = 5;
    for (size_t odd = 0; odd < 30; odd++) {
        make(0, 30, 100, 0.01, &random);
        values[odd] = 300;
        CHECK_FOR(changes(30, 0.05) == 0, "run %zu", odd);
    }
}

TEST(a_drift_shows_as_steps_of_its_direction)
{
    uint64_t random = 9;
    for (size_t i = 0; i < 40; i++)
        make(i, 1, 100 * pow(1.02, (double)i), 0.01, &random);
    CHECK(changes(40, 0.05) >= 1);
    struct history_series s = {.count = 40, .points = calloc(40, sizeof *s.points)};
    for (size_t i = 0; i < 40; i++)
        s.points[i] = (struct history_point){.median = values[i], .changed = changed[i]};
    for (size_t i = 0; i < 40; i++)
        CHECK(!changed[i] || history_factor(&s, i) > 1.05);
    free(s.points);
}

/* Not more often than is promised, over all series; in each sort of them there may be a few more by chance. The least
 * change that counts is 0, so nothing else helps. */
TEST(noise_is_no_change)
{
    static const struct {
        size_t n, series;
        int kind;
    } rows[] = {{30, 200, 0}, {30, 200, 1}, {11, 200, 0}, {12, 200, 2}, {60, 200, 2}, {200, 100, 0}};
    size_t all_wrong = 0, all = 0;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        size_t wrong = 0;
        for (uint64_t seed = 0; seed < rows[r].series; seed++) {
            uint64_t random = 1000 * r + seed;
            make(0, rows[r].n, 100, 0.05, &random);
            for (size_t i = 0; i < rows[r].n && rows[r].kind == 1; i++) /* one in four is far out */
                values[i] *= stats_random(&random) % 4 ? 1 : 2;
            for (size_t i = 0; i < rows[r].n && rows[r].kind == 2; i++) /* many are equal */
                values[i] = round(values[i] / 10);
            wrong += changes(rows[r].n, 0) > 0;
        }
        CHECK_FOR((double)wrong <= 4 * HISTORY_LEVEL * (double)rows[r].series, "%zu values: %zu of %zu", rows[r].n,
                  wrong, rows[r].series);
        all_wrong += wrong;
        all += rows[r].series;
    }
    printf("%zu of %zu\n", all_wrong, all);
    CHECK_FOR((double)all_wrong <= HISTORY_LEVEL * (double)all, "%zu of %zu", all_wrong, all);
    CHECK(all_wrong > 0); /* else the test is far too strict to see anything */
}

TEST(equal_values_have_no_change)
{
    for (size_t n = 0; n < 100; n++)
        values[n] = 5;
    for (size_t n = 0; n < 100; n += 7)
        CHECK_EQ_I64(changes(n, 0), 0);
}

TEST(too_few_values_tell_nothing)
{
    uint64_t random = 11;
    size_t needed = history_needed();
    CHECK_EQ_U64(needed, 11);
    for (size_t n = 0; n < 20; n++) {
        make(0, n, 100, 0.001, &random);
        make(n / 2, n - n / 2, 200, 0.001, &random);
        CHECK_FOR(changes(n, 0.05) == (n >= needed), "%zu values", n);
    }
}

TEST(the_same_runs_give_the_same_answer)
{
    bool first[40];
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint64_t random = seed;
        make(0, 20, 100, 0.1, &random);
        make(20, 20, 112, 0.1, &random);
        int count = changes(40, 0.05);
        memcpy(first, changed, sizeof first);
        CHECK_EQ_I64(changes(40, 0.05), count);
        CHECK(memcmp(first, changed, sizeof first) == 0);
        for (size_t i = 0; i < 40; i++)
            values[i] *= 1024; /* in other units too */
        CHECK_EQ_I64(changes(40, 0.05), count);
        CHECK(memcmp(first, changed, sizeof first) == 0);
    }
}

/* --- runs put together --- */

static int add(struct history *h, const char *id, const char *cpu, int64_t unix_ms, struct sample s)
{
    struct results r = {0};
    struct report report;
    snprintf(s.key.dataset, sizeof s.key.dataset, "d");
    snprintf(s.key.backend, sizeof s.key.backend, "b");
    snprintf(s.key.sink, sizeof s.key.sink, "s");
    s.key.threads = s.key.files = s.key.split = s.iterations = 1;
    r.run = json_pack("{s:s, s:s, s:{s:s}, s:{s:s, s:i, s:I}}", "type", "run", "run", id, "build", "version", id,
                      "machine", "cpu", cpu, "cores_online", 2, "memory_bytes", (json_int_t)24 << 30);
    if (unix_ms)
        json_object_set_new(r.run, "before", json_pack("{s:I}", "unix_ms", (json_int_t)unix_ms));
    for (s.round = 0; s.round < 3; s.round++)
        CHECK_EQ_I64(results_add(&r, STORED_SAMPLE, &s), 0);
    CHECK_EQ_I64(report_of(&r, &report), 0);
    int rc = history_add(h, &report);
    report_free(&report);
    results_free(&r);
    return rc;
}

TEST(runs_are_in_the_order_of_time)
{
    static const int64_t times[] = {30, 10, 20, 20, 5};
    static const char *const ids[] = {"e", "b", "d", "c", "a"};
    struct history h = {0};
    for (size_t i = 0; i < 5; i++)
        CHECK_EQ_I64(add(&h, ids[i], "x", times[i], (struct sample){.records = 10, .wall_ns = (uint64_t)ids[i][0]}), 0);
    CHECK_EQ_I64(add(&h, "b", "x", 10, (struct sample){.records = 10, .wall_ns = 1}), 1);
    CHECK_EQ_I64(add(&h, "f", "x", 0, (struct sample){.records = 10, .wall_ns = 1}), -ENODATA);
    CHECK_EQ_I64(add(&h, "f", "x", 40, (struct sample){.records = 10, .outcome = SAMPLE_CRASHED}), 0);
    CHECK_EQ_I64(history_finish(&h, 0.05, 1), 0);
    CHECK(h.run_count == 6 && h.count == 1 && h.machine_count == 1);
    CHECK_STR(h.machines[0], "x, 2 cores, 24 GiB");
    CHECK_STR(h.series[0].name, "d/b/s/threads:1");
    CHECK_EQ_U64(h.series[0].count, 5);
    for (size_t i = 0; i < 5; i++) {
        char id[] = {(char)('a' + i), '\0'};
        CHECK_STR(h.runs[h.series[0].points[i].run].id, id);
        CHECK(fabs(h.series[0].points[i].median - id[0] / 10.0) < 1e-9);
        CHECK(isnan(h.series[0].points[i].low)); /* 3 samples give no interval */
    }
    history_free(&h);
}

TEST(what_differs_is_a_series_of_its_own)
{
    const struct sample like = {.records = 10, .bytes = 480, .tally_digest = 1, .wall_ns = 100};
    struct sample others[] = {like, like, like, like};
    struct history h = {0};
    others[0].records = 11;
    others[1].bytes = 481;
    others[2].tally_digest = 2;
    others[3].key.cold = true;
    CHECK_EQ_I64(add(&h, "a", "x", 1, like), 0);
    CHECK_EQ_I64(add(&h, "b", "x", 2, like), 0);
    CHECK_EQ_I64(add(&h, "c", "y", 3, like), 0);
    for (size_t i = 0; i < 4; i++) {
        char id[] = {(char)('0' + i), '\0'};
        CHECK_EQ_I64(add(&h, id, "x", 10, others[i]), 0);
    }
    CHECK_EQ_I64(history_finish(&h, 0.05, 1), 0);
    CHECK(h.count == 6 && h.machine_count == 2);
    CHECK_EQ_U64(h.series[0].count, 2);
    for (size_t i = 0; i < 6; i++)
        CHECK_FOR(h.series[i].ambiguous == (i != 1 && i != 5), "series %zu", i);
    CHECK_STR(h.series[5].name, "d/b/s/threads:1/cold");
    history_free(&h);
}

TEST(changes_have_a_factor)
{
    struct history h = {0};
    for (int i = 0; i < 20; i++) {
        char id[] = {(char)('a' + i), '\0'};
        uint64_t ns = (uint64_t)((i < 8 ? 1000 : 1500) + i % 3);
        CHECK_EQ_I64(add(&h, id, "x", i + 1, (struct sample){.records = 10, .wall_ns = ns}), 0);
    }
    CHECK_EQ_I64(history_finish(&h, 0.05, 1), 0);
    for (size_t i = 0; i < 20; i++)
        CHECK(h.series[0].points[i].changed == (i == 8));
    CHECK(fabs(history_factor(&h.series[0], 8) - 1501.0 / 1001) < 1e-9);
    history_free(&h);
}

TESTS(CASE(steps_are_found), CASE(steps_there_and_back), CASE(long_series), CASE(small_steps_do_not_count),
      CASE(a_single_odd_run_is_no_change), CASE(a_drift_shows_as_steps_of_its_direction), CASE(noise_is_no_change),
      CASE(equal_values_have_no_change), CASE(too_few_values_tell_nothing), CASE(the_same_runs_give_the_same_answer),
      CASE(runs_are_in_the_order_of_time), CASE(what_differs_is_a_series_of_its_own), CASE(changes_have_a_factor));
