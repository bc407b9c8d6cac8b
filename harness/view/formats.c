#include "formats.h"

#include "../results/run.h"
#include "../text/safe.h"
#include "cases.h"
#include "shown.h"

#include <math.h>
#include <string.h>

/* --- tables as they are --- */

static void print_and_free(struct table *t, void (*print)(const struct table *t, FILE *to), FILE *to)
{
    print(t, to);
    table_free(t);
}

static void format_json(const struct results *r, const struct report *s, FILE *to)
{
    put_json(cases_json(r, s), JSON_INDENT(2), to);
}

static void format_csv(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    print_and_free(cases_table(s), table_print_csv, to);
}

static void format_csv_samples(const struct results *r, const struct report *s, FILE *to)
{
    print_and_free(cases_samples(r, s), table_print_csv, to);
}

static void format_markdown(const struct results *r, const struct report *s, FILE *to)
{
    struct table *t = cases_table(s);
    table_note(t, "run %s", run_id(r));
    cases_note(t, r, s);
    print_and_free(t, table_print_markdown, to);
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

static void format_action(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    put_json(entries(s, add_action), JSON_INDENT(2), to);
}

/* --- Google Benchmark --- */

enum clock { WALL, CPU };

/* ns for one decode. */
static double ns_of(const struct sample *s, enum clock clock)
{
    return (clock == WALL ? (double)s->wall_ns : reading_number(&s->cpu_ns)) / (double)s->iterations;
}

static const char *const aggregates[] = {"mean", "median", "stddev", "cv"};
enum { MEAN, MEDIAN, DEVIATION, VARIATION, AGGREGATES };

/* NAN: there is none, of a single sample. */
static void aggregate(const struct report *report, const struct report_row *row, enum clock clock,
                      double to[AGGREGATES])
{
    double n = (double)row->samples, squares = 0, *values = report->values;
    to[MEAN] = 0;
    for (size_t i = 0; i < row->samples; i++)
        to[MEAN] += (values[i] = ns_of(report->order[row->first + i], clock)) / n;
    for (size_t i = 0; i < row->samples; i++)
        squares += (values[i] - to[MEAN]) * (values[i] - to[MEAN]);
    to[MEDIAN] = stats_of(values, row->samples).median;
    to[DEVIATION] = n > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
    to[VARIATION] = to[DEVIATION] / to[MEAN];
}

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
static json_t *gbench_entry(const struct report_row *row, const char *name, const char *what, size_t iterations,
                            double real, double cpu)
{
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:s}", "name",
                     json_sprintf("%s%s%s", name, what ? "_" : "", what ? what : ""), "run_name", name, "run_type",
                     what ? "aggregate" : "iteration", "repetitions", (json_int_t)row->samples, "threads",
                     (json_int_t)row->sample->key.threads, "iterations", (json_int_t)iterations, "real_time", real,
                     "cpu_time", cpu, "time_unit", "ns");
}

static void add_gbench(const struct report *s, const struct report_row *row, const char *name, json_t *to)
{
    double wall[AGGREGATES], cpu[AGGREGATES];
    aggregate(s, row, WALL, wall);
    aggregate(s, row, CPU, cpu);
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *of = s->order[row->first + i];
        double ns = ns_of(of, WALL);
        json_t *one = gbench_entry(row, name, NULL, of->iterations, ns, ns_of(of, CPU));
        json_object_set_new(one, "repetition_index", json_integer((json_int_t)i));
        json_object_set_new(one, "bytes_per_second", json_real((double)of->bytes * 1e9 / ns));
        if (of->records > 0)
            json_object_set_new(one, "items_per_second", json_real((double)of->records * 1e9 / ns));
        json_array_append_new(to, one);
    }
    for (size_t i = 0; i < AGGREGATES && row->samples > 1; i++) {
        if (!isfinite(wall[i]) || !isfinite(cpu[i]))
            continue;
        json_t *one = gbench_entry(row, name, aggregates[i], row->samples, wall[i], cpu[i]);
        json_object_set_new(one, "aggregate_name", json_string(aggregates[i]));
        json_object_set_new(one, "aggregate_unit", json_string(i == VARIATION ? "percentage" : "time"));
        json_array_append_new(to, one);
    }
}

static void format_gbench(const struct results *r, const struct report *s, FILE *to)
{
    json_t *all = json_pack("{s:o, s:o}", "context", gbench_context(r, s), "benchmarks", entries(s, add_gbench));
    put_json(all, JSON_INDENT(2), to);
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
