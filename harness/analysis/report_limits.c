/* What the machine allowed, and what cases came to of it in the same round. */
#include "report.h"
#include "../results/run.h"

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

static void add_limit(struct report *s, size_t first, size_t end)
{
    struct report_limit *limit = &s->limits[s->limit_count++];
    *limit = (struct report_limit){.sample = s->limit_order[first], .first = first, .samples = end - first};
    for (size_t i = first; i < end; i++) {
        s->values[i - first] = s->limit_order[i]->wall_value;
        if (*s->limit_order[i]->why) {
            limit->sample = s->limit_order[i];
            return;
        }
    }
    limit->wall = stats_of(s->values, end - first);
}

const struct report_limit *report_find_limit(const struct report *s, const char *dataset, const char *limit)
{
    for (size_t i = 0; i < s->limit_count; i++)
        if (strcmp(s->limits[i].sample->limit, limit) == 0 && strcmp(s->limits[i].sample->dataset, dataset) == 0)
            return &s->limits[i];
    return NULL;
}

static int compare_round(const void *round, const void *sample)
{
    uint64_t wanted = *(const uint64_t *)round, its = (*(const struct limit_sample *const *)sample)->round;
    return (wanted > its) - (wanted < its);
}

const struct limit_sample *report_limit_in_round(const struct report *s, const struct report_limit *limit,
                                                 uint64_t round)
{
    const struct limit_sample *const *found =
        limit ? bsearch(&round, s->limit_order + limit->first, limit->samples, sizeof *s->limit_order, compare_round)
              : NULL;
    return found && !*(*found)->why ? *found : NULL;
}

/* What a decode reads from a device, as a ratio to what it decodes. */
static double compression(const struct report *s, const char *dataset)
{
    const json_t *file = run_dataset(s->results, dataset);
    double bytes = (double)json_integer_value(json_object_get(file, "bytes"));
    return bytes > 0 ? (double)json_integer_value(json_object_get(file, "size")) / bytes : 1;
}

/* The least time for one decode: its bytes at that rate, or its read calls at that time each. As limits.h
 * has it. */
static double least_ns(const struct report *report, const struct limit_sample *limit, const struct sample *s)
{
    double bytes = (double)s->bytes;
    if (strcmp(limit->limit, "device") == 0)
        bytes *= compression(report, limit->dataset);
    return limit->per_second ? bytes / limit->wall_value * 1e9
                             : reading_number(&s->reads) / (double)s->iterations * limit->wall_value;
}

static void compare(struct report *s, struct report_row *row)
{
    const struct report_limit *limit = report_find_limit(s, row->sample->key.dataset, row->sample->limit);
    size_t n = 0;
    for (size_t i = 0; i < row->samples && limit && limit->wall.n > 0; i++) {
        const struct sample *of = s->order[row->first + i];
        const struct limit_sample *l = report_limit_in_round(s, limit, of->round);
        if (l)
            s->values[n++] = least_ns(s, l, of) / sample_decode_ns(of);
    }
    row->of_limit = stats_of(s->values, n);
}

void report_set_limits(struct report *s)
{
    const struct results *r = s->results;
    for (size_t i = 0; i < r->limit_count; i++)
        s->limit_order[i] = &r->limits[i];
    qsort(s->limit_order, r->limit_count, sizeof *s->limit_order, by_limit_and_round);
    for (size_t first = 0, end; first < r->limit_count; first = end) {
        for (end = first; end < r->limit_count && compare_limits(s->limit_order[first], s->limit_order[end]) == 0;)
            end++;
        add_limit(s, first, end);
    }
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].ns.n > 0)
            compare(s, &s->rows[i]);
}
