/* Guards the arithmetic of `profile`: how a time is split, when the parts add up, and what samples make of it. Every
 * figure here was worked out by hand. */
#include "../../harness/analysis/profile.h"
#include "../support.h"

#include <math.h>

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-9, "it is %.12g", (double)(actual))

/* --- one round --- */

static struct profile_times nothing_known(void)
{
    struct profile_times t;
    for (size_t i = 0; i < PROFILE_SOURCES; i++)
        for (size_t k = 0; k < PROFILE_STEPS; k++)
            t.ns[i][k] = NAN;
    return t;
}

struct setting {
    enum profile_source source;
    double ns[PROFILE_STEPS]; /* 0: not measured */
};

/* The expected parts in their order: calls, faults, hand-over, inflate, memory, framing, fields, allocation,
 * unexplained. */
static const struct example {
    const char *name;
    struct profile_kind kind;
    struct setting set[4];
    double part[PROFILE_PARTS];
} examples[] = {
    {"buffered",
     {.kept = true},
     {{FROM_BACKEND, {0, 0, 10, 11, 13, 20, 50}}, {FROM_CACHE, {0, 0, 5, 0, 7.5, 14, 43}}},
     {10, 0, 0, 0, 0, 2.5, 6.5, 29, 2}},
    {"buffered, nothing kept",
     {.kept = false},
     {{FROM_BACKEND, {0, 0, 10, 11, 13, 20}}, {FROM_CACHE, {0, 0, 5, 0, 7.5, 14}}},
     {10, 0, 0, 0, 0, 2.5, 6.5, 0, 1}},
    {"mmap",
     {.mapped = true, .kept = true},
     {{FROM_BACKEND, {0, 0, 1, 21, 22, 27, 57}},
      {FROM_MEMORY, {0, 0, 2, 12, 0, 17, 46}},
      {FROM_CACHE, {0, 0, 5, 0, 7, 13, 40}}},
     {1, 10, 0, 0, 7, 2, 6, 29, 2}},
    {"pipeline, overlapping",
     {.shared = true, .kept = true},
     {{FROM_BACKEND, {0, 0, 25, 0, 33, 39, 60}},
      {FROM_BLOCKS, {0, 0, 10}},
      {FROM_CACHE, {0, 0, 5, 0, 8, 14, 43}},
      {FROM_HANDED, {0, 0, 30, 0, 0, 46, 76}}},
     {10, 0, 15, 0, 7, 3, 6, 30, -11}},
    {"syscall",
     {.stepped = true, .kept = true},
     {{FROM_BACKEND, {0, 0, 1000, 0, 1010, 1040, 1100}},
      {FROM_MEMORY, {0, 0, 2}},
      {FROM_STEPS, {0, 0, 62, 0, 70, 80, 120}}},
     {940, 0, 0, 0, 0, 68, 10, 40, 42}},
    {"compressed, buffered",
     {.compressed = true, .kept = true},
     {{FROM_BACKEND, {3, 0, 60, 0, 62, 70, 110}}, {FROM_MEMORY, {1, 0, 51, 0, 53, 60, 95}}},
     {3, 0, 0, 50, 0, 2, 7, 35, 13}},
    {"compressed, mmap",
     {.compressed = true, .mapped = true, .kept = true},
     {{FROM_BACKEND, {0.5, 2.5, 60, 0, 62, 70, 100}}, {FROM_MEMORY, {1, 2, 51, 0, 53, 60, 95}}},
     {0.5, 1, 0, 50, 0, 2, 7, 35, 4.5}},
    {"compressed, pipeline",
     {.compressed = true, .shared = true, .kept = true},
     {{FROM_BACKEND, {0, 0, 70, 0, 72, 80, 120}}, {FROM_BLOCKS, {3}}, {FROM_MEMORY, {1, 0, 51, 0, 54, 60, 95}}},
     {3, 0, 17, 50, 0, 3, 6, 35, 6}},
    {"compressed, syscall",
     {.compressed = true, .stepped = true, .kept = true},
     {{FROM_BACKEND, {4, 0, 115, 0, 123, 133, 173}},
      {FROM_MEMORY, {1, 0, 51}},
      {FROM_STEPS, {0, 0, 111, 0, 119, 129, 169}}},
     {4, 0, 0, 50, 0, 68, 10, 40, 1}},
};

