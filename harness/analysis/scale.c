/* Samples in the order of case and round; a point is a stretch of that, a row a stretch of points. */
#include "scale.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const scale_part_names[SCALE_PARTS] = {
    [SCALE_PLAN] = "plan", [SCALE_START] = "start", [SCALE_OPEN] = "open",   [SCALE_WORK] = "work",
    [SCALE_WAIT] = "wait", [SCALE_IDLE] = "idle",   [SCALE_MERGE] = "merge", [SCALE_OTHER] = "other",
};

#define WORK_LEAST 0.01 /* less work than this share of the time cannot be compared */

/* --- order --- */

static int compare_row(const struct sample *a, const struct sample *b)
{
    int by_dataset = strcmp(a->key.dataset, b->key.dataset);
    int by_backend = strcmp(a->key.backend, b->key.backend);
    int by_sink = strcmp(a->key.sink, b->key.sink);
    if (by_dataset || a->key.files != b->key.files)
        return by_dataset ? by_dataset : a->key.files > b->key.files ? 1 : -1;
    return by_backend ? by_backend : by_sink;
}

static int compare_point(const struct sample *a, const struct sample *b)
{
    if (a->key.threads != b->key.threads)
        return a->key.threads > b->key.threads ? 1 : -1;
    return (a->key.split > b->key.split) - (a->key.split < b->key.split);
}

static int by_point_and_round(const void *x, const void *y)
{
    const struct sample *a = *(const struct sample *const *)x, *b = *(const struct sample *const *)y;
    int by_row = compare_row(a, b);
    int by_point = by_row ? by_row : compare_point(a, b);
    return by_point ? by_point : (a->round > b->round) - (a->round < b->round);
}

/* --- figures of one sample --- */

static double amount(const struct sample *s)
{
    return (double)(s->records ? s->records : s->bytes);
}

/* In ns, of all threads: what one thread does while the others wait for it counts for all. NAN: not written down. */
static double part_ns(const struct sample *s, enum scale_part part)
{
    const struct reading *const readings[] = {
        [SCALE_PLAN] = &s->plan_ns,   [SCALE_START] = &s->start_ns, [SCALE_OPEN] = &s->open_ns,
        [SCALE_WORK] = &s->work_ns,   [SCALE_WAIT] = &s->wait_ns,   [SCALE_IDLE] = &s->idle_ns,
        [SCALE_MERGE] = &s->merge_ns,
    };
    bool alone = part == SCALE_PLAN || part == SCALE_MERGE;
    if (part == SCALE_OTHER) {
        double rest = (double)(s->key.threads * s->wall_ns);
        for (size_t i = 0; i < SCALE_OTHER; i++)
            rest -= part_ns(s, (enum scale_part)i);
        return rest;
    }
    return readings[part]->state == READING_EXACT ? (double)(readings[part]->value * (alone ? s->key.threads : 1))
                                                  : NAN;
}

/* --- limits by round --- */

/* How many times what one thread does, so many do in this round. NAN: not measured. */
static double capacity_in(const struct results *r, enum capacity_kind kernel, uint64_t threads, uint64_t round)
{
    char one[LIMIT_NAME], many[LIMIT_NAME];
    double of_one = NAN, of_many = NAN;
    capacity_name(kernel, 1, one);
    capacity_name(kernel, threads, many);
    for (size_t i = 0; i < r->limit_count; i++) {
        const struct limit_sample *l = &r->limits[i];
        if (l->round != round || *l->why || strcmp(l->dataset, CAPACITY_DATASET) != 0)
            continue;
        double rate = l->per_second ? l->wall_value : 1 / l->wall_value;
        if (strcmp(l->limit, one) == 0)
            of_one = rate;
        if (strcmp(l->limit, many) == 0)
            of_many = rate;
    }
    return of_many / of_one;
}

/* --- points --- */

/* The base's sample of the same round, or NULL. */
static const struct sample *in_round(const struct scale *s, const struct scale_point *p, uint64_t round)
{
    for (size_t i = 0; i < p->samples; i++)
        if (s->order[p->first + i]->round == round)
            return s->order[p->first + i];
    return NULL;
}

