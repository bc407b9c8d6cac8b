/* How consumers of a shared backend wait for each other. */
#ifndef BACKENDS_WAIT_H
#define BACKENDS_WAIT_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static inline uint64_t backend_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* As pthread_cond_wait(). How many ns that took, to be part of backend_counts.wait_ns. */
static inline uint64_t backend_wait(pthread_cond_t *changed, pthread_mutex_t *lock)
{
    uint64_t begun = backend_clock_ns();
    pthread_cond_wait(changed, lock);
    return backend_clock_ns() - begun;
}

#endif
