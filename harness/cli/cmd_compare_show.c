/* A comparison as text, Markdown and JSON. Texts have the same cells and say the same of them. */
#include "cmd_compare.h"

#include "../view/cases.h"
#include "../text/safe.h"
#include "cmd_stored.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 320, COLUMNS = 10, LEFT = 3 };
static const char *const titles[COLUMNS] = {"dataset", "backend", "sink", "A Mrec/s",  "B Mrec/s",
                                            "B/A",     "low",     "high", "seen from", "B is"};

static const struct sample *sample_of(const struct compare_case *c)
{
    return c->a ? c->a->sample : c->b->sample;
}

static void put_backend(const struct compare_case *c, char *cell)
{
    const struct sample *s = sample_of(c);
    char block[24], with_block[48] = "", threads[48] = "";
    case_block(s->key.block, block, sizeof block);
    if (s->key.block > 0)
        snprintf(with_block, sizeof with_block, " %s", block);
    if (s->key.threads > 1)
        snprintf(threads, sizeof threads, " x%" PRIu64, s->key.threads);
    snprintf(cell, CELL, "%s%s%s%s", s->key.backend, with_block, threads, s->key.cold ? " cold" : "");
}

static void put_rate(const struct report_row *row, char *cell)
{
    if (row->ns.n > 0 && row->sample->records > 0)
        table_number((double)row->sample->records * 1e3 / row->ns.median, cell, CELL);
}

static void put_cells(const struct compare_case *c, char cell[COLUMNS][CELL])
{
    for (size_t i = 0; i < COLUMNS; i++)
        snprintf(cell[i], CELL, "n/a");
    snprintf(cell[0], CELL, "%s%s", sample_of(c)->key.dataset, c->parts_differ ? " *" : "");
    put_backend(c, cell[1]);
    snprintf(cell[2], CELL, "%s", sample_of(c)->key.sink);
    put_rate(c->a, cell[3]);
    put_rate(c->b, cell[4]);
    snprintf(cell[9], CELL, "%s", compare_verdicts[c->verdict]);
    if (c->verdict == COMPARE_FAILED)
        return;
    snprintf(cell[5], CELL, "%.3f", c->ratio);
    snprintf(cell[6], CELL, "%.3f", c->low);
    snprintf(cell[7], CELL, "%.3f", c->high);
    if (c->verdict != COMPARE_TOO_FEW)
        snprintf(cell[8], CELL, "%.1f%%", 100 * c->smallest);
}

static int print_table(const struct compared *c, FILE *to)
{
    struct libscols_table *t = scols_new_table();
    char cell[COLUMNS][CELL];
    int rc = t ? 0 : -ENOMEM;
    for (size_t i = 0; i < COLUMNS && rc == 0; i++)
        if (!scols_table_new_column(t, titles[i], 0, i < LEFT || i == COLUMNS - 1 ? 0 : SCOLS_FL_RIGHT))
            rc = -ENOMEM;
    for (size_t k = 0; k < c->comparison.count && rc == 0; k++) {
        const struct compare_case *of = &c->comparison.cases[k];
        if (!of->a || !of->b)
            continue;
        struct libscols_line *line = scols_table_new_line(t, NULL);
        rc = line ? 0 : -ENOMEM;
        put_cells(of, cell);
        for (size_t i = 0; i < COLUMNS && rc == 0; i++)
            rc = scols_line_set_data(line, i, cell[i]);
    }
    if (rc == 0 && scols_table_get_nlines(t) > 0) {
        scols_table_set_stream(t, to);
        scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
        rc = scols_print_table(t);
    }
    scols_unref_table(t);
    return rc;
}

/* --- what has to be said, each a line --- */

static void print_text(const char *text, FILE *to)
{
    print_plain(to, text, strlen(text));
}

/* How texts are put into the document: as they are for a terminal, or as Markdown. */
struct style {
    const char *bullet;
    void (*text)(FILE *to, const char *text);
};

static void plain(FILE *to, const char *text)
{
    print_text(text, to);
}

