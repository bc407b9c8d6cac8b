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
        {0.90, 1.10, 1.25, 1.20, 1.30, PHASE_CANNOT_TELL},
        {1.05, 1.30, 1.60, 1.20, 1.30, PHASE_CANNOT_TELL},
        {0.95, 1.00, 1.05, 1.00, 1.00, PHASE_HOLDS},
        {1.80, 1.85, 1.90, 1.00, 1.00, PHASE_BETTER},
        {1.01, 1.03, 1.05, 1.02, 1.05, PHASE_HOLDS},
        {0.99, 1.01, 1.03, 1.02, 1.05, PHASE_CANNOT_TELL},
        {1.10, 1.15, 1.20, 0, 0, PHASE_GAIN},
        {0.98, 1.00, 1.02, 0, 0, PHASE_NOTHING},
        {0.50, 1.00, 1.50, 0, 0, PHASE_CANNOT_TELL},
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

TEST(the_table_has_a_roadmap)
{
    struct phase_chain chain;
    CHECK(phase_chain_find("roadmap", 4, &chain));
    CHECK_EQ_U64(chain.count, 10);
    CHECK_STR(chain.phase[0].against, "");
    CHECK_STR(chain.phase[1].against, "naive");
    CHECK_EQ_U64(chain.phase[8].threads, 4);
    CHECK_NEAR(chain.phase[8].low, 4);
    CHECK(chain.phase[8].many);
    CHECK_EQ_U64(chain.phase[9].split, 4);
    CHECK(!phase_chain_find("none", 4, &chain));
}

static const char good[] = "# two steps\n"
                           "\n"
                           "slow\tsyscall\tsum\t1\t1\tone\t-\t-\t-\t-\n"
                           "fast\tmmap\tsum\tall\tall\tone\tslow\t1.5\t12.25\treading\n";

TEST(a_text_makes_a_chain)
{
    struct phase_chain chain;
    char why[256];
    CHECK_EQ_I64(phase_chain_parse("own", good, 3, &chain, why, sizeof why), 0);
    CHECK_EQ_U64(chain.count, 2);
    CHECK_STR(chain.name, "own");
    CHECK_STR(chain.phase[0].against, "");
    CHECK_NEAR(chain.phase[0].low, 0);
    CHECK_STR(chain.phase[1].name, "fast");
    CHECK_STR(chain.phase[1].backend, "mmap");
    CHECK_EQ_U64(chain.phase[1].threads, 3);
    CHECK_EQ_U64(chain.phase[1].split, 3);
    CHECK_NEAR(chain.phase[1].low, 1.5);
    CHECK_NEAR(chain.phase[1].high, 12.25);
    CHECK_EQ_I64(chain.phase[1].frees, FREES_READING);
}

TEST(bad_texts_are_refused_by_line)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "there is no step in it"},
        {"# nothing\n", "there is no step in it"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t-\t-\n", "line 1: not 10 fields separated by tabs"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t-\t-\t-\tmore\n", "line 1: not 10 fields separated by tabs"},
        {"a\tmmap\tsum\t0\t1\tone\t-\t-\t-\t-\n", "line 1: threads: 0"},
        {"a\tmmap\tsum\t-1\t1\tone\t-\t-\t-\t-\n", "line 1: threads: -1"},
        {"a\tmmap\tsum\t1x\t1\tone\t-\t-\t-\t-\n", "line 1: threads: 1x"},
        {"a\tmmap\tsum\t1\t9999\tone\t-\t-\t-\t-\n", "line 1: split: 9999"},
        {"a\tmmap\tsum\t1\t1\tsome\t-\t-\t-\t-\n", "line 1: files: some"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t1,5\t2\t-\n", "line 1: low: 1,5"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t1e3\t2\t-\n", "line 1: low: 1e3"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t2\t1\t-\n", "line 1: high: 1"},
        {"a\tmmap\tsum\t1\t1\tone\t-\t-\t-\tall\n", "line 1: frees: all"},
        {"a\tmmap\tsum\t1\t1\tone\tb\t-\t-\t-\n", "line 1: no step b stands before it"},
        {"\tmmap\tsum\t1\t1\tone\t-\t-\t-\t-\n", "line 1: name: "},
        {"a\tmmap\tsum\t1\t1\tone\t-\t-\t-\t-\na\tmmap\tsum\t1\t1\tone\t-\t-\t-\t-\n", "line 2: a second step a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct phase_chain chain;
        char why[256] = "";
        CHECK_FOR(phase_chain_parse("own", rows[i].text, 2, &chain, why, sizeof why) < 0, "row %zu", i);
        CHECK_STR(why, rows[i].why);
    }
}

