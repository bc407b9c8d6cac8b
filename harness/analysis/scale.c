/* A row is made of the cases that are the same but for their threads and shards; each of those is a point. */
#include "scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORK_LEAST 0.01 /* less work than this share of the time cannot be compared */

/* --- order --- */

static int compare_row(const struct report_row *a, const struct report_row *b)
{
    struct case_key x = a->sample->key, y = b->sample->key;
    int order = strcmp(x.dataset, y.dataset);
    order = order ? order : (x.files > y.files) - (x.files < y.files);
    x.threads = x.split = y.threads = y.split = 1;
    return order ? order : case_compare(&x, &y);
}

static int by_point(const void *a, const void *b)
{
    const struct report_row *x = *(const struct report_row *const *)a, *y = *(const struct report_row *const *)b;
    int by_row = compare_row(x, y);
    return by_row ? by_row : case_compare(&x->sample->key, &y->sample->key);
}

/* --- a point --- */

/* What it takes to work out a point. */
struct look {
    const struct report *report;
    const struct report_row *base, *own;
    const struct report_limit *alone, *many; /* what the machine gave 1 thread, and as many */
    enum scale_part part;
    const struct sample *of, *one; /* a sample, and the base's of the same round, or NULL */
};

/* NAN: unknown. */
typedef double look_figure(const struct look *l);

static struct stats over_rounds(struct look *l, look_figure *figure)
{
    double *values = l->report->values;
    for (size_t i = 0; i < l->own->samples; i++) {
        l->of = l->report->order[l->own->first + i];
        l->one = report_in_round(l->report, l->base, l->of->round);
        values[i] = figure(l);
    }
    return stats_of_known(values, l->own->samples);
}

static double rate(const struct look *l)
{
    return (double)(l->of->records ? l->of->records : l->of->bytes) / sample_decode_ns(l->of) * 1e9;
}

static double speedup(const struct look *l)
{
    return l->one ? sample_decode_ns(l->one) / sample_decode_ns(l->of) : NAN;
}

static double limit_rate(const struct limit_sample *l)
{
    return !l ? NAN : l->per_second ? l->wall_value : 1 / l->wall_value;
}

/* How many times what one thread does, so many do in this round. */
static double capacity(const struct look *l)
{
    return limit_rate(report_limit_in_round(l->report, l->many, l->of->round)) /
           limit_rate(report_limit_in_round(l->report, l->alone, l->of->round));
}

static double of_capacity(const struct look *l)
{
    return speedup(l) / capacity(l);
}

/* As if n threads had had n times what one has. */
static double effective(const struct look *l)
{
    double reached = of_capacity(l) * (double)l->of->key.threads;
    return reached > 0 && isfinite(reached) ? reached : NAN;
}

static double serial(const struct look *l)
{
    return fit_karp_flatt((double)l->of->key.threads, effective(l));
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
        double rest = (double)s->key.threads * (double)s->wall_ns;
        for (size_t i = 0; i < SCALE_OTHER; i++)
            rest -= part_ns(s, (enum scale_part)i);
        return rest;
    }
    return readings[part]->state == READING_EXACT ? (double)readings[part]->value * (alone ? (double)s->key.threads : 1)
                                                  : NAN;
}

static double work_ns(const struct sample *s)
{
    return part_ns(s, SCALE_WORK) / (double)s->iterations;
}

static double part_share(const struct look *l)
{
    return part_ns(l->of, l->part) / ((double)l->of->key.threads * (double)l->of->wall_ns);
}

static double work_growth(const struct look *l)
{
    return l->one ? work_ns(l->of) / work_ns(l->one) - 1 : NAN;
}

static struct look look_at(const struct scale *s, const struct scale_row *row, const struct scale_point *p)
{
    struct look l = {.report = s->report, .base = s->points[row->first].row, .own = p->row};
    char name[LIMIT_NAME];
    capacity_name(row->kernel, 1, name);
    l.alone = report_find_limit(s->report, CAPACITY_DATASET, name);
    capacity_name(row->kernel, p->sample->key.threads, name);
    l.many = report_find_limit(s->report, CAPACITY_DATASET, name);
    return l;
}

static void set_point(const struct scale *s, const struct scale_row *row, struct scale_point *p)
{
    const struct scale_point *base = &s->points[row->first];
    struct look l = look_at(s, row, p);
    p->rate = over_rounds(&l, rate);
    p->speedup = over_rounds(&l, speedup);
    p->capacity = over_rounds(&l, capacity);
    p->of_capacity = over_rounds(&l, of_capacity);
    p->serial = over_rounds(&l, serial);
    for (size_t i = 0; i < SCALE_PARTS; i++) {
        l.part = (enum scale_part)i;
        p->part[i] = over_rounds(&l, part_share);
    }
    if (base->part[SCALE_WORK].n > 0 && base->part[SCALE_WORK].median > WORK_LEAST)
        p->growth = over_rounds(&l, work_growth);
    for (size_t i = 0; i < p->samples; i++) {
        struct reading redone = s->report->order[p->row->first + i]->redone;
        if (redone.state == READING_EXACT && redone.value > p->redone)
            p->redone = redone.value;
    }
}

/* --- laws --- */

