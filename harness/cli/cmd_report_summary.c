/* The short form of a report: Markdown for a comment. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "../text/html.h"
#include "cmd_stored.h"

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
        markdown_text(to, of->key.dataset);
        fputc(' ', to);
        markdown_text(to, name);
        fputc(' ', to);
        markdown_text(to, of->key.sink);
        fputs(": ", to);
        markdown_text(to, of->error);
        fputc('\n', to);
    }
}

static void print_other_tables(const struct document *d, FILE *to)
{
    if (d->scaling.rows) {
        fputs("\n<details><summary>How it scales</summary>\n\n", to);
        shown_table_markdown(&d->scaling, to);
        fputs("\n</details>\n", to);
    }
    for (size_t i = 0; i < d->step_inputs; i++) {
        fputs("\n<details><summary>What each step promised and gave: ", to);
        markdown_text(to, d->steps[i].dataset);
        fputs("</summary>\n\n", to);
        shown_table_markdown(&d->steps[i].table, to);
        fputs("\n</details>\n", to);
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
    fputs(".\n", to);
    print_other_tables(d, to);
    fputs("\n<details><summary>All cases, medians with intervals</summary>\n\n", to);
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
    markdown_text(to, run_id(&d->run->results));
    fputs(".\n", to);
}