TEST(chains_come_back_from_a_run_line)
{
    struct phase_chain chain, back;
    CHECK(phase_chain_find("roadmap", 2, &chain));
    json_t *o = phase_chain_to_json(&chain);
    CHECK(phase_chain_from_json(o, &back));
    CHECK_EQ_U64(back.count, chain.count);
    for (size_t i = 0; i < chain.count; i++) {
        const struct phase *a = &chain.phase[i], *b = &back.phase[i];
        CHECK_STR(b->name, a->name);
        CHECK_STR(b->backend, a->backend);
        CHECK_STR(b->sink, a->sink);
        CHECK_STR(b->against, a->against);
        CHECK(b->threads == a->threads && b->split == a->split && b->many == a->many && b->frees == a->frees);
        CHECK_NEAR(b->low, a->low);
        CHECK_NEAR(b->high, a->high);
    }
    json_object_set_new(json_array_get(json_object_get(o, "steps"), 1), "threads", json_integer(0));
    CHECK(!phase_chain_from_json(o, &back));
    CHECK(!phase_chain_from_json(NULL, &back));
    json_decref(o);
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
        .reads = 2 * 3 * records,
        .max_rss_bytes = 1000 + round,
    };
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    CHECK_EQ_I64(results_add(&results, &s), 0);
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

static void derive(struct phase_row *rows, struct phase_chain *chain)
{
    char why[256];
    CHECK_EQ_I64(phase_chain_parse("own", good, 1, chain, why, sizeof why), 0);
    CHECK_EQ_I64(phases_of(&results, chain, "d", NULL, rows), 0);
}

TEST(gains_are_by_record_and_round)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    derive(rows, &chain);
    CHECK_EQ_I64(rows[0].verdict, PHASE_FIRST);
    CHECK_NEAR(rows[0].record_ns.median, 400);
    CHECK_NEAR(rows[0].calls, 3);
    CHECK_EQ_U64(rows[0].peak_bytes, 1006);
    CHECK_NEAR(rows[1].gain.median, 5);
    CHECK_NEAR(rows[1].gain.low, 5);
    CHECK_NEAR(rows[1].gain.high, 5);
    CHECK_NEAR(rows[1].cumulative.median, 5);
    CHECK_NEAR(rows[1].ceiling.median, 2.5); /* 100 / (100 - 60) */
    CHECK_EQ_I64(rows[1].verdict, PHASE_HOLDS);
}

TEST(what_keeping_costs_is_what_fields_leave)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    derive(rows, &chain);
    chain.phase[1].frees = FREES_KEEPING;
    CHECK_EQ_I64(phases_of(&results, &chain, "d", NULL, rows), 0);
    CHECK_NEAR(rows[1].ceiling.median, 1.25); /* 100 / 80 */
    chain.phase[1].frees = FREES_THREADS;
    CHECK_EQ_I64(phases_of(&results, &chain, "d", NULL, rows), 0);
    CHECK_NEAR(rows[1].ceiling.median, 1);
}

TEST(a_step_that_failed_has_no_figures)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    struct sample s = results.samples[3];
    s.round = 7;
    s.outcome = SAMPLE_CRASHED;
    CHECK_EQ_I64(results_add(&results, &s), 0);
    derive(rows, &chain);
    CHECK_EQ_U64(rows[1].record_ns.n, 0);
    CHECK_EQ_U64(rows[1].gain.n, 0);
    CHECK_EQ_I64(rows[1].sample->outcome, SAMPLE_CRASHED);
    CHECK_EQ_I64(rows[1].verdict, PHASE_UNKNOWN);
}

TEST(a_step_that_was_not_measured_has_none_either)
{
    struct phase_chain chain;
    struct phase_row rows[2];
    add_rounds();
    CHECK(phase_chain_find("roadmap", 1, &chain));
    chain.count = 2;
    CHECK_EQ_I64(phases_of(&results, &chain, "d", NULL, rows), 0);
    CHECK(rows[0].sample == NULL);
    CHECK_EQ_I64(rows[1].verdict, PHASE_UNKNOWN);
}

TESTS(CASE(verdicts), CASE(the_table_has_a_roadmap), CASE(a_text_makes_a_chain), CASE(bad_texts_are_refused_by_line),
      CASE(chains_come_back_from_a_run_line), CASE(gains_are_by_record_and_round),
      CASE(what_keeping_costs_is_what_fields_leave), CASE(a_step_that_failed_has_no_figures),
      CASE(a_step_that_was_not_measured_has_none_either));
