/* Guards chains of phases: what they are read from, what samples make of them, and when a promise holds. Every expected
 * figure here was worked out by hand. */
#include "../../harness/analysis/phases.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_NEAR(actual, expected)                                                                                   \
    CHECK_FOR(fabs((actual) - (expected)) < 1e-9, #actual " is %.12g", (double)(actual))

/* --- verdicts --- */

TEST(verdicts)
{
    static const struct {
        double low, median, high, promised_low, promised_high;
        enum phase_verdict verdict;
    } rows[] = {
        {1.24, 1.25, 1.26, 1.20, 1.30, PHASE_HOLDS},
        {1.15, 1.20, 1.25, 1.20, 1.30, PHASE_HOLDS},
        {1.10, 1.13, 1.19, 1.20, 1.30, PHASE_WORSE},
        {1.31, 1.35, 1.40, 1.20, 1.30, PHASE_BETTER},
        {0.98, 1.00, 1.02, 1.20, 1.30, PHASE_NOTHING},
        {1.005, 1.010, 1.015, 1.20, 1.30, PHASE_NOTHING},
        {0.80, 0.85, 0.90, 1.20, 1.30, PHASE_LOSS},
        {0.90, 1.10, 1.25, 1.20, 1.30, PHASE_INCONCLUSIVE},
        {1.05, 1.30, 1.60, 1.20, 1.30, PHASE_INCONCLUSIVE},
        {0.95, 1.00, 1.05, 1.00, 1.00, PHASE_HOLDS},
        {1.80, 1.85, 1.90, 1.00, 1.00, PHASE_BETTER},
        {1.01, 1.03, 1.05, 1.02, 1.05, PHASE_HOLDS},
        {0.99, 1.01, 1.03, 1.02, 1.05, PHASE_INCONCLUSIVE},
        {1.10, 1.15, 1.20, 0, 0, PHASE_GAIN},
        {0.98, 1.00, 1.02, 0, 0, PHASE_NOTHING},
        {0.50, 1.00, 1.50, 0, 0, PHASE_INCONCLUSIVE},
        {0.70, 0.80, 0.90, 0, 0, PHASE_LOSS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stats gain = {
            .n = 9, .low = rows[i].low, .median = rows[i].median, .high = rows[i].high, .confident = true};
        enum phase_verdict verdict = phase_judge(&gain, rows[i].promised_low, rows[i].promised_high);
        CHECK_FOR(verdict == rows[i].verdict, "row %zu: %s", i, phase_verdicts[verdict]);
        gain.confident = false;
        CHECK_EQ_I64(phase_judge(&gain, rows[i].promised_low, rows[i].promised_high), PHASE_UNKNOWN);
    }
    CHECK_EQ_I64(phase_judge(&(struct stats){0}, 1.2, 1.3), PHASE_UNKNOWN);
}

/* --- chains --- */

static int read_text(const char *text, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    json_t *o = json_loads(text, 0, NULL);
    CHECK_FOR(o != NULL, "%s", text);
    int rc = phase_chain_read(o, cores, chain, why, size);
    json_decref(o);
    return rc;
}

TEST(a_roadmap_is_built_in)
{
    struct phase_chain chain;
    char why[256];
    CHECK_EQ_I64(phase_chain_load(NULL, 4, &chain, why, sizeof why), 0);
    CHECK_STR(chain.name, "roadmap");
    CHECK_EQ_U64(chain.count, 10);
    CHECK_STR(chain.phase[0].against, "");
    CHECK_STR(chain.phase[1].against, "naive");
    CHECK_EQ_U64(chain.phase[8].threads, 4);
    CHECK_NEAR(chain.phase[8].low, 4);
    CHECK(chain.phase[8].many);
    CHECK_EQ_U64(chain.phase[9].split, 4);
    json_decref(chain.json);
    CHECK(phase_chain_load("no such file", 4, &chain, why, sizeof why) < 0);
    CHECK(strstr(why, "No such file") != NULL);
}

static const char good[] = "{\"name\": \"own\", \"steps\": ["
                           "{\"name\": \"slow\", \"backend\": \"syscall\", \"sink\": \"sum\"}, "
                           "{\"name\": \"fast\", \"backend\": \"mmap\", \"sink\": \"sum\", \"threads\": \"all\", "
                           "\"split\": \"all\", \"against\": \"slow\", \"low\": 1.5, \"high\": 12.25}]}";

TEST(a_text_makes_a_chain)
{
    struct phase_chain chain;
    char why[256];
    CHECK_EQ_I64(read_text(good, 3, &chain, why, sizeof why), 0);
    CHECK_EQ_U64(chain.count, 2);
    CHECK_STR(chain.name, "own");
    CHECK_STR(chain.phase[0].against, "");
    CHECK_EQ_U64(chain.phase[0].threads, 1);
    CHECK_NEAR(chain.phase[0].low, 0);
    CHECK_STR(chain.phase[1].name, "fast");
    CHECK_STR(chain.phase[1].backend, "mmap");
    CHECK_EQ_U64(chain.phase[1].threads, 3);
    CHECK_EQ_U64(chain.phase[1].split, 3);
    CHECK_NEAR(chain.phase[1].low, 1.5);
    CHECK_NEAR(chain.phase[1].high, 12.25);
    json_decref(chain.json);
}

TEST(bad_texts_are_refused_by_step)
{
    static const struct {
        const char *step, *why; /* what stands behind the step's backend and sink */
    } rows[] = {
        {"", "step 1: Object item not found: name"},
        {", \"name\": \"\"", "step 1: name: it is empty, or another step's"},
        {", \"name\": \"a\", \"more\": 1", "step 1: 1 object item(s) left unpacked: more"},
        {", \"name\": \"a\", \"threads\": 0", "step 1: threads, split: a number from 1 to 1024, or \"all\""},
        {", \"name\": \"a\", \"threads\": -1", "step 1: threads, split: a number from 1 to 1024, or \"all\""},
        {", \"name\": \"a\", \"threads\": 1.5", "step 1: threads, split: a number from 1 to 1024, or \"all\""},
        {", \"name\": \"a\", \"split\": 9999", "step 1: threads, split: a number from 1 to 1024, or \"all\""},
        {", \"name\": \"a\", \"split\": \"2\"", "step 1: threads, split: a number from 1 to 1024, or \"all\""},
        {", \"name\": \"a\", \"many\": 1", "step 1: Expected true or false, got integer"},
        {", \"name\": \"a\", \"low\": \"1,5\"",
         "step 1: low, high: numbers of which high is not the lower one, or \"all\""},
        {", \"name\": \"a\", \"low\": 2, \"high\": 1",
         "step 1: low, high: numbers of which high is not the lower one, or \"all\""},
        {", \"name\": \"a\", \"against\": \"b\"", "step 1: against: no such step stands before it"},
        {", \"name\": \"a\"}, {\"backend\": \"mmap\", \"sink\": \"sum\", \"name\": \"a\"",
         "step 2: name: it is empty, or another step's"},
    };
    struct phase_chain chain;
    char text[512], why[256] = "";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "{\"name\": \"c\", \"steps\": [{\"backend\": \"mmap\", \"sink\": \"sum\"%s}]}",
                 rows[i].step);
        CHECK_FOR(read_text(text, 2, &chain, why, sizeof why) < 0, "row %zu", i);
        CHECK_STR(why, rows[i].why);
    }
    CHECK(read_text("{\"name\": \"c\", \"steps\": []}", 2, &chain, why, sizeof why) < 0);
    CHECK_STR(why, "there is no step in it");
    CHECK(read_text("[]", 2, &chain, why, sizeof why) < 0);
    CHECK_STR(why, "a chain is an object with a name and steps");
}