/* Is it the one with so many threads that laws are fitted to: the fastest, of equal ones the first? */
static bool is_fitted(const struct scale *s, const struct scale_row *row, const struct scale_point *p)
{
    for (const struct scale_point *o = s->points + row->first; o < s->points + row->first + row->points; o++)
        if (o->sample->key.threads == p->sample->key.threads && o->speedup.n > 0 &&
            (o->speedup.median > p->speedup.median || (o->speedup.median == p->speedup.median && o < p)))
            return false;
    return p->speedup.n > 0 && !p->oversubscribed;
}

/* False: the round does not have all points. */
static bool add_round(struct look *points, size_t count, uint64_t round, struct fit *f)
{
    for (struct look *l = points; l < points + count; l++) {
        l->one = report_in_round(l->report, l->base, round);
        l->of = report_in_round(l->report, l->own, round);
        double reached = l->of ? effective(l) : NAN;
        if (isnan(reached))
            return false;
        fit_add(f, (double)l->of->key.threads, reached);
    }
    return true;
}

static void set_law(const struct scale_row *row, size_t needed, struct fit_law (*fitted)(const struct fit *),
                    const struct fit *fits, double *values, struct scale_law *to)
{
    if (row->law_points < needed)
        snprintf(to->why, sizeof to->why, "only %zu usable numbers of threads, with a core each; %zu are needed",
                 row->law_points, needed);
    else if (row->law_rounds < SCALE_LAW_ROUNDS)
        snprintf(to->why, sizeof to->why, "only %zu rounds with all numbers of threads; %d are needed", row->law_rounds,
                 SCALE_LAW_ROUNDS);
    if (*to->why)
        return;
    for (size_t i = 0; i < row->law_rounds; i++)
        values[i] = fitted(&fits[i]).sigma;
    to->sigma = stats_of(values, row->law_rounds);
    for (size_t i = 0; i < row->law_rounds; i++)
        values[i] = fitted(&fits[i]).kappa;
    to->kappa = stats_of(values, row->law_rounds);
    to->law = (struct fit_law){fmax(0, to->sigma.median), fmax(0, to->kappa.median)};
}

static void set_laws(struct scale *s, struct scale_row *row)
{
    const struct report *r = s->report;
    const struct report_row *base = s->points[row->first].row;
    struct look *points = calloc(row->points, sizeof *points);
    struct fit *fits = calloc(base->samples, sizeof *fits);
    for (size_t i = row->first; i < row->first + row->points; i++)
        if (is_fitted(s, row, &s->points[i]))
            points[row->law_points++] = look_at(s, row, &s->points[i]);
    for (size_t i = 0; i < base->samples; i++) {
        struct fit f = {0};
        if (add_round(points, row->law_points, r->order[base->first + i]->round, &f))
            fits[row->law_rounds++] = f;
    }
    set_law(row, SCALE_AMDAHL_POINTS, fit_amdahl, fits, r->values, &row->amdahl);
    set_law(row, SCALE_USL_POINTS, fit_usl, fits, r->values, &row->usl);
    free(fits);
    free(points);
}

/* --- all --- */

/* Capacity is measured for whole files only, and prefixes are there to show another thing. */
static size_t gather(const struct report *report, const struct report_row **order)
{
    size_t n = 0;
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].sample->prefix == 0)
            order[n++] = &report->rows[i];
    if (n > 0)
        qsort(order, n, sizeof *order, by_point);
    return n;
}

static const char limit_of_compressed[] = "inflate"; /* see harness/measure/limits.h */

static void add_row(struct scale *s, const struct report_row *const *of, size_t points)
{
    const struct sample *one = of[0]->sample;
    struct scale_row *row = &s->rows[s->count];
    if (of[0]->ns.n == 0 || one->key.threads != 1 || one->key.split != 1)
        return;
    *row = (struct scale_row){one->key.dataset,        one->key.backend,        one->key.sink,
                              .files = one->key.files, .first = s->point_count, .points = points};
    row->kernel = strcmp(one->limit, limit_of_compressed) == 0 ? CAPACITY_ARITHMETIC : CAPACITY_MEMORY;
    s->count++;
    s->point_count += points;
    for (size_t i = 0; i < points; i++) {
        struct scale_point *p = &s->points[row->first + i];
        *p = (struct scale_point){of[i], of[i]->sample, .samples = of[i]->ns.n};
        p->oversubscribed = s->cores > 0 && p->sample->key.threads > s->cores;
        if (p->samples > 0)
            set_point(s, row, p);
    }
    set_laws(s, row);
}

void scale_of(const struct report *report, struct scale *s)
{
    const json_t *machine = json_object_get(report->results->run, "machine");
    const struct report_row **order = calloc(report->count + 1, sizeof *order);
    *s = (struct scale){.report = report};
    s->cores = (uint64_t)json_integer_value(json_object_get(machine, "cores_allowed"));
    s->points = calloc(report->count + 1, sizeof *s->points);
    s->rows = calloc(report->count + 1, sizeof *s->rows);
    size_t n = gather(report, order);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && compare_row(order[first], order[end]) == 0;)
            end++;
        add_row(s, order + first, end - first);
    }
    free(order);
}

void scale_free(struct scale *s)
{
    free(s->rows);
    free(s->points);
    *s = (struct scale){0};
}