static double speedup_in(const struct scale *s, const struct scale_point *base, const struct sample *of)
{
    const struct sample *one = in_round(s, base, of->round);
    return one ? sample_decode_ns(one) / sample_decode_ns(of) : NAN;
}

static void set_parts(const struct scale *s, const struct scale_point *base, struct scale_point *p, double *values)
{
    const struct sample *const *of = s->order + p->first;
    for (size_t part = 0; part < SCALE_PARTS; part++) {
        for (size_t i = 0; i < p->samples; i++)
            values[i] = part_ns(of[i], (enum scale_part)part) / (double)(of[i]->key.threads * of[i]->wall_ns);
        p->part[part] = stats_of_known(values, p->samples);
    }
    for (size_t i = 0; i < p->samples; i++) {
        const struct sample *one = in_round(s, base, of[i]->round);
        values[i] = one ? part_ns(of[i], SCALE_WORK) / (double)of[i]->iterations /
                                  (part_ns(one, SCALE_WORK) / (double)one->iterations) -
                              1
                        : NAN;
    }
    if (base->part[SCALE_WORK].n > 0 && base->part[SCALE_WORK].median > WORK_LEAST)
        p->growth = stats_of_known(values, p->samples);
}

static void set_point(const struct results *r, struct scale *s, const struct scale_row *row, struct scale_point *p,
                      double *values)
{
    const struct scale_point *base = &s->points[row->first];
    const struct sample *const *of = s->order + p->first;
    for (size_t i = 0; i < p->samples; i++)
        values[i] = amount(of[i]) / sample_decode_ns(of[i]) * 1e9;
    p->rate = stats_of_known(values, p->samples);
    for (size_t i = 0; i < p->samples; i++)
        values[i] = speedup_in(s, base, of[i]);
    p->speedup = stats_of_known(values, p->samples);
    for (size_t kernel = 0; kernel < CAPACITY_KERNELS; kernel++) {
        for (size_t i = 0; i < p->samples; i++)
            values[i] = capacity_in(r, (enum capacity_kind)kernel, of[i]->key.threads, of[i]->round);
        p->capacity[kernel] = stats_of_known(values, p->samples);
    }
    for (size_t i = 0; i < p->samples; i++)
        values[i] = speedup_in(s, base, of[i]) / capacity_in(r, row->kernel, of[i]->key.threads, of[i]->round);
    p->of_capacity = stats_of_known(values, p->samples);
    set_parts(s, base, p, values);
    for (size_t i = 0; i < p->samples; i++)
        if (of[i]->redone.state == READING_EXACT && of[i]->redone.value > p->redone)
            p->redone = of[i]->redone.value;
}

/* --- fits --- */

/* Of each number of threads the point that is fastest. */
static size_t pick_points(const struct scale *s, const struct scale_row *row, size_t *picked)
{
    size_t n = 0;
    for (size_t i = row->first; i < row->first + row->points; i++) {
        const struct scale_point *p = &s->points[i];
        if (p->speedup.n == 0)
            continue;
        if (n > 0 && s->points[picked[n - 1]].sample->key.threads == p->sample->key.threads) {
            if (p->speedup.median > s->points[picked[n - 1]].speedup.median)
                picked[n - 1] = i;
            continue;
        }
        picked[n++] = i;
    }
    return n;
}

static uint64_t most_rounds(const struct scale *s, const struct scale_row *row)
{
    const struct scale_point *base = &s->points[row->first];
    return base->samples ? s->order[base->first + base->samples - 1]->round + 1 : 0;
}

static void fill_fit(const struct results *r, const struct scale *s, const struct scale_row *row, const size_t *picked,
                     struct fit_point *points, double *values, struct fit_input *in)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct scale_point *p = &s->points[picked[i]];
        unsigned threads = (unsigned)p->sample->key.threads;
        points[i] = (struct fit_point){threads, p->oversubscribed};
        for (size_t round = 0; round < in->rounds; round++) {
            const struct sample *of = in_round(s, p, round);
            double capacity = of ? capacity_in(r, row->kernel, threads, round) : NAN;
            values[round * in->count + i] =
                of ? fit_effective(speedup_in(s, &s->points[row->first], of), threads, capacity) : NAN;
        }
    }
}

