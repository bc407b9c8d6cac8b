/* What cases came to of what the machine allowed in the same round, and what they take in instructions. */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_limits(const struct limit_sample *x, const struct limit_sample *y)
{
    int by_dataset = strcmp(x->dataset, y->dataset);
    return by_dataset ? by_dataset : strcmp(x->limit, y->limit);
}

static int by_limit_and_round(const void *a, const void *b)
{
    const struct limit_sample *x = *(const struct limit_sample *const *)a, *y = *(const struct limit_sample *const *)b;
    int by_limit = compare_limits(x, y);
    return by_limit ? by_limit : (x->round > y->round) - (x->round < y->round);
}

static void add_limit(struct report *s, size_t first, size_t end, double *values)
{
    struct report_limit *limit = &s->limits[s->limit_count++];
    *limit = (struct report_limit){.sample = s->limit_order[first], .first = first, .samples = end - first};
    for (size_t i = first; i < end; i++) {
        values[i - first] = s->limit_order[i]->wall_value;
        if (!*s->limit_order[i]->why)
            continue;
        limit->sample = s->limit_order[i];
        return;
    }
    limit->wall = stats_of(values, end - first);
}

static const struct report_limit *find(const struct report *s, const struct sample *of)
{
    for (size_t i = 0; i < s->limit_count; i++)
        if (s->limits[i].wall.n > 0 && strcmp(s->limits[i].sample->limit, of->limit) == 0 &&
            strcmp(s->limits[i].sample->dataset, of->key.dataset) == 0)
            return &s->limits[i];
    return NULL;
}

/* The least time for one decode: its bytes at that rate, or its read calls at that time each. As limits.h
 * has it. */
static double least_ns(const struct limit_sample *limit, const struct sample *s)
{
    return limit->per_second ? (double)s->bytes / limit->wall_value * 1e9
                             : (double)s->reads / (double)s->iterations * limit->wall_value;
}

static struct stats compare(const struct report *s, const struct report_row *row, const struct report_limit *limit,
                            double *values)
{
    const struct sample *const *a = s->order + row->first;
    const struct limit_sample *const *b = s->limit_order + limit->first;
    size_t n = 0;
    for (size_t i = 0, k = 0; i < row->samples && k < limit->samples;) {
        uint64_t this_round = a[i]->round, other_round = b[k]->round;
        if (this_round == other_round)
            values[n++] = least_ns(b[k], a[i]) * (double)a[i]->iterations / (double)a[i]->wall_ns;
        i += this_round <= other_round;
        k += other_round <= this_round;
    }
    return stats_of(values, n);
}

int report_set_limits(const struct results *r, struct report *s, double *values)
{
    s->limit_order = calloc(r->limit_count + 1, sizeof *s->limit_order);
    s->limits = calloc(r->limit_count + 1, sizeof *s->limits);
    if (!s->limit_order || !s->limits)
        return -ENOMEM;
    for (size_t i = 0; i < r->limit_count; i++)
        s->limit_order[i] = &r->limits[i];
    if (r->limit_count > 0)
        qsort(s->limit_order, r->limit_count, sizeof *s->limit_order, by_limit_and_round);
    for (size_t first = 0, end; first < r->limit_count; first = end) {
        for (end = first; end < r->limit_count && compare_limits(s->limit_order[first], s->limit_order[end]) == 0;)
            end++;
        add_limit(s, first, end, values);
    }
    for (size_t i = 0; i < s->count; i++) {
        struct report_row *row = &s->rows[i];
        const struct report_limit *limit = row->ns.n > 0 && !row->sample->key.cold ? find(s, row->sample) : NULL;
        if (limit)
            row->of_limit = compare(s, row, limit, values);
    }
    return 0;
}

void report_set_instructions(const struct results *r, struct report *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct report_row *row = &s->rows[i];
        row->instructions = NAN;
        for (size_t k = 0; k < r->instruction_count; k++) {
            const struct instruction_count *c = &r->instructions[k];
            if (c->index == row->sample->index && !*c->why && row->ns.n > 0)
                row->instructions = (double)c->instructions / (double)c->records;
        }
    }
}