static struct profile_times times_of(const struct example *e)
{
    struct profile_times t = nothing_known();
    for (size_t i = 0; i < LENGTH(e->set); i++)
        for (size_t step = 0; step < PROFILE_STEPS; step++)
            if (e->set[i].ns[step] != 0)
                t.ns[e->set[i].source][step] = e->set[i].ns[step];
    return t;
}

TEST(parts_of_every_kind)
{
    for (size_t i = 0; i < LENGTH(examples); i++) {
        const struct example *e = &examples[i];
        struct profile_times t = times_of(e);
        double part[PROFILE_PARTS], sum = 0;
        profile_split(&e->kind, &t, part);
        for (size_t k = 0; k < PROFILE_PARTS; k++) {
            CHECK_FOR(fabs(part[k] - e->part[k]) < 1e-9, "%s: %s is %g", e->name, profile_part_names[k], part[k]);
            CHECK_FOR(e->part[k] == 0 || profile_has(&e->kind, (enum profile_part)k), "%s: %s", e->name,
                      profile_part_names[k]);
            sum += part[k];
        }
        CHECK_NEAR(sum, t.ns[FROM_BACKEND][profile_top(&e->kind)]);
    }
}

TEST(what_was_not_measured_is_not_zero)
{
    struct profile_times t = times_of(&examples[0]);
    double part[PROFILE_PARTS];
    t.ns[FROM_CACHE][STEP_FRAME] = NAN;
    profile_split(&examples[0].kind, &t, part);
    CHECK_NEAR(part[PART_CALLS], 10);
    CHECK(isnan(part[PART_FRAMING]) && isnan(part[PART_FIELDS]) && isnan(part[PART_UNEXPLAINED]));
    CHECK_NEAR(part[PART_ALLOCATION], 29);
}

/* --- verdicts --- */

TEST(verdicts)
{
    static const struct {
        double low, median, high;
        bool confident;
        enum profile_verdict verdict;
    } rows[] = {
        {-0.01, 0.002, 0.02, true, PROFILE_CLOSES},  {0.01, 0.02, 0.03, true, PROFILE_CLOSES},
        {-0.03, -0.03, -0.03, true, PROFILE_CLOSES}, {0.01, 0.05, 0.08, true, PROFILE_OPEN},
        {0.2, 0.25, 0.3, true, PROFILE_OPEN},        {-0.3, -0.25, -0.2, true, PROFILE_OVERLAPS},
        {-0.05, 0.04, 0.1, true, PROFILE_CLOSES},    {-0.15, 0, 0.15, true, PROFILE_UNSURE},
        {0.2, 0.4, 0.5, true, PROFILE_UNSURE},       {-0.01, 0, 0.01, false, PROFILE_UNSURE},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct stats s = {.n = 9, .low = rows[i].low, .median = rows[i].median, .high = rows[i].high};
        s.confident = rows[i].confident;
        CHECK_FOR(profile_judge(&s) == rows[i].verdict, "row %zu: %s", i, profile_verdicts[profile_judge(&s)]);
    }
}

TEST(amdahl)
{
    CHECK_NEAR(profile_gain(0), 1);
    CHECK_NEAR(profile_gain(0.2), 1.25);
    CHECK_NEAR(profile_gain(0.4), 5.0 / 3); /* and not 1.4 */
    CHECK_NEAR(profile_gain(0.5), 2);
    CHECK_NEAR(profile_gain(0.95), 20);
    CHECK_NEAR(profile_gain(-0.1), 1);
    CHECK(isinf(profile_gain(1)) && isinf(profile_gain(1.2)));
}

/* --- from samples --- */

static struct results results;

/* ns: CPU time for a record. */
static struct sample *add(const char *backend, const char *sink, uint64_t round, double ns)
{
    struct sample s = {
        .key.dataset = "d",
        .key.threads = 1,
        .records = 100,
        .bytes = 5000,
        .round = round,
        .iterations = 2,
        .cpu_ns = {READING_EXACT, (uint64_t)(ns * 200)},
        .wall_ns = (uint64_t)(ns * 300),
        .user_ns = {READING_EXACT, 3000},
        .system_ns = {READING_EXACT, 1000},
        .minor_faults = {READING_EXACT, 50},
        .major_faults = {READING_EXACT, 0},
        .reads = {READING_EXACT, 26},
        .bytes_read = {READING_EXACT, 10000},
        .copied = {READING_EXACT, 15000},
    };
    snprintf(s.key.backend, sizeof s.key.backend, "%s", backend);
    snprintf(s.key.sink, sizeof s.key.sink, "%s", sink);
    results_add(&results, STORED_SAMPLE, &s);
    return &results.samples[results.count - 1];
}

