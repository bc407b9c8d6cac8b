#include "expect_print.h"

#include "../results/run.h"
#include "../text/safe.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "promise", .meaning = "what was said"},
    {.key = "measured",
     .meaning = "the median, and an interval that holds it with at least 95 %",
     .kind = TABLE_NUMBER},
    {.key = "unit", .meaning = "of the figures"},
    {.key = "low", .title = "from", .meaning = "the least that was promised", .kind = TABLE_NUMBER},
    {.key = "high", .title = "to", .meaning = "the most that was promised", .kind = TABLE_NUMBER},
    {.key = "verdict", .meaning = "below and above: the whole interval is, by more than 5 %"},
    {.key = "of", .meaning = "the case, or the run that is needed", .rank = 1},
    {0},
};

static void put(double value, char text[32])
{
    snprintf(text, 32, fabs(value) >= 1000 ? "%.0f" : fabs(value) >= 1 ? "%.3g" : "%.2g", value);
}

struct table *expect_table(const struct expectations *e, const struct stored_run *runs, size_t count)
{
    struct table *t = table_new("expectations", e->title, columns);
    for (const struct expectation *of = e->of; of < e->of + e->count; of++) {
        struct expect_finding f;
        char median[32], low[32], high[32], text[128];
        expect_find(of, runs, count, &f);
        put(f.value.median, median), put(f.value.low, low), put(f.value.high, high);
        snprintf(text, sizeof text, "%s [%s, %s]", median, low, high);
        table_row(t, "tftddtt", of->says, f.value.n ? text : "n/a", &f.value, 1.0, of->unit, of->low, of->high,
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
    json_t *command = json_object_get(r->run, "command"), *word;
    size_t i;
    fputs("- ", to);
    markdown_text(to, run_id(r));
    fprintf(to, ", %zu samples, on ", r->count);
    markdown_text(to, cpu ? cpu : "an unknown processor");
    fputc(':', to);
    json_array_foreach(command, i, word)
    {
        fputc(' ', to);
        markdown_text(to, json_is_string(word) ? json_string_value(word) : "");
    }
    fputc('\n', to);
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
