#include "fit_curve.h"
#include "stats_random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEAK = PARAMETERS, VALUES }; /* what is had of each resample */

struct work {
    const double *most; /* of each parameter */
    bool used[FIT_POINTS];
    size_t *rounds;         /* with a speed-up of 1 thread; law.rounds of them */
    size_t *drawn;          /* of them */
    double *room;           /* for the values of a point */
    double *values[VALUES]; /* of each resample */
};

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
        double s = in->speedup[r * in->count + point];
        if (s > 0 && isfinite(s))
            values[count++] = (1 / s - 1 / n) / (1 - 1 / n);
    }
    struct stats stats = stats_of(values, count);
    free(values);
    return stats;
}

/* --- what can be fitted --- */

/* A speed-up that is used: finite and above 0. */
static bool is_known(const struct fit_input *in, size_t round, size_t point)
{
    double s = in->speedup[round * in->count + point];
    return isfinite(s) && s > 0;
}

static size_t rounds_with(const struct fit_input *in, size_t point)
{
    size_t n = 0;
    for (size_t r = 0; r < in->rounds; r++)
        n += is_known(in, r, point);
    return n;
}

/* Marks the points that are used, and counts their numbers of threads. */
static size_t mark_used(const struct fit_input *in, bool used[FIT_POINTS])
{
    size_t distinct = 0;
    for (size_t p = 0; p < in->count; p++) {
        bool first = true;
        used[p] = !in->points[p].oversubscribed && in->points[p].threads > 0 && rounds_with(in, p) >= FIT_ROUNDS;
        for (size_t before = 0; before < p; before++)
            first &= !used[before] || in->points[before].threads != in->points[p].threads;
        distinct += used[p] && first;
    }
    return distinct;
}

/* Sets what is used, law->rounds and law->points. False: there is too little to fit, and law->why says what. */
static bool is_usable(const struct fit_input *in, size_t needed, struct work *w, struct fit_law *law)
{
    size_t one = 0;
    while (one < in->count && (in->points[one].threads != 1 || in->points[one].oversubscribed))
        one++;
    if (in->count > FIT_POINTS)
        snprintf(law->why, sizeof law->why, "%zu points are too many; %d can be fitted", in->count, FIT_POINTS);
    else if (one == in->count)
        snprintf(law->why, sizeof law->why, "there is no point with 1 thread, which speed-ups are relative to");
    if (law->why[0])
        return false;
    for (size_t r = 0; r < in->rounds; r++)
        if (is_known(in, r, one))
            w->rounds[law->rounds++] = r;
    law->points = mark_used(in, w->used);
    if (law->rounds < FIT_ROUNDS)
        snprintf(law->why, sizeof law->why, "only %zu rounds with 1 thread; %d are needed", law->rounds, FIT_ROUNDS);
    else if (law->points < needed)
        snprintf(law->why, sizeof law->why,
                 "only %zu usable numbers of threads, with a core each and in %d rounds or more; %zu are needed",
                 law->points, FIT_ROUNDS, needed);
    return !law->why[0];
}

/* --- fitting --- */

/* The medians over these rounds. The point of 1 thread is left out: every law goes through it. */
static void medians(const struct fit_input *in, const struct work *w, const size_t *rounds, size_t n_rounds,
                    struct fit_curve *c)
{
    c->n = 0;
    for (size_t p = 0; p < in->count; p++) {
        size_t n = 0;
        for (size_t i = 0; i < n_rounds && w->used[p] && in->points[p].threads > 1; i++)
            if (is_known(in, rounds[i], p))
                w->room[n++] = in->speedup[rounds[i] * in->count + p];
        if (n == 0)
            continue;
        stats_sort(w->room, n);
        c->threads[c->n] = in->points[p].threads;
        c->speedup[c->n++] = stats_median(w->room, n);
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

/* The values of a curve that has been fitted. */
static void set_values(const double p[PARAMETERS], double values[VALUES])
{
    values[SIGMA] = p[SIGMA];
    values[KAPPA] = p[KAPPA];
    values[PEAK] = fit_peak(p[SIGMA], p[KAPPA]);
}

/* A resample that has lost a point, since it drew only rounds where that is missing, does not count. */
static void resample(const struct fit_input *in, const struct work *w, struct fit_law *law, size_t points)
{
    uint64_t random = in->seed;
    struct fit_curve c;
    law->resamples = 0;
    for (size_t i = 0; i < in->resamples; i++) {
        double p[PARAMETERS], values[VALUES];
        for (size_t k = 0; k < law->rounds; k++)
            w->drawn[k] = w->rounds[stats_random(&random) % law->rounds];
        medians(in, w, w->drawn, law->rounds, &c);
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
    if (!is_usable(in, needed, w, law))
        return;
    medians(in, w, w->rounds, law->rounds, &c);
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
    memory &= (w.rounds = calloc(in->rounds + 1, sizeof *w.rounds)) != NULL;
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
    free(w.rounds);
}

void fit_amdahl(const struct fit_input *in, struct fit_law *law)
{
    fit(in, (const double[]){[SIGMA] = 1, [KAPPA] = 0}, FIT_AMDAHL_POINTS, law);
}

void fit_usl(const struct fit_input *in, struct fit_law *law)
{
    fit(in, (const double[]){[SIGMA] = INFINITY, [KAPPA] = INFINITY}, FIT_USL_POINTS, law);
}
