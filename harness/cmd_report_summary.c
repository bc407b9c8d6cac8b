/* The short forms of a report: Markdown for a comment, and plain text with bars. */
#include "cmd_report.h"

#include "cmd_stored.h"
#include "escape.h"
#include "html.h"
#include "table.h"

#include <string.h>

/* --- Markdown --- */

static void print_table(const struct document *d, FILE *to)
{
    const struct report *s = &d->run->report;
    for (const struct report_column *c = report_speeds; c->title; c++)
        if (c->brief)
            fprintf(to, "| %s ", c->title);
    fputs("|\n", to);
    for (const struct report_column *c = report_speeds; c->title; c++)
        if (c->brief)
            fputs(c->text ? "| --- " : "| --: ", to);
    fputs("|\n", to);
    for (size_t i = 0; i < s->count; i++) {
        for (const struct report_column *c = report_speeds; c->title; c++) {
            char cell[REPORT_CELL] = "n/a";
            if (!c->brief)
                continue;
            c->put(d, i, cell);
            if (strcmp(c->title, "backend") == 0) /* here it has no columns for the rest */
                answers_case(s, &s->rows[i], cell, sizeof cell);
            fputs("| ", to);
            markdown_text(to, cell);
            fputc(' ', to);
        }
        fputs("|\n", to);
    }
}

static void print_fact(FILE *to, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    markdown_text(to, text ? text : "n/a");
}

static void print_failures(const struct document *d, FILE *to)
{
    const struct report *s = &d->run->report;
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *of = s->rows[i].sample;
        char name[96];
        if (of->outcome == SAMPLE_OK)
            continue;
        answers_case(s, &s->rows[i], name, sizeof name);
        fprintf(to, "- **%s**: ", sample_outcomes[of->outcome]);
        markdown_text(to, of->dataset);
        fputc(' ', to);
        markdown_text(to, name);
        fputc(' ', to);
        markdown_text(to, of->sink);
        fputs(": ", to);
        markdown_text(to, of->error);
        fputc('\n', to);
    }
}

void summary_print(const struct document *d, FILE *to)
{
    const struct report_noise *noise = &d->run->report.noise;
    const json_t *run = d->run->results.run, *machine = json_object_get(run, "machine");
    char when[40];
    fputs("### dbnbench\n\n", to);
    for (size_t i = 0; i < d->answer_count; i++) {
        fputs("- ", to);
        markdown_text(to, d->answers[i]);
        fputc('\n', to);
    }
    print_failures(d, to);
    fprintf(to, "- The machine was **%s**%s", noise->quiet ? "quiet" : "noisy", noise->quiet ? "" : ": ");
    markdown_text(to, noise->why);
    fputs(".\n\n<details><summary>All cases, medians with intervals</summary>\n\n", to);
    print_table(d, to);
    fputs("\n</details>\n\n", to);
    print_fact(to, machine, "cpu");
    fputs(", ", to);
    print_fact(to, machine, "kernel");
    fputs("; dbnbench ", to);
    print_fact(to, json_object_get(run, "build"), "version");
    fputs(", ", to);
    print_fact(to, json_object_get(run, "build"), "compiler");
    stored_time(&d->run->results, when, sizeof when);
    fprintf(to, "; taken %s, run ", when);
    markdown_text(to, stored_id(&d->run->results));
    fputs(".\n", to);
}

/* --- plain text --- */

static void print_text(const char *text, FILE *to)
{
    print_plain(to, text, strlen(text));
}

/* In parts of the best of the dataset. */
static void print_bar(const struct document *d, const struct report_row *row, double best, size_t width, FILE *to)
{
    char name[96], rate[32], low[32], high[32];
    double value = answers_rate(row, row->ns.median);
    answers_case(&d->run->report, row, name, sizeof name);
    table_number(value, rate, sizeof rate);
    table_number(answers_rate(row, row->ns.high), low, sizeof low);
    table_number(answers_rate(row, row->ns.low), high, sizeof high);
    fprintf(to, "  %-20s %8s [%s to %s]\n  ", name, rate, low, high);
    size_t n = (size_t)(value / best * (double)(width - 2) + 0.5);
    for (size_t i = 0; i < n || i == 0; i++)
        fputc(n ? '#' : '|', to);
    fputc('\n', to);
}

static void print_bars(const struct document *d, const char *dataset, size_t width, FILE *to)
{
    const struct report *s = &d->run->report;
    double best = 0;
    fputc('\n', to);
    print_text(dataset, to);
    fputs(", sink ", to);
    print_text(answers_sink(s, dataset), to);
    fputs(", million records a second:\n", to);
    for (int draws = 0; draws < 2; draws++)
        for (size_t i = 0; i < s->count; i++) {
            const struct report_row *row = &s->rows[i];
            if (strcmp(row->sample->dataset, dataset) != 0 || row->ns.n == 0 || row->sample->records == 0 ||
                !answers_compared(s, row))
                continue;
            double value = answers_rate(row, row->ns.median);
            best = value > best ? value : best;
            if (draws)
                print_bar(d, row, best, width, to);
        }
}

void summary_print_plain(const struct document *d, size_t width, FILE *to)
{
    const struct report *s = &d->run->report;
    width = width < 20 ? 20 : width > 200 ? 200 : width;
    for (size_t i = 0; i < d->answer_count; i++) {
        print_text(d->answers[i], to);
        fputc('\n', to);
    }
    for (size_t i = 0; i < s->count; i++)
        if (answers_dataset(s, i))
            print_bars(d, s->rows[i].sample->dataset, width, to);
    table_print_notes(&d->run->results, s, "", to);
}
