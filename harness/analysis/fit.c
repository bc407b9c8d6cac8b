#include "fit.h"

#include <math.h>

void fit_add(struct fit *f, double threads, double speedup)
{
    double a = threads - 1, b = threads * (threads - 1), y = threads / speedup - 1;
    double weight = pow(speedup, 4) / (threads * threads); /* the square of dS/dy */
    f->aa += weight * a * a;
    f->ab += weight * a * b;
    f->bb += weight * b * b;
    f->ay += weight * a * y;
    f->by += weight * b * y;
}

struct fit_law fit_amdahl(const struct fit *f)
{
    return (struct fit_law){.sigma = f->ay / f->aa};
}

struct fit_law fit_usl(const struct fit *f)
{
    double kappa = (f->aa * f->by - f->ab * f->ay) / (f->aa * f->bb - f->ab * f->ab);
    return (struct fit_law){(f->ay - f->ab * kappa) / f->aa, kappa};
}

double fit_speedup(const struct fit_law *law, double threads)
{
    return threads / (1 + law->sigma * (threads - 1) + law->kappa * threads * (threads - 1));
}

double fit_peak(const struct fit_law *law)
{
    if (law->kappa <= 0)
        return law->sigma < 1 ? INFINITY : 1;
    return law->sigma < 1 ? fmax(1, sqrt((1 - law->sigma) / law->kappa)) : 1;
}

double fit_karp_flatt(double threads, double speedup)
{
    return (1 / speedup - 1 / threads) / (1 - 1 / threads);
}
