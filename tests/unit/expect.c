/* Guards expectations: how they are judged, which cases they mean, what each measure finds in a run, and that files
 * that make no sense are refused. Every expected figure here was worked out by hand. */
#include "../../harness/analysis/expect.h"
#include "../../harness/analysis/phases.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK_NEAR(actual, expected)                                                                                   \
    CHECK_FOR(fabs((actual) - (expected)) < 1e-6, #actual " is %.12g", (double)(actual))

TEST(verdicts)
{
    static const struct {
        double low, median, high, promised_low, promised_high;
        enum expect_verdict verdict;
    } rows[] = {
        {11, 13, 14, 10, 15, EXPECT_HOLDS},    {16, 17, 18, 10, 15, EXPECT_ABOVE},
        {5, 6, 9, 10, 15, EXPECT_BELOW},       {9, 10, 11, 10, 15, EXPECT_INCONCLUSIVE},
        {38.1, 39, 40, 40, 40, EXPECT_HOLDS},  {30, 33, 37.9, 40, 40, EXPECT_BELOW},
        {42.1, 44, 46, 40, 40, EXPECT_ABOVE},  {-50, 20, 90, 20, 30, EXPECT_INCONCLUSIVE},
        {-50, 20, 90, 100, 101, EXPECT_BELOW}, {13, 13, 13, 13, 13, EXPECT_HOLDS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stats value = {
            .n = 9, .low = rows[i].low, .median = rows[i].median, .high = rows[i].high, .confident = true};
        CHECK_FOR(expect_judge(&value, rows[i].promised_low, rows[i].promised_high) == rows[i].verdict, "row %zu", i);
        value.confident = false;
        CHECK_EQ_I64(expect_judge(&value, rows[i].promised_low, rows[i].promised_high), EXPECT_NOT_MEASURED);
    }
}

/* --- files --- */

#define PROMISE(rest) "{\"says\": \"s\", \"low\": 1, \"high\": 2.5, \"unit\": \"u\", " rest "}"
#define FILE_OF(promise) "{\"title\": \"t\", \"promises\": [" promise "]}"

static int read_text(const char *text, struct expectations *e, char why[256])
{
    char path[] = "/tmp/expect-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int rc = expect_read(path, e, why, 256);
    unlink(path);
    return rc;
}

TEST(files_are_read)
{
    struct expectations e;
    char why[256];
    CHECK_FOR(read_text(FILE_OF(PROMISE("\"measure\": \"rate\", \"case\": {}")), &e, why) == 0, "%s", why);
    CHECK_EQ_U64(e.count, 1);
    CHECK_STR(e.title, "t");
    CHECK_STR(e.of[0].says, "s");
    CHECK_NEAR(e.of[0].high, 2.5);
    expect_free(&e);
    for (const struct stored_field *f = sample_fields; f->key; f++) {
        char text[200];
        snprintf(text, sizeof text, FILE_OF(PROMISE("\"measure\": \"rate\", \"case\": {\"%s\": 1}")), f->key);
        int rc = read_text(text, &e, why);
        CHECK_FOR((rc == 0) == (f->part == PART_CASE), "%s: %s", f->key, why);
        if (rc == 0)
            expect_free(&e);
    }
}

TEST(what_makes_no_sense_is_refused)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"nonsense", "'[' or '{' expected near 'nonsense'"},
        {"{\"title\": \"t\"}", "a title and promises are needed"},
        {FILE_OF("7"), "promise 1: Expected object, got integer"},
        {FILE_OF(PROMISE("\"case\": {}")), "promise 1: Object item not found: measure"},
        {FILE_OF(PROMISE("\"measure\": \"speed\", \"case\": {}")), "promise 1: its measure is not known"},
        {FILE_OF(PROMISE("\"measure\": \"rate\", \"case\": {\"bakend\": \"mmap\"}")),
         "promise 1: its case has something"},
        {FILE_OF(PROMISE("\"measure\": \"rate\", \"case\": {\"wall_ns\": 1}")), "promise 1: its case has something"},
        {FILE_OF(PROMISE("\"measure\": \"limit\", \"case\": {}")), "promise 1: its measure needs more"},
        {FILE_OF(PROMISE("\"measure\": \"share\", \"parts\": [1], \"case\": {}")), "promise 1: its measure needs more"},
        {FILE_OF("{\"says\": \"s\", \"low\": 3, \"high\": 2, \"unit\": \"u\", \"measure\": \"rate\", \"case\": {}}"),
         "promise 1: high is the lower one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct expectations e;
        char why[256] = "";
        CHECK_FOR(read_text(rows[i].text, &e, why) < 0, "row %zu", i);
        CHECK_FOR(strncmp(why, rows[i].why, strlen(rows[i].why)) == 0, "row %zu: %s", i, why);
    }
    CHECK(expect_read("/no/such/file", &(struct expectations){0}, (char[256]){0}, 256) < 0);
}