/* Nine rounds of buffered on a machine that gets slower from round to round. extra: what `rows` takes in addition. */
static void add_buffered(double extra)
{
    for (uint64_t round = 0; round < 9; round++) {
        double slower = 1 + 0.1 * (double)round;
        add("buffered", "none", round, 10 * slower);
        add("memory-cached", "none", round, 5 * slower);
        add("buffered", "frame", round, 12 * slower);
        add("memory-cached", "frame", round, 7 * slower);
        add("buffered", "fields", round, 20 * slower);
        add("memory-cached", "fields", round, 15 * slower);
        add("buffered", "rows", round, (50 + extra) * slower);
        add("memory-cached", "rows", round, 45 * slower);
        add("memory-cached", "sum", round, 1); /* of no step */
    }
}

static struct report report;

static struct profile profile(const char *backend)
{
    struct profile p;
    results.run = json_pack("{s:{s:{s:s}, s:{s:s, s:b}}}", "backends", "buffered", "asks", "blocks", "mmap", "asks",
                            "blocks", "mapped", true);
    report_of(&results, &report);
    profile_of(&report, &p);
    CHECK_EQ_U64(p.count, 1);
    CHECK_STR(p.rows[0].dataset, "d");
    CHECK_STR(p.rows[0].backend, backend);
    return p;
}

static void done(struct profile *p)
{
    profile_free(p);
    report_free(&report);
    results_free(&results);
}

/* Each share is the same in every round, whatever the machine does. */
TEST(parts_that_add_up)
{
    add_buffered(0);
    struct profile p = profile("buffered");
    const struct profile_row *row = &p.rows[0];
    CHECK(!row->kind.mapped && !row->kind.compressed && !row->kind.shared && !row->kind.stepped && row->kind.kept);
    CHECK_NEAR(row->cpu.median, 70); /* of 50 to 90 */
    CHECK_NEAR(row->wall.median, 105);
    CHECK_NEAR(row->share[PART_CALLS].median, 0.2);
    CHECK_NEAR(row->share[PART_CALLS].low, 0.2);
    CHECK_NEAR(row->share[PART_FRAMING].median, 0.04);
    CHECK_NEAR(row->share[PART_FIELDS].median, 0.16);
    CHECK_NEAR(row->share[PART_ALLOCATION].median, 0.6);
    CHECK(fabs(row->share[PART_UNEXPLAINED].median) < 1e-3); /* nanoseconds are whole numbers */
    CHECK_EQ_U64(row->share[PART_FAULTS].n, 0);
    CHECK_EQ_U64(row->verdict, PROFILE_CLOSES);
    CHECK_NEAR(row->reads, 0.13);
    CHECK_NEAR(row->faults, 0.25);
    CHECK_NEAR(row->moved, 2.5);
    done(&p);
}

TEST(parts_that_do_not)
{
    add_buffered(10);
    struct profile p = profile("buffered");
    CHECK(fabs(p.rows[0].share[PART_UNEXPLAINED].median - 10.0 / 60) < 1e-3);
    CHECK_EQ_U64(p.rows[0].verdict, PROFILE_OPEN);
    done(&p);
    add_buffered(-10);
    p = profile("buffered");
    CHECK(fabs(p.rows[0].share[PART_UNEXPLAINED].median + 10.0 / 40) < 1e-3);
    CHECK_EQ_U64(p.rows[0].verdict, PROFILE_OVERLAPS);
    done(&p);
}

