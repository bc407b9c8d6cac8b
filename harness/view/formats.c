#include "formats.h"

#include "../results/run.h"
#include "../text/safe.h"
#include "cases.h"
#include "shown.h"

#include <math.h>
#include <string.h>

/* --- tables as they are --- */

static int print_and_free(struct table *t, void (*print)(const struct table *t, FILE *to), FILE *to)
{
    print(t, to);
    table_free(t);
    return 0;
}

static int format_json(const struct results *r, const struct report *s, FILE *to)
{
    return put_json(cases_json(r, s), JSON_INDENT(2), to);
}

static int format_csv(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return print_and_free(cases_table(s), table_print_csv, to);
}

static int format_csv_samples(const struct results *r, const struct report *s, FILE *to)
{
    return print_and_free(cases_samples(r, s), table_print_csv, to);
}

static int format_markdown(const struct results *r, const struct report *s, FILE *to)
{
    struct table *t = cases_table(s);
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *of = s->rows[i].sample;
        char name[CASE_NAME];
        case_name(&of->key, name);
        if (of->outcome != SAMPLE_OK)
            table_note(t, "%s: %s: %s", name, sample_outcomes[of->outcome], of->error);
    }
    table_note(t, "Run %s; medians, +/- half of an interval that holds the true one with 95 %%. The machine was %s%s.",
               run_id(r), s->noise.quiet ? "quiet" : "noisy: ", s->noise.why);
    return print_and_free(t, table_print_markdown, to);
}

/* --- JSON: one object for each case that has a figure --- */

static json_t *entries(const struct report *s,
                       void (*add)(const struct report *s, const struct report_row *row, const char *name, json_t *to))
{
    json_t *all = json_array();
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        char name[CASE_NAME];
        case_name(&row->sample->key, name);
        if (row->ns.n > 0)
            add(s, row, name, all);
    }
    return all;
}

static void add_action(const struct report *s, const struct report_row *row, const char *name, json_t *to)
{
    const struct stats *ns = &row->ns;
    double scale = 1 / (double)row->sample->records;
    (void)s;
    if (!shown_has_rate(row))
        return;
    json_t *one = json_pack("{s:s, s:s, s:f}", "name", name, "unit", "ns/record", "value", ns->median * scale);
    if (ns->confident)
        json_object_set_new(one, "range", json_sprintf("\u00b1 %.3g", (ns->high - ns->low) / 2 * scale));
    json_object_set_new(one, "extra",
                        json_sprintf("%zu samples, median; %.4g %% interval %.6g .. %.6g", ns->n, 100 * ns->level,
                                     ns->low * scale, ns->high * scale));
    json_array_append_new(to, one);
}

static int format_action(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return put_json(entries(s, add_action), JSON_INDENT(2), to);
}

enum clock { WALL, CPU, USER, SYSTEM };

/* ns for one decode. */
static double ns_of(const struct sample *s, enum clock clock)
{
    uint64_t ns[] = {[WALL] = s->wall_ns, [CPU] = s->cpu_ns, [USER] = s->user_ns, [SYSTEM] = s->system_ns};
    return (double)ns[clock] / (double)s->iterations;
}

struct moments {
    double mean, deviation; /* NAN with one sample */
    double median, min, max;
};

static struct moments moments_of(const struct report *report, const struct report_row *row, enum clock clock)
{
    size_t n = row->samples;
    struct moments m = {0};
    double squares = 0, *values = report->values;
    for (size_t i = 0; i < n; i++)
        m.mean += (values[i] = ns_of(report->order[row->first + i], clock)) / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - m.mean) * (values[i] - m.mean);
    m.deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
    m.median = stats_of(values, n).median; /* sorts them */
    m.min = values[0];
    m.max = values[n - 1];
    return m;
}

/* --- Google Benchmark --- */

