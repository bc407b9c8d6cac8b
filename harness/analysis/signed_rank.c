#include "signed_rank.h"

#include "stats.h"

#include <math.h>
#include <stdlib.h>

enum { SUM_MAX = SIGNED_RANK_MAX * (SIGNED_RANK_MAX + 1) / 2 };

/* The distribution of the sum of `n` numbers, each of them in it or not by a fair coin, number by number. Returns the
 * largest sum. */
static size_t distribute(const size_t *number, size_t n, double *p)
{
    size_t most = 0;
    p[0] = 1;
    for (size_t i = 0; i < n; i++) {
        size_t last = most;
        most += number[i];
        for (size_t w = last + 1; w <= most; w++)
            p[w] = 0;
        for (size_t w = most + 1; w-- > 0;)
            p[w] = (p[w] + (w >= number[i] ? p[w - number[i]] : 0)) / 2;
    }
    return most;
}

static size_t distribute_ranks(size_t n, double *p)
{
    size_t rank[SIGNED_RANK_MAX];
    for (size_t i = 0; i < n; i++)
        rank[i] = i + 1;
    return distribute(rank, n, p);
}

double signed_rank_below(size_t n, size_t w)
{
    double p[SUM_MAX + 1], sum = 0;
    size_t most = distribute_ranks(n, p);
    for (size_t i = 0; i <= w && i <= most; i++)
        sum += p[i];
    return sum;
}

bool signed_rank_critical(size_t n, double alpha, size_t *w)
{
    double p[SUM_MAX + 1], sum = 0;
    size_t most = distribute_ranks(n, p), k = 0;
    while (k <= most && sum + p[k] <= alpha)
        sum += p[k++];
    *w = k - 1;
    return k > 0;
}

static int nearer_to_zero(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Ranks are doubled, so that shared ones are whole numbers as well. */
double signed_rank_p(const double *d, size_t n)
{
    double value[SIGNED_RANK_MAX], p[2 * SUM_MAX + 1], sum = 0;
    size_t twice[SIGNED_RANK_MAX] = {0}, left = 0, seen = 0;
    for (size_t i = 0; i < n; i++)
        if (d[i] != 0)
            value[left++] = d[i];
    qsort(value, left, sizeof *value, nearer_to_zero);
    for (size_t i = 0, next; i < left; i = next) {
        for (next = i + 1; next < left && fabs(value[next]) == fabs(value[i]);)
            next++;
        for (size_t k = i; k < next; k++) {
            twice[k] = i + 1 + next;
            seen += value[k] > 0 ? twice[k] : 0;
        }
    }
    size_t most = distribute(twice, left, p);
    for (size_t w = seen; w <= most; w++)
        sum += p[w];
    return sum;
}

struct signed_rank signed_rank_interval(const double *d, size_t n, double alpha)
{
    double average[SUM_MAX];
    size_t count = 0, w;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++)
            average[count++] = (d[i] + d[k]) / 2;
    stats_sort(average, count);
    bool bounded = signed_rank_critical(n, alpha, &w);
    if (!bounded)
        w = 0;
    return (struct signed_rank){
        .n = n,
        .estimate = stats_median(average, count),
        .low = average[w],
        .high = average[count - 1 - w],
        .bounded = bounded,
    };
}
