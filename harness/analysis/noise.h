/* Whether the machine was quiet enough to believe differences of a few per cent. A pure function of what was
 * seen. */
#ifndef HARNESS_NOISE_H
#define HARNESS_NOISE_H

#include "../results/sample.h"

#include <jansson.h>

/* Beyond these it is noisy. Shares are of the time of all cores together, but for the pressure's. */
#define NOISE_SPREAD_MAX 0.05
enum {
    NOISE_STEAL_MAX_PPM = 10000,     /* taken by the host for others */
    NOISE_OTHERS_MAX_PPM = 50000,    /* taken by other processes */
    NOISE_PRESSURE_MAX_PPM = 100000, /* of the time, in which something waited for a core */
    NOISE_SWITCHES_MAX = 50,         /* a second of CPU time: who has a core for itself is seldom sent away */
    NOISE_LOAD_MAX_MILLI = 500,      /* a core, before */
};

struct noise {
    uint64_t cores; /* 0: unknown */
    /* The most that were at work at once. As many as there are cores wait for each other, and then pressure
     * does not tell of others. */
    uint64_t threads;
    struct reading load_before_milli, load_after_milli;
    struct reading steal_ppm, others_ppm, pressure_ppm; /* meanwhile */
    struct reading switches; /* involuntary ones a second of CPU time, where a core was left free */
    double spread; /* half of a case's interval as a ratio to its median, median over cases; < 0: too few samples */

    /* Set by noise_judge(). */
    bool quiet;
    char why[256]; /* each reason; "" if quiet */
};

/* Sets loads and shares from two looks at machine_conditions(). Shares stay unsupported for less than 20
 * ticks. */
void noise_set_conditions(struct noise *n, const json_t *before, const json_t *after);
void noise_judge(struct noise *n);

#endif
