/* An event that opens need not count: some hypervisors let it open and never move it. So each is shown work
 * whose counts are known, and called broken when it sees nothing of that. */
#include "counters.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ADDITIONS = 1000000, PAGES = 256 };

/* Sanitizers would touch pages of their own along with these. */
__attribute__((no_sanitize("address", "thread"))) static void touch(volatile char *p, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i += step)
        p[i] = (char)(p[i] + 1);
}

/* A million additions, one fresh page after the other, a walk through all of their lines, and a nap. */
static void work(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = PAGES * page;
    volatile uint64_t sum = 0;
    for (uint64_t i = 0; i < ADDITIONS; i++)
        sum = sum + i;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED) {
        madvise(p, size, MADV_NOHUGEPAGE);
        touch(p, size, page);
        touch(p, size, 64);
        munmap(p, size);
    }
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static uint64_t least(enum counter_known known)
{
    switch (known) {
    case KNOWN_SOME:
        return 1;
    case KNOWN_PAGES:
        return PAGES;
    case KNOWN_MILLION:
        return ADDITIONS;
    default:
        return 0;
    }
}

static int try_open(const struct counter_set *set, size_t i)
{
    struct counter_set one = {.spec = {set->spec[i]}, .count = 1};
    struct counting c;
    counters_open(&c, &one, COUNTERS_ALL_THREADS);
    counters_close(&c);
    return c.event[0].error;
}

/* By itself, and if the kernel's side must not be seen, without that. */
static void set_openable(struct counter_set *set, size_t i)
{
    struct counter_spec *spec = &set->spec[i];
    int error = try_open(set, i);
    if ((error == EACCES || error == EPERM) && !spec->attr.exclude_kernel) {
        struct perf_event_attr whole = spec->attr;
        spec->attr.exclude_kernel = spec->attr.exclude_hv = 1;
        error = try_open(set, i); /* if another one, then permission would not have helped */
        spec->user_only = error == 0;
        if (error)
            spec->attr = whole;
    }
    if (error == 0 && spec->attr.exclude_kernel && spec->kernel_only)
        snprintf(spec->why, sizeof spec->why, "it happens in the kernel, whose side %s",
                 spec->user_only ? "must not be seen" : "is left out");
    else if (error) {
        spec->error = error;
        snprintf(spec->why, sizeof spec->why, "perf_event_open: %s (%s)", strerror(error), strerrorname_np(error));
    }
}

/* True if all that open got onto the processor. */
static bool count_work(const struct counter_set *set, struct counter_reading readings[COUNTERS_MAX])
{
    struct counting c;
    bool all = true;
    counters_open(&c, set, COUNTERS_ALL_THREADS);
    counters_begin(&c);
    work();
    counters_end(&c, readings);
    counters_close(&c);
    for (size_t i = 0; i < set->count; i++)
        all &= *set->spec[i].why || readings[i].reading.state != READING_UNSUPPORTED;
    return all;
}

void counters_try(struct counter_set *set)
{
    struct counter_reading readings[COUNTERS_MAX];
    for (size_t i = 0; i < set->count; i++)
        if (!*set->spec[i].why)
            set_openable(set, i);
    set->alone = !count_work(set, readings);
    if (set->alone)
        count_work(set, readings);
    for (size_t i = 0; i < set->count; i++) {
        struct counter_spec *spec = &set->spec[i];
        const struct reading *r = &readings[i].reading;
        if (*spec->why)
            continue;
        if (r->state == READING_UNSUPPORTED)
            snprintf(spec->why, sizeof spec->why, "it opens, but never gets onto the processor");
        else if (r->value < least(spec->known))
            snprintf(spec->why, sizeof spec->why, "broken: reads %llu over work that gives at least %llu",
                     (unsigned long long)r->value, (unsigned long long)least(spec->known));
    }
}
