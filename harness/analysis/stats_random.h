/* Random numbers for simulations and resampling: SplitMix64, whose state is any number. The same seed gives the same
 * numbers everywhere. */
#ifndef HARNESS_STATS_RANDOM_H
#define HARNESS_STATS_RANDOM_H

#include <stdint.h>

static inline uint64_t stats_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Above 0 and at most 1, so that it has a logarithm. */
static inline double stats_random_unit(uint64_t *state)
{
    return (double)((stats_random(state) >> 11) + 1) * 0x1p-53;
}

#endif
