#include "cmd_phases_show.h"

#include "../view/grid.h"
#include "../view/cases.h"
#include "cmd_session.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEP, BACKEND, SINK, THREADS, PROMISED, AGAINST, GAIN, CEILING, VERDICT, ALL, RATE, PEAK, CALLS, COLUMNS };

static void put_factor(char *cell, const struct stats *s)
{
    if (s->n == 0)
        snprintf(cell, GRID_CELL, "n/a");
    else if (s->confident)
        snprintf(cell, GRID_CELL, "%.3g+-%.2g", s->median, (s->high - s->low) / 2);
    else
        snprintf(cell, GRID_CELL, "%.3g..%.3g", s->low, s->high);
}

static void put_row(char (*cell)[GRID_CELL], const struct phase_row *row, const struct phase_row *before)
{
    const struct phase *p = row->phase;
    snprintf(cell[STEP], GRID_CELL, "%s", p->name);
    snprintf(cell[BACKEND], GRID_CELL, "%s", p->backend);
    snprintf(cell[SINK], GRID_CELL, "%s", p->sink);
    if (p->split > 1)
        snprintf(cell[THREADS], GRID_CELL, "%u/%u", p->threads, p->split);
    else
        snprintf(cell[THREADS], GRID_CELL, "%u", p->threads);
    if (p->low > 0 && p->high > p->low)
        snprintf(cell[PROMISED], GRID_CELL, "%.3g-%.3g", p->low, p->high);
    else if (p->low > 0)
        snprintf(cell[PROMISED], GRID_CELL, "%.3g", p->low);
    if (before && strcmp(before->phase->name, p->against) != 0)
        snprintf(cell[AGAINST], GRID_CELL, "%s", p->against);
    if (row->record_ns.n == 0) {
        snprintf(cell[VERDICT], GRID_CELL, "%s", row->sample ? sample_outcomes[row->sample->outcome] : "n/a");
        return;
    }
    if (*p->against)
        put_factor(cell[GAIN], &row->gain);
    if (*p->against && p->frees != FREES_NOTHING && row->ceiling.n == 0)
        snprintf(cell[CEILING], GRID_CELL, "n/a");
    else if (row->ceiling.n > 0)
        snprintf(cell[CEILING], GRID_CELL, "%.3g", row->ceiling.median);
    snprintf(cell[VERDICT], GRID_CELL, "%s", phase_verdicts[row->verdict]);
    put_factor(cell[ALL], &row->cumulative);
    snprintf(cell[RATE], GRID_CELL, "%.3g", 1e3 / row->record_ns.median);
    snprintf(cell[PEAK], GRID_CELL, "%.3g", (double)row->peak_bytes / 1e6);
    snprintf(cell[CALLS], GRID_CELL, "%.3g", row->calls);
}