/* A round that lacks a case counts for those parts that do without it. */
TEST(rounds_are_paired)
{
    add_buffered(0);
    for (size_t i = 0; i < results.count; i++)
        if (results.samples[i].round >= 4 && strcmp(results.samples[i].key.backend, "memory-cached") == 0 &&
            strcmp(results.samples[i].key.sink, "frame") == 0)
            snprintf(results.samples[i].key.sink, sizeof results.samples[i].key.sink, "sum");
    struct profile p = profile("buffered");
    CHECK_EQ_U64(p.rows[0].share[PART_CALLS].n, 9);
    CHECK_EQ_U64(p.rows[0].share[PART_FRAMING].n, 4);
    CHECK_EQ_U64(p.rows[0].share[PART_ALLOCATION].n, 9);
    CHECK_EQ_U64(p.rows[0].verdict, PROFILE_UNSURE); /* 4 rounds are too few */
    done(&p);
}

TEST(a_failed_sample_leaves_no_number)
{
    add_buffered(0);
    struct sample *s = add("memory-cached", "frame", 9, 7);
    s->outcome = SAMPLE_MISMATCH;
    struct profile p = profile("buffered");
    CHECK_EQ_U64(p.rows[0].sample->outcome, SAMPLE_MISMATCH);
    CHECK_EQ_U64(p.rows[0].cpu.n, 0);
    done(&p);
}

/* Of cases that decode different parts of a file, the times of a record are compared. */
TEST(what_a_backend_is_shows_in_its_samples)
{
    for (uint64_t round = 0; round < 9; round++) {
        add("buffered/raw", "none", round, 3);
        add("memory/raw", "none", round, 1);
        add("memory", "none", round, 51);
        add("memory", "frame", round, 53);
        add("memory", "fields", round, 60);
        add("buffered", "none", round, 60);
        struct sample *s = add("buffered", "fields", round, 75);
        s->prefix = s->records = 50;
        s->cpu_ns.value /= 2;
        s->copied.state = READING_UNSUPPORTED;
    }
    struct profile p = profile("buffered");
    CHECK(p.rows[0].kind.compressed && !p.rows[0].kind.kept && !p.rows[0].kind.mapped);
    CHECK_NEAR(p.rows[0].cpu.median, 75);
    CHECK_NEAR(p.rows[0].part[PART_INFLATE].median, 50);
    CHECK_NEAR(p.rows[0].part[PART_UNEXPLAINED].median, 75 - 3 - 50 - 2 - 7);
    CHECK(isnan(p.rows[0].moved));
    done(&p);
    for (uint64_t round = 0; round < 9; round++)
        add("mmap", "fields", round, 75)->bytes_read.value = 0;
    p = profile("mmap");
    CHECK(p.rows[0].kind.mapped);
    CHECK_EQ_U64(p.rows[0].share[PART_CALLS].n, 0);
    CHECK_EQ_U64(p.rows[0].verdict, PROFILE_UNSURE);
    done(&p);
}

/* What a backend is does not follow from its name. */
TEST(a_backend_that_the_run_does_not_know_has_no_figures)
{
    add_buffered(0);
    for (size_t i = 0; i < results.count; i++)
        if (strcmp(results.samples[i].key.backend, "buffered") == 0)
            snprintf(results.samples[i].key.backend, sizeof results.samples[i].key.backend, "renamed");
    struct profile p = profile("renamed");
    CHECK(p.rows[0].unknown);
    CHECK_EQ_U64(p.rows[0].cpu.n, 0);
    CHECK_EQ_U64(p.rows[0].share[PART_CALLS].n, 0);
    done(&p);
}

TEST(a_round_may_be_any_number)
{
    add_buffered(0);
    for (size_t i = 0; i < results.count; i++)
        if (results.samples[i].round == 8)
            results.samples[i].round = INT64_MAX;
    struct profile p = profile("buffered");
    CHECK_EQ_U64(p.rows[0].share[PART_CALLS].n, 9);
    CHECK_EQ_U64(p.rows[0].verdict, PROFILE_CLOSES);
    done(&p);
}

TESTS(CASE(parts_of_every_kind), CASE(what_was_not_measured_is_not_zero), CASE(verdicts), CASE(amdahl),
      CASE(parts_that_add_up), CASE(parts_that_do_not), CASE(rounds_are_paired), CASE(a_failed_sample_leaves_no_number),
      CASE(what_a_backend_is_shows_in_its_samples), CASE(a_backend_that_the_run_does_not_know_has_no_figures),
      CASE(a_round_may_be_any_number));
