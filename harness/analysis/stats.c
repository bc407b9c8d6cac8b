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

/* The median distance from the median: the distances to both sides are sorted already, so they are merged. */
static double mad(const double *sorted, size_t n, double median)
{
    size_t right = 0;
    while (right < n && sorted[right] < median)
        right++;
    size_t left = right;
    double before = 0, at = 0;
    for (size_t i = 0; i <= n / 2; i++) {
        bool take_left = left > 0 && (right == n || median - sorted[left - 1] <= sorted[right] - median);
        before = at;
        at = take_left ? median - sorted[--left] : sorted[right++] - median;
    }
    return n % 2 ? at : (before + at) / 2;
}

struct stats stats_at(double *values, size_t n, double level)
{
    struct stats s = {.n = n};
    if (n == 0)
        return s;
    stats_sort(values, n);
    s.median = stats_median(values, n);
    s.mad = mad(values, n, s.median);
    s.rank = stats_rank(n, level, &s.level);
    s.confident = s.rank > 0;
    if (!s.confident) {
        s.rank = 1;
        s.level = 1 - 2 * exp2(-(double)n);
    }
    s.low = values[s.rank - 1];
    s.high = values[n - s.rank];
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
