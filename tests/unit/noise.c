/* Guards the noise verdict: thresholds and reasons by a table, and what is made of two looks at a machine. */
#include "../../harness/machine/machine.h"
#include "../../harness/analysis/report.h"
#include "../test.h"

#include <string.h>

#define EXACT(value)                                                                                                   \
    {                                                                                                                  \
        READING_EXACT, value                                                                                           \
    }
/* A quiet machine, but for what follows; 4 cores, 1 thread. */
#define QUIET                                                                                                          \
    .cores = 4, .threads = 1, .load_before_milli = EXACT(2000), .steal_ppm = EXACT(10000), .others_ppm = EXACT(50000), \
    .pressure_ppm = EXACT(100000), .spread = 0.05

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif
static const struct {
    struct noise noise;
    const char *why; /* "": quiet */
} rows[] = {
    {{QUIET}, ""},
    {{QUIET, .spread = 0}, ""},
    {{QUIET, .spread = -1}, "too few samples to tell"},
    {{QUIET, .spread = 0.051}, "half of the cases spread by more than 5%"},
    {{QUIET, .steal_ppm = EXACT(10001)}, "the host took 1.0% of the cores' time"},
    {{QUIET, .steal_ppm = {0}}, ""},
    {{QUIET, .throttled_ppm = EXACT(10000)}, ""},
    {{QUIET, .throttled_ppm = EXACT(870000), .pressure_ppm = EXACT(970000)}, /* that waited for the quota */
     "a CPU quota held the process up for 87.0% of the time"},
    {{QUIET, .others_ppm = EXACT(123400)}, "other processes took 12.3% of the cores' time"},
    {{QUIET, .others_ppm = {0}}, "what others took of the cores' time is unknown"},
    {{QUIET, .pressure_ppm = EXACT(100001)}, "something waited for a core for 10.0% of the time"},
    {{QUIET, .pressure_ppm = EXACT(900000), .threads = 3}, "something waited for a core for 90.0% of the time"},
    {{QUIET, .pressure_ppm = EXACT(900000), .threads = 4}, ""}, /* they waited for each other */
    {{QUIET, .pressure_ppm = {0}}, ""},
    {{QUIET, .load_before_milli = EXACT(2001)}, "the machine was busy before"},
    {{QUIET, .load_before_milli = {0}}, ""},
    {{QUIET, .cores = 0, .load_before_milli = EXACT(501)}, "the machine was busy before"},
    {{QUIET, .spread = 1, .steal_ppm = EXACT(500000), .load_before_milli = EXACT(4000)},
     "half of the cases spread by more than 5%, the host took 50.0% of the cores' time, "
     "the machine was busy before"},
};
#pragma GCC diagnostic pop

TEST(verdicts)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct noise n = rows[i].noise;
        noise_judge(&n);
        CHECK_STR(n.why, rows[i].why);
        CHECK_FOR(n.quiet == (*n.why == '\0'), "row %zu", i);
    }
}

TEST(reasons_that_do_not_fit_are_cut)
{
    struct noise n = {.cores = 4,
                      .spread = 1,
                      .steal_ppm = EXACT(UINT64_MAX),
                      .others_ppm = EXACT(UINT64_MAX),
                      .pressure_ppm = EXACT(UINT64_MAX),
                      .throttled_ppm = EXACT(UINT64_MAX),
                      .load_before_milli = EXACT(4000)};
    noise_judge(&n);
    CHECK(!n.quiet);
    CHECK_EQ_U64(strlen(n.why), sizeof n.why - 1);
}

static json_t *conditions(json_int_t ticks, json_int_t idle, json_int_t steal, json_int_t own_ns, json_int_t waited)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ticks", ticks, "idle_ticks", idle, "steal_ticks",
                     steal, "own_ns", own_ns, "ticks_per_second", (json_int_t)100, "load_milli", ticks,
                     "cpu_pressure_us", waited, "unix_ms", ticks * 10);
}

TEST(shares_are_those_of_the_time_between)
{
    json_t *before = conditions(1000, 500, 10, 7, 0), *after = conditions(1400, 600, 30, 2000000007, 400000);
    struct noise n = {0};
    noise_set_conditions(&n, before, after);
    /* 400 ticks: 100 idle, 20 stolen, 2 s = 200 our own; so 80 of others. And 0.4 s of waiting in 4 s. */
    CHECK_EQ_U64(n.steal_ppm.value, 50000);
    CHECK_EQ_U64(n.others_ppm.value, 200000);
    CHECK_EQ_U64(n.pressure_ppm.value, 100000);
    CHECK_EQ_U64(n.load_before_milli.value, 1000);
    json_decref(after);
    json_decref(before);
}

TEST(time_in_which_a_quota_held_it_up)
{
    json_t *before = json_pack("{s:i, s:i}", "unix_ms", 1000, "throttled_us", 7000);
    json_t *after = json_pack("{s:i, s:i}", "unix_ms", 1200, "throttled_us", 57000);
    struct noise n = {0};
    noise_set_conditions(&n, before, after);
    CHECK_EQ_U64(n.throttled_ppm.value, 250000);
    json_object_set_new(after, "throttled_us", json_integer(900000)); /* by several cores */
    noise_set_conditions(&n, before, after);
    CHECK_EQ_U64(n.throttled_ppm.value, 1000000);
    n = (struct noise){0};
    json_object_set_new(before, "throttled_us", json_null());
    noise_set_conditions(&n, before, after);
    CHECK_EQ_U64(n.throttled_ppm.state, READING_UNSUPPORTED);
    json_decref(after);
    json_decref(before);
}

TEST(what_is_missing_stays_missing)
{
    json_t *before = conditions(1000, 500, 10, 7, 0), *after = conditions(1400, 600, 30, 7, 0);
    json_t *soon = conditions(1019, 501, 10, 7, 0);
    struct noise n = {0};
    noise_set_conditions(&n, before, soon);
    CHECK(n.others_ppm.state == READING_UNSUPPORTED && n.pressure_ppm.state == READING_UNSUPPORTED);
    json_object_set_new(after, "cpu_pressure_us", json_null());
    noise_set_conditions(&n, before, after);
    CHECK(n.others_ppm.state == READING_EXACT && n.pressure_ppm.state == READING_UNSUPPORTED);
    n = (struct noise){0};
    json_object_set_new(after, "steal_ticks", json_null());
    noise_set_conditions(&n, before, after);
    CHECK(n.others_ppm.state == READING_UNSUPPORTED && n.steal_ppm.state == READING_UNSUPPORTED);
    n = (struct noise){0};
    noise_set_conditions(&n, after, before); /* counts that go down are none */
    CHECK(n.steal_ppm.state == READING_UNSUPPORTED);
    noise_set_conditions(&n, NULL, NULL);
    CHECK(n.load_before_milli.state == READING_UNSUPPORTED);
    json_decref(soon);
    json_decref(after);
    json_decref(before);
}

TEST(conditions_have_what_is_looked_for)
{
    static const char *const keys[] = {
        "ticks",      "idle_ticks",      "steal_ticks", "own_ns",       "ticks_per_second",
        "load_milli", "cpu_pressure_us", "unix_ms",     "throttled_us", "throttled_periods"};
    json_t *now = machine_conditions("");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        CHECK_FOR(json_object_get(now, keys[i]), "%s", keys[i]);
    json_decref(now);
}

TESTS(CASE(verdicts), CASE(reasons_that_do_not_fit_are_cut), CASE(shares_are_those_of_the_time_between),
      CASE(time_in_which_a_quota_held_it_up), CASE(what_is_missing_stays_missing),
      CASE(conditions_have_what_is_looked_for));
