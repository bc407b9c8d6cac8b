#include "fit_parts.h"
#include "stats_random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double fit_effective(double measured, unsigned threads, double capacity)
{
    return measured > 0 && capacity > 0 ? measured * threads / capacity : NAN;
}

double fit_predict(const struct fit_law *law, double threads)
{
    return fit_curve_at((const double[]){[SIGMA] = law->sigma.value, [KAPPA] = law->kappa.value}, threads);
}

double fit_limit(double sigma)
{
    return sigma > 0 ? 1 / sigma : INFINITY;
}

double fit_peak(double sigma, double kappa)
{
    if (sigma >= 1 || 1 - sigma <= kappa)
        return 1;
    return kappa > 0 ? sqrt((1 - sigma) / kappa) : INFINITY;
}

struct stats fit_karp_flatt(const struct fit_input *in, size_t point)
{
    double n = in->points[point].threads, *values = calloc(in->rounds + 1, sizeof *values);
    size_t count = 0;
    for (size_t r = 0; values && n > 1 && r < in->rounds; r++) {
        double s = fit_speedup(in, r, point);
        if (s > 0 && isfinite(s))
            values[count++] = (1 / s - 1 / n) / (1 - 1 / n);
    }
    struct stats stats = stats_of(values, count);
    free(values);
    return stats;
}

/* The medians over these rounds. The point of 1 thread is left out: every law goes through it. */
static void medians(const struct fit_input *in, const struct fit_uses *uses, const size_t *rounds, double *room,
                    struct fit_curve *c)
{
    c->n = 0;
    for (size_t p = 0; p < in->count; p++) {
        size_t n = 0;
        if (uses->of[p] != FIT_USED || in->points[p].threads == 1)
            continue;
        for (size_t i = 0; i < uses->n; i++)
            if (!isnan(fit_speedup(in, rounds[i], p)))
                room[n++] = fit_speedup(in, rounds[i], p);
        if (n == 0)
            continue;
        stats_sort(room, n);
        c->threads[c->n] = in->points[p].threads;
        c->speedup[c->n++] = stats_median(room, n);
    }
}

static struct fit_value interval(double value, double *values, size_t n)
{
    if (n == 0)
        return (struct fit_value){value, NAN, NAN};
    stats_sort(values, n);
    size_t rank = (size_t)((1 - STATS_LEVEL) / 2 * (double)n);
    return (struct fit_value){value, values[rank], values[n - 1 - rank]};
}

enum { PEAK = PARAMETERS, VALUES }; /* what is had of each resample */

/* The values of a curve that has been fitted. */
static void set_values(const double p[PARAMETERS], double values[VALUES])
{
    values[SIGMA] = p[SIGMA];
    values[KAPPA] = p[KAPPA];
    values[PEAK] = fit_peak(p[SIGMA], p[KAPPA]);
}

struct work {
    const double *most; /* of each parameter */
    struct fit_uses uses;
    size_t *drawn;          /* rounds */
    double *room;           /* for the values of a point */
    double *values[VALUES]; /* of each resample */
};

/* A resample that has lost a point, since it drew only rounds where that is missing, does not count. */
static void resample(const struct fit_input *in, const struct work *w, struct fit_law *law, size_t points)
{
    uint64_t random = in->seed;
    struct fit_curve c;
    law->resamples = 0;
    for (size_t i = 0; i < in->resamples; i++) {
        double p[PARAMETERS], values[VALUES];
        for (size_t k = 0; k < w->uses.n; k++)
            w->drawn[k] = w->uses.rounds[stats_random(&random) % w->uses.n];
        medians(in, &w->uses, w->drawn, w->room, &c);
        if (c.n < points)
            continue;
        fit_curve_nearest(&c, w->most, p);
        set_values(p, values);
        for (int v = 0; v < VALUES; v++)
            w->values[v][law->resamples] = values[v];
        law->resamples++;
    }
}

static void fit_law(const struct fit_input *in, struct work *w, size_t needed, struct fit_law *law)
{
    struct fit_curve c;
    double p[PARAMETERS], values[VALUES];
    if (!fit_usable(law, in, needed, &w->uses))
        return;
    medians(in, &w->uses, w->uses.rounds, w->room, &c);
    fit_curve_nearest(&c, w->most, p);
    set_values(p, values);
    resample(in, w, law, c.n);
    law->sigma = interval(values[SIGMA], w->values[SIGMA], law->resamples);
    law->kappa = interval(values[KAPPA], w->values[KAPPA], law->resamples);
    law->peak = interval(values[PEAK], w->values[PEAK], law->resamples);
    law->sigma_at_bound = !(p[SIGMA] > 0 && p[SIGMA] < w->most[SIGMA]);
    law->kappa_at_bound = w->most[KAPPA] > 0 && !(p[KAPPA] > 0);
    law->rms = sqrt(fit_curve_loss(&c, p) / (double)c.n);
}

static void fit(const struct fit_input *in, const double most[PARAMETERS], size_t needed, struct fit_law *law)
{
    struct work w = {.most = most};
    bool memory = true;
    *law = (struct fit_law){.why = ""};
    memory &= (w.uses.rounds = calloc(in->rounds + 1, sizeof *w.uses.rounds)) != NULL;
    memory &= (w.drawn = calloc(in->rounds + 1, sizeof *w.drawn)) != NULL;
    memory &= (w.room = calloc(in->rounds + 1, sizeof *w.room)) != NULL;
    for (int v = 0; v < VALUES; v++)
        memory &= (w.values[v] = calloc(in->resamples + 1, sizeof *w.values[v])) != NULL;
    if (memory)
        fit_law(in, &w, needed, law);
    else
        strcpy(law->why, "out of memory");
    for (int v = 0; v < VALUES; v++)
        free(w.values[v]);
    free(w.room);
    free(w.drawn);
    free(w.uses.rounds);
}

void fit_amdahl(const struct fit_input *in, struct fit_law *law)
{
    fit(in, (const double[]){[SIGMA] = 1, [KAPPA] = 0}, FIT_AMDAHL_POINTS, law);
}

void fit_usl(const struct fit_input *in, struct fit_law *law)
{
    fit(in, (const double[]){[SIGMA] = INFINITY, [KAPPA] = INFINITY}, FIT_USL_POINTS, law);
}