/* --- figures --- */

static struct results results;

static void add(const char *dataset, const char *backend, const char *sink, uint64_t round, uint64_t wall_ns)
{
    struct sample s = {.key.threads = 1,
                       .key.files = 1,
                       .key.split = 1,
                       .records = 1000,
                       .bytes = 48000,
                       .round = round,
                       .iterations = 2,
                       .wall_ns = wall_ns,
                       .reads = {READING_EXACT, 2 * 13000}};
    snprintf(s.key.dataset, sizeof s.key.dataset, "%s", dataset);
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    results_add(&results, STORED_SAMPLE, &s);
}

/* Of a promise in a run of this kind. */
static struct expect_finding found(const char *kind, const char *rest)
{
    struct expectations e;
    struct expect_finding f;
    struct stored_run run = {0};
    char why[256], text[1024];
    snprintf(text, sizeof text, FILE_OF(PROMISE("%s")), rest);
    CHECK_FOR(read_text(text, &e, why) == 0, "%s", why);
    if (!results.run)
        results.run = json_object();
    json_object_set_new(results.run, "kind", json_string(kind));
    run.results = results;
    report_of(&run.results, &run.report);
    expect_find(&e.of[0], &run, 1, &f);
    report_free(&run.report);
    expect_free(&e);
    return f;
}

TEST(figures_are_of_the_fastest_case_that_is_meant)
{
    for (uint64_t round = 0; round < 7; round++) {
        add("trades", "syscall", "sum", round, 1000000);
        add("trades", "mmap", "fields", round, 20000);
        add("trades", "buffered", "fields", round, 40000);
        add("mixed", "mmap", "fields", round, 2000);
    }
    CHECK_NEAR(found("run", "\"measure\": \"read_calls\", \"case\": {\"backend\": \"syscall\"}").value.median, 13);
    struct expect_finding f = found("run", "\"measure\": \"rate\", \"case\": {\"dataset\": [\"trades\", \"mbo\"]}");
    CHECK_NEAR(f.value.median, 100);
    CHECK_STR(f.what, "trades/mmap/fields/threads:1");
    CHECK_NEAR(found("run", "\"measure\": \"rate\", \"case\": {\"threads\": {\"least\": 1}, \"cache\": \"warm\"}")
                   .value.median,
               1000);
    CHECK_EQ_U64(found("run", "\"measure\": \"rate\", \"case\": {\"threads\": {\"least\": 2}}").value.n, 0);
    CHECK_EQ_U64(found("run", "\"measure\": \"rate\", \"case\": {\"cache\": \"cold\"}").value.n, 0);
    CHECK_EQ_U64(found("run", "\"measure\": \"rate\", \"case\": {\"requested\": 5}").value.n, 0);
    CHECK_EQ_U64(found("run", "\"measure\": \"rate\", \"case\": {\"requested\": null, \"advice\": null}").value.n, 7);
    CHECK_EQ_U64(found("scale", "\"measure\": \"rate\", \"case\": {}").value.n, 0); /* another kind of run */
}

TEST(unit_costs_are_of_limits)
{
    for (uint64_t round = 0; round < 7; round++) {
        struct limit_sample l = {
            .dataset = "trades", .limit = "read_16_ns", .round = round, .value = 230, .wall_value = 1};
        results_add(&results, STORED_LIMIT, &l);
    }
    static const char promise[] = "\"measure\": \"limit\", \"limit\": \"read_16_ns\", \"case\": {\"dataset\": \"%s\"}";
    char text[256];
    snprintf(text, sizeof text, promise, "trades");
    CHECK_NEAR(found("run", text).value.median, 230);
    snprintf(text, sizeof text, promise, "mixed");
    CHECK_EQ_U64(found("run", text).value.n, 0);
}

