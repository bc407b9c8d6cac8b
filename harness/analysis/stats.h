/* Medians and what is known of them. Pure functions of numbers, without any assumption on how these are
 * distributed. */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_LEVEL 0.95

struct stats {
    size_t n; /* 0: nothing is known, and nothing else is set */
    double median;
    double mad; /* the median of the distances from it */

    /* An interval for the median of what the values were drawn from, made of two of them: low is the
     * `rank`th smallest and high the `rank`th largest. `level` is the probability, known exactly, that
     * such an interval holds it. With fewer than 6 values no interval reaches STATS_LEVEL, and this is the
     * smallest and the largest with what they give. */
    double low, high;
    size_t rank;
    double level;
    bool confident; /* level >= STATS_LEVEL, or what was asked for */
};

/* Sorts the values in place. They must be finite. */
struct stats stats_of(double *values, size_t n);

/* The same with an interval of another level. */
struct stats stats_at(double *values, size_t n, double level);

/* Of those that are finite. */
struct stats stats_of_known(double *values, size_t n);

void stats_sort(double *values, size_t n);
/* The median of n sorted values, n > 0. */
double stats_median(const double *sorted, size_t n);

/* The largest rank, from 1, whose interval reaches the wanted level, and the level that it has; 0 if n is too small for
 * that. n up to 10^6 or so. */
size_t stats_rank(size_t n, double wanted, double *level);

#endif
