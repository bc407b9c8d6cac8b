/* Guards the second opinion: whether two methods order the backends alike, and what is no opinion at all. */
#include "../../harness/analysis/report_hyperfine.h"
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
                .prefix = cases[i].prefix,
                .records = cases[i].prefix ? cases[i].prefix : 1000,
                .bytes = 48000,
                .index = i,
                .round = round,
                .iterations = 1,
                .wall_ns = cases[i].ns + round,
            };
            snprintf(a.key.backend, sizeof a.key.backend, "%s", cases[i].backend);
            CHECK(results_add(r, &a) == 0);
        }
    }
    CHECK(report_of(r, s) == 0);
}

/* 0, or < 0 with why. */
static int opinions(struct second_opinions *o, const char *text, const struct case_of_run *cases, char why[256])
{
    struct results r;
    struct report s;
    make_run(&r, &s, cases);
    json_t *json = json_loads(text, 0, NULL);
    CHECK(json);
    int rc = second_opinions_of(json, &r, &s, o, why, 256);
    json_decref(json);
    report_free(&s);
    results_free(&r);
    return rc;
}

static void check_orders(const struct second_opinions *o, const char *decode, const char *process)
{
    char text[256];
    second_opinions_order(o, false, text, sizeof text);
    CHECK_STR(text, decode);
    second_opinions_order(o, true, text, sizeof text);
    CHECK_STR(text, process);
}

static void check_pairs(const struct second_opinions *o, size_t all, size_t alike, size_t opposite)
{
    struct second_pairs pairs = second_opinions_compare(o);
    CHECK_EQ_U64(pairs.all, all);
    CHECK_EQ_U64(pairs.alike, alike);
    CHECK_EQ_U64(pairs.opposite, opposite);
    CHECK_EQ_U64(pairs.tied, all - alike - opposite);
}

#define COMMAND(backend, times) "{\"command\": \"" backend "/sum/warm/a file\", \"times\": [" times "]}"
#define THREE(a, b, c) "{\"results\": [" COMMAND("mmap", a) "," COMMAND("buffered", b) "," COMMAND("syscall", c) "]}"

static const struct case_of_run usual[] = {{"mmap", 1000, 0}, {"buffered", 2000, 0}, {"syscall", 3000, 100}, {0}};

TEST(same_order)
{
    struct second_opinions o;
    char why[256];
    CHECK(opinions(&o, THREE("2e-6, 2.1e-6", "3e-6, 3.1e-6", "9, 9"), usual, why) == 0);
    CHECK_STR(o.dataset, "a file");
    CHECK_STR(o.sink, "sum");
    CHECK(!o.cold && o.count == 3);
    CHECK_EQ_U64((uint64_t)o.of[0].decode.median, 1004);
    CHECK_EQ_U64((uint64_t)o.of[2].decode.median, 30040); /* ten times that of its 100 records */
    CHECK_EQ_U64((uint64_t)(o.of[0].process.median + 0.5), 2050);
    check_orders(&o, "mmap < buffered < syscall", "mmap < buffered < syscall");
    check_pairs(&o, 3, 3, 0);
    second_opinions_free(&o);
}

TEST(opposite_order)
{
    struct second_opinions o;
    char why[256];
    CHECK(opinions(&o, THREE("3e-6, 3e-6", "2e-6, 2e-6", "9, 9"), usual, why) == 0);
    check_orders(&o, "mmap < buffered < syscall", "buffered < mmap < syscall");
    check_pairs(&o, 3, 2, 1);
    second_opinions_free(&o);
}

TEST(overlap_is_no_order)
{
    struct second_opinions o;
    char why[256];
    CHECK(opinions(&o, THREE("2e-6, 4e-6", "1e-6, 3e-6", "9, 9"), usual, why) == 0);
    check_orders(&o, "mmap < buffered < syscall", "buffered ~ mmap < syscall");
    check_pairs(&o, 3, 2, 0);
    second_opinions_free(&o);
}