TEST(chains_come_back_from_a_run_line)
{
    struct phase_chain chain, back;
    char why[256];
    CHECK_EQ_I64(phase_chain_load(NULL, 2, &chain, why, sizeof why), 0);
    json_t *o = json_deep_copy(chain.json);
    CHECK_EQ_I64(phase_chain_read(o, 1, &back, why, sizeof why), 0);
    CHECK_EQ_U64(back.count, chain.count);
    for (size_t i = 0; i < chain.count; i++) {
        const struct phase *a = &chain.phase[i], *b = &back.phase[i];
        CHECK_STR(b->name, a->name);
        CHECK_STR(b->backend, a->backend);
        CHECK_STR(b->sink, a->sink);
        CHECK_STR(b->against, a->against);
        CHECK(b->threads == a->threads && b->split == a->split && b->many == a->many);
        CHECK_NEAR(b->low, a->low);
        CHECK_NEAR(b->high, a->high);
    }
    json_decref(back.json);
    json_object_set_new(json_array_get(json_object_get(o, "steps"), 1), "threads", json_integer(0));
    CHECK(phase_chain_read(o, 1, &back, why, sizeof why) < 0);
    CHECK(phase_chain_read(NULL, 1, &back, why, sizeof why) < 0);
    json_decref(o);
    json_decref(chain.json);
}

