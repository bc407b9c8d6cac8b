#include "scale_lengths.h"

#include "../view/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int compare_way(const struct sample *a, const struct sample *b)
{
    int by_dataset = strcmp(a->key.dataset, b->key.dataset), by_backend = strcmp(a->key.backend, b->key.backend);
    return by_dataset ? by_dataset : by_backend ? by_backend : strcmp(a->key.sink, b->key.sink);
}

static int by_length_and_round(const void *x, const void *y)
{
    const struct sample *a = *(const struct sample *const *)x, *b = *(const struct sample *const *)y;
    int by_way = compare_way(a, b);
    if (by_way)
        return by_way;
    if (a->records != b->records)
        return a->records > b->records ? 1 : -1;
    return (a->round > b->round) - (a->round < b->round);
}

/* The time of a decode of n records is fixed + n * each; two lengths in one round give both. */
static double fixed_ns(const struct sample *a, const struct sample *longest)
{
    double n = (double)a->records, m = (double)longest->records;
    return (sample_decode_ns(a) * m - sample_decode_ns(longest) * n) / (m - n);
}

static void set_length(struct scale_length *l, const struct sample *const *of, size_t n,
                       const struct sample *const *longest, size_t m, double *values)
{
    *l = (struct scale_length){.sample = of[0]};
    for (size_t i = 0; i < n; i++) {
        values[i] = sample_decode_ns(of[i]) / (double)of[i]->records;
        l->peak_bytes = of[i]->max_rss_bytes > l->peak_bytes ? of[i]->max_rss_bytes : l->peak_bytes;
    }
    l->record_ns = stats_of(values, n);
    size_t pairs = 0;
    for (size_t i = 0, k = 0; i < n && k < m && of != longest;) {
        uint64_t a = of[i]->round, b = longest[k]->round;
        if (a == b)
            values[pairs++] = fixed_ns(of[i], longest[k]);
        i += a <= b;
        k += b <= a;
    }
    if (pairs)
        l->fixed_ns = stats_of(values, pairs);
}

static size_t same_length(const struct sample *const *of, size_t n)
{
    size_t same = 0;
    while (same < n && of[same]->records == of[0]->records)
        same++;
    return same;
}

static void set_way(struct scale_lengths *way, const struct sample *const *of, size_t n, double *values)
{
    const struct sample *const *longest = of;
    size_t m = 0;
    for (size_t i = 0; i < n; i += m) {
        longest = of + i;
        m = same_length(of + i, n - i);
    }
    way->dataset = of[0]->key.dataset;
    way->backend = of[0]->key.backend;
    way->sink = of[0]->key.sink;
    for (size_t i = 0, same; i < n; i += same) {
        same = same_length(of + i, n - i);
        set_length(&way->length[way->count++], of + i, same, longest, m, values);
    }
}

static size_t gather(const struct results *r, const struct sample **order)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct sample *s = &r->samples[i];
        if (s->outcome == SAMPLE_OK && s->key.threads == 1 && s->key.split == 1 && s->key.files == 1 && s->records > 0)
            order[n++] = s;
    }
    if (n > 0)
        qsort(order, n, sizeof *order, by_length_and_round);
    return n;
}

struct scale_lengths *scale_lengths_of(const struct results *r)
{
    const struct sample **order = calloc(r->count + 1, sizeof *order);
    double *values = calloc(r->count + 1, sizeof *values);
    struct scale_lengths *all = calloc(r->count + 1, sizeof *all);
    size_t n = order && values && all ? gather(r, order) : 0, ways = 0;
    bool enough = order && values && all;
    for (size_t first = 0, end; first < n && enough; first = end) {
        for (end = first; end < n && compare_way(order[first], order[end]) == 0;)
            end++;
        if (order[first]->records == order[end - 1]->records)
            continue;
        all[ways].length = calloc(end - first, sizeof *all[ways].length);
        enough = all[ways].length != NULL;
        if (enough)
            set_way(&all[ways++], order + first, end - first, values);
    }
    free(values);
    free(order);
    if (enough)
        return all;
    if (all)
        scale_lengths_free(all);
    return NULL;
}

void scale_lengths_free(struct scale_lengths *all)
{
    for (struct scale_lengths *way = all; way->length; way++)
        free(way->length);
    free(all);
}

/* --- showing --- */

enum { DATASET, BACKEND, SINK, RECORDS, RATE, SPREAD, PEAK, FIXED };

static void put_length(char (*cell)[GRID_CELL], const struct scale_lengths *way, const struct scale_length *l)
{
    snprintf(cell[DATASET], GRID_CELL, "%.32s", way->dataset);
    snprintf(cell[BACKEND], GRID_CELL, "%s", way->backend);
    snprintf(cell[SINK], GRID_CELL, "%s", way->sink);
    snprintf(cell[RECORDS], GRID_CELL, "%" PRIu64, l->sample->records);
    snprintf(cell[RATE], GRID_CELL, "%.4g", 1e3 / l->record_ns.median);
    snprintf(cell[SPREAD], GRID_CELL, "%.1f%%", 50 * (l->record_ns.high - l->record_ns.low) / l->record_ns.median);
    snprintf(cell[PEAK], GRID_CELL, "%.4g", (double)l->peak_bytes / 1e6);
    if (l->fixed_ns.n > 0)
        snprintf(cell[FIXED], GRID_CELL, "%.3g [%.3g, %.3g]", l->fixed_ns.median / 1e3, l->fixed_ns.low / 1e3,
                 l->fixed_ns.high / 1e3);
}

static int print_all(const struct scale_lengths *all, size_t lines, FILE *to)
{
    struct grid g = {
        .titles = {"dataset", "backend", "sink", "records", "M/s", "+/-", "peak MB", "us whatever the length"},
        .columns = FIXED + 1,
        .left = 3};
    g.cells = calloc(lines + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (const struct scale_lengths *way = all; way->count; way++)
        for (size_t i = 0; i < way->count; i++)
            put_length(g.cells[g.rows++], way, &way->length[i]);
    fputs("\nby length of file, 1 thread\n", to);
    int rc = grid_print(&g, to);
    fputc('\n', to);
    free(g.cells);
    return rc;
}

int scale_print_lengths(const struct results *r, FILE *to)
{
    struct scale_lengths *all = scale_lengths_of(r);
    size_t lines = 0;
    if (!all)
        return -ENOMEM;
    for (const struct scale_lengths *way = all; way->count; way++)
        lines += way->count;
    int rc = lines ? print_all(all, lines, to) : 0;
    scale_lengths_free(all);
    return rc;
}
