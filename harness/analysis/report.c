/* Samples are put in order by case and round; a row is a stretch of that order. */
#include "report.h"

#include "../results/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A process may have to fetch a page or two of its own program. */
enum { OWN_DISK_BYTES = 64 << 10 };

static int by_case_and_round(const void *a, const void *b)
{
    const struct sample *x = *(const struct sample *const *)a, *y = *(const struct sample *const *)b;
    int order = (x->index > y->index) - (x->index < y->index);
    order = order ? order : case_compare(&x->key, &y->key);
    return order ? order : (x->round > y->round) - (x->round < y->round);
}

/* --- rows --- */

static struct reading reads_of(const struct sample *s)
{
    return s->reads.state == READING_UNSUPPORTED ? s->syscr : s->reads;
}

/* Figures of one case alone. */
static void set_own(struct report_row *row, const struct sample *const *of, double *values)
{
    row->reads = reads_of(of[0]);
    row->reads.value /= of[0]->iterations;
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *s = of[i];
        values[i] = sample_decode_ns(s);
        struct reading reads = reads_of(s);
        row->reads_vary |= reads.value / s->iterations != row->reads.value || reads.value % s->iterations != 0;
        if (s->max_rss_bytes.value >= row->peak_bytes.value)
            row->peak_bytes = s->max_rss_bytes;
        row->miscounted += s->syscr.state == READING_EXACT && reads.value != s->syscr.value;
        row->from_disk += !s->key.cold && s->direct_bytes.value == 0 && s->disk_bytes.state == READING_EXACT &&
                          s->disk_bytes.value > OWN_DISK_BYTES;
    }
    row->ns = stats_of(values, row->samples);
}

static void add_row(struct report *s, size_t first, size_t end)
{
    const struct sample *const *of = s->order + first;
    struct report_row *row = &s->rows[s->count++];
    *row = (struct report_row){.sample = of[0], .first = first, .samples = end - first, .instructions = NAN};
    for (size_t i = 0; i < row->samples; i++)
        if (of[i]->outcome != SAMPLE_OK) {
            row->sample = of[i];
            return;
        }
    set_own(row, of, s->values);
    s->fewest = s->most == 0 || row->samples < s->fewest ? row->samples : s->fewest;
    s->most = row->samples > s->most ? row->samples : s->most;
}

static void set_instructions(struct report *s)
{
    for (size_t k = 0; k < s->results->instruction_count; k++) {
        const struct instruction_count *c = &s->results->instructions[k];
        for (size_t i = 0; i < s->count; i++)
            if (c->index == s->rows[i].sample->index && !*c->why && s->rows[i].ns.n > 0)
                s->rows[i].instructions = (double)c->instructions / (double)c->records;
    }
}

/* --- other cases --- */

const struct report_row *report_find(const struct report *s, const struct case_key *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (case_equal(&s->rows[i].sample->key, key))
            return &s->rows[i];
    return NULL;
}

const struct report_row *report_find_like(const struct report *s, const struct case_key *like, const char *backend,
                                          const char *sink, uint64_t threads)
{
    struct case_key wanted = *like;
    bool same = strcmp(backend, like->backend) == 0;
    snprintf(wanted.backend, sizeof wanted.backend, "%s", backend);
    snprintf(wanted.sink, sizeof wanted.sink, "%s", sink);
    wanted.threads = threads;
    wanted.split = wanted.split < threads ? wanted.split : threads;
    for (size_t i = 0; i < s->count; i++) {
        const struct case_key *key = &s->rows[i].sample->key;
        wanted.block = same ? like->block : key->block;
        wanted.depth = same ? like->depth : key->depth;
        memcpy(wanted.advice, same ? like->advice : key->advice, sizeof wanted.advice);
        if (case_equal(key, &wanted))
            return &s->rows[i];
    }
    return NULL;
}

static int compare_round(const void *round, const void *sample)
{
    uint64_t wanted = *(const uint64_t *)round, its = (*(const struct sample *const *)sample)->round;
    return (wanted > its) - (wanted < its);
}