TEST(backend_that_the_run_has_not)
{
    static const struct case_of_run cases[] = {{"mmap", 1000, 0}, {"syscall", 3000, 0}, {0}};
    struct second_opinions o;
    char why[256];
    CHECK(opinions(&o, THREE("2, 2", "3, 3", "9, 9"), cases, why) == 0);
    CHECK_EQ_U64(o.of[1].decode.n, 0);
    check_orders(&o, "mmap < syscall", "mmap < syscall");
    check_pairs(&o, 1, 1, 0);
    second_opinions_free(&o);
}

/* Neither another sink nor a cold run says anything of this one. */
TEST(other_jobs_of_the_run)
{
    struct second_opinions o;
    char why[256];
    CHECK(opinions(&o, "{\"results\": [{\"command\": \"mmap/sum/cold/a file\", \"times\": [1]}]}", usual, why) == 0);
    CHECK(o.cold);
    CHECK_EQ_U64(o.of[0].decode.n, 0);
    second_opinions_free(&o);
    CHECK(opinions(&o, "{\"results\": [{\"command\": \"mmap/touch/warm/a file\", \"times\": [1]}]}", usual, why) == 0);
    CHECK_EQ_U64(o.of[0].decode.n, 0);
    check_orders(&o, "", "");
    check_pairs(&o, 0, 0, 0);
    second_opinions_free(&o);
}

TEST(name_of_any_characters)
{
    struct second_opinions o;
    char why[256];
    const char *text = "{\"results\": [{\"command\": \"mmap/sum/warm/it's /a \\\"b\\\"\\n\", \"times\": [1]}]}";
    CHECK(opinions(&o, text, usual, why) == 0);
    CHECK_STR(o.dataset, "it's /a \"b\"?");
    second_opinions_free(&o);
}

TEST(no_opinion)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"[]", "no results of hyperfine in it"},
        {"{\"results\": {}}", "no results of hyperfine in it"},
        {"{\"results\": []}", "no results of hyperfine in it"},
        {"{\"results\": [7]}", "\"\" is not named"},
        {"{\"results\": [{\"command\": \"ls\", \"times\": [1]}]}", "\"ls\" is not named"},
        {"{\"results\": [{\"command\": \"mmap/sum/hot/f\", \"times\": [1]}]}", "\"mmap/sum/hot/f\" is not named"},
        {"{\"results\": [{\"command\": \"mmap/sum/warm/\", \"times\": [1]}]}", "\"mmap/sum/warm/\" is not named"},
        {"{\"results\": [{\"command\": \"//warm/f\", \"times\": [1]}]}", "\"//warm/f\" is not named"},
        {"{\"results\": [{\"command\": \"mmap/sum/warm/f\"}]}", "\"mmap/sum/warm/f\" has no list of times"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": []}]}", "\"m/s/warm/f\" has no list of times"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": [1, \"2\"]}]}", "\"m/s/warm/f\" has no list"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": [1, -2]}]}", "\"m/s/warm/f\" has no list"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": [1e308]}]}", "\"m/s/warm/f\" has no list"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": [1], \"exit_codes\": [5]}]}",
         "\"m/s/warm/f\" failed"},
        {"{\"results\": [{\"command\": \"m/s/warm/f\", \"times\": [1], \"exit_codes\": [null]}]}",
         "\"m/s/warm/f\" failed"},
        {"{\"results\": [" COMMAND("a", "1") ", {\"command\": \"b/sum/cold/a file\", \"times\": [1]}]}",
         "\"b/sum/cold/a file\" is not the same job"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct second_opinions o;
        char why[256] = "";
        CHECK_FOR(opinions(&o, cases[i].text, usual, why) < 0, "case %zu", i);
        CHECK_FOR(strncmp(why, cases[i].why, strlen(cases[i].why)) == 0, "case %zu: %s", i, why);
    }
}

TESTS(CASE(same_order), CASE(opposite_order), CASE(overlap_is_no_order), CASE(backend_that_the_run_has_not),
      CASE(other_jobs_of_the_run), CASE(name_of_any_characters), CASE(no_opinion));
