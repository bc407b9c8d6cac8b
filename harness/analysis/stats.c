/* The interval is that of the sign test: of n values each lies below the true median with probability 1/2,
 * so how many do is binomial, and P(k-th smallest <= median <= k-th largest) = 1 - 2 P(B < k). Ties only
 * make it wider. */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t n)
{
    if (n > 0)
        qsort(values, n, sizeof *values, ascending);
}

double stats_median(const double *sorted, size_t n)
{
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

size_t stats_rank(size_t n, double wanted, double *level)
{
    double below = 0, log_half_to_n = -(double)n * log(2);
    size_t rank = 0;
    *level = 0;
    for (size_t k = 1; k <= n / 2; k++) {
        /* P(B = k - 1), by logarithms since binomial coefficients do not fit */
        double ways = lgamma((double)n + 1) - lgamma((double)k) - lgamma((double)(n - k) + 2);
        below += exp(ways + log_half_to_n);
        double covers = 1 - 2 * below;
        if (covers < wanted)
            break;
        rank = k;
        *level = covers;
    }
    return rank;
}

struct stats stats_at(double *values, size_t n, double level)
{
    struct stats s = {.n = n};
    if (n == 0)
        return s;
    stats_sort(values, n);
    s.median = stats_median(values, n);
    size_t rank = stats_rank(n, level, &s.level);
    s.confident = rank > 0;
    if (!s.confident) {
        rank = 1;
        s.level = 1 - 2 * exp2(-(double)n);
    }
    s.low = values[rank - 1];
    s.high = values[n - rank];
    return s;
}

struct stats stats_of(double *values, size_t n)
{
    return stats_at(values, n, STATS_LEVEL);
}

struct stats stats_of_known(double *values, size_t n)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            values[known++] = values[i];
    return stats_of(values, known);
}

/* --- signed ranks --- */

enum { SUM_MAX = SIGNED_RANK_MAX * (SIGNED_RANK_MAX + 1) / 2 };

int signed_rank_critical(size_t n, double alpha)
{
    /* Of each sum of ranks, rank by rank: it is in it or not by a fair coin. */
    double *p = calloc(SUM_MAX + 1, sizeof *p), sum = 0;
    size_t most = 0, k = 0;
    p[0] = 1;
    for (size_t rank = 1; rank <= n; rank++) {
        most += rank;
        for (size_t i = most + 1; i-- > 0;)
            p[i] = (p[i] + (i >= rank ? p[i - rank] : 0)) / 2;
    }
    while (k <= most && sum + p[k] <= alpha)
        sum += p[k++];
    free(p);
    return (int)k - 1;
}

struct signed_rank signed_rank_interval(const double *d, size_t n, double alpha)
{
    double *average = calloc(SUM_MAX, sizeof *average);
    int critical = signed_rank_critical(n, alpha);
    size_t count = 0, w = critical < 0 ? 0 : (size_t)critical;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++)
            average[count++] = (d[i] + d[k]) / 2;
    stats_sort(average, count);
    struct signed_rank interval = {
        .n = n,
        .estimate = stats_median(average, count),
        .low = average[w],
        .high = average[count - 1 - w],
        .bounded = critical >= 0,
    };
    free(average);
    return interval;
}

void stats_shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = stats_random(state) % i, kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

double stats_spread(const struct stats *s)
{
    return (s->high - s->low) / 2 / s->median;
}

const char *stats_flaw(const struct stats *s)
{
    return !s->confident ? "few" : !(stats_spread(s) <= STATS_NOISY) ? "noisy" : NULL;
}
