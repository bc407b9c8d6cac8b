/* Work whose page faults are known, for the tests of counters. */
#ifndef TESTS_COUNTING_H
#define TESTS_COUNTING_H

#include "../harness/machine/counters.h"
#include "test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 3000, STRAY = 100 /* faults that the harness and a thread's start cause */ };

static inline struct counter_set choose(const char *list)
{
    struct counter_set set;
    char why[COUNTER_TEXT] = "";
    CHECK_FOR(counters_choose(&set, list, why, sizeof why) == 0, "%s: %s", list, why);
    return set;
}

static inline struct counter_set choose_and_try(const char *list)
{
    struct counter_set set = choose(list);
    counters_try(&set);
    return set;
}

static inline bool pfm(void)
{
    return counters_pfm_version() != NULL;
}

static inline bool known_errno(const char *why)
{
    return strncmp(why, "perf_event_open: ", 17) == 0 && strchr(why, '(') && why[strlen(why) - 1] == ')';
}

__attribute__((no_sanitize("address", "thread"))) static inline void touch(volatile char *p, size_t pages)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < pages; i++)
        p[i * page] = 1;
}

static inline void *touch_fresh(void *pages)
{
    size_t n = *(size_t *)pages, size = n * (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && madvise(p, size, MADV_NOHUGEPAGE) == 0);
    touch(p, n);
    munmap(p, size);
    return NULL;
}

/* Software events, or a skip where the kernel refuses even these. */
static inline struct counter_set faults(const char *list)
{
    struct counter_set set = choose_and_try(list);
    for (size_t i = 0; i < set.count; i++) {
        if (known_errno(set.spec[i].why))
            SKIP("%s: %s", set.spec[i].name, set.spec[i].why);
        CHECK_STR(set.spec[i].why, "");
    }
    touch_fresh(&(size_t){1}); /* so that the code is there */
    return set;
}

static inline void check_about(const struct counter_reading *r, uint64_t expected)
{
    CHECK_EQ_U64(r->reading.state, READING_EXACT);
    CHECK_EQ_U64(r->ran_ppm, 1000000);
    CHECK_FOR(r->reading.value >= expected && r->reading.value <= expected + STRAY, "%llu for %llu",
              (unsigned long long)r->reading.value, (unsigned long long)expected);
}

#endif
