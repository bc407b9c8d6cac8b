/* The frame of the tests in C: cases, checks, and a main() (runner.c) that gives each case a process of its own. All
 * files of tests/unit and tests/fuzz are one program, so that a variant links once; each adds its cases by itself.
 *
 *   TEST(walk_refuses_a_short_record)
 *   {
 *       CHECK_EQ_U64(dbn_walk(p, p + 15), 0);
 *   }
 *   TESTS(CASE(walk_refuses_a_short_record), CASE_WITHIN(30, every_prefix));
 *
 * A case that is missing from the table is an unused function, which does not compile. A case fails when a check
 * fails, when it crashes, leaks, exits early, or uses more CPU time than it may. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct test_case {
    const char *name;
    void (*run)(void);
    unsigned seconds; /* of CPU time that each of its processes may use */
};

struct test_file {
    const char *path;
    const struct test_case *cases; /* ends with one without a name */
    struct test_file *next;
};

/* Called by TESTS(), before main(). */
void test_add(struct test_file *file);

/* Is this `make test-all`, which has time? */
bool test_all(void);

#define TEST(name) static void test_##name(void)
#define CASE_WITHIN(seconds, name)                                                                                     \
    {                                                                                                                  \
#name, test_##name, seconds                                                                                    \
    }
#define CASE(name) CASE_WITHIN(10, name)
#define TESTS(...)                                                                                                     \
    static const struct test_case test_cases[] = {__VA_ARGS__, {0}};                                                   \
    __attribute__((constructor)) static void add_test_cases(void)                                                      \
    {                                                                                                                  \
        static struct test_file test_this = {__FILE__, test_cases, 0};                                                 \
        test_add(&test_this);                                                                                          \
    }                                                                                                                  \
    _Static_assert(1, "")

/* Each ends the case: as failed, or as skipped. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void test_fail_for(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
_Noreturn void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

void test_eq_u64(const char *file, int line, const char *what, uint64_t actual, uint64_t expected);
void test_eq_i64(const char *file, int line, const char *what, int64_t actual, int64_t expected);
void test_eq_str(const char *file, int line, const char *what, const char *actual, const char *expected);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            test_fail(__FILE__, __LINE__, "not true: %s", #condition);                                                 \
    } while (0)
/* Says which row of a table it was: CHECK_FOR(ok, "block %zu", block). */
#define CHECK_FOR(condition, ...)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            test_fail_for(__FILE__, __LINE__, #condition, __VA_ARGS__);                                                \
    } while (0)
#define CHECK_EQ_U64(actual, expected) test_eq_u64(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_EQ_I64(actual, expected) test_eq_i64(__FILE__, __LINE__, #actual, actual, expected)
/* Either may be NULL. */
#define CHECK_STR(actual, expected) test_eq_str(__FILE__, __LINE__, #actual, actual, expected)
#define SKIP(...) test_skip(__VA_ARGS__)

#endif
