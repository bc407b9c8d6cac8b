/* Medians and what is known of them. Pure functions of numbers, without any assumption on how these are
 * distributed. */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_LEVEL 0.95

struct stats {
    size_t n; /* 0: nothing is known, and nothing else is set */
    double median;

    /* An interval for the median of what the values were drawn from: the k-th smallest and the k-th largest of them.
     * `level` is the probability, known exactly, that such an interval holds it. With fewer than 6 values none reaches
     * STATS_LEVEL, and this is the smallest and the largest with what they give. */
    double low, high;
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

/* --- Wilcoxon's signed ranks: an interval for the middle of paired differences. If which arm came first was decided by
 * a fair coin, the signs of the differences are coins too, so that all of this is exact whatever the noise is like. */

enum { SIGNED_RANK_MAX = 200 }; /* values */

/* Of the sum W of those of the ranks 1..n that coins pick, the largest w with P(W <= w) <= alpha. -1 if there is none,
 * since n is too small. n up to SIGNED_RANK_MAX. */
int signed_rank_critical(size_t n, double alpha);

struct signed_rank {
    size_t n;
    double estimate;  /* Hodges and Lehmann's: the median of all averages of two values */
    double low, high; /* each is beyond the true middle with a probability of at most alpha */
    bool bounded;     /* false: n is too small for alpha, and low and high are the extremes */
};

/* The values must be finite, 0 < n <= SIGNED_RANK_MAX. */
struct signed_rank signed_rank_interval(const double *d, size_t n, double alpha);

/* --- random numbers: SplitMix64, whose state is any number. The same seed gives the same numbers everywhere --- */

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

/* Puts n numbers into an order drawn at random. */
void stats_shuffle(size_t *order, size_t n, uint64_t *state);

/* Half of the interval as a ratio to the median. */
double stats_spread(const struct stats *s);

enum { STATS_FEWEST = 6 }; /* values that give an interval of STATS_LEVEL */
#define STATS_NOISY 0.5    /* a spread beyond which a median says next to nothing */
/* Why they say little: "few" or "noisy". NULL: they say enough. */
const char *stats_flaw(const struct stats *s);

#endif
