/* The clock of all that is timed. */
#ifndef HARNESS_CLOCK_H
#define HARNESS_CLOCK_H

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

/* ns; CLOCK_MONOTONIC unless another is meant. */
static inline uint64_t clock_read_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t clock_now_ns(void)
{
    return clock_read_ns(CLOCK_MONOTONIC);
}

/* The time since then, which is now set to now. */
static inline uint64_t clock_lap_ns(uint64_t *since)
{
    uint64_t before = *since;
    *since = clock_now_ns();
    return *since - before;
}

static inline uint64_t clock_timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

#endif