TEST(gains_are_of_phases)
{
    struct phase_chain chain;
    char why[256];
    CHECK_EQ_I64(phase_chain_load(NULL, 2, &chain, why, sizeof why), 0);
    results.run = json_pack("{s:o, s:[s]}", "chain", chain.json, "chain_inputs", "trades");
    for (uint64_t round = 0; round < 7; round++) {
        add("trades", "buffered", "rows-exact+strings-copy", round, 40000);
        add("trades", "mmap", "rows-exact+strings-copy", round, 32000);
    }
    struct expect_finding f =
        found("phases", "\"measure\": \"gain\", \"step\": \"mmap\", \"case\": {\"dataset\": \"trades\"}");
    CHECK_NEAR(f.value.median, 25);
    CHECK_STR(f.what, "trades/mmap/rows-exact+strings-copy/threads:1, over \"exact allocation\"");
    CHECK_EQ_U64(found("phases", "\"measure\": \"gain\", \"step\": \"interning\", \"case\": {}").value.n, 0);
    CHECK_EQ_U64(found("phases", "\"measure\": \"gain\", \"step\": \"mmap\", \"case\": {\"dataset\": \"mbo\"}").value.n,
                 0);
}

/* 1000 of 2000 ns a record are calls. */
TEST(shares_are_of_profiles)
{
    static const char *const sinks[] = {"none", "frame", "fields"};
    static const uint64_t own[] = {1000, 1500, 2000}, cached[] = {100, 600, 1100};
    results.run = json_pack("{s:{s:{s:s}}}", "backends", "buffered", "asks", "blocks");
    for (uint64_t round = 0; round < 7; round++)
        for (size_t i = 0; i < 3; i++) {
            add("d", "buffered", sinks[i], round, 1);
            add("d", "memory-cached", sinks[i], round, 1);
            results.samples[results.count - 2].cpu_ns = reading_exactly(2000 * own[i]);
            results.samples[results.count - 1].cpu_ns = reading_exactly(2000 * cached[i]);
        }
    struct expect_finding f = found("profile", "\"measure\": \"share\", \"parts\": [\"calls\"], \"case\": {}");
    CHECK_NEAR(f.value.median, 50);
    f = found("profile",
              "\"measure\": \"share\", \"parts\": [\"framing\", \"fields\"], \"case\": {\"backend\": \"buffered\"}");
    CHECK_NEAR(f.value.median, 50);
    CHECK_EQ_U64(found("profile", "\"measure\": \"share\", \"parts\": [\"nothing\"], \"case\": {}").value.n, 0);
}

TEST(scaling_is_of_points_with_a_core_for_each_thread)
{
    results.run = json_pack("{s:{s:i}}", "machine", "cores_allowed", 2);
    for (uint64_t round = 0; round < 7; round++)
        for (uint64_t threads = 1; threads <= 4; threads *= 2) {
            add("d", "mmap", "sum", round, 12000 / threads);
            results.samples[results.count - 1].key.threads = threads;
        }
    struct expect_finding f = found("scale", "\"measure\": \"speedup\", \"case\": {\"threads\": {\"least\": 2}}");
    CHECK_NEAR(f.value.median, 2);
    CHECK_STR(f.what, "d/mmap/sum/threads:2");
    CHECK_EQ_U64(found("scale", "\"measure\": \"of_capacity\", \"case\": {}").value.n, 0);
}

TEST(what_no_run_has_is_named)
{
    struct expect_finding f = found("run", "\"measure\": \"gain\", \"step\": \"x\", \"case\": {\"dataset\": \"d\"}");
    CHECK_EQ_U64(f.value.n, 0);
    CHECK_STR(f.what, "needs a run of `dbnbench phases` with {\"dataset\":\"d\"}");
}

TESTS(CASE(verdicts), CASE(files_are_read), CASE(what_makes_no_sense_is_refused),
      CASE(figures_are_of_the_fastest_case_that_is_meant), CASE(unit_costs_are_of_limits), CASE(gains_are_of_phases),
      CASE(shares_are_of_profiles), CASE(scaling_is_of_points_with_a_core_for_each_thread),
      CASE(what_no_run_has_is_named));
