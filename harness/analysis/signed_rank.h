/* Wilcoxon's signed ranks: an interval for the middle of paired differences. If which arm came first was
 * decided by a fair coin, the signs of the differences are coins too, so that all of this is exact whatever the noise
 * is like. Pure functions. */
#ifndef HARNESS_SIGNED_RANK_H
#define HARNESS_SIGNED_RANK_H

#include <stdbool.h>
#include <stddef.h>

enum { SIGNED_RANK_MAX = 200 }; /* values */

/* Of the sum W of those of the ranks 1..n that coins pick, the largest w with P(W <= w) <= alpha. False if there is
 * none, since n is too small. n up to SIGNED_RANK_MAX. */
bool signed_rank_critical(size_t n, double alpha, size_t *w);

struct signed_rank {
    size_t n;
    double estimate;  /* Hodges and Lehmann's: the median of all averages of two values */
    double low, high; /* each is beyond the true middle with a probability of at most alpha */
    bool bounded;     /* false: n is too small for alpha, and low and high are the extremes */
};

/* The values must be finite, 0 < n <= SIGNED_RANK_MAX. */
struct signed_rank signed_rank_interval(const double *d, size_t n, double alpha);

#endif
