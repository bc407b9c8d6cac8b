/* The parts of fit.c: what can be fitted, and the curve through some points that is nearest to them. */
#ifndef HARNESS_FIT_PARTS_H
#define HARNESS_FIT_PARTS_H

#include "fit.h"

/* Why a point is not used. */
enum fit_use { FIT_USED, FIT_OVERSUBSCRIBED, FIT_TOO_FEW_ROUNDS };

struct fit_uses {
    enum fit_use of[FIT_POINTS];
    size_t *rounds; /* those with a speed-up of 1 thread; room for all */
    size_t n;
};

/* Sets *uses, law->rounds and law->points. False: there is nothing to fit, and law->why says why. */
bool fit_usable(struct fit_law *law, const struct fit_input *in, size_t needed, struct fit_uses *uses);

static inline double fit_speedup(const struct fit_input *in, size_t round, size_t point)
{
    return in->speedup[round * in->count + point];
}

enum { SIGMA, KAPPA, PARAMETERS };

struct fit_curve {
    size_t n;
    double threads[FIT_POINTS], speedup[FIT_POINTS]; /* all > 1, all > 0 */
};

double fit_curve_at(const double p[PARAMETERS], double threads);
/* The sum of squared distances. */
double fit_curve_loss(const struct fit_curve *c, const double p[PARAMETERS]);
/* Finds the p with the least loss among 0 <= p[k] <= most[k]. n > 0. */
void fit_curve_nearest(const struct fit_curve *c, const double most[PARAMETERS], double p[PARAMETERS]);

#endif