const struct sample *report_in_round(const struct report *s, const struct report_row *row, uint64_t round)
{
    const struct sample *const *found =
        row && row->ns.n > 0 ? bsearch(&round, s->order + row->first, row->samples, sizeof *s->order, compare_round)
                             : NULL;
    return found ? *found : NULL;
}

struct stats report_over(const struct report *s, const struct report_row *row,
                         double (*figure)(const struct sample *of))
{
    size_t n = row ? row->ns.n : 0;
    for (size_t i = 0; i < n; i++)
        s->values[i] = figure(s->order[row->first + i]);
    return stats_of_known(s->values, n);
}

double report_record_ns(const struct sample *s)
{
    return sample_decode_ns(s) / (double)s->records;
}

double report_times_as_long(const struct sample *a, const struct sample *b)
{
    return report_record_ns(a) / report_record_ns(b);
}

struct stats report_by_round(const struct report *s, const struct report_row *a, const struct report_row *b,
                             report_figure *figure)
{
    size_t n = 0;
    for (size_t i = 0; a && i < a->samples; i++) {
        const struct sample *one = s->order[a->first + i], *other = report_in_round(s, b, one->round);
        if (other && a->ns.n > 0)
            s->values[n++] = figure(one, other);
    }
    return stats_of_known(s->values, n);
}

double report_amount_ratio(const struct sample *a, const struct sample *b)
{
    if (a->records > 0 && b->records > 0)
        return (double)b->records / (double)a->records;
    return a->bytes > 0 && b->bytes > 0 ? (double)b->bytes / (double)a->bytes : NAN;
}

double report_times_faster(const struct sample *a, const struct sample *b)
{
    return sample_decode_ns(a) * report_amount_ratio(a, b) / sample_decode_ns(b);
}

/* --- of the whole run --- */

static const char *find_baseline(const struct report *s)
{
    struct run_backend b;
    for (size_t i = 0; i < s->count; i++) {
        const char *name = s->rows[i].sample->key.backend;
        if (run_backend(s->results, name, &b) && b.asks == ASKS_FIELDS && !b.mapped)
            return name;
    }
    return NULL;
}

static void set_compared(struct report *s)
{
    s->baseline = find_baseline(s);
    for (size_t i = 0; i < s->count; i++) {
        struct report_row *row = &s->rows[i];
        const struct case_key *key = &row->sample->key;
        const struct report_row *none = report_find_like(s, key, key->backend, "none", key->threads);
        const struct report_row *touch = report_find_like(s, key, key->backend, "touch", key->threads);
        const struct report_row *baseline = s->baseline ? report_find_like(s, key, s->baseline, key->sink, 1) : NULL;
        row->of_none = report_by_round(s, none, row, report_times_faster);
        row->of_touch = report_by_round(s, touch, row, report_times_faster);
        row->of_baseline = report_by_round(s, baseline, row, report_times_faster);
        for (size_t k = 0; k < i; k++) {
            const struct case_key *other = &s->rows[k].sample->key;
            s->blocks_differ |= key->block != other->block && strcmp(key->backend, other->backend) == 0;
        }
    }
}

void report_of(const struct results *r, struct report *s)
{
    *s = (struct report){
        .results = r,
        .values = calloc(r->count + r->limit_count + 1, sizeof *s->values),
        .order = calloc(r->count + 1, sizeof *s->order),
        .rows = calloc(r->count + 1, sizeof *s->rows),
        .limit_order = calloc(r->limit_count + 1, sizeof *s->limit_order),
        .limits = calloc(r->limit_count + 1, sizeof *s->limits),
    };
    for (size_t i = 0; i < r->count; i++)
        s->order[i] = &r->samples[i];
    qsort(s->order, r->count, sizeof *s->order, by_case_and_round);
    for (size_t first = 0, end; first < r->count; first = end) {
        for (end = first; end < r->count && case_equal(&s->order[end]->key, &s->order[first]->key);)
            end++;
        add_row(s, first, end);
    }
    set_compared(s);
    set_instructions(s);
    report_set_noise(s);
    report_set_limits(s);
}

void report_free(struct report *s)
{
    free(s->limits);
    free(s->limit_order);
    free(s->rows);
    free(s->order);
    free(s->values);
    *s = (struct report){0};
}
