/* As Google Benchmark and hyperfine write them: every sample, and what they make of them. */
#include "formats.h"

#include "../text/safe.h"

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

static struct moments moments_of(const struct report *report, const struct report_row *row, enum figure f)
{
    size_t n = row->samples;
    struct moments m = {0};
    double squares = 0, *values = report->values;
    for (size_t i = 0; i < n; i++)
        m.mean += (values[i] = figure_of(report->order[row->first + i], f)) / (double)n;
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
static json_t *gbench_context(const struct results *r, const struct report *s)
{
    const json_t *run = r->run, *machine = json_object_get(run, "machine");
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
    json_object_set_new(context, "noise", json_string(s->noise.quiet ? "quiet" : s->noise.why));
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *of = s->rows[i].sample;
        char name[CASE_NAME];
        case_name(&of->key, name);
        if (of->outcome != SAMPLE_OK)
            json_object_set_new(context, name, json_sprintf("%s: %s", sample_outcomes[of->outcome], of->error));
    }
    return context;
}

/* what: of an aggregate, or NULL. */
static json_t *gbench_entry(const struct report *s, const struct report_row *row, const char *what, size_t iterations,
                            double real, double cpu)
{
    char name[CASE_NAME];
    case_name(&row->sample->key, name);
    return json_pack("{s:o, s:I, s:i, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:s}", "name",
                     json_sprintf("%s%s%s", name, what ? "_" : "", what ? what : ""), "family_index",
                     (json_int_t)(row - s->rows), "per_family_instance_index", 0, "run_name", name, "run_type",
                     what ? "aggregate" : "iteration", "repetitions", (json_int_t)row->samples, "threads",
                     (json_int_t)row->sample->key.threads, "iterations", (json_int_t)iterations, "real_time", real,
                     "cpu_time", cpu, "time_unit", "ns");
}

static void add_repetitions(const struct report *report, const struct report_row *row, json_t *to)
{
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *s = report->order[row->first + i];
        double ns = figure_of(s, WALL);
        json_t *one = gbench_entry(report, row, NULL, s->iterations, ns, figure_of(s, CPU));
        json_object_set_new(one, "repetition_index", json_integer((json_int_t)i));
        json_object_set_new(one, "bytes_per_second", json_real((double)s->bytes * 1e9 / ns));
        if (s->records > 0)
            json_object_set_new(one, "items_per_second", json_real((double)s->records * 1e9 / ns));
        json_array_append_new(to, one);
    }
}

static void add_aggregate(const struct report *s, const struct report_row *row, const char *what, double real,
                          double cpu, json_t *to)
{
    if (!isfinite(real) || !isfinite(cpu))
        return;
    json_t *one = gbench_entry(s, row, what, row->samples, real, cpu);
    json_object_set_new(one, "aggregate_name", json_string(what));
    json_object_set_new(one, "aggregate_unit", json_string(strcmp(what, "cv") == 0 ? "percentage" : "time"));
    json_array_append_new(to, one);
}

int format_gbench(const struct results *r, const struct report *s, FILE *to)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n == 0)
            continue;
        struct moments wall = moments_of(s, row, WALL), cpu = moments_of(s, row, CPU);
        add_repetitions(s, row, all);
        if (row->samples < 2)
            continue;
        add_aggregate(s, row, "mean", wall.mean, cpu.mean, all);
        add_aggregate(s, row, "median", row->ns.median, cpu.median, all);
        add_aggregate(s, row, "stddev", wall.deviation, cpu.deviation, all);
        add_aggregate(s, row, "cv", wall.deviation / wall.mean, cpu.deviation / cpu.mean, all);
    }
    return put_json(json_pack("{s:o, s:o}", "context", gbench_context(r, s), "benchmarks", all), JSON_INDENT(2), to);
}

/* --- hyperfine --- */

/* Its parameters are texts: all that makes the case what it is. */
static json_t *parameters(const struct sample *s)
{
    json_t *o = json_object(), *value;
    const char *key;
    void *next;
    fields_put(o, sample_fields, false, s);
    json_object_foreach_safe(o, next, key, value)
    {
        const struct stored_field *f = sample_fields;
        while (strcmp(f->key, key) != 0)
            f++;
        if (f->part != PART_CASE || json_is_null(value))
            json_object_del(o, key);
        else if (json_is_integer(value))
            json_object_set_new(o, key, json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value)));
    }
    return o;
}

static json_t *hyperfine_result(const struct report *s, const struct report_row *row)
{
    struct moments wall = moments_of(s, row, WALL);
    json_t *times = json_array(), *codes = json_array();
    char name[CASE_NAME];
    case_name(&row->sample->key, name);
    for (size_t i = 0; i < row->samples; i++) {
        json_array_append_new(times, json_real(figure_of(s->order[row->first + i], WALL) / 1e9));
        json_array_append_new(codes, json_integer(0));
    }
    return json_pack("{s:s, s:f, s:o, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "command", name, "mean",
                     wall.mean / 1e9, "stddev", isnan(wall.deviation) ? json_null() : json_real(wall.deviation / 1e9),
                     "median", row->ns.median / 1e9, "user", moments_of(s, row, USER).mean / 1e9, "system",
                     moments_of(s, row, SYSTEM).mean / 1e9, "min", wall.min / 1e9, "max", wall.max / 1e9, "times",
                     times, "exit_codes", codes, "parameters", parameters(row->sample));
}

int format_hyperfine(const struct results *r, const struct report *s, FILE *to)
{
    json_t *all = json_array();
    (void)r;
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].ns.n > 0)
            json_array_append_new(all, hyperfine_result(s, &s->rows[i]));
    return put_json(json_pack("{s:o}", "results", all), JSON_INDENT(2), to);
}
