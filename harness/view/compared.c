#include "compared.h"

#include "../results/run.h"
#include "../text/safe.h"
#include "document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- two runs --- */

static const struct table_column pair_columns[] = {
    {.key = TABLE_CASE},
    {.key = "a_rate", .title = "A Mrec/s", .kind = TABLE_NUMBER, .scale = 1e-6, .rank = 3},
    {.key = "b_rate", .title = "B Mrec/s", .kind = TABLE_NUMBER, .scale = 1e-6, .rank = 2},
    {.key = "ratio", .title = "B/A", .kind = TABLE_INTERVAL, .meaning = "how fast B is as a ratio to A"},
    {.key = "smallest", .title = "detectable %", .kind = TABLE_NUMBER, .scale = 100, .rank = 4},
    {.key = "parts_differ", .title = "parts differ", .meaning = "other parts of the file were read"},
    {.key = "verdict", .title = "B is", .verdict = true},
    {0},
};

static double rate(const struct report_row *row)
{
    return row && shown_has_rate(row) ? 1e6 * shown_rate(row).median : NAN;
}

static void add_case(struct table *t, const struct compare_case *c)
{
    bool known = c->ratio.n > 0;
    table_row(t, "cddsdbt", &(c->a ? c->a : c->b)->sample->key, rate(c->a), rate(c->b), &c->ratio, 1.0,
              known && c->ratio.confident ? c->smallest : NAN, known && c->a->sample->prefix != c->b->sample->prefix,
              !c->b   ? "only in A"
              : !c->a ? "only in B"
                      : compare_verdicts[c->verdict]);
}

static void note_run(struct table *t, const struct stored_run *run, const char *name)
{
    const struct noise *noise = &run->report.noise;
    char *head = shown_head(&run->report);
    table_note(t, "%s: %s: %s The machine was %s%s.", name, run->name, head,
               noise->quiet ? "quiet" : "noisy: ", noise->why);
    free(head);
}

static void note_differences(struct table *t, const json_t *differences)
{
    size_t i;
    json_t *one;
    json_array_foreach(differences, i, one)
    {
        const char *field = json_string_value(json_object_get(one, "field"));
        char *a = json_dumps(json_object_get(one, "a"), JSON_ENCODE_ANY | JSON_COMPACT),
             *b = json_dumps(json_object_get(one, "b"), JSON_ENCODE_ANY | JSON_COMPACT);
        table_note(t, "warning: the %s differs: %s: %s | %s", strncmp(field, "machine", 7) ? "program" : "machine",
                   field, a ? a : "n/a", b ? b : "n/a");
        free(a);
        free(b);
    }
}

static void note_failure(struct table *t, const struct report_row *row, const char *run)
{
    char name[CASE_NAME];
    if (!row || row->sample->outcome == SAMPLE_OK)
        return;
    case_name(&row->sample->key, name);
    table_note(t, "%s: %s in %s: %s", name, sample_outcomes[row->sample->outcome], run, row->sample->error);
}

static void note_all(struct table *t, const struct pair *p)
{
    const size_t *with = p->comparison->with;
    size_t judged = with[COMPARE_ALIKE] + with[COMPARE_FASTER] + with[COMPARE_SLOWER];
    note_run(t, p->a, "A");
    note_run(t, p->b, "B");
    t->head_count = t->note_count;
    note_differences(t, p->comparison->differences);
    for (const struct compare_case *c = p->comparison->cases; c < p->comparison->cases + p->comparison->count; c++) {
        note_failure(t, c->a, "A");
        note_failure(t, c->b, "B");
    }
    table_note(t,
               "Cases: B is faster in %zu, slower in %zu, no difference was seen in %zu; too few samples in %zu (%d of "
               "each run are needed), failed %zu",
               with[COMPARE_FASTER], with[COMPARE_SLOWER], with[COMPARE_ALIKE], with[COMPARE_TOO_FEW], COMPARE_SAMPLES,
               with[COMPARE_FAILED]);
    table_note(t,
               "B/A: how fast B is as a ratio to A, by record where other parts of the file were read; its interval "
               "holds it with at least %.0f %%, made of one for each median. detectable: a smaller change could not "
               "have been seen with these samples",
               100 * STATS_LEVEL);
    if (run_kind(&p->b->results) == RUN_PROCESS) {
        struct compare_order o = compare_order(p->comparison);
        table_note(t,
                   "B timed whole processes. Pairs of backends: %zu in the same order in both, %zu in the opposite "
                   "one, %zu too close to tell",
                   o.alike, o.opposite, o.tied);
    }
    if (judged >= 20)
        table_note(t, "of %zu cases without any change %.0f may look changed by chance", judged,
                   (double)judged * (1 - STATS_LEVEL));
    table_note(t,
               "two runs at different times are weaker evidence than one run in which the cases take turns: whatever "
               "else changed on the machine in between is in these ratios");
}

