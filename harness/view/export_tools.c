/* As Google Benchmark and hyperfine write them: every sample, and what they make of them. */
#include "export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- what both have --- */

enum figure { WALL, CPU, USER, SYSTEM };

/* ns for one decode. */
static double figure_of(const struct sample *s, enum figure f)
{
    uint64_t ns[] = {[WALL] = s->wall_ns, [CPU] = s->cpu_ns, [USER] = s->user_ns, [SYSTEM] = s->system_ns};
    return (double)ns[f] / (double)s->iterations;
}

struct moments {
    double mean, deviation; /* NAN with one sample */
    double median, min, max;
};

/* values: room for the row's samples. */
static struct moments moments_of(const struct export *e, const struct report_row *row, enum figure f, double *values)
{
    size_t n = row->samples;
    struct moments m = {0};
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        m.mean += (values[i] = figure_of(e->report->order[row->first + i], f)) / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - m.mean) * (values[i] - m.mean);
    m.deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
    m.median = stats_of(values, n).median; /* sorts them */
    m.min = values[0];
    m.max = values[n - 1];
    return m;
}

/* --- Google Benchmark --- */

static void set_date(json_t *context, const json_t *run)
{
    char text[40];
    struct tm utc;
    const json_t *at = json_object_get(json_object_get(run, "before"), "unix_ms");
    time_t seconds = (time_t)(json_integer_value(at) / 1000);
    if (json_is_integer(at) && gmtime_r(&seconds, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &utc))
        json_object_set_new(context, "date", json_string(text));
}

/* Of the run. What is not of the format itself are texts, as --benchmark_context writes them. */
static json_t *gbench_context(const struct export *e)
{
    const json_t *run = e->results->run, *machine = json_object_get(run, "machine");
    const json_t *load = json_object_get(json_object_get(run, "before"), "load_milli");
    json_t *context = json_object();
    set_date(context, run);
    json_object_set_new(context, "executable", json_string("dbnbench"));
    json_object_set(context, "num_cpus", json_object_get(machine, "cores_online"));
    json_object_set_new(context, "caches", json_array());
    json_object_set_new(context, "load_avg",
                        json_is_integer(load) ? json_pack("[f]", (double)json_integer_value(load) / 1e3)
                                              : json_array());
    json_object_set(context, "run", json_object_get(run, "run"));
    json_object_set(context, "dbnbench_version", json_object_get(json_object_get(run, "build"), "version"));
    json_object_set(context, "cpu", json_object_get(machine, "cpu"));
    json_object_set(context, "kernel", json_object_get(machine, "kernel"));
    json_object_set_new(context, "noise", json_string(e->report->noise.quiet ? "quiet" : e->report->noise.why));
    for (size_t i = 0; i < e->count; i++) {
        const struct sample *s = e->cases[i].row->sample;
        if (s->outcome != SAMPLE_OK)
            json_object_set_new(context, e->cases[i].name,
                                json_sprintf("%s: %s", sample_outcomes[s->outcome], s->error));
    }
    return context;
}

static json_t *gbench_entry(const struct export *e, const struct exported_case *c, const char *name, const char *type,
                            size_t iterations, double real, double cpu)
{
    return json_pack("{s:s, s:I, s:i, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:s}", "name", name, "family_index",
                     (json_int_t)(c - e->cases), "per_family_instance_index", 0, "run_name", c->name, "run_type", type,
                     "repetitions", (json_int_t)c->row->samples, "threads", (json_int_t)c->row->sample->key.threads,
                     "iterations", (json_int_t)iterations, "real_time", real, "cpu_time", cpu, "time_unit", "ns");
}