/* Of the run. What is not of the format itself are texts, as --benchmark_context writes them. */
static json_t *gbench_context(const struct results *r, const struct report *s)
{
    const json_t *run = r->run, *machine = json_object_get(run, "machine");
    const json_t *load = json_object_get(json_object_get(run, "before"), "load_milli");
    char date[40];
    shown_time(r, date, sizeof date);
    json_t *context =
        json_pack("{s:s, s:s, s:O*, s:[], s:o, s:O*, s:O*, s:O*, s:O*, s:s}", "date", date, "executable", "dbnbench",
                  "num_cpus", json_object_get(machine, "cores_online"), "caches", "load_avg",
                  json_is_integer(load) ? json_pack("[f]", (double)json_integer_value(load) / 1e3) : json_array(),
                  "run", json_object_get(run, "run"), "dbnbench_version",
                  json_object_get(json_object_get(run, "build"), "version"), "cpu", json_object_get(machine, "cpu"),
                  "kernel", json_object_get(machine, "kernel"), "noise", s->noise.quiet ? "quiet" : s->noise.why);
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
static json_t *gbench_entry(const struct report *s, const struct report_row *row, const char *name, const char *what,
                            size_t iterations, double real, double cpu)
{
    return json_pack("{s:o, s:I, s:i, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:s}", "name",
                     json_sprintf("%s%s%s", name, what ? "_" : "", what ? what : ""), "family_index",
                     (json_int_t)(row - s->rows), "per_family_instance_index", 0, "run_name", name, "run_type",
                     what ? "aggregate" : "iteration", "repetitions", (json_int_t)row->samples, "threads",
                     (json_int_t)row->sample->key.threads, "iterations", (json_int_t)iterations, "real_time", real,
                     "cpu_time", cpu, "time_unit", "ns");
}

static void add_gbench(const struct report *s, const struct report_row *row, const char *name, json_t *to)
{
    struct moments wall = moments_of(s, row, WALL), cpu = moments_of(s, row, CPU);
    const struct {
        const char *name, *unit;
        double real, cpu;
    } aggregates[] = {
        {"mean", "time", wall.mean, cpu.mean},
        {"median", "time", row->ns.median, cpu.median},
        {"stddev", "time", wall.deviation, cpu.deviation},
        {"cv", "percentage", wall.deviation / wall.mean, cpu.deviation / cpu.mean},
    };
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *of = s->order[row->first + i];
        double ns = ns_of(of, WALL);
        json_t *one = gbench_entry(s, row, name, NULL, of->iterations, ns, ns_of(of, CPU));
        json_object_set_new(one, "repetition_index", json_integer((json_int_t)i));
        json_object_set_new(one, "bytes_per_second", json_real((double)of->bytes * 1e9 / ns));
        if (of->records > 0)
            json_object_set_new(one, "items_per_second", json_real((double)of->records * 1e9 / ns));
        json_array_append_new(to, one);
    }
    for (size_t i = 0; i < sizeof aggregates / sizeof aggregates[0] && row->samples > 1; i++) {
        if (!isfinite(aggregates[i].real) || !isfinite(aggregates[i].cpu))
            continue;
        json_t *one =
            gbench_entry(s, row, name, aggregates[i].name, row->samples, aggregates[i].real, aggregates[i].cpu);
        json_object_set_new(one, "aggregate_name", json_string(aggregates[i].name));
        json_object_set_new(one, "aggregate_unit", json_string(aggregates[i].unit));
        json_array_append_new(to, one);
    }
}

static int format_gbench(const struct results *r, const struct report *s, FILE *to)
{
    json_t *all = json_pack("{s:o, s:o}", "context", gbench_context(r, s), "benchmarks", entries(s, add_gbench));
    return put_json(all, JSON_INDENT(2), to);
}

/* --- hyperfine --- */

static void add_hyperfine(const struct report *s, const struct report_row *row, const char *name, json_t *to)
{
    struct moments wall = moments_of(s, row, WALL);
    json_t *times = json_array(), *codes = json_array();
    for (size_t i = 0; i < row->samples; i++) {
        json_array_append_new(times, json_real(ns_of(s->order[row->first + i], WALL) / 1e9));
        json_array_append_new(codes, json_integer(0));
    }
    json_array_append_new(to, json_pack("{s:s, s:f, s:o, s:f, s:f, s:f, s:f, s:f, s:o, s:o}", "command", name, "mean",
                                        wall.mean / 1e9, "stddev",
                                        isnan(wall.deviation) ? json_null() : json_real(wall.deviation / 1e9), "median",
                                        row->ns.median / 1e9, "user", moments_of(s, row, USER).mean / 1e9, "system",
                                        moments_of(s, row, SYSTEM).mean / 1e9, "min", wall.min / 1e9, "max",
                                        wall.max / 1e9, "times", times, "exit_codes", codes));
}

static int format_hyperfine(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return put_json(json_pack("{s:o}", "results", entries(s, add_hyperfine)), JSON_INDENT(2), to);
}

/* --- all of them --- */

#define FORMAT_ROW(id, name, about) {name, about, format_##id},
const struct format formats[] = {FORMATS(FORMAT_ROW){0}};

const struct format *format_find(const char *name)
{
    for (const struct format *f = formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}