static void print_run(const struct stored_run *run, const char *name, const struct style *style, FILE *to)
{
    char when[40];
    stored_time(&run->results, when, sizeof when);
    fprintf(to, "%s%s: ", style->bullet, name);
    style->text(to, run->name);
    fprintf(to, ", run ");
    style->text(to, run_id(&run->results));
    fprintf(to, ", taken %s; the machine was %s%s", when,
            run->report.noise.quiet ? "quiet" : "noisy: ", run->report.noise.why);
    fputc('\n', to);
}

static void print_value(const json_t *value, const struct style *style, FILE *to)
{
    char *text = json_is_string(value) || !value ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *shown = json_is_string(value) ? json_string_value(value) : text;
    style->text(to, json_is_null(value) || !shown ? "n/a" : shown);
    free(text);
}

static void print_differences(const struct compared *c, const struct style *style, FILE *to)
{
    size_t i;
    json_t *one;
    json_array_foreach(c->differences, i, one)
    {
        const char *field = json_string_value(json_object_get(one, "field"));
        fprintf(to, "%swarning: %s differs: ", style->bullet,
                strncmp(field, "machine", 7) == 0 ? "the machine" : "the program");
        style->text(to, field);
        fputs(": ", to);
        print_value(json_object_get(one, "a"), style, to);
        fputs(" | ", to);
        print_value(json_object_get(one, "b"), style, to);
        fputc('\n', to);
    }
}

static void print_name(const struct compare_case *of, const struct style *style, FILE *to)
{
    char cell[CELL];
    style->text(to, sample_of(of)->key.dataset);
    fputc(' ', to);
    put_backend(of, cell);
    style->text(to, cell);
    fputc(' ', to);
    style->text(to, sample_of(of)->key.sink);
}

static void print_error(const struct report_row *row, const char *run, const struct style *style, FILE *to)
{
    if (row->sample->outcome == SAMPLE_OK)
        return;
    fprintf(to, ": %s in %s: ", sample_outcomes[row->sample->outcome], run);
    style->text(to, row->sample->error);
}

static void print_exceptions(const struct compared *c, const struct style *style, FILE *to)
{
    for (size_t i = 0; i < c->comparison.count; i++) {
        const struct compare_case *of = &c->comparison.cases[i];
        if (of->a && of->b && of->verdict != COMPARE_FAILED)
            continue;
        fprintf(to, "%s%s", style->bullet, !of->b ? "only in A: " : !of->a ? "only in B: " : "failed: ");
        print_name(of, style, to);
        if (of->a && of->b) {
            print_error(of->a, "A", style, to);
            print_error(of->b, "B", style, to);
        }
        fputc('\n', to);
    }
}

static void print_notes(const struct compared *c, const struct style *style, FILE *to)
{
    const size_t *with = c->comparison.with;
    size_t judged = with[COMPARE_ALIKE] + with[COMPARE_FASTER] + with[COMPARE_SLOWER];
    bool parts = false;
    for (size_t i = 0; i < c->comparison.count; i++)
        parts |= c->comparison.cases[i].parts_differ;
    print_exceptions(c, style, to);
    fprintf(to,
            "%sB is faster in %zu cases, slower in %zu, no difference was seen in %zu; too few samples in %zu (7 of "
            "each run are needed), failed %zu\n",
            style->bullet, with[COMPARE_FASTER], with[COMPARE_SLOWER], with[COMPARE_ALIKE], with[COMPARE_TOO_FEW],
            with[COMPARE_FAILED]);
    fprintf(to,
            "%sB/A: how fast B is in parts of A; low, high: hold that ratio with at least %.0f %%, made of an "
            "interval for each median by order statistics\n",
            style->bullet, 100 * STATS_LEVEL);
    fprintf(to, "%sseen from: a smaller change could not have been seen with these samples\n", style->bullet);
    if (run_kind(&c->b.results) == RUN_PROCESS) {
        struct compare_order o = compare_order(&c->comparison);
        fprintf(to,
                "%sB timed whole processes. Pairs of backends: %zu in the same order in both, %zu in the opposite one, "
                "%zu too close to tell\n",
                style->bullet, o.alike, o.opposite, o.tied);
    }
    if (parts)
        fprintf(to, "%s*: other parts of the file were read, so the ratio is by record\n", style->bullet);
    if (judged >= 20)
        fprintf(to, "%sof %zu cases without any change about %.0f or fewer may look changed by chance\n", style->bullet,
                judged, (double)judged * (1 - STATS_LEVEL));
    fprintf(to,
            "%stwo runs at different times are weaker evidence than one run in which the cases take turns: whatever "
            "else changed on the machine in between is in these ratios\n",
            style->bullet);
}