struct table *pair_table(const struct pair *p)
{
    struct table *t = table_new("cases", "", pair_columns);
    for (size_t i = 0; i < p->comparison->count; i++)
        add_case(t, &p->comparison->cases[i]);
    note_all(t, p);
    return t;
}

void section_compared(const struct shown_run *run, struct section *to)
{
    if (!run->before)
        return;
    struct stored_run a = {run_id(run->before->results), *run->before->results, run->before->report},
                      b = {run_id(run->results), *run->results, run->report};
    struct comparison c;
    compare_reports(&a.report, &b.report, &c);
    struct table *t = pair_table(&(struct pair){&a, &b, &c});
    t->key = "compared";
    table_note(
        to->answers,
        "This run, B, is faster than the one before, A, in %zu cases, and slower in %zu. In %zu no difference was "
        "seen.",
        c.with[COMPARE_FASTER], c.with[COMPARE_SLOWER], c.with[COMPARE_ALIKE]);
    section_add(to, t);
    compare_free(&c);
}

static json_t *run_json(const struct stored_run *run)
{
    const struct noise *noise = &run->report.noise;
    return json_pack("{s:s, s:s, s:s}", "run", run_id(&run->results), "verdict", noise->quiet ? "quiet" : "noisy",
                     "why", noise->why);
}

json_t *pair_json(const struct pair *p)
{
    struct table *t = pair_table(p);
    json_t *cases = table_json(t);
    table_free(t);
    return json_pack("{s:i, s:b, s:o, s:o, s:O, s:o}", "format", 1, "interleaved", 0, "a", run_json(p->a), "b",
                     run_json(p->b), "differences", p->comparison->differences, "cases", cases);
}

/* --- expectations --- */

static const struct table_column expect_columns[] = {
    {.key = "promise", .meaning = "what was said"},
    {.key = "measured", .kind = TABLE_INTERVAL, .meaning = "the median, and an interval that holds it"},
    {.key = "unit", .meaning = "of the figures"},
    {.key = "low", .title = "from", .meaning = "the least that was promised", .kind = TABLE_NUMBER},
    {.key = "high", .title = "to", .meaning = "the most that was promised", .kind = TABLE_NUMBER},
    {.key = "verdict", .verdict = true, .meaning = "below and above: the whole interval is, by more than 5 %"},
    {.key = "of", .meaning = "the case, or the run that is needed", .rank = 1},
    {0},
};

struct table *expect_table(const struct expectations *e, const struct stored_run *runs, size_t count)
{
    struct table *t = table_new("expectations", e->title, expect_columns);
    for (const struct expectation *of = e->of; of < e->of + e->count; of++) {
        struct expect_finding f;
        expect_find(of, runs, count, &f);
        table_row(t, "tstddtt", of->says, &f.value, 1.0, of->unit, of->low, of->high,
                  expect_verdicts[expect_judge(&f.value, of->low, of->high)], f.what);
    }
    return t;
}

static void print_lines(const json_t *lines, FILE *to)
{
    size_t i;
    json_t *line;
    json_array_foreach((json_t *)lines, i, line)
    {
        fprintf(to, "%s\n", json_is_string(line) ? json_string_value(line) : "");
    }
    fputc('\n', to);
}

static void print_run(const struct results *r, FILE *to)
{
    const char *cpu = json_string_value(json_object_get(json_object_get(r->run, "machine"), "cpu"));
    char *command = shown_command(r);
    fputs("- ", to);
    markdown_text(to, run_id(r));
    fprintf(to, ", %zu samples, on ", r->count);
    markdown_text(to, cpu ? cpu : "an unknown processor");
    fputs(": ", to);
    markdown_text(to, command);
    fputc('\n', to);
    free(command);
}

void expect_print_markdown(const struct expectations *e, const struct stored_run *runs, size_t count, FILE *to)
{
    struct table *t = expect_table(e, runs, count);
    fputs("# ", to);
    markdown_text(to, e->title);
    fputs("\n\n", to);
    print_lines(e->about, to);
    table_print_markdown(t, to);
    fputc('\n', to);
    print_lines(e->notes, to);
    fputs("## The runs\n\n", to);
    for (size_t i = 0; i < count; i++)
        print_run(&runs[i].results, to);
    table_free(t);
}
