/* Laws of scaling: Amdahl's law, S(n) = 1 / (s + (1 - s) / n), and the Universal Scalability Law,
 * S(n) = n / (1 + sigma (n - 1) + kappa n (n - 1)). With kappa = 0 and sigma = s the latter is the former, so one
 * struct holds either. Pure functions of numbers.
 *
 * A law is fitted by least squares to n/S - 1 = sigma (n - 1) + kappa n (n - 1), which is linear, with the weights with
 * which errors of S count alike. */
#ifndef HARNESS_FIT_H
#define HARNESS_FIT_H

#include <stdbool.h>

struct fit_law {
    double sigma; /* the serial fraction, or contention. Fitted to noise around 0 it can be below */
    double kappa; /* what each pair of threads costs: so can this. 0 in Amdahl's law */
};

/* The sums of which a law is made; all 0 to begin with. */
struct fit {
    double aa, ab, bb, ay, by;
};

/* One thread adds nothing: each law goes through S(1) = 1. */
void fit_add(struct fit *f, double threads, double speedup);
/* Of 2 numbers of threads above 1 at least, and of 3 for a kappa that is not just what the law goes through. */
struct fit_law fit_amdahl(const struct fit *f);
struct fit_law fit_usl(const struct fit *f);

/* S(n), with parameters of 0 at least, as are those of the next one. */
double fit_speedup(const struct fit_law *law, double threads);
/* How many threads have the largest S, 1 at least; INFINITY if it never ends to rise. */
double fit_peak(const struct fit_law *law);
/* Karp and Flatt's experimentally determined serial fraction, (1/S - 1/n) / (1 - 1/n). About the same for all n: it is
 * truly serial work. Rising with n: it is overhead that grows. Negative: faster than n times. */
double fit_karp_flatt(double threads, double speedup);

#endif
