/* Service times are those of single samples, and each shard draws one: who is unlucky makes all others wait, as it is
 * on the machine. What is given is the median of many such runs. */
#include "scale_curve.h"

#include "../../backends/backend.h"
#include "simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 51, FILES_MOST = 65536 };

/* What the simulation is made of. */
struct service {
    bool shared;
    uint64_t files;
    double *core_ns; /* of a record, of each sample with one thread */
    size_t samples;
    double records, record_bytes;
    double *sizes; /* of files, in records */
    double open_ns, plan_ns, start_ns, merge_ns;
    double bus_one, bus_all;         /* bytes/s */
    double blocks, read_ns, work_ns; /* of a shared backend: how many, and what each takes its reader and a consumer */
    unsigned ring;
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

static double rate_of(const struct results *r, enum capacity_kind kernel, uint64_t threads, double *values)
{
    char name[LIMIT_NAME];
    size_t n = 0;
    capacity_name(kernel, threads, name);
    for (size_t i = 0; i < r->limit_count; i++)
        if (!*r->limits[i].why && strcmp(r->limits[i].limit, name) == 0 &&
            strcmp(r->limits[i].dataset, CAPACITY_DATASET) == 0)
            values[n++] = r->limits[i].wall_value;
    return median_of(values, n);
}

/* Of the files of an input, as the run line has them. */
static bool set_sizes(const struct results *r, const struct scale_row *row, struct service *m)
{
    json_t *inputs = json_object_get(r->run, "inputs"), *files = json_object_get(r->run, "datasets"), *input;
    size_t i;
    json_array_foreach(inputs, i, input)
    {
        const char *name = json_string_value(json_object_get(input, "name"));
        size_t first = (size_t)json_integer_value(json_object_get(input, "first"));
        if (!name || strcmp(name, row->dataset) != 0)
            continue;
        for (size_t k = 0; k < row->files; k++)
            m->sizes[k] = (double)json_integer_value(json_object_get(json_array_get(files, first + k), "records"));
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

static void set_overheads(const struct scale *s, const struct scale_point *p, struct service *m, double *values)
{
    const struct sample *const *of = s->order + p->first;
    double threads = (double)p->sample->key.threads;
    for (size_t i = 0; i < p->samples; i++)
        values[i] = a_decode(of[i]->plan_ns, of[i]);
    m->plan_ns = median_of(values, p->samples);
    for (size_t i = 0; i < p->samples; i++)
        values[i] = a_decode(of[i]->merge_ns, of[i]);
    m->merge_ns = median_of(values, p->samples);
    for (size_t i = 0; i < p->samples; i++) /* the nth of them waits for n to be started */
        values[i] = a_decode(of[i]->start_ns, of[i]) / (threads * (threads - 1) / 2);
    m->start_ns = median_of(values, p->samples);
}

static void set_service(const struct scale *s, const struct scale_point *base, struct service *m, double *values)
{
    const struct sample *const *of = s->order + base->first;
    m->records = (double)(of[0]->records ? of[0]->records : of[0]->bytes);
    m->record_bytes = (double)of[0]->bytes / m->records;
    m->samples = base->samples;
    for (size_t i = 0; i < base->samples; i++) {
        m->core_ns[i] = a_decode(of[i]->work_ns, of[i]) / m->records;
        values[i] = a_decode(of[i]->open_ns, of[i]) / (double)of[i]->key.files;
    }
    m->open_ns = median_of(values, base->samples);
    if (!m->shared)
        return;
    m->blocks = ceil((double)of[0]->bytes / (double)(of[0]->key.block ? of[0]->key.block : 128 << 10));
    for (size_t i = 0; i < base->samples; i++)
        values[i] = a_decode(of[i]->work_ns, of[i]) / m->blocks;
    m->work_ns = median_of(values, base->samples);
    for (size_t i = 0; i < base->samples; i++)
        values[i] = ((double)of[i]->cpu_ns / (double)of[i]->iterations - a_decode(of[i]->work_ns, of[i])) / m->blocks;
    m->read_ns = median_of(values, base->samples);
}

/* --- the simulation --- */

static double simulate_shared(const struct service *m, uint64_t threads, uint64_t seed)
{
    struct simulated out;
    const struct simulate_pipeline in = {
        .blocks = (uint64_t)m->blocks,
        .consumers = (unsigned)threads,
        .ring = m->ring + (unsigned)threads,
        .read = {.kind = SIMULATE_FIXED, .mean_ns = m->read_ns},
        .consume = {.kind = SIMULATE_FIXED, .mean_ns = m->work_ns},
        .seed = seed,
    };
    return simulate_pipeline(&in, &out) == 0 ? m->records / out.makespan_ns * 1e9 : NAN;
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
        .core = {.kind = SIMULATE_MEASURED, .ns = m->core_ns, .n = m->samples},
        .bytes = m->record_bytes,
        .bus_all_per_s = m->bus_all,
        .bus_one_per_s = m->bus_one,
        .plan_ns = threads > 1 ? m->plan_ns : 0,
        .start_ns = threads > 1 ? m->start_ns : 0,
        .merge_ns = threads > 1 ? m->merge_ns : 0,
    };
    for (size_t i = 0; i < RUNS; i++) {
        struct simulated out;
        in.seed = seed + i;
        values[i] = simulate_workers(&in, &out) == 0 ? m->records / out.makespan_ns * 1e9 : NAN;
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

static const char *gather(const struct results *r, const struct scale *s, const struct scale_row *row,
                          struct service *m, double *values)
{
    const struct scale_point *some = largest(s, row);
    const struct backend *backend = backend_find(row->backend);
    m->files = row->files;
    m->shared = backend && backend->attach;
    m->ring = 16;
    m->bus_one = m->bus_all = INFINITY;
    if (!some)
        return "what threads cost is not known from 1 thread alone";
    if (m->shared && m->files > 1)
        return "a shared backend takes one file after the other";
    if (m->files > 1 && (m->files > FILES_MOST || !set_sizes(r, row, m)))
        return "the sizes of the files are not known";
    set_service(s, &s->points[row->first], m, values);
    set_overheads(s, some, m, values);
    if (row->kernel == CAPACITY_MEMORY) {
        m->bus_one = rate_of(r, CAPACITY_MEMORY, 1, values);
        m->bus_all = rate_of(r, CAPACITY_MEMORY, some->sample->key.threads, values);
    }
    if (!isfinite(m->plan_ns + m->start_ns + m->merge_ns + m->open_ns + m->core_ns[0]) ||
        isnan(m->bus_one + m->bus_all))
        return "where the threads' time went was not stored";
    return NULL;
}

int scale_curve_of(const struct results *r, const struct scale *s, const struct scale_row *row, uint64_t seed,
                   struct scale_curve *curve)
{
    size_t room = r->count + r->limit_count + RUNS + 1, shards = row->files + SCALE_CURVE_MOST + 1;
    struct service m = {.core_ns = calloc(room, sizeof(double)), .sizes = calloc(shards, sizeof(double))};
    double *values = calloc(room, sizeof *values), *pieces = calloc(shards, sizeof *pieces);
    bool enough = m.core_ns && m.sizes && values && pieces;
    *curve = (struct scale_curve){0};
    for (size_t i = row->first; i < row->first + row->points; i++)
        add_point(curve, s->points[i].sample->key.threads);
    for (uint64_t threads = 1; threads <= SCALE_CURVE_MOST; threads *= 2)
        add_point(curve, threads);
    const char *why = enough ? gather(r, s, row, &m, values) : "";
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
