/* Guards counters: names and encodings, that known work gives known counts, alone and in threads (also: tsan),
 * what is made of them. */
#include "../../harness/analysis/report.h"
#include "../counting.h"
#include "../support.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 3 };

TEST(each_touched_page_is_a_fault)
{
    /* By libpfm4's full name as well. */
    struct counter_set set = faults(pfm() ? "page-faults,perf::PERF_COUNT_SW_PAGE_FAULTS,major-faults" : "page-faults");
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    counters_open(&c, &set);
    for (size_t pages = 1; pages <= PAGES; pages += PAGES - 1) {
        counters_begin(&c);
        touch_fresh(&pages);
        counters_end(&c, r);
        check_about(&r[0], pages);
        if (set.count == 3) {
            check_about(&r[1], pages); /* one begins after the other */
            CHECK_EQ_U64(r[2].reading.state, READING_EXACT);
            CHECK_EQ_U64(r[2].reading.value, 0);
        }
    }
    counters_close(&c);
}

/* Events of several sorts, in any order. */
TEST(mixed_events_count_in_full)
{
    static const struct {
        const char *list;
        size_t faults; /* which of it they are */
    } rows[] = {{"page-faults,task-clock,cpu-clock", 0},
                {"task-clock,page-faults,cpu-clock", 1},
                {"cpu-clock,task-clock,page-faults", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct counter_set set = faults(rows[i].list);
        struct counting c;
        struct counter_reading r[COUNTERS_MAX];
        size_t pages = PAGES;
        counters_open(&c, &set);
        counters_begin(&c);
        touch_fresh(&pages);
        counters_end(&c, r);
        counters_close(&c);
        check_about(&r[rows[i].faults], PAGES);
        for (size_t k = 0; k < 3; k++)
            CHECK(r[k].reading.state == READING_EXACT && r[k].reading.value > 0);
    }
}

static void run_threads(void *(*work)(void *), void *arg)
{
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        CHECK_EQ_I64(pthread_create(&thread[i], NULL, work, arg), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

/* Opened in one thread, counted in those that start later. */
TEST(later_threads_are_counted)
{
    struct counter_set set = faults("page-faults,minor-faults,task-clock");
    struct counting c;
    struct counter_reading all[COUNTERS_MAX];
    size_t pages = PAGES;
    counters_open(&c, &set);
    counters_begin(&c);
    run_threads(touch_fresh, &pages);
    counters_end(&c, all);
    counters_close(&c);
    for (size_t i = 0; i < 2; i++) {
        uint64_t n = all[i].reading.value;
        CHECK_FOR(n >= THREADS * PAGES, "%llu faults", (unsigned long long)n);
        CHECK_FOR(n <= THREADS * (PAGES + 4 * STRAY) || SLOWER > 1, "%llu faults", (unsigned long long)n);
    }
}

TEST(hardware_events_count_or_say_why_not)
{
    static const char names[] = "cycles,instructions,branches,branch-misses,cache-references,cache-misses";
    struct counter_set set = choose_and_try(names);
    struct counting c;
    struct counter_reading r[COUNTERS_MAX];
    volatile uint64_t sum = 0;
    counters_open(&c, &set);
    counters_begin(&c);
    for (uint64_t i = 0; i < 3000000; i++)
        sum = sum + i;
    counters_end(&c, r);
    counters_close(&c);
    for (size_t i = 0; i < set.count; i++) {
        const char *why = set.spec[i].why;
        printf("%s: %s\n", set.spec[i].name, why);
        CHECK((*why == '\0') == (r[i].reading.state != READING_UNSUPPORTED));
        CHECK_FOR(!*why || known_errno(why) || strncmp(why, "broken", 6) == 0 || strstr(why, "never"), "%s", why);
        if (!*why && set.spec[i].least)
            CHECK(r[i].reading.value > 0);
    }
}

TEST(unknown_names_say_so)
{
    struct counter_set set = choose_and_try("page-faults,no-such-event,cycles:nonsense");
    CHECK_EQ_U64(set.count, 3);
    for (size_t i = 1; i < 3; i++) {
        CHECK_FOR(strstr(set.spec[i].why, "libpfm4"), "%s", set.spec[i].why);
        CHECK_EQ_I64(set.spec[i].error, 0);
        CHECK_STR(set.spec[i].resolved, "");
    }
    if (pfm())
        CHECK_STR(set.spec[1].why, "libpfm4: event not found");
}

TEST(bad_lists_are_refused)
{
    static const struct {
        const char *list, *why;
    } bad[] = {
        {"", "a name in the list is empty"},
        {"cycles,", "a name in the list is empty"},
        {",cycles", "a name in the list is empty"},
        {"cycles,,cycles", "a name in the list is empty"},
        {"1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7", "7: one too many, 16 are possible"},
        {"cycles,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "aaaaaaaaaaaaaaaaaaaa...: a name has up to 63 characters"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct counter_set set;
        char why[COUNTER_TEXT] = "";
        CHECK_EQ_I64(counters_choose(&set, bad[i].list, why, sizeof why), -EINVAL);
        CHECK_STR(why, bad[i].why);
    }
}

/* The own table and libpfm4 mean the same by a name. */
TEST(generic_names_agree_with_libpfm4)
{
    if (!pfm())
        SKIP("libpfm4 is not built in");
    unsetenv("LIBPFM_FORCE_PMU");
    for (size_t i = 0; counters_generic(i); i++) {
        struct counter_set own = choose(counters_generic(i));
        struct counter_spec other = {0};
        snprintf(other.name, sizeof other.name, "perf::%s", counters_generic(i));
        counters_pfm_resolve(&other);
        CHECK_STR(other.why, "");
        CHECK_EQ_U64(own.spec[0].attr.type, other.attr.type);
        CHECK_EQ_U64(own.spec[0].attr.config, other.attr.config);
    }
}

/* Encodings from the manuals of these processors. */
static void check_encoding(const char *pmu, const char *name, uint64_t config, const char *resolved)
{
    if (!pfm())
        SKIP("libpfm4 is not built in");
    setenv("LIBPFM_FORCE_PMU", pmu, 1);
    struct counter_set set = choose(name);
    const struct counter_spec *spec = &set.spec[0];
    if (strcmp(spec->why, "libpfm4: not supported") == 0)
        SKIP("libpfm4 is built for another kind of processor");
    CHECK_STR(spec->why, "");
    CHECK_EQ_U64(spec->attr.type, PERF_TYPE_RAW);
    CHECK_EQ_U64(spec->attr.config, config);
    CHECK_EQ_U64(spec->attr.size, sizeof spec->attr);
    CHECK_FOR(strncmp(spec->resolved, resolved, strlen(resolved)) == 0, "%s", spec->resolved);
}

TEST(encodes_for_skylake)
{
    check_encoding("skl", "MEM_LOAD_RETIRED:L3_MISS", 0x20D1, "skl::MEM_LOAD_RETIRED:L3_MISS");
}

TEST(encodes_for_zen2)
{
    check_encoding("amd64_fam17h_zen2", "RETIRED_INSTRUCTIONS:u", 0xC0, "amd64_fam17h_zen2::RETIRED_INSTRUCTIONS");
}

TEST(modifiers_are_understood)
{
    if (!pfm())
        SKIP("libpfm4 is not built in");
    struct counter_set set = choose_and_try("cycles:u,cycles:k,cycles:uk,context-switches:u");
    CHECK(set.spec[0].attr.exclude_kernel && !set.spec[0].attr.exclude_user);
    CHECK(set.spec[1].attr.exclude_user);
    CHECK(!set.spec[2].attr.exclude_user);
    CHECK_STR(set.spec[3].why,
              known_errno(set.spec[3].why) ? set.spec[3].why : "it happens in the kernel, whose side is left out");
}

TEST(scaling)
{
    static const struct {
        struct counter_raw raw;
        struct counter_reading expected;
    } rows[] = {
        {{1000, 500, 500}, {{READING_EXACT, 1000}, 1000000}},
        {{0, 500, 500}, {{READING_EXACT, 0}, 1000000}},
        {{1000, 500, 250}, {{READING_SCALED, 2000}, 500000}},
        {{7, 3, 2}, {{READING_SCALED, 10}, 666666}},
        {{0, 500, 1}, {{READING_SCALED, 0}, 2000}},
        {{0, 500, 0}, {{READING_UNSUPPORTED, 0}, 0}},
        {{0, 0, 0}, {{READING_UNSUPPORTED, 0}, 0}},
        {{UINT64_C(1) << 62, UINT64_C(3) << 40, UINT64_C(2) << 40}, {{READING_SCALED, UINT64_C(3) << 61}, 666666}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct counter_reading r = counter_scale(rows[i].raw);
        CHECK_EQ_U64(r.reading.state, rows[i].expected.reading.state);
        CHECK_EQ_U64(r.reading.value, rows[i].expected.reading.value);
        CHECK_EQ_U64(r.ran_ppm, rows[i].expected.ran_ppm);
    }
}

/* How many there are of the first n of these counters. */
static size_t ratios_of(const struct sample_counter *r, size_t n, uint64_t records, struct report_ratio *ratio)
{
    struct sample s = {.records = records, .iterations = 1, .wall_ns = 1, .counters = n};
    struct results results = {.samples = &s, .count = 1};
    struct report report;
    memcpy(s.counter, r, n * sizeof *r);
    report_of(&results, &report);
    n = report_counters(&report, &report.rows[0], ratio);
    report_free(&report);
    return n;
}

TEST(ratios)
{
    struct sample_counter r[] = {{"cycles", {{READING_EXACT, 2000}, 1000000}},
                                 {"page-faults", {{READING_UNSUPPORTED, 0}, 0}},
                                 {"instructions", {{READING_EXACT, 5000}, 1000000}},
                                 {"cache-misses", {{READING_SCALED, 50}, 900000}},
                                 {"instructions:u", {{READING_EXACT, 1}, 1000000}}};
    struct report_ratio ratio[COUNTERS_MAX + 1];
    CHECK_EQ_U64(ratios_of(r, 5, 1000, ratio), 5);
    CHECK_STR(ratio[0].name, "instructions/cycle");
    CHECK(ratio[0].value == 2.5 && ratio[0].ran_ppm == 1000000);
    CHECK_STR(ratio[1].name, "cycles/record");
    CHECK(ratio[1].value == 2);
    CHECK_STR(ratio[3].name, "cache-misses/record");
    CHECK(ratio[3].value == 0.05 && ratio[3].ran_ppm == 900000);
    CHECK_EQ_U64(ratios_of(r, 1, 0, ratio), 0);
    CHECK_EQ_U64(ratios_of(r, 2, 1000, ratio), 1); /* no instructions, no ratio of them */
    r[0].count.reading.value = 0;
    CHECK_EQ_U64(ratios_of(r, 5, 0, ratio), 0); /* nor of no cycles */
    r[0].count.reading.value = 2000;
    r[2].count.reading.state = READING_UNSUPPORTED;
    CHECK_EQ_U64(ratios_of(r, 5, 0, ratio), 0); /* nor of different sides */
}

TESTS(CASE(each_touched_page_is_a_fault), CASE(mixed_events_count_in_full), CASE(later_threads_are_counted),
      CASE(hardware_events_count_or_say_why_not), CASE(unknown_names_say_so), CASE(bad_lists_are_refused),
      CASE(generic_names_agree_with_libpfm4), CASE(encodes_for_skylake), CASE(encodes_for_zen2),
      CASE(modifiers_are_understood), CASE(scaling), CASE(ratios));
