/* Counts as they are compared: by cycle and by record. Pure functions of numbers. */
#ifndef HARNESS_REPORT_RATIOS_H
#define HARNESS_REPORT_RATIOS_H

#include "../results/sample.h"

#include <stddef.h>

struct report_ratio {
    char name[COUNTER_NAME + 16]; /* "instructions/cycle", "cycles/record", "LLC-load-misses/record" */
    double value;
    uint32_t ran_ppm; /* the least of the counts'; below 1000000: it was scaled */
};

/* Of counters with these names: the instructions per cycle if both are there and count the same side
 * ("cycles:u" and "instructions:u"), then one ratio for each counter that has a reading, unless there are no
 * records. How many there are: at most n + 1, and no ratio is made up for a count that is missing. */
size_t report_ratios(const char *const *names, const struct counter_reading *counts, size_t n, uint64_t records,
                     struct report_ratio *ratios);

#endif
