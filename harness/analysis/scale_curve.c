/* What is simulated has the medians of this run. Shards go in order to the thread that is free first, and all is done
 * when the last thread is, but not before the memory bus could have moved all bytes. A shared backend is as fast as the
 * slower side: its reader, or its consumers together. */
#include "../results/run.h"
#include "scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the simulation is made of. */
struct service {
    const struct report *report;
    bool shared;
    double records, bytes; /* of the input */
    size_t files;
    const json_t *datasets; /* of the run; the input's files are from `first` on */
    size_t first;
    double work_ns, read_ns; /* of all records; what others than consumers take of a shared backend's */
    double open_ns;          /* of a file */
    double plan_ns, start_ns, merge_ns;
    double bus; /* bytes/s */
};

/* --- what was measured --- */

/* In ns, of all threads. */
static double spent(const struct scale_point *p, enum scale_part part)
{
    double all = (double)p->sample->key.threads * p->row->ns.median;
    return p->part[part].n > 0 ? p->part[part].median * all : NAN;
}

static double cpu(const struct sample *s)
{
    return reading_number(&s->cpu_ns) / (double)s->iterations;
}

static double bus(const struct report *s, uint64_t threads)
{
    char name[LIMIT_NAME];
    capacity_name(CAPACITY_MEMORY, threads, name);
    const struct report_limit *l = report_find_limit(s, CAPACITY_DATASET, name);
    return l && l->wall.n > 0 ? l->wall.median : NAN;
}

/* Finds the files of an input in the run line. False: it does not have that many. */
static bool find_files(const struct scale_row *row, struct service *m)
{
    const json_t *run = m->report->results->run, *input;
    size_t i;
    m->datasets = json_object_get(run, "datasets");
    json_array_foreach(json_object_get(run, "inputs"), i, input)
    {
        const char *name = json_string_value(json_object_get(input, "name"));
        json_int_t first = json_integer_value(json_object_get(input, "first"));
        m->first = (size_t)first;
        if (name && strcmp(name, row->dataset) == 0)
            return first >= 0 && m->first <= json_array_size(m->datasets) &&
                   row->files <= json_array_size(m->datasets) - m->first;
    }
    return false;
}

static double records_of(const struct service *m, size_t file)
{
    return (double)json_integer_value(json_object_get(json_array_get(m->datasets, m->first + file), "records"));
}

/* The point with the most threads that have a core each, with which it can be seen what starting them takes. */
static const struct scale_point *largest(const struct scale *s, const struct scale_row *row)
{
    const struct scale_point *best = NULL;
    for (const struct scale_point *p = s->points + row->first; p < s->points + row->first + row->points; p++)
        if (p->samples > 0 && !p->oversubscribed && p->sample->key.threads > 1)
            best = p;
    return best;
}

/* NULL, or why nothing can be simulated. */
static const char *gather(const struct scale *s, const struct scale_row *row, struct service *m)
{
    const struct report *r = s->report;
    const struct scale_point *base = &s->points[row->first], *most = largest(s, row);
    struct run_backend backend;
    if (!run_backend(r->results, row->backend, &backend))
        return "the run does not say how its backend reads";
    if (!most)
        return "what threads cost is not known from 1 thread alone";
    m->report = r;
    m->shared = backend.shared;
    m->files = row->files;
    if (m->shared && m->files > 1)
        return "a shared backend takes one file after the other";
    if (m->files > 1 && !find_files(row, m))
        return "the sizes of the files are not known";
    const struct sample *one = base->sample;
    double threads = (double)most->sample->key.threads;
    m->records = (double)(one->records ? one->records : one->bytes);
    m->bytes = (double)one->bytes;
    m->work_ns = spent(base, SCALE_WORK);
    m->read_ns = report_over(r, base->row, cpu).median - m->work_ns;
    m->open_ns = spent(base, SCALE_OPEN) / (double)m->files;
    m->plan_ns = spent(most, SCALE_PLAN) / threads;
    m->merge_ns = spent(most, SCALE_MERGE) / threads;
    m->start_ns = spent(most, SCALE_START) / (threads * (threads - 1) / 2); /* the nth waits for n to be started */
    m->bus = row->kernel == CAPACITY_MEMORY ? bus(r, most->sample->key.threads) : INFINITY;
    if (m->records == 0 || isnan(m->work_ns + m->open_ns + m->plan_ns + m->merge_ns + m->start_ns + m->bus))
        return "where the threads' time went was not stored";
    return NULL;
}