static void add_repetitions(const struct export *e, const struct exported_case *c, json_t *to)
{
    for (size_t i = 0; i < c->row->samples; i++) {
        const struct sample *s = e->report->order[c->row->first + i];
        double ns = figure_of(s, WALL);
        json_t *one = gbench_entry(e, c, c->name, "iteration", s->iterations, ns, figure_of(s, CPU));
        json_object_set_new(one, "repetition_index", json_integer((json_int_t)i));
        json_object_set_new(one, "bytes_per_second", json_real((double)s->bytes * 1e9 / ns));
        if (s->records > 0)
            json_object_set_new(one, "items_per_second", json_real((double)s->records * 1e9 / ns));
        json_array_append_new(to, one);
    }
}

static void add_aggregate(const struct export *e, const struct exported_case *c, const char *what, double real,
                          double cpu, json_t *to)
{
    char name[EXPORT_NAME + 16];
    if (!isfinite(real) || !isfinite(cpu))
        return;
    snprintf(name, sizeof name, "%s_%s", c->name, what);
    json_t *one = gbench_entry(e, c, name, "aggregate", c->row->samples, real, cpu);
    json_object_set_new(one, "aggregate_name", json_string(what));
    json_object_set_new(one, "aggregate_unit", json_string(strcmp(what, "cv") == 0 ? "percentage" : "time"));
    json_array_append_new(to, one);
}

json_t *export_gbench(const struct export *e)
{
    json_t *all = json_array();
    double *values = calloc(e->results->count + 1, sizeof *values);
    for (size_t i = 0; i < e->count && values; i++) {
        const struct exported_case *c = &e->cases[i];
        if (c->row->ns.n == 0)
            continue;
        struct moments wall = moments_of(e, c->row, WALL, values), cpu = moments_of(e, c->row, CPU, values);
        add_repetitions(e, c, all);
        if (c->row->samples < 2)
            continue;
        add_aggregate(e, c, "mean", wall.mean, cpu.mean, all);
        add_aggregate(e, c, "median", c->row->ns.median, cpu.median, all);
        add_aggregate(e, c, "stddev", wall.deviation, cpu.deviation, all);
        add_aggregate(e, c, "cv", wall.deviation / wall.mean, cpu.deviation / cpu.mean, all);
    }
    if (!values) {
        json_decref(all);
        return NULL;
    }
    free(values);
    return json_pack("{s:o, s:o}", "context", gbench_context(e), "benchmarks", all);
}

/* --- hyperfine --- */

static json_t *parameters(const struct sample *s)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:s}", "dataset", s->key.dataset, "backend", s->key.backend, "sink",
                     s->key.sink, "threads", json_sprintf("%llu", (unsigned long long)s->key.threads), "cache",
                     s->key.cold ? "cold" : "warm");
}

static json_t *hyperfine_result(const struct export *e, const struct exported_case *c, double *values)
{
    struct moments wall = moments_of(e, c->row, WALL, values);
    json_t *times = json_array(), *codes = json_array();
    for (size_t i = 0; i < c->row->samples; i++) {
        json_array_append_new(times, json_real(figure_of(e->report->order[c->row->first + i], WALL) / 1e9));
        json_array_append_new(codes, json_integer(0));
    }
    return json_pack("{s:s, s:f, s:o, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "command", c->name, "mean",
                     wall.mean / 1e9, "stddev", isnan(wall.deviation) ? json_null() : json_real(wall.deviation / 1e9),
                     "median", c->row->ns.median / 1e9, "user", moments_of(e, c->row, USER, values).mean / 1e9,
                     "system", moments_of(e, c->row, SYSTEM, values).mean / 1e9, "min", wall.min / 1e9, "max",
                     wall.max / 1e9, "times", times, "exit_codes", codes, "parameters", parameters(c->row->sample));
}

json_t *export_hyperfine(const struct export *e)
{
    json_t *all = json_array();
    double *values = calloc(e->results->count + 1, sizeof *values);
    for (size_t i = 0; i < e->count && values; i++)
        if (e->cases[i].row->ns.n > 0)
            json_array_append_new(all, hyperfine_result(e, &e->cases[i], values));
    if (!values) {
        json_decref(all);
        return NULL;
    }
    free(values);
    return json_pack("{s:o}", "results", all);
}
