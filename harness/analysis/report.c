/* Samples are put in order by case and round; a row is a stretch of that order. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A process may have to fetch a page or two of its own program. */
enum { OWN_DISK_BYTES = 64 << 10 };

static int by_place_and_round(const void *a, const void *b)
{
    const struct sample *x = *(const struct sample *const *)a, *y = *(const struct sample *const *)b;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->round > y->round) - (x->round < y->round);
}

double report_spread(const struct stats *s)
{
    return (s->high - s->low) / 2 / s->median;
}

/* Figures of one case alone. values: room for its samples. */
static void set_own(struct report_row *row, const struct sample *const *of, double *values)
{
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *s = of[i];
        values[i] = sample_decode_ns(s);
        row->reads_vary |= s->reads / s->iterations != row->reads || s->reads % s->iterations != 0;
        row->peak_bytes = s->max_rss_bytes > row->peak_bytes ? s->max_rss_bytes : row->peak_bytes;
        row->miscounted += s->syscr.state == READING_EXACT && s->syscr.value != s->reads;
        row->from_disk += !s->key.cold && s->disk_bytes.state == READING_EXACT && s->disk_bytes.value > OWN_DISK_BYTES;
    }
    row->ns = stats_of(values, row->samples);
}

static void add_row(struct report *s, size_t first, size_t end, double *values)
{
    const struct sample *const *of = s->order + first;
    struct report_row *row = &s->rows[s->count++];
    *row = (struct report_row){.sample = of[0], .first = first, .samples = end - first};
    for (size_t i = 0; i < row->samples; i++) {
        if (of[i]->outcome == SAMPLE_OK)
            continue;
        row->sample = of[i];
        return;
    }
    row->reads = of[0]->reads / of[0]->iterations;
    set_own(row, of, values);
    s->fewest = s->most == 0 || row->samples < s->fewest ? row->samples : s->fewest;
    s->most = row->samples > s->most ? row->samples : s->most;
}

/* The row of the same dataset and cache with this backend, sink and number of threads; of the same backend,
 * with the same block size. */
static const struct report_row *find(const struct report *s, const struct report_row *like, const char *backend,
                                     const char *sink, uint64_t threads)
{
    const struct sample *a = like->sample;
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *b = s->rows[i].sample;
        if (s->rows[i].ns.n > 0 && strcmp(b->key.backend, backend) == 0 && strcmp(b->key.sink, sink) == 0 &&
            (a->key.block == b->key.block || strcmp(a->key.backend, backend) != 0) &&
            strcmp(a->key.dataset, b->key.dataset) == 0 && b->key.threads == threads && a->key.cold == b->key.cold)
            return &s->rows[i];
    }
    return NULL;
}

/* How long the other one takes in parts of this one's time, for the same number of bytes, and of records
 * if there are any: they may have read different parts of the file. */
static struct stats compare(const struct report *s, const struct report_row *row, const struct report_row *other,
                            double *values)
{
    size_t n = 0;
    if (!other || row->sample->bytes == 0 || other->sample->bytes == 0)
        return (struct stats){0};
    const struct sample *const *a = s->order + row->first, *const *b = s->order + other->first;
    bool by_record = a[0]->records > 0 && b[0]->records > 0;
    double scale =
        by_record ? (double)a[0]->records / (double)b[0]->records : (double)a[0]->bytes / (double)b[0]->bytes;
    for (size_t i = 0, k = 0; i < row->samples && k < other->samples;) {
        uint64_t this_round = a[i]->round, other_round = b[k]->round;
        if (this_round == other_round)
            values[n++] = sample_decode_ns(b[k]) * scale / sample_decode_ns(a[i]);
        i += this_round <= other_round;
        k += other_round <= this_round;
    }
    return stats_of(values, n);
}

static void set_compared(struct report *s, double *values)
{
    for (size_t i = 0; i < s->count; i++) {
        struct report_row *row = &s->rows[i];
        if (row->ns.n == 0)
            continue;
        const struct sample *of = row->sample;
        row->of_none = compare(s, row, find(s, row, of->key.backend, "none", of->key.threads), values);
        row->of_touch = compare(s, row, find(s, row, of->key.backend, "touch", of->key.threads), values);
        row->of_syscall = compare(s, row, find(s, row, "syscall", of->key.sink, 1), values);
    }
}

static bool blocks_differ(const struct report *s)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < i; k++)
            if (s->rows[i].sample->key.block != s->rows[k].sample->key.block &&
                strcmp(s->rows[i].sample->key.backend, s->rows[k].sample->key.backend) == 0)
                return true;
    return false;
}

int report_of(const struct results *r, struct report *s)
{
    *s = (struct report){0};
    double *values = calloc(r->count + r->limit_count + 1, sizeof *values);
    s->order = calloc(r->count + 1, sizeof *s->order);
    s->rows = calloc(r->count + 1, sizeof *s->rows);
    if (!values || !s->order || !s->rows) {
        free(values);
        report_free(s);
        return -ENOMEM;
    }
    for (size_t i = 0; i < r->count; i++)
        s->order[i] = &r->samples[i];
    if (r->count > 0)
        qsort(s->order, r->count, sizeof *s->order, by_place_and_round);
    for (size_t first = 0, end; first < r->count; first = end) {
        for (end = first; end < r->count && s->order[end]->index == s->order[first]->index;)
            end++;
        add_row(s, first, end, values);
    }
    s->blocks_differ = blocks_differ(s);
    set_compared(s, values);
    report_set_noise(r, s, values);
    report_set_instructions(r, s);
    int rc = report_set_limits(r, s, values);
    free(values);
    if (rc)
        report_free(s);
    return rc;
}

void report_free(struct report *s)
{
    free(s->limits);
    free(s->limit_order);
    free(s->rows);
    free(s->order);
    *s = (struct report){0};
}
