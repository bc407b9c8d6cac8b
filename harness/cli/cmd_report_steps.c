/* What a report says of a run of `dbnbench phases`: what each step of its chain promised, and what it gained. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "../text/tsv.h"
#include "cmd_report_series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct shown_column columns[] = {
    {"step", "", true},
    {"backend", "", true},
    {"sink", "what is done with the records", true},
    {"threads", "with shards of one file behind the stroke", false},
    {"promised", "times as fast", false},
    {"gain", "times as fast as the step it is held against, a record, in the same round", false},
    {"at most", "what the step could gain if what it does away with took no time", false},
    {"verdict", "whether the promise holds", true},
    {"in all", "times as fast as the first step", false},
    {"Mrec/s", "median", false},
    {"peak MB", "the largest the process became", false},
    {"reads/rec", "system calls that read, a record", false},
    {0},
};
enum { STEP, BACKEND, SINK, THREADS, PROMISED, GAIN, CEILING, VERDICT, ALL, RATE, PEAK, CALLS };

static const char dash[] = "-";

/* "read in blocks"; "columns, against rows" unless that is the step before. */
static void put_step(const struct phase_row *row, bool follows, char *text, size_t size)
{
    const struct phase *p = row->phase;
    bool other = *p->against && !follows;
    snprintf(text, size, "%s%s%s", p->name, other ? ", against " : "", other ? p->against : "");
}

static bool follows(const struct phase_row *rows, size_t i)
{
    return i > 0 && strcmp(rows[i - 1].phase->name, rows[i].phase->against) == 0;
}

static void put_promise(const struct phase *p, char *text, size_t size)
{
    if (p->low > 0 && p->high > p->low)
        snprintf(text, size, "%.3g to %.3g", p->low, p->high);
    else if (p->low > 0)
        snprintf(text, size, "%.3g", p->low);
    else
        snprintf(text, size, "%s", dash);
}

/* --- the table --- */

static void put_row(const struct phase_row *rows, size_t i, char (*cell)[SHOWN_CELL])
{
    const struct phase_row *row = &rows[i];
    const struct phase *p = row->phase;
    put_step(row, follows(rows, i), cell[STEP], SHOWN_CELL);
    snprintf(cell[BACKEND], SHOWN_CELL, "%s", p->backend);
    snprintf(cell[SINK], SHOWN_CELL, "%s", p->sink);
    snprintf(cell[THREADS], SHOWN_CELL, p->split > 1 ? "%u/%u" : "%u", p->threads, p->split);
    put_promise(p, cell[PROMISED], SHOWN_CELL);
    if (row->record_ns.n == 0) {
        snprintf(cell[VERDICT], SHOWN_CELL, "%s", row->sample ? sample_outcomes[row->sample->outcome] : "n/a");
        return;
    }
    if (*p->against)
        answers_interval(&row->gain, 1, cell[GAIN], SHOWN_CELL);
    else
        snprintf(cell[GAIN], SHOWN_CELL, "%s", dash);
    if (p->frees == FREES_NOTHING || !*p->against)
        snprintf(cell[CEILING], SHOWN_CELL, "%s", dash);
    else if (row->ceiling.n > 0 && row->ceiling.median > 0) /* noise can make a part take more than the whole */
        table_number(row->ceiling.median, cell[CEILING], SHOWN_CELL);
    snprintf(cell[VERDICT], SHOWN_CELL, "%s", phase_verdicts[row->verdict]);
    answers_interval(&row->cumulative, 1, cell[ALL], SHOWN_CELL);
    table_number(1e3 / row->record_ns.median, cell[RATE], SHOWN_CELL);
    table_number((double)row->peak_bytes / 1e6, cell[PEAK], SHOWN_CELL);
    if (isfinite(row->calls))
        snprintf(cell[CALLS], SHOWN_CELL, "%.3g", row->calls);
}

static int set_table(struct document *d, size_t input)
{
    struct shown_steps *s = &d->steps[input];
    snprintf(s->table.id, sizeof s->table.id, "steps-%zu", input + 1);
    snprintf(s->table.caption, sizeof s->table.caption, "%s, chain %s", s->dataset, d->chain.name);
    int rc = shown_table_begin(&s->table, columns, d->chain.count);
    for (size_t i = 0; i < d->chain.count && rc == 0; i++)
        put_row(s->rows, i, s->table.cells[s->table.rows++]);
    return rc;
}

/* --- answers --- */