/* --- figures --- */

static struct results results;

static void add(const char *backend, const char *sink, uint64_t round, uint64_t wall_ns, uint64_t records)
{
    struct sample s = {
        .key.dataset = "d",
        .key.threads = 1,
        .key.files = 1,
        .key.split = 1,
        .records = records,
        .round = round,
        .iterations = 2,
        .wall_ns = 2 * wall_ns * (round + 1),
        .bytes = 48 * records,
        .reads = {READING_EXACT, 2 * 3 * records},
        .max_rss_bytes = {READING_EXACT, 1000 + round},
    };
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    results_add(&results, STORED_SAMPLE, &s);
}

/* slow: 100 ns a record, 60 of them reading; fast: 20 ns, of 10 times as many records. Rounds get slower. */
static void add_rounds(void)
{
    for (uint64_t round = 0; round < 7; round++) {
        add("syscall", "sum", round, 100 * 100, 100);
        add("syscall", "none", round, 60 * 100, 100);
        add("syscall", "fields", round, 80 * 100, 100);
        add("mmap", "sum", round, 20 * 1000, 1000);
    }
}

/* What rows point to stays with the results. */
static void derive_of(struct phase_row *rows, const struct phase_chain *chain)
{
    struct report report;
    report_of(&results, &report);
    phases_of(&report, chain, "d", NULL, rows);
    report_free(&report);
}

static void derive(struct phase_row *rows, struct phase_chain *chain)
{
    char why[256];
    CHECK_EQ_I64(read_text(good, 1, chain, why, sizeof why), 0);
    derive_of(rows, chain);
}

TEST(gains_are_by_record_and_round)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    derive(rows, &chain);
    CHECK_EQ_I64(rows[0].verdict, PHASE_FIRST);
    CHECK_NEAR(rows[0].record_ns.median, 400);
    CHECK_NEAR(rows[1].gain.median, 5);
    CHECK_NEAR(rows[1].gain.low, 5);
    CHECK_NEAR(rows[1].gain.high, 5);
    CHECK_NEAR(rows[1].cumulative.median, 5);
    CHECK_EQ_I64(rows[1].verdict, PHASE_HOLDS);
    json_decref(chain.json);
}

TEST(a_step_that_failed_has_no_figures)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    struct sample s = results.samples[3];
    s.round = 7;
    s.outcome = SAMPLE_CRASHED;
    results_add(&results, STORED_SAMPLE, &s);
    derive(rows, &chain);
    CHECK_EQ_U64(rows[1].record_ns.n, 0);
    CHECK_EQ_U64(rows[1].gain.n, 0);
    CHECK_EQ_I64(rows[1].sample->outcome, SAMPLE_CRASHED);
    CHECK_EQ_I64(rows[1].verdict, PHASE_UNKNOWN);
    json_decref(chain.json);
}

TEST(a_step_that_was_not_measured_has_none_either)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    char why[256];
    CHECK_EQ_I64(phase_chain_load(NULL, 1, &chain, why, sizeof why), 0);
    chain.count = 2;
    derive_of(rows, &chain);
    CHECK(rows[0].sample == NULL);
    CHECK_EQ_I64(rows[1].verdict, PHASE_UNKNOWN);
    json_decref(chain.json);
}

/* A round of a file sizes nothing, and is paired with its like. */
TEST(a_round_may_be_any_number)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    for (size_t i = 0; i < results.count; i++)
        if (results.samples[i].round == 6)
            results.samples[i].round = INT64_MAX;
    derive(rows, &chain);
    CHECK_EQ_U64(rows[1].gain.n, 7);
    CHECK_NEAR(rows[1].gain.median, 5);
    json_decref(chain.json);
}

TESTS(CASE(verdicts), CASE(a_roadmap_is_built_in), CASE(a_text_makes_a_chain), CASE(bad_texts_are_refused_by_step),
      CASE(chains_come_back_from_a_run_line), CASE(gains_are_by_record_and_round),
      CASE(a_step_that_failed_has_no_figures), CASE(a_step_that_was_not_measured_has_none_either),
      CASE(a_round_may_be_any_number));
