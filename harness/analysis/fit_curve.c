/* Levenberg's and Marquardt's method on S itself, within bounds: a parameter that lies on its bound and would go on is
 * left out of the step, and a step is cut off at the bounds.
 *
 * It starts from where n/S - 1 = sigma (n - 1) + kappa n (n - 1), which is linear, fits best, and from where it does
 * with one of the two alone: should there be more than one valley, the deepest of those counts. */
#include "fit_curve.h"

#include <math.h>
#include <string.h>

enum { STEPS = 200 };
static const double DAMPING = 1e-3, DAMPING_LEAST = 1e-15, DAMPING_MOST = 1e12;

double fit_curve_at(const double p[PARAMETERS], double n)
{
    return n / (1 + p[SIGMA] * (n - 1) + p[KAPPA] * n * (n - 1));
}

double fit_curve_loss(const struct fit_curve *c, const double p[PARAMETERS])
{
    double sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        double off = fit_curve_at(p, c->threads[i]) - c->speedup[i];
        sum += off * off;
    }
    return sum;
}

static double within(double value, double most)
{
    return value > most ? most : value > 0 ? value : 0;
}

/* A symmetric system of two equations, h x = g. */
struct system {
    double h[PARAMETERS][PARAMETERS], g[PARAMETERS];
};

/* Adds weight * (a x - z)^2, halved, as an equation for x. */
static void add(struct system *s, const double a[PARAMETERS], double z, double weight)
{
    for (int k = 0; k < PARAMETERS; k++) {
        s->g[k] += weight * a[k] * z;
        for (int l = 0; l < PARAMETERS; l++)
            s->h[k][l] += weight * a[k] * a[l];
    }
}

/* With x[k] = 0 where `use` does not have it. */
static void solve(const struct system *s, const bool use[PARAMETERS], double x[PARAMETERS])
{
    double determinant = s->h[0][0] * s->h[1][1] - s->h[0][1] * s->h[1][0];
    if (use[0] && use[1] && determinant > 1e-14 * s->h[0][0] * s->h[1][1]) {
        x[0] = (s->g[0] * s->h[1][1] - s->g[1] * s->h[0][1]) / determinant;
        x[1] = (s->g[1] * s->h[0][0] - s->g[0] * s->h[1][0]) / determinant;
        return;
    }
    for (int k = 0; k < PARAMETERS; k++)
        x[k] = use[k] && s->h[k][k] > 0 ? s->g[k] / s->h[k][k] : 0;
}

/* The step down from p, undamped: by the gradient and the second derivatives of the loss, which Gauss and Newton's
 * method takes without their part that comes from the distances. With it far fewer steps are needed where points
 * are far from the curve; where they are so far above it that the loss bends downwards, a part is kept all the same. */
static struct system slopes(const struct fit_curve *c, const double p[PARAMETERS])
{
    struct system s = {0};
    for (size_t i = 0; i < c->n; i++) {
        double n = c->threads[i], at = fit_curve_at(p, n);
        double bend = at * at * at / (n * n) * fmax(3 * at - 2 * c->speedup[i], at / 10);
        const double factors[PARAMETERS] = {[SIGMA] = n - 1, [KAPPA] = n * (n - 1)};
        add(&s, factors, at * at / n * (at - c->speedup[i]) / bend, bend);
    }
    return s;
}

/* One step, with as much damping as it takes. False: there is none that goes down. */
static bool step(const struct fit_curve *c, const double most[PARAMETERS], double p[PARAMETERS], double *loss,
                 double *damping)
{
    struct system s = slopes(c, p);
    bool use[PARAMETERS];
    for (int k = 0; k < PARAMETERS; k++)
        use[k] = s.g[k] > 0 ? p[k] < most[k] : s.g[k] < 0 && p[k] > 0;
    for (; *damping < DAMPING_MOST; *damping *= 10) {
        struct system damped = s;
        double d[PARAMETERS], to[PARAMETERS];
        for (int k = 0; k < PARAMETERS; k++)
            damped.h[k][k] *= 1 + *damping;
        solve(&damped, use, d);
        for (int k = 0; k < PARAMETERS; k++)
            to[k] = within(p[k] + d[k], most[k]);
        double less = fit_curve_loss(c, to);
        if (!(less < *loss))
            continue;
        memcpy(p, to, sizeof to);
        *loss = less;
        *damping = fmax(*damping / 100, DAMPING_LEAST);
        return true;
    }
    return false;
}

void fit_curve_nearest(const struct fit_curve *c, const double most[PARAMETERS], double p[PARAMETERS])
{
    static const bool starts[][PARAMETERS] = {{true, true}, {true, false}, {false, true}};
    double least = INFINITY;
    struct system linear = {0};
    for (size_t i = 0; i < c->n; i++) {
        double n = c->threads[i], s = c->speedup[i];
        const double factors[PARAMETERS] = {[SIGMA] = n - 1, [KAPPA] = n * (n - 1)};
        add(&linear, factors, n / s - 1, s * s * s * s / (n * n)); /* what an error in S makes of n/S */
    }
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        double x[PARAMETERS], damping = DAMPING;
        solve(&linear, starts[i], x);
        for (int k = 0; k < PARAMETERS; k++)
            x[k] = within(x[k], most[k]);
        double loss = fit_curve_loss(c, x);
        for (int n = 0; n < STEPS && step(c, most, x, &loss, &damping); n++)
            continue;
        if (loss < least) {
            least = loss;
            memcpy(p, x, sizeof x);
        }
    }
}