static int print_rows(const struct phase_row *rows, size_t n, FILE *to)
{
    struct grid g = {.titles = {"step", "backend", "sink", "threads", "promised", "against", "gain", "at most",
                                "verdict", "in all", "Mrec/s", "peak MB", "reads/rec"},
                     .columns = COLUMNS,
                     .left = 3};
    g.cells = calloc(n + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        put_row(g.cells[g.rows++], &rows[i], i ? &rows[i - 1] : NULL);
    int rc = grid_print(&g, to);
    free(g.cells);
    return rc;
}

/* Why a step has no figures, where it has none. */
static void print_missing(const struct phase_row *rows, size_t n, FILE *to)
{
    for (size_t i = 0; i < n; i++) {
        const struct sample *s = rows[i].sample;
        if (rows[i].record_ns.n > 0)
            continue;
        const char *why =
            rows[i].phase->many ? "several files of its kind are needed for it, see --many" : "it was not measured";
        fprintf(to, "%s n/a: %s\n", rows[i].phase->name, s && *s->error ? s->error : why);
    }
}

static void print_legend(FILE *to)
{
    fputs("gain: times as fast as the step before it, or the one it is held against, a record, in the same round.\n"
          "at most: what that step would gain if reading, or keeping, took no time; or with as many threads.\n"
          "in all: times as fast as the first step. threads: with shards of one file behind the stroke.\n"
          "verdict: holds: as promised; better, worse: than that; no difference: 1 is in the interval, or within 2%;\n"
          "cannot tell: the interval is too wide to say whether that or the promise is true.\n",
          to);
}

static json_t *row_json(const struct phase_row *row)
{
    const struct phase *p = row->phase;
    json_t *o = json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:s}", "step", p->name, "backend", p->backend, "sink",
                          p->sink, "threads", (int)p->threads, "split", (int)p->split, "many", p->many, "verdict",
                          phase_verdicts[row->verdict]);
    json_object_set_new(o, "against", *p->against ? json_string(p->against) : json_null());
    json_object_set_new(o, "promised_low", json_value(p->low > 0 ? p->low : NAN));
    json_object_set_new(o, "promised_high", json_value(p->low > 0 ? p->high : NAN));
    json_object_set_new(o, "outcome", row->sample ? json_string(sample_outcomes[row->sample->outcome]) : json_null());
    json_object_set_new(o, "record_ns", json_stats(&row->record_ns, 1));
    json_object_set_new(o, "gain", json_stats(&row->gain, 1));
    json_object_set_new(o, "at_most", json_stats(&row->ceiling, 1));
    json_object_set_new(o, "cumulative", json_stats(&row->cumulative, 1));
    json_object_set_new(o, "peak_bytes", row->samples ? json_integer((json_int_t)row->peak_bytes) : json_null());
    json_object_set_new(o, "reads_per_record", json_value(row->calls));
    return o;
}

static int show_json(const struct results *r, const struct phase_chain *chain, const char *const *inputs, size_t n,
                     const char *many, struct phase_row *rows, const struct report *report, const char *stored,
                     FILE *to)
{
    json_t *o = cases_json(r, report), *all = json_array();
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        json_t *steps = json_array();
        phases_of(report, chain, inputs[i], i == 0 ? many : NULL, rows);
        for (size_t k = 0; k < chain->count && rc == 0; k++)
            json_array_append_new(steps, row_json(&rows[k]));
        json_array_append_new(all, json_pack("{s:s, s:o}", "dataset", inputs[i], "steps", steps));
    }
    json_object_set_new(o, "phases", all);
    json_object_set_new(o, "stored", session_stored_json(stored));
    json_dumpf(o, to, JSON_INDENT(1));
    fputc('\n', to);
    json_decref(o);
    return rc;
}

static int show_text(const struct results *r, const struct phase_chain *chain, const char *const *inputs, size_t n,
                     const char *many, struct phase_row *rows, const struct report *report, const char *stored,
                     FILE *to)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        phases_of(report, chain, inputs[i], i == 0 ? many : NULL, rows);
        fprintf(to, "%s, chain %s\n", inputs[i], chain->name);
        rc = print_rows(rows, chain->count, to);
        print_missing(rows, chain->count, to);
        fputc('\n', to);
    }
    print_legend(to);
    cases_print_notes(r, report, "", to);
    session_print_stored(stored, to);
    return rc;
}

int phases_show(const struct results *r, const char *stored, bool as_json, FILE *to)
{
    struct phase_chain chain;
    struct report report = {0};
    json_t *names = json_object_get(r->run, "chain_inputs");
    const char *many = json_string_value(json_object_get(r->run, "chain_many"));
    size_t n = json_array_size(names);
    char why[256];
    if (phase_chain_read(json_object_get(r->run, "chain"), 1, &chain, why, sizeof why) < 0)
        return -EINVAL;
    const char **inputs = calloc(n + 1, sizeof *inputs);
    struct phase_row *rows = calloc(chain.count, sizeof *rows);
    int rc = inputs && rows ? report_of(r, &report) : -ENOMEM;
    for (size_t i = 0; i < n && inputs; i++)
        inputs[i] = json_string_value(json_array_get(names, i));
    if (rc == 0)
        rc = (as_json ? show_json : show_text)(r, &chain, inputs, n, many, rows, &report, stored, to);
    report_free(&report);
    free(rows);
    free(inputs);
    return rc;
}
