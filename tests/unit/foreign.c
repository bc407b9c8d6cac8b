/* Guards what is believed of decoders of others: the first difference from the reference decoder is named. */
#include "../../harness/foreign/foreign.h"
#include "../../harness/measure/calls.h"
#include "../test.h"

static const uint64_t sums[SUMS] = {[SUM_TS_EVENT] = 5, [SUM_PRICE] = UINT64_MAX - 1, [SUM_SIZE] = 7};

static void check_refused(struct foreign_result r, const char *expected)
{
    char why[128] = "";
    CHECK(!foreign_agrees(&r, 3, sums, 0xabc, why, sizeof why));
    CHECK_STR(why, expected);
}

TEST(the_first_difference_is_named)
{
    struct foreign_result good = {.records = 3, .sums = {5, UINT64_MAX - 1, 7}}, r = good;
    char why[128] = "";
    CHECK_FOR(foreign_agrees(&good, 3, sums, 0xabc, why, sizeof why), "%s", why);
    r.digest = 1; /* it gave none */
    CHECK_FOR(foreign_agrees(&r, 3, sums, 0xabc, why, sizeof why), "%s", why);
    r.has_digest = true;
    check_refused(r, "digest is 0000000000000001 instead of 0000000000000abc");
    r.sums[SUM_SIZE] = 8;
    check_refused(r, "sum of size is 8 instead of 7");
    r.sums[SUM_PRICE] = 1;
    check_refused(r, "sum of price is 1 instead of -2");
    r.sums[SUM_TS_EVENT] = 0;
    check_refused(r, "sum of ts_event is 0 instead of 5");
    r.records = UINT64_MAX;
    check_refused(r, "18446744073709551615 records instead of 3");
}

TEST(sinks_are_those_that_it_has)
{
    struct foreign f = {.sinks = {"sum", "fields"}};
    CHECK(foreign_has_sink(&f, "sum") && foreign_has_sink(&f, "fields"));
    CHECK(!foreign_has_sink(&f, "su") && !foreign_has_sink(&f, ""));
    for (size_t i = 0; i < FOREIGN_SINKS; i++)
        strcpy(f.sinks[i], "none");
    CHECK(!foreign_has_sink(&f, "sum"));
}

/* Reads that nobody counted cannot be miscounted. */
TEST(unknown_counts_do_not_disagree)
{
    struct call_count c = {.kernel_reads = {READING_EXACT, 5}, .proc_reads = {READING_EXACT, 5}};
    CHECK(!calls_disagree(&c));
    c.reads = reading_exactly(5);
    CHECK(!calls_disagree(&c));
    c.reads = reading_exactly(0);
    CHECK(calls_disagree(&c) == &c.kernel_reads);
}

TESTS(CASE(the_first_difference_is_named), CASE(sinks_are_those_that_it_has), CASE(unknown_counts_do_not_disagree));
