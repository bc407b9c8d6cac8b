/* Laws of scaling, fitted to speed-ups: Amdahl's law, S(n) = 1 / (s + (1 - s) / n), and the Universal Scalability Law,
 * S(n) = n / (1 + sigma (n - 1) + kappa n (n - 1)). With kappa = 0 and sigma = s the latter is the former, so one
 * struct holds either. Pure functions of numbers.
 *
 * What is fitted is the median of each number of threads over the rounds, by least squares of S. Intervals come from a
 * bootstrap that draws whole rounds: what disturbed one round disturbed all of its speed-ups. */
#ifndef HARNESS_FIT_H
#define HARNESS_FIT_H

#include "stats.h"

#include <stdint.h>

enum {
    FIT_WHY = 128,
    FIT_POINTS = 64,       /* at most */
    FIT_ROUNDS = 6,        /* at least: fewer have no interval at STATS_LEVEL */
    FIT_RESAMPLES = 2000,  /* are usual */
    FIT_AMDAHL_POINTS = 3, /* numbers of threads at least, 1 among them */
    FIT_USL_POINTS = 4,
};

struct fit_point {
    unsigned threads;
    bool oversubscribed; /* more threads than cores: shown, but no law is fitted to it */
};

struct fit_input {
    const struct fit_point *points; /* in any order */
    size_t count;
    const double *speedup; /* fit_effective() of [round * count + point]; what is no number above 0 is missing */
    size_t rounds;
    uint64_t seed;
    size_t resamples;
};

struct fit_value {
    double value;
    double low, high; /* the middle STATS_LEVEL of the resamples' values; NAN without resamples */
};

struct fit_law {
    char why[FIT_WHY];                   /* "", or why nothing was fitted: then nothing else is set */
    struct fit_value sigma;              /* Amdahl's s: the serial fraction, or contention */
    struct fit_value kappa;              /* coherency: what each pair of threads costs; 0 in Amdahl's law */
    struct fit_value peak;               /* the number of threads with the largest S, see fit_peak() */
    bool sigma_at_bound, kappa_at_bound; /* it would leave its range, 0 to 1, or 0 and more, if it could */
    double rms;                          /* distance of the law from the medians of all points but that of 1 thread */
    size_t points;                       /* distinct numbers of threads used, 1 among them */
    size_t rounds;                       /* that have a speed-up of 1 thread */
    size_t resamples;                    /* that could be fitted */
};

/* The speed-up as if n threads had had n times what one has: measured * n / capacity, where capacity is how much more
 * than 1 thread the machine let n threads do at once in the same round. NAN if either is not positive. */
double fit_effective(double measured, unsigned threads, double capacity);

/* Karp and Flatt's experimentally determined serial fraction of a point, (1/S - 1/n) / (1 - 1/n), over the rounds.
 * About the same for all n: it is truly serial work. Rising with n: it is overhead that grows. Negative: faster than n
 * times. n is 0 for 1 thread, and with values that are no speed-ups. */
struct stats fit_karp_flatt(const struct fit_input *in, size_t point);

void fit_amdahl(const struct fit_input *in, struct fit_law *law);
void fit_usl(const struct fit_input *in, struct fit_law *law);

/* S(n) of a law that was fitted. */
double fit_predict(const struct fit_law *law, double threads);
/* What S comes near to with ever more threads if kappa is 0: 1/s. INFINITY if s is 0. */
double fit_limit(double sigma);
/* sqrt((1 - sigma) / kappa), at least 1; INFINITY if it never ends to rise. */
double fit_peak(double sigma, double kappa);

#endif
