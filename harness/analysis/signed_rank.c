#include "signed_rank.h"

#include "stats.h"

enum { SUM_MAX = SIGNED_RANK_MAX * (SIGNED_RANK_MAX + 1) / 2 };

bool signed_rank_critical(size_t n, double alpha, size_t *w)
{
    double p[SUM_MAX + 1] = {1}, sum = 0; /* of each sum of ranks, rank by rank: it is in it or not by a fair coin */
    size_t most = 0, k = 0;
    for (size_t rank = 1; rank <= n; rank++) {
        most += rank;
        for (size_t i = most + 1; i-- > 0;)
            p[i] = (p[i] + (i >= rank ? p[i - rank] : 0)) / 2;
    }
    while (k <= most && sum + p[k] <= alpha)
        sum += p[k++];
    *w = k - 1;
    return k > 0;
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
