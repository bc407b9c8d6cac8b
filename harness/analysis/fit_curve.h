/* The curve of a law of scaling that is nearest to some points. */
#ifndef HARNESS_FIT_CURVE_H
#define HARNESS_FIT_CURVE_H

#include "fit.h"

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
