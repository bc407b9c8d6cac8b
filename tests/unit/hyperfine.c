/* Guards external timing: that hyperfine's times are compared like those of a run, and what cannot be read. */
#include "../../harness/analysis/compare.h"
#include "../../harness/results/run.h"
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 9 };

/* A run in which each backend takes ns[i] nanoseconds a decode, up to 8 more; a prefix of 100 records if
 * that is set. */
struct case_of_run {
    const char *backend;
    uint64_t ns, prefix;
};

static void make_run(struct results *r, struct report *s, const struct case_of_run *cases)
{
    *r = (struct results){.run = json_pack("{s:[{s:s, s:i}]}", "datasets", "name", "a file", "records", 1000)};
    for (uint64_t i = 0; cases[i].backend; i++) {
        for (uint64_t round = 0; round < ROUNDS; round++) {
            struct sample a = {
                .key.dataset = "a file",
                .key.sink = "sum",
                .key.threads = 1,
                .key.files = 1,
                .key.split = 1,
                .key.block = strcmp(cases[i].backend, "buffered") == 0 ? 65536 : 0,
                .tally_digest = {READING_EXACT, 7},
                .prefix = cases[i].prefix,
                .records = cases[i].prefix ? cases[i].prefix : 1000,
                .bytes = 48000,
                .index = i,
                .round = round,
                .iterations = 1,
                .wall_ns = cases[i].ns + round,
            };
            snprintf(a.key.backend, sizeof a.key.backend, "%s", cases[i].backend);
            results_add(r, STORED_SAMPLE, &a);
        }
    }
    report_of(r, s);
}

struct opinion {
    struct results run, process;
    struct report of_run, of_process;
    struct comparison comparison;
    struct compare_order order;
};

/* 0, or < 0 with why, and then nothing is to be closed. */
static int opinion(struct opinion *o, const char *text, const struct case_of_run *cases, char why[256])
{
    make_run(&o->run, &o->of_run, cases);
    json_t *json = json_loads(text, 0, NULL);
    CHECK(json);
    int rc = hyperfine_read(json, &o->of_run, &o->process, why, 256);
    json_decref(json);
    if (rc) {
        report_free(&o->of_run);
        results_free(&o->run);
        return rc;
    }
    CHECK(run_kind(&o->process) == RUN_PROCESS);
    report_of(&o->process, &o->of_process);
    CHECK_FOR(compare_datasets(&o->of_run, &o->of_process, why, 256), "%s", why);
    compare_reports(&o->of_run, &o->of_process, &o->comparison);
    o->order = compare_order(&o->comparison);
    return 0;
}

static void done(struct opinion *o)
{
    compare_free(&o->comparison);
    report_free(&o->of_process);
    report_free(&o->of_run);
    results_free(&o->process);
    results_free(&o->run);
}

static void check_pairs(const struct opinion *o, size_t all, size_t alike, size_t opposite)
{
    CHECK_EQ_U64(o->order.alike, alike);
    CHECK_EQ_U64(o->order.opposite, opposite);
    CHECK_EQ_U64(o->order.tied, all - alike - opposite);
}

#define COMMAND(backend, times) "{\"command\": \"a file/" backend "/sum/threads:1\", \"times\": [" times "]}"
#define THREE(a, b, c) "{\"results\": [" COMMAND("mmap", a) "," COMMAND("buffered", b) "," COMMAND("syscall", c) "]}"

static const struct case_of_run usual[] = {{"mmap", 1000, 0}, {"buffered", 2000, 0}, {"syscall", 3000, 100}, {0}};

