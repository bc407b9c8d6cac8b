/* Guards how claims are judged, and that each finds what it needs in runs, and says what is missing otherwise. */
#include "../../harness/analysis/claims.h"
#include "../../harness/analysis/phases.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_NEAR(actual, expected)                                                                                   \
    CHECK_FOR(fabs((actual) - (expected)) < 1e-6, #actual " is %.12g", (double)(actual))

TEST(verdicts)
{
    static const struct {
        double low, median, high, claimed_low, claimed_high;
        enum claim_verdict verdict;
    } rows[] = {
        {11, 13, 14, 10, 15, CLAIM_HOLDS},    {16, 17, 18, 10, 15, CLAIM_ABOVE},
        {5, 6, 9, 10, 15, CLAIM_BELOW},       {9, 10, 11, 10, 15, CLAIM_CANNOT_TELL},
        {38.1, 39, 40, 40, 40, CLAIM_HOLDS},  {30, 33, 37.9, 40, 40, CLAIM_BELOW},
        {42.1, 44, 46, 40, 40, CLAIM_ABOVE},  {-50, 20, 90, 20, 30, CLAIM_CANNOT_TELL},
        {-50, 20, 90, 100, 101, CLAIM_BELOW}, {13, 13, 13, 13, 13, CLAIM_HOLDS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stats value = {
            .n = 9, .low = rows[i].low, .median = rows[i].median, .high = rows[i].high, .confident = true};
        CHECK_FOR(claim_judge(&value, rows[i].claimed_low, rows[i].claimed_high) == rows[i].verdict, "row %zu", i);
        value.confident = false;
        CHECK_EQ_I64(claim_judge(&value, rows[i].claimed_low, rows[i].claimed_high), CLAIM_UNKNOWN);
    }
}

static const struct claim *claim_of(const char *words)
{
    for (size_t i = 0; i < claims_count; i++)
        if (strstr(claims[i].says, words))
            return &claims[i];
    test_fail(__FILE__, __LINE__, "no claim says %s", words);
}

static struct results results;

static struct claim_finding found(const char *words)
{
    const struct claim *c = claim_of(words);
    return c->find(&(struct claims_input){&results, 1}, c->arg);
}

static void add(const char *dataset, const char *backend, const char *sink, uint64_t round, uint64_t wall_ns)
{
    struct sample s = {.key.threads = 1,
                       .key.files = 1,
                       .key.split = 1,
                       .records = 1000,
                       .round = round,
                       .iterations = 2,
                       .wall_ns = wall_ns,
                       .reads = 2 * 13000};
    snprintf(s.key.dataset, sizeof s.key.dataset, "%s", dataset);
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    CHECK_EQ_I64(results_add(&results, &s), 0);
}

TEST(calls_and_the_ceiling_are_of_samples_of_trades)
{
    for (uint64_t round = 0; round < 7; round++) {
        add("trades", "syscall", "sum", round, 1000000);
        add("trades", "mmap", "fields", round, 20000);
        add("trades", "buffered", "fields", round, 40000);
        add("mixed", "mmap", "fields", round, 2000);
    }
    CHECK_NEAR(found("10 to 15 million").value.median, 13);
    CHECK_NEAR(found("are the ceiling").value.median, 100);
    CHECK_STR(found("are the ceiling").what, "trades, `mmap`, `fields`");
}

TEST(unit_costs_are_of_limits)
{
    for (uint64_t round = 0; round < 7; round++) {
        struct limit_sample l = {
            .dataset = "trades", .limit = "read_16_ns", .round = round, .value = 230, .wall_value = 1};
        CHECK_EQ_I64(results_add_limit(&results, &l), 0);
    }
    CHECK_NEAR(found("each takes").value.median, 230);
}

TEST(gains_are_of_phases)
{
    struct phase_chain chain;
    char why[256];
    CHECK_EQ_I64(phase_chain_load(NULL, 2, &chain, why, sizeof why), 0);
    results.run = json_pack("{s:o, s:[s]}", "chain", phase_chain_to_json(&chain), "chain_inputs", "trades");
    for (uint64_t round = 0; round < 7; round++) {
        add("trades", "buffered", "rows-exact+strings-copy", round, 40000);
        add("trades", "mmap", "rows-exact+strings-copy", round, 32000);
    }
    CHECK_NEAR(found("mmap gains").value.median, 25);
    CHECK_STR(found("mmap gains").what, "trades, over \"exact allocation\"");
    CHECK_EQ_U64(found("interning").value.n, 0);
}

TEST(what_no_run_has_is_named)
{
    char *page;
    size_t size;
    results.run = json_object();
    for (size_t i = 0; i < claims_count; i++) {
        struct claim_finding f = claims[i].find(&(struct claims_input){&results, 1}, claims[i].arg);
        CHECK_FOR(f.value.n == 0 && strncmp(f.what, "needs a run of ", 15) == 0, "%s: %s", claims[i].says, f.what);
    }
    FILE *to = open_memstream(&page, &size);
    CHECK_EQ_I64(claims_print(&(struct claims_input){&results, 1}, to), 0);
    fclose(to);
    CHECK(strstr(page, "| n/a | n/a: needs a run of `dbnbench phases` |") != NULL);
    CHECK(strstr(page, "come to 6.1 to 9.6 M/s") != NULL);
    free(page);
}

TESTS(CASE(verdicts), CASE(calls_and_the_ceiling_are_of_samples_of_trades), CASE(unit_costs_are_of_limits),
      CASE(gains_are_of_phases), CASE(what_no_run_has_is_named));