/* "2 hold, 1 worse", of those steps that were promised something; false: none was. */
static bool count_verdicts(const struct phase_row *rows, size_t n, char *text, size_t size)
{
    size_t of[PHASE_CANNOT_TELL + 1] = {0}, used = 0;
    for (size_t i = 0; i < n; i++)
        of[rows[i].verdict] += rows[i].phase->low > 0;
    for (size_t v = 0; v <= PHASE_CANNOT_TELL; v++)
        if (of[v] > 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s: %zu", used ? ", " : "", phase_verdicts[v], of[v]);
    return used > 0;
}

static int say_input(struct document *d, const struct shown_steps *s)
{
    const struct phase_row *last = NULL, *best = NULL;
    char all[96], gain[96] = "", promise[64], largest[400] = "", verdicts[256], judged[320] = "";
    for (const struct phase_row *row = s->rows; row < s->rows + d->chain.count; row++) {
        last = row->cumulative.n > 0 ? row : last;
        if (row->gain.n > 0 && (!best || row->gain.median > best->gain.median))
            best = row;
    }
    if (!last || !best)
        return answers_say(d, "Of %s no step of the chain %s could be held against another.", s->dataset,
                           d->chain.name);
    answers_interval(&last->cumulative, 1, all, sizeof all);
    answers_interval(&best->gain, 1, gain, sizeof gain);
    put_promise(best->phase, promise, sizeof promise);
    snprintf(largest, sizeof largest, "%s, %s times%s%s", best->phase->name, gain,
             best->phase->low > 0 ? ", promised " : "", best->phase->low > 0 ? promise : "");
    if (count_verdicts(s->rows, d->chain.count, verdicts, sizeof verdicts))
        snprintf(judged, sizeof judged, ". Of what was promised: %s", verdicts);
    return answers_say(
        d,
        "%s: a record is decoded %s times as fast by %s, the last step of %s with a time, as by %s, the first. "
        "The step that gains most is %s%s.",
        s->dataset, all, last->phase->name, d->chain.name, d->chain.phase[0].name, largest, judged);
}

int steps_set(struct document *d)
{
    char why[256];
    const struct results *r = d->of[OF_STEPS] ? &d->of[OF_STEPS]->results : NULL;
    const json_t *names = r ? json_object_get(r->run, "chain_inputs") : NULL;
    const char *many = r ? json_string_value(json_object_get(r->run, "chain_many")) : NULL;
    if (!r || phase_chain_read(json_object_get(r->run, "chain"), 1, &d->chain, why, sizeof why) < 0)
        return 0;
    d->steps = calloc(json_array_size(names) + 1, sizeof *d->steps);
    int rc = d->steps ? 0 : -ENOMEM;
    for (size_t i = 0; i < json_array_size(names) && rc == 0; i++) {
        struct shown_steps *s = &d->steps[d->step_inputs];
        s->dataset = json_string_value(json_array_get(names, i));
        if (!s->dataset)
            continue;
        d->step_inputs++;
        s->rows = calloc(d->chain.count, sizeof *s->rows);
        rc = s->rows ? 0 : -ENOMEM;
        if (rc == 0)
            phases_of(&d->of[OF_STEPS]->report, &d->chain, s->dataset, i == 0 ? many : NULL, s->rows);
        if (rc == 0)
            rc = set_table(d, d->step_inputs - 1);
        if (rc == 0)
            rc = say_input(d, s);
    }
    return rc;
}

void steps_free(struct document *d)
{
    for (size_t i = 0; i < d->step_inputs; i++) {
        free(d->steps[i].rows);
        free(d->steps[i].table.cells);
    }
    free(d->steps);
}

/* --- pictures --- */

static double known(const struct stats *s, double value)
{
    return s->n > 0 ? value : NAN;
}

/* A step that is NaN throughout has its line all the same. */
static int add_figure(struct document *d, const struct shown_steps *s)
{
    char title[FIGURE_TEXT], step[2 * PHASE_NAME + 16];
    uint64_t measured = 0;
    FILE *to = figure_begin(d, "waterfall",
                            "Times as fast as the step before, or the one it is held against: promised and measured, "
                            "with intervals; and all steps so far, times as fast as the first.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "ttttttt", "step", "promised_low", "promised_high", "measured", "low", "high", "cumulative");
    for (size_t i = 0; i < d->chain.count; i++) {
        const struct phase_row *row = &s->rows[i];
        const struct phase *p = row->phase;
        put_step(row, follows(s->rows, i), step, sizeof step);
        tsv_row(to, "tdddddd", step, p->low > 0 ? p->low : NAN, p->low > 0 ? p->high : NAN,
                known(&row->gain, row->gain.median), known(&row->gain, row->gain.low),
                known(&row->gain, row->gain.high), known(&row->cumulative, row->cumulative.median));
        measured += row->cumulative.n > 0;
    }
    snprintf(title, sizeof title, "Steps of %s: %s", d->chain.name, s->dataset);
    return figure_end(d, to, measured, title, "no step has a time");
}

int figures_add_steps(struct document *d)
{
    int rc = 0;
    for (size_t i = 0; i < d->step_inputs && rc == 0; i++)
        rc = add_figure(d, &d->steps[i]);
    return rc ? rc
              : figures_add_none(d, "waterfall", "What each step promised and gave",
                                 "none of these runs holds promised steps beside measured ones; `dbnbench phases` "
                                 "takes one");
}