int compare_print(const struct compared *c, FILE *to)
{
    static const struct style style = {"", plain};
    print_run(&c->a, "A", &style, to);
    print_run(&c->b, "B", &style, to);
    print_differences(c, &style, to);
    fputc('\n', to);
    int rc = print_table(c, to);
    fputc('\n', to);
    if (rc == 0)
        print_notes(c, &style, to);
    return rc;
}

void compare_print_markdown(const struct compared *c, FILE *to)
{
    static const struct style style = {"- ", markdown_text};
    char cell[COLUMNS][CELL];
    fputs("### dbnbench: two runs\n\n", to);
    print_run(&c->a, "A", &style, to);
    print_run(&c->b, "B", &style, to);
    print_differences(c, &style, to);
    fputs("\n|", to);
    for (size_t i = 0; i < COLUMNS; i++)
        fprintf(to, " %s |", titles[i]);
    fputs("\n|", to);
    for (size_t i = 0; i < COLUMNS; i++)
        fputs(i < LEFT || i == COLUMNS - 1 ? " --- |" : " --: |", to);
    fputc('\n', to);
    for (size_t k = 0; k < c->comparison.count; k++) {
        if (!c->comparison.cases[k].a || !c->comparison.cases[k].b)
            continue;
        put_cells(&c->comparison.cases[k], cell);
        fputc('|', to);
        for (size_t i = 0; i < COLUMNS; i++) {
            fputc(' ', to);
            markdown_text(to, cell[i]);
            fputs(" |", to);
        }
        fputc('\n', to);
    }
    fputc('\n', to);
    print_notes(c, &style, to);
}

/* --- JSON --- */

static json_t *case_json(const struct compare_case *c)
{
    const struct sample *s = sample_of(c);
    const char *verdict = !c->b ? "only in A" : !c->a ? "only in B" : compare_verdicts[c->verdict];
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:s}", "dataset", s->key.dataset, "backend", s->key.backend, "sink",
                  s->key.sink, "block", s->key.block ? json_integer((json_int_t)s->key.block) : json_null(), "threads",
                  (json_int_t)s->key.threads, "cache", s->key.cold ? "cold" : "warm", "verdict", verdict);
    if (!c->a || !c->b || c->verdict == COMPARE_FAILED)
        return o;
    json_object_set_new(o, "ratio", json_real(c->ratio));
    json_object_set_new(o, "low", json_real(c->low));
    json_object_set_new(o, "high", json_real(c->high));
    json_object_set_new(o, "level", json_real(c->level));
    json_object_set_new(o, "smallest", c->verdict == COMPARE_TOO_FEW ? json_null() : json_real(c->smallest));
    json_object_set_new(o, "parts_differ", json_boolean(c->parts_differ));
    json_object_set_new(o, "of_limit", json_stats(&c->of_limit, 1));
    return o;
}

static json_t *run_json(const struct stored_run *run)
{
    return json_pack("{s:s, s:s, s:s}", "run", run_id(&run->results), "verdict",
                     run->report.noise.quiet ? "quiet" : "noisy", "why", run->report.noise.why);
}

json_t *compare_json(const struct compared *c)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < c->comparison.count; i++)
        json_array_append_new(cases, case_json(&c->comparison.cases[i]));
    return json_pack("{s:i, s:b, s:o, s:o, s:O, s:o}", "format", 1, "interleaved", 0, "a", run_json(&c->a), "b",
                     run_json(&c->b), "differences", c->differences, "cases", cases);
}