TEST(same_order)
{
    struct opinion o;
    char why[256];
    CHECK(opinion(&o, THREE("2e-6, 2.1e-6", "3e-6, 3.1e-6", "9, 9"), usual, why) == 0);
    CHECK_EQ_U64(o.of_process.count, 3);
    CHECK_EQ_U64(o.comparison.count, 3); /* each is the same case, its block and all */
    CHECK_EQ_U64((uint64_t)(o.of_process.rows[0].ns.median + 0.5), 2050);
    CHECK_EQ_U64((uint64_t)(1e6 * o.comparison.cases[0].ratio.median), 1004 * 1000000 / 2050);
    /* The process decoded all 1000 records, which takes ten times as long as 100. */
    CHECK_EQ_U64((uint64_t)(1e12 * o.comparison.cases[2].ratio.median),
                 UINT64_C(30040) * 1000000000000 / UINT64_C(9000000000));
    CHECK(o.comparison.cases[2].a->sample->prefix != o.comparison.cases[2].b->sample->prefix);
    check_pairs(&o, 3, 3, 0);
    done(&o);
}

TEST(opposite_order)
{
    struct opinion o;
    char why[256];
    CHECK(opinion(&o, THREE("3e-6, 3e-6", "2e-6, 2e-6", "9, 9"), usual, why) == 0);
    check_pairs(&o, 3, 2, 1);
    done(&o);
}

TEST(overlap_is_no_order)
{
    struct opinion o;
    char why[256];
    CHECK(opinion(&o, THREE("2e-6, 4e-6", "1e-6, 3e-6", "9, 9"), usual, why) == 0);
    check_pairs(&o, 3, 2, 0);
    done(&o);
}

/* Neither another sink nor a cold run is a case of this one. */
TEST(other_jobs_than_those_of_the_run)
{
    static const char *const names[] = {"a file/mmap/sum/threads:1/cold", "a file/mmap/touch/threads:1",
                                        "file/mmap/sum/threads:1", "a file/pipeline/sum/threads:1"};
    for (size_t i = 0; i < 4; i++) {
        struct opinion o;
        char why[256], text[256];
        snprintf(text, sizeof text, "{\"results\": [{\"command\": \"%s\", \"times\": [1]}]}", names[i]);
        CHECK(opinion(&o, text, usual, why) < 0);
        CHECK_FOR(strstr(why, "is not the name of a case of the run"), "%s", why);
    }
}

TEST(no_opinion)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"[]", "no results of hyperfine are in it"},
        {"{\"results\": {}}", "no results of hyperfine are in it"},
        {"{\"results\": []}", "no results of hyperfine are in it"},
        {"{\"results\": [7]}", "\"\" is not the name"},
        {"{\"results\": [{\"command\": \"ls\", \"times\": [1]}]}", "\"ls\" is not the name"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\"}]}",
         "\"a file/mmap/sum/threads:1\" has no list of times"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": []}]}",
         "\"a file/mmap/sum/threads:1\" has no list of times"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": [1, \"2\"]}]}",
         "\"a file/mmap/sum/threads:1\" has no list"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": [1, -2]}]}",
         "\"a file/mmap/sum/threads:1\" has no list"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": [1e308]}]}",
         "\"a file/mmap/sum/threads:1\" has no list"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": [1], \"exit_codes\": [5]}]}",
         "\"a file/mmap/sum/threads:1\" failed"},
        {"{\"results\": [{\"command\": \"a file/mmap/sum/threads:1\", \"times\": [1], \"exit_codes\": [null]}]}",
         "\"a file/mmap/sum/threads:1\" failed"},
        {"{\"results\": [" COMMAND("mmap", "1") "," COMMAND("mmap", "1") "]}",
         "it has different cases that cannot be told apart"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct opinion o;
        char why[256] = "";
        CHECK_FOR(opinion(&o, cases[i].text, usual, why) < 0, "case %zu", i);
        CHECK_FOR(strncmp(why, cases[i].why, strlen(cases[i].why)) == 0, "case %zu: %s", i, why);
    }
}

TESTS(CASE(same_order), CASE(opposite_order), CASE(overlap_is_no_order), CASE(other_jobs_than_those_of_the_run),
      CASE(no_opinion));