static int fit_row(const struct results *r, struct scale *s, struct scale_row *row, uint64_t seed)
{
    struct fit_input in = {.rounds = (size_t)most_rounds(s, row), .seed = seed, .resamples = FIT_RESAMPLES};
    size_t *picked = calloc(row->points + 1, sizeof *picked);
    struct fit_point *points = calloc(row->points + 1, sizeof *points);
    double *values = calloc(in.rounds * row->points + 1, sizeof *values);
    bool enough = picked && points && values;
    if (enough) {
        in.points = points;
        in.speedup = values;
        in.count = pick_points(s, row, picked);
        fill_fit(r, s, row, picked, points, values, &in);
        fit_amdahl(&in, &row->amdahl);
        fit_usl(&in, &row->usl);
        for (size_t i = 0; i < in.count; i++)
            s->points[picked[i]].serial = fit_karp_flatt(&in, i);
    }
    free(values);
    free(points);
    free(picked);
    return enough ? 0 : -ENOMEM;
}

/* --- all --- */

/* Capacity is measured for whole files only, and prefixes are there to show another thing. */
static size_t gather(const struct results *r, struct scale *s)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->samples[i].prefix == 0)
            s->order[n++] = &r->samples[i];
    if (n > 0)
        qsort(s->order, n, sizeof *s->order, by_point_and_round);
    return n;
}

static void add_points(struct scale *s, struct scale_row *row, size_t first, size_t end)
{
    for (size_t next; first < end; first = next) {
        struct scale_point *p = &s->points[s->point_count++];
        for (next = first; next < end && compare_point(s->order[next], s->order[first]) == 0;)
            next++;
        *p = (struct scale_point){.sample = s->order[first], .first = first, .samples = next - first};
        p->oversubscribed = s->cores > 0 && p->sample->key.threads > s->cores;
        for (size_t i = first; i < next; i++) {
            if (s->order[i]->outcome == SAMPLE_OK)
                continue;
            p->sample = s->order[i];
            p->samples = 0;
        }
        row->points++;
    }
}

static int add_row(const struct results *r, struct scale *s, size_t first, size_t end, uint64_t seed, double *values)
{
    const struct sample *of = s->order[first];
    struct scale_row *row = &s->rows[s->count];
    *row = (struct scale_row){of->key.dataset, of->key.backend, of->key.sink, .files = of->key.files,
                              .first = s->point_count};
    row->compressed = strcmp(of->limit, "inflate") == 0;
    row->kernel = row->compressed ? CAPACITY_ARITHMETIC : CAPACITY_MEMORY;
    add_points(s, row, first, end);
    const struct scale_point *base = &s->points[row->first];
    if (base->samples == 0 || base->sample->key.threads != 1 || base->sample->key.split != 1) {
        s->point_count = row->first;
        return 0;
    }
    s->count++;
    for (size_t i = row->first; i < row->first + row->points; i++)
        if (s->points[i].samples > 0)
            set_point(r, s, row, &s->points[i], values);
    return fit_row(r, s, row, seed);
}

int scale_of(const struct results *r, uint64_t seed, struct scale *s)
{
    *s = (struct scale){0};
    s->cores = (uint64_t)json_integer_value(json_object_get(json_object_get(r->run, "machine"), "cores_allowed"));
    s->order = calloc(r->count + 1, sizeof *s->order);
    s->points = calloc(r->count + 1, sizeof *s->points);
    s->rows = calloc(r->count + 1, sizeof *s->rows);
    double *values = calloc(r->count + 1, sizeof *values);
    int rc = s->order && s->points && s->rows && values ? 0 : -ENOMEM;
    size_t n = rc ? 0 : gather(r, s);
    for (size_t first = 0, end; first < n && rc == 0; first = end) {
        for (end = first; end < n && compare_row(s->order[first], s->order[end]) == 0;)
            end++;
        rc = add_row(r, s, first, end, seed, values);
    }
    free(values);
    if (rc)
        scale_free(s);
    return rc;
}

void scale_free(struct scale *s)
{
    free(s->rows);
    free(s->points);
    free(s->order);
    *s = (struct scale){0};
}
