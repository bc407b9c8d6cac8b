/* Guards the trend of stored runs: changes are seen where they were made, noise alone is none more often than is said,
 * and what cannot be compared is not put into one series. */
#include "../../harness/analysis/history.h"
#include "../../harness/analysis/stats.h"
#include "../test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 300, NEEDED = HISTORY_LEVEL + HISTORY_IN_A_ROW };

static double values[MOST];
static bool changed[MOST];
static double factors[MOST];

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

/* Of a series with these values. */
static int changes(size_t n, double smallest)
{
    static struct history_run runs[MOST];
    static struct history_point points[MOST];
    struct history h = {.runs = runs, .run_count = n, .points = points, .count = n};
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        runs[i] = (struct history_run){.id = "", .unix_ms = (int64_t)i};
        points[i] = (struct history_point){.run = i, .median = values[i], .factor = NAN};
    }
    history_finish(&h, smallest);
    for (size_t i = 0; i < n; i++) {
        factors[i] = points[i].factor;
        changed[i] = !isnan(factors[i]);
        count += changed[i];
    }
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

TEST(long_series)
{
    uint64_t random = 7;
    make(0, 100, 50, 0.02, &random);
    make(100, 150, 60, 0.02, &random);
    make(250, 50, 40, 0.02, &random);
    CHECK_EQ_I64(changes(300, 0.05), 2);
    CHECK(changed[100] && changed[250]);
    make(0, 297, 50, 0.02, &random); /* only the last values, but as many as are needed */
    make(297, 3, 100, 0.02, &random);
    CHECK_EQ_I64(changes(300, 0.05), 1);
    CHECK(changed[297]);
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
    for (size_t i = 0; i < 40; i++)
        CHECK(!changed[i] || factors[i] > 1.05);
}

/* Seldom at least, over all series. The least change that counts is 0, so nothing else
 * helps. */
TEST(noise_is_no_change)
{
    static const struct {
        size_t n, series;
    } rows[] = {{30, 400}, {NEEDED, 400}, {60, 400}, {200, 200}};
    size_t wrong = 0, all = 0;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        for (uint64_t seed = 0; seed < rows[r].series; seed++) {
            uint64_t random = 1000 * r + seed;
            make(0, rows[r].n, 100, 0.05, &random);
            wrong += changes(rows[r].n, 0) > 0;
        }
        all += rows[r].series;
    }
    CHECK_FOR(wrong <= all / 33, "%zu of %zu", wrong, all);
    CHECK(wrong > 0); /* else the test is far too strict to see anything */
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
    for (size_t n = HISTORY_IN_A_ROW; n < 20; n++) {
        make(0, n, 100, 0.001, &random);
        make(n - HISTORY_IN_A_ROW, HISTORY_IN_A_ROW, 200, 0.001, &random);
        CHECK_FOR(changes(n, 0.05) == (n >= NEEDED), "%zu values", n);
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
        results_add(&r, STORED_SAMPLE, &s);
    report_of(&r, &report);
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
    history_finish(&h, 0.05);
    CHECK_EQ_U64(h.run_count, 6);
    CHECK_EQ_U64(h.count, 5);
    CHECK(history_series_end(&h, h.points) == h.points + 5);
    CHECK_STR(h.runs[0].machine, "x, 2 cores, 24 GiB");
    for (size_t i = 0; i < 5; i++) {
        char id[] = {(char)('a' + i), '\0'};
        CHECK_STR(h.runs[h.points[i].run].id, id);
        CHECK(fabs(h.points[i].median - id[0] / 10.0) < 1e-9);
        CHECK(isnan(h.points[i].low)); /* 3 samples give no interval */
    }
    history_free(&h);
}

TEST(what_differs_is_a_series_of_its_own)
{
    const struct sample like = {.records = 10, .bytes = 480, .tally_digest = {READING_EXACT, 1}, .wall_ns = 100};
    struct sample others[] = {like, like, like, like};
    struct history h = {0};
    others[0].records = 11;
    others[1].bytes = 481;
    others[2].tally_digest = reading_exactly(2);
    others[3].key.cold = true;
    CHECK_EQ_I64(add(&h, "a", "x", 1, like), 0);
    CHECK_EQ_I64(add(&h, "b", "x", 2, like), 0);
    CHECK_EQ_I64(add(&h, "c", "y", 3, like), 0);
    for (size_t i = 0; i < 4; i++) {
        char id[] = {(char)('0' + i), '\0'};
        CHECK_EQ_I64(add(&h, id, "x", 10, others[i]), 0);
    }
    history_finish(&h, 0.05);
    CHECK_EQ_U64(h.count, 7);
    size_t series = 0, alone = 0, most = 0;
    for (const struct history_point *p = h.points, *last = p + h.count, *end; p < last; p = end) {
        end = history_series_end(&h, p);
        bool same_case =
            (p > h.points && history_same_case(&h, p - 1, p)) || (end < last && history_same_case(&h, p, end));
        series++;
        alone += !same_case;
        most = (size_t)(end - p) > most ? (size_t)(end - p) : most;
        CHECK(same_case == (!p->key.cold && strcmp(h.runs[p->run].id, "c") != 0));
    }
    CHECK_EQ_U64(series, 6);
    CHECK_EQ_U64(alone, 2);
    CHECK_EQ_U64(most, 2);
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
    history_finish(&h, 0.05);
    for (size_t i = 0; i < 20; i++)
        CHECK(isnan(h.points[i].factor) == (i != 8));
    CHECK(fabs(h.points[8].factor - 1501.0 / 1001) < 1e-9);
    history_free(&h);
}

TESTS(CASE(steps_are_found), CASE(steps_there_and_back), CASE(long_series), CASE(small_steps_do_not_count),
      CASE(a_single_odd_run_is_no_change), CASE(a_drift_shows_as_steps_of_its_direction), CASE(noise_is_no_change),
      CASE(equal_values_have_no_change), CASE(too_few_values_tell_nothing), CASE(runs_are_in_the_order_of_time),
      CASE(what_differs_is_a_series_of_its_own), CASE(changes_have_a_factor));
