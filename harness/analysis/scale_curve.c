/* Service times are those of single samples, and each shard draws one: who is unlucky makes all others wait, as it is
 * on the machine. What is given is the median of many such runs. */
#include "../results/run.h"
#include "scale.h"
#include "simulate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 51, FILES_MOST = 65536, RING = 16 };

/* What the simulation is made of. */
struct service {
    const struct report *report;
    bool shared;
    uint64_t files;
    double *core_ns; /* of a record, of each sample with one thread */
    size_t samples;
    double records, record_bytes;
    double *sizes; /* of files, in records */
    double open_ns, plan_ns, start_ns, merge_ns;
    double bus_one, bus_all;         /* bytes/s */
    double blocks, read_ns, work_ns; /* of a shared backend: how many, and what each takes its reader and a consumer */
};

/* --- what was measured --- */

static double median_of(double *values, size_t n)
{
    return n ? stats_of(values, n).median : NAN;
}

static double a_decode(struct reading r, const struct sample *s)
{
    return r.state == READING_EXACT ? (double)r.value / (double)s->iterations : NAN;
}

static double open_file(const struct sample *s)
{
    return a_decode(s->open_ns, s) / (double)s->key.files;
}

static double plan(const struct sample *s)
{
    return a_decode(s->plan_ns, s);
}

static double merge(const struct sample *s)
{
    return a_decode(s->merge_ns, s);
}

/* The nth thread waits for n to be started. */
static double start(const struct sample *s)
{
    double threads = (double)s->key.threads;
    return a_decode(s->start_ns, s) / (threads * (threads - 1) / 2);
}

static double work(const struct sample *s)
{
    return a_decode(s->work_ns, s);
}

static double other_cpu(const struct sample *s)
{
    return (double)s->cpu_ns / (double)s->iterations - work(s);
}

static double median_over(const struct report *s, const struct scale_point *p, double (*figure)(const struct sample *s))
{
    struct stats found = report_over(s, p->row, figure);
    return found.n > 0 ? found.median : NAN;
}

static double bus(const struct report *s, uint64_t threads)
{
    char name[LIMIT_NAME];
    capacity_name(CAPACITY_MEMORY, threads, name);
    const struct report_limit *l = report_find_limit(s, CAPACITY_DATASET, name);
    return l && l->wall.n > 0 ? l->wall.median : NAN;
}

/* Of the files of an input, as the run line has them. False: it does not have that many. */
static bool set_sizes(const struct scale_row *row, struct service *m)
{
    const json_t *run = m->report->results->run;
    json_t *inputs = json_object_get(run, "inputs"), *files = json_object_get(run, "datasets"), *input;
    size_t i;
    json_array_foreach(inputs, i, input)
    {
        const char *name = json_string_value(json_object_get(input, "name"));
        json_int_t first = json_integer_value(json_object_get(input, "first"));
        if (!name || strcmp(name, row->dataset) != 0)
            continue;
        if (first < 0 || row->files > FILES_MOST || (size_t)first + row->files > json_array_size(files))
            return false;
        for (size_t k = 0; k < row->files; k++)
            m->sizes[k] =
                (double)json_integer_value(json_object_get(json_array_get(files, (size_t)first + k), "records"));
        return true;
    }
    return false;
}

/* The point with the most threads that have a core each, with which it can be seen what starting them takes. */
static const struct scale_point *largest(const struct scale *s, const struct scale_row *row)
{
    const struct scale_point *best = NULL;
    for (size_t i = row->first; i < row->first + row->points; i++)
        if (s->points[i].samples > 0 && !s->points[i].oversubscribed && s->points[i].sample->key.threads > 1)
            best = &s->points[i];
    return best;
}

static void set_service(const struct scale_point *base, const struct scale_point *most, struct service *m)
{
    const struct report *s = m->report;
    const struct sample *one = base->sample;
    m->records = (double)(one->records ? one->records : one->bytes);
    m->record_bytes = (double)one->bytes / m->records;
    m->samples = base->samples;
    for (size_t i = 0; i < base->samples; i++)
        m->core_ns[i] = work(s->order[base->row->first + i]) / m->records;
    m->open_ns = median_over(s, base, open_file);
    m->plan_ns = median_over(s, most, plan);
    m->merge_ns = median_over(s, most, merge);
    m->start_ns = median_over(s, most, start);
    if (!m->shared)
        return;
    m->blocks = ceil((double)one->bytes / (double)(one->key.block ? one->key.block : 128 << 10));
    m->work_ns = median_over(s, base, work) / m->blocks;
    m->read_ns = median_over(s, base, other_cpu) / m->blocks;
}

/* --- the simulation --- */

static double simulate_shared(const struct service *m, uint64_t threads, uint64_t seed)
{
    const struct simulate_pipeline in = {
        .blocks = (uint64_t)m->blocks,
        .consumers = (unsigned)threads,
        .ring = RING + (unsigned)threads,
        .read = {&m->read_ns, 1},
        .consume = {&m->work_ns, 1},
        .seed = seed,
    };
    return m->records / simulate_pipeline(&in) * 1e9;
}