/* --- the simulation --- */

/* One file is cut into a shard for each thread. Records a second. */
static double simulated(const struct service *m, size_t threads)
{
    double free_at[SCALE_CURVE_MOST], begin = threads > 1 ? m->plan_ns + m->start_ns : 0;
    size_t shards = m->files > 1 ? m->files : threads;
    if (m->shared)
        return m->records / fmax(m->read_ns, m->work_ns / (double)threads) * 1e9;
    for (size_t i = 0; i < threads; i++)
        free_at[i] = begin + m->start_ns * (double)i;
    double end = fmax(free_at[threads - 1], begin + m->bytes / m->bus * 1e9);
    for (size_t i = 0; i < shards; i++) {
        double *first = free_at, share = m->files > 1 ? records_of(m, i) / m->records : 1 / (double)shards;
        for (double *t = free_at; t < free_at + threads; t++)
            first = *t < *first ? t : first;
        *first += m->open_ns + m->work_ns * share;
        end = fmax(end, *first);
    }
    return m->records / (end + (threads > 1 ? m->merge_ns : 0)) * 1e9;
}

/* --- the curve --- */

static void add_point(struct scale_curve *curve, uint64_t threads)
{
    size_t at = 0;
    while (at < curve->count && curve->point[at].threads < threads)
        at++;
    if ((at < curve->count && curve->point[at].threads == threads) || curve->count == SCALE_CURVE_POINTS)
        return;
    memmove(curve->point + at + 1, curve->point + at, (curve->count++ - at) * sizeof curve->point[0]);
    curve->point[at] =
        (struct scale_curve_point){threads, {0, .median = NAN, .low = NAN, .high = NAN}, NAN, NAN, NAN, NAN};
}

static void set_point(const struct scale *s, const struct scale_row *row, struct scale_curve_point *c)
{
    double base = s->points[row->first].rate.median;
    for (const struct scale_point *p = s->points + row->first; p < s->points + row->first + row->points; p++) {
        if (p->samples == 0 || p->sample->key.threads != c->threads || p->rate.median <= c->measured.median)
            continue;
        c->measured = p->rate;
        if (p->capacity.n > 0)
            c->machine = base * p->capacity.median;
    }
    if (!*row->amdahl.why)
        c->amdahl = base * fit_speedup(&row->amdahl.law, (double)c->threads);
    if (!*row->usl.why)
        c->usl = base * fit_speedup(&row->usl.law, (double)c->threads);
}

void scale_curve_of(const struct scale *s, const struct scale_row *row, struct scale_curve *curve)
{
    struct service m = {0};
    *curve = (struct scale_curve){0};
    for (size_t i = row->first; i < row->first + row->points; i++)
        add_point(curve, s->points[i].sample->key.threads);
    for (uint64_t threads = 1; threads <= SCALE_CURVE_MOST; threads *= 2)
        add_point(curve, threads);
    const char *why = gather(s, row, &m);
    snprintf(curve->why, sizeof curve->why, "%s", why ? why : "");
    for (struct scale_curve_point *c = curve->point; c < curve->point + curve->count; c++) {
        set_point(s, row, c);
        if (!why && c->threads > 0 && c->threads <= SCALE_CURVE_MOST)
            c->simulated = simulated(&m, (size_t)c->threads);
    }
}
