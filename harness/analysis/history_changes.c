/* Change points. A statistic that knows nothing of how values are distributed, and the exact chance of it under
 * shuffling, estimated with a fixed number of shuffles. */
#include "stats_random.h"
#include "history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How finely chances are told apart: a shuffle in so many of what the level allows. */
enum { FINENESS = 10, SIDE = HISTORY_WINDOW + 1 };

struct search {
    const double *logs; /* of the values */
    uint64_t random;
    double level;     /* of one window */
    size_t *order;    /* room for a window */
    double *distance; /* of each two of a window, SIDE in a row */
    double *sums;     /* sums[i * SIDE + k]: of those of the first i to the first k, in their order */
    bool *changed;
};

size_t history_needed(void)
{
    /* When all of one half are above all of the other, 2 out of all choices of a half are as good. That must be well
     * below the level, as it is estimated by shuffling. */
    size_t n = 2 * HISTORY_SHORTEST;
    while (4 / exp(lgamma((double)n + 1) - lgamma((double)(n / 2) + 1) - lgamma((double)(n - n / 2) + 1)) >
           HISTORY_LEVEL)
        n++;
    return n;
}

/* The sum of distances between values from `a` to `b` and those from `c` to `d`, of the order that was summed up. */
static double between(const struct search *s, size_t a, size_t b, size_t c, size_t d)
{
    const double *low = s->sums + a * SIDE, *high = s->sums + b * SIDE;
    return high[d] - high[c] - low[d] + low[c];
}

static void sum_up(const struct search *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = s->distance + s->order[i] * SIDE, *above = s->sums + i * SIDE;
        double *sums = s->sums + (i + 1) * SIDE, sum = 0;
        for (size_t k = 0; k < n; k++) {
            sum += row[s->order[k]];
            sums[k + 1] = above[k + 1] + sum;
        }
    }
}

/* The largest energy statistic over all places to cut the n values in their order, and the place. What is right of it
 * is taken up to any end: the level may change back again. */
static double best_cut(const struct search *s, size_t n, size_t *place)
{
    double best = 0;
    sum_up(s, n);
    for (size_t cut = HISTORY_SHORTEST; cut + HISTORY_SHORTEST <= n; cut++) {
        double a = (double)cut, left = between(s, 0, cut, 0, cut) / (a * (a - 1));
        for (size_t end = cut + HISTORY_SHORTEST; end <= n; end++) {
            double b = (double)(end - cut), right = between(s, cut, end, cut, end) / (b * (b - 1));
            double statistic = a * b / (a + b) * (2 * between(s, 0, cut, cut, end) / (a * b) - left - right);
            if (statistic > best) {
                best = statistic;
                *place = cut;
            }
        }
    }
    return best;
}

static void shuffle(struct search *s, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(stats_random(&s->random) % i), swap = s->order[i - 1];
        s->order[i - 1] = s->order[k];
        s->order[k] = swap;
    }
}

/* Is the best cut of these n values better than chance? */
static bool find_cut(struct search *s, const double *logs, size_t n, size_t *place)
{
    size_t shuffles = (size_t)ceil(FINENESS / s->level) - 1, as_good = 0, anywhere;
    if (n < history_needed())
        return false;
    for (size_t i = 0; i < n; i++) {
        s->order[i] = i;
        for (size_t k = 0; k < n; k++)
            s->distance[i * SIDE + k] = fabs(logs[i] - logs[k]);
    }
    double found = best_cut(s, n, place);
    if (found <= 0)
        return false;
    for (size_t i = 0; i < shuffles; i++) {
        shuffle(s, n);
        as_good += best_cut(s, n, &anywhere) >= found * (1 - 1e-9);
        if ((double)(as_good + 1) > s->level * (double)(shuffles + 1))
            return false;
    }
    return true;
}

static void split(struct search *s, size_t begin, size_t end)
{
    size_t place;
    if (!find_cut(s, s->logs + begin, end - begin, &place))
        return;
    s->changed[begin + place] = true;
    split(s, begin, begin + place);
    split(s, begin + place, end);
}

static size_t last_change(const bool *changed, size_t begin, size_t end)
{
    for (size_t i = end; i-- > begin;)
        if (changed[i])
            return i;
    return begin;
}

/* --- levels that differ too little --- */

static double median_log(const struct search *s, size_t begin, size_t end)
{
    size_t n = end - begin;
    memcpy(s->distance, s->logs + begin, n * sizeof *s->logs);
    stats_sort(s->distance, n);
    return stats_median(s->distance, n);
}

/* Where the smallest step is, or n if there is none below the least that counts. */
static size_t smallest_step(const struct search *s, size_t n, double least)
{
    size_t found = n, before = 0;
    for (size_t i = 1, end; i < n; i = end) {
        for (end = i + 1; end < n && !s->changed[end];)
            end++;
        if (!s->changed[i])
            continue;
        double step = fabs(median_log(s, i, end) - median_log(s, before, i));
        before = i;
        if (step < least) {
            least = step;
            found = i;
        }
    }
    return found;
}

int history_changes(const double *values, size_t n, double smallest, uint64_t seed, bool *changed)
{
    int count = 0;
    double *logs = calloc(n + 1, sizeof *logs);
    struct search s = {.logs = logs, .random = seed, .changed = changed};
    s.order = calloc(HISTORY_WINDOW, sizeof *s.order);
    s.distance = calloc(SIDE * SIDE + n, sizeof *s.distance);
    s.sums = calloc(SIDE * SIDE, sizeof *s.sums);
    memset(changed, 0, n * sizeof *changed);
    s.level = HISTORY_LEVEL / (double)(1 + 2 * n / HISTORY_WINDOW); /* so many windows at most */
    if (!logs || !s.order || !s.distance || !s.sums)
        count = -ENOMEM;
    for (size_t i = 0; i < n && count == 0; i++)
        logs[i] = log(values[i]);
    for (size_t begin = 0, end = 0; end < n && count == 0;) {
        end = n - begin < HISTORY_WINDOW ? n : begin + HISTORY_WINDOW;
        split(&s, begin, end);
        size_t last = last_change(changed, begin, end);
        begin = last > begin + HISTORY_WINDOW / 2 ? last : begin + HISTORY_WINDOW / 2;
    }
    for (size_t i; count == 0 && (i = smallest_step(&s, n, log1p(smallest))) < n;)
        changed[i] = false;
    for (size_t i = 0; i < n; i++)
        count += changed[i];
    free(logs);
    free(s.order);
    free(s.distance);
    free(s.sums);
    return count;
}
