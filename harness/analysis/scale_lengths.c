/* How decoding scales with the length of a file: the same file, up to some number of records. */
#include "scale.h"

#include <stdlib.h>

/* The same but for the length? */
static int compare_way(const struct report_row *a, const struct report_row *b)
{
    struct case_key x = a->sample->key, y = b->sample->key;
    x.requested = y.requested = 0;
    return case_compare(&x, &y);
}

static int by_length(const void *a, const void *b)
{
    const struct report_row *x = *(const struct report_row *const *)a, *y = *(const struct report_row *const *)b;
    int by_way = compare_way(x, y);
    return by_way ? by_way : (x->sample->records > y->sample->records) - (x->sample->records < y->sample->records);
}

/* The time of a decode of n records is fixed + n * each; two lengths in one round give both. */
static double fixed_ns(const struct sample *a, const struct sample *longest)
{
    double n = (double)a->records, m = (double)longest->records;
    return (sample_decode_ns(a) * m - sample_decode_ns(longest) * n) / (m - n);
}

static struct scale_length length_of(const struct report *s, const struct report_row *row,
                                     const struct report_row *longest)
{
    struct scale_length l = {.row = row, .record_ns = report_over(s, row, report_record_ns)};
    if (row->sample->records < longest->sample->records)
        l.fixed_ns = report_by_round(s, row, longest, fixed_ns);
    return l;
}

struct scale_length *scale_lengths_of(const struct report *s, size_t *count)
{
    const struct report_row **order = calloc(s->count + 1, sizeof *order);
    struct scale_length *all = calloc(s->count + 1, sizeof *all);
    size_t n = 0;
    *count = 0;
    for (size_t i = 0; i < s->count && order && all; i++) {
        const struct sample *of = s->rows[i].sample;
        if (s->rows[i].ns.n > 0 && of->key.threads == 1 && of->key.split == 1 && of->key.files == 1 && of->records > 0)
            order[n++] = &s->rows[i];
    }
    if (n > 0)
        qsort(order, n, sizeof *order, by_length);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && compare_way(order[first], order[end]) == 0;)
            end++;
        const struct report_row *longest = order[end - 1];
        for (size_t i = first; i < end && order[first]->sample->records < longest->sample->records; i++)
            all[(*count)++] = length_of(s, order[i], longest);
    }
    free(order);
    return all;
}