static double simulate_split(const struct service *m, uint64_t threads, double *shards, double *values, uint64_t seed)
{
    size_t n = m->files > 1 ? (size_t)m->files : (size_t)threads;
    double each = median_of(memcpy(values, m->core_ns, m->samples * sizeof *values), m->samples);
    for (size_t i = 0; i < n; i++)
        shards[i] = (m->files > 1 ? m->sizes[i] : m->records / (double)n) + m->open_ns / each;
    struct simulate_workers in = {
        .shards = shards,
        .n_shards = n,
        .workers = (unsigned)threads,
        .cores = (unsigned)threads,
        .core = {m->core_ns, m->samples},
        .bytes = m->record_bytes,
        .bus_all_per_s = m->bus_all,
        .bus_one_per_s = m->bus_one,
        .plan_ns = threads > 1 ? m->plan_ns : 0,
        .start_ns = threads > 1 ? m->start_ns : 0,
        .merge_ns = threads > 1 ? m->merge_ns : 0,
    };
    for (size_t i = 0; i < RUNS; i++) {
        in.seed = seed + i;
        values[i] = m->records / simulate_workers(&in) * 1e9;
        if (!isfinite(values[i]))
            return NAN;
    }
    return median_of(values, RUNS);
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
    curve->point[at] = (struct scale_curve_point){threads, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

static void set_measured(const struct scale *s, const struct scale_row *row, struct scale_curve_point *c)
{
    double base = s->points[row->first].rate.median;
    for (size_t i = row->first; i < row->first + row->points; i++) {
        const struct scale_point *p = &s->points[i];
        if (p->samples == 0 || p->sample->key.threads != c->threads ||
            !(isnan(c->measured) || p->rate.median > c->measured))
            continue;
        c->measured = p->rate.median;
        c->low = p->rate.low;
        c->high = p->rate.high;
        if (p->capacity[row->kernel].n > 0)
            c->machine = base * p->capacity[row->kernel].median;
    }
    if (!*row->amdahl.why)
        c->amdahl = base * fit_predict(&row->amdahl, (double)c->threads);
    if (!*row->usl.why)
        c->usl = base * fit_predict(&row->usl, (double)c->threads);
}

/* NULL, or why nothing can be simulated. */
static const char *gather(const struct scale *s, const struct scale_row *row, struct service *m)
{
    const struct scale_point *most = largest(s, row);
    struct run_backend backend;
    if (!run_backend(s->report->results, row->backend, &backend))
        return "the run does not say how its backend reads";
    m->report = s->report;
    m->files = row->files;
    m->shared = backend.shared;
    m->bus_one = m->bus_all = INFINITY;
    if (!most)
        return "what threads cost is not known from 1 thread alone";
    if (m->shared && m->files > 1)
        return "a shared backend takes one file after the other";
    if (m->files > 1 && !set_sizes(row, m))
        return "the sizes of the files are not known";
    set_service(&s->points[row->first], most, m);
    if (row->kernel == CAPACITY_MEMORY) {
        m->bus_one = bus(s->report, 1);
        m->bus_all = bus(s->report, most->sample->key.threads);
    }
    if (!isfinite(m->plan_ns + m->start_ns + m->merge_ns + m->open_ns + m->core_ns[0]) ||
        isnan(m->bus_one + m->bus_all))
        return "where the threads' time went was not stored";
    return NULL;
}

int scale_curve_of(const struct scale *s, const struct scale_row *row, uint64_t seed, struct scale_curve *curve)
{
    size_t samples = s->points[row->first].samples, shards = FILES_MOST + 1;
    struct service m = {.core_ns = calloc(samples + 1, sizeof(double)), .sizes = calloc(shards, sizeof(double))};
    double *values = calloc(samples + RUNS, sizeof *values), *pieces = calloc(shards, sizeof *pieces);
    bool enough = m.core_ns && m.sizes && values && pieces;
    *curve = (struct scale_curve){0};
    for (size_t i = row->first; i < row->first + row->points; i++)
        add_point(curve, s->points[i].sample->key.threads);
    for (uint64_t threads = 1; threads <= SCALE_CURVE_MOST; threads *= 2)
        add_point(curve, threads);
    const char *why = enough ? gather(s, row, &m) : "";
    snprintf(curve->why, sizeof curve->why, "%s", why ? why : "");
    for (size_t i = 0; i < curve->count && enough; i++) {
        struct scale_curve_point *c = &curve->point[i];
        set_measured(s, row, c);
        if (!why && c->threads <= SCALE_CURVE_MOST)
            c->simulated =
                m.shared ? simulate_shared(&m, c->threads, seed) : simulate_split(&m, c->threads, pieces, values, seed);
    }
    free(pieces);
    free(values);
    free(m.sizes);
    free(m.core_ns);
    return enough ? 0 : -ENOMEM;
}
