#include "document.h"

#include "../text/safe.h"
#include "../text/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- sections --- */

static const struct section_kind {
    enum run_kind of; /* RUN_UNKNOWN: of the run that the document is about, whatever that is */
    const char *title, *figure;
    bool aside;
    void (*fill)(const struct shown_run *run, struct section *s); /* NULL: it has pictures alone */
} kinds[] = {
    {RUN_UNKNOWN, "How fast", "speed", true, section_speed},
    {RUN_UNKNOWN, "Decoders of others", NULL, false, section_decoders},
    {RUN_PROFILE, "Where the time goes", "where", false, section_profile},
    {RUN_UNKNOWN, "System calls a record", NULL, true, section_reads},
    {RUN_UNKNOWN, "System calls", NULL, false, section_calls},
    {RUN_SCALE, "How it scales", "scaling", false, section_scaling},
    {RUN_PHASES, "What each step promised and gave", "waterfall", false, section_steps},
    {RUN_UNKNOWN, "Every sample", "samples", true, NULL},
    {RUN_UNKNOWN, "The run before", NULL, true, section_compared},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void add_section(struct document *d, const struct section_kind *kind)
{
    const struct shown_run *run = kind->of ? d->runs->of[kind->of] : d->runs->first;
    struct section *s = &d->sections[d->count];
    if (!run)
        return;
    *s = (struct section){kind->title, kind->figure, .aside = kind->aside, .answers = table_new("answers", "", NULL)};
    s->of_first = kind->of == RUN_UNKNOWN;
    s->example = run_is_example(run->results) && (kind->of || d->count == 0);
    if (s->example)
        table_note(s->answers, "Run %s is " RUN_EXAMPLE ".", run_id(run->results));
    if (kind->fill)
        kind->fill(run, s);
    if (kind->figure || s->table_count > 0)
        d->count++;
    else
        table_free(s->answers);
}

void document_of(const struct shown_runs *runs, struct document *d)
{
    *d = (struct document){.runs = runs};
    for (int others = 0; others < 2; others++) /* that of the kind of run that it is about comes first */
        for (size_t i = 0; i < KINDS; i++)
            if ((kinds[i].of == RUN_UNKNOWN || kinds[i].of != runs->first->kind) == others)
                add_section(d, &kinds[i]);
    d->notes = table_new("notes", "", NULL);
    cases_note(d->notes, runs->first->results, &runs->first->report);
    if (d->sections[0].answers->note_count == 0 && runs->first->report.limit_count == 0)
        table_note(d->sections[0].answers, "Of this run's samples nothing can be said.");
}

void document_free(struct document *d)
{
    for (struct section *s = d->sections; s < d->sections + d->count; s++) {
        for (size_t i = 0; i < s->table_count; i++)
            table_free(s->tables[i]);
        table_free(s->answers);
    }
    if (d->notes)
        table_free(d->notes);
    figures_free(&d->figures);
}

/* --- Markdown --- */

static void print_list(const struct table *t, FILE *to)
{
    for (size_t i = 0; i < t->note_count; i++) {
        fputs("- ", to);
        markdown_text(to, t->notes[i]);
        fputc('\n', to);
    }
}

static void print_details(const struct section *s, FILE *to)
{
    for (size_t i = 0; i < s->table_count; i++) {
        fprintf(to, "\n<details><summary>%s: ", s->title);
        markdown_text(to, s->tables[i]->title);
        fputs("</summary>\n\n", to);
        table_print_markdown(s->tables[i], to);
        fputs("\n</details>\n", to);
    }
}

void document_markdown(const struct document *d, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    const json_t *build = json_object_get(run->results->run, "build");
    const char *version = json_string_value(json_object_get(build, "version"));
    char *head = shown_head(&run->report);
    fputs("### dbnbench\n\n", to);
    markdown_text(to, head);
    fputs(" dbnbench ", to);
    markdown_text(to, version ? version : "n/a");
    fputs(".\n\n", to);
    for (size_t i = 0; i < d->count; i++)
        print_list(d->sections[i].answers, to);
    for (size_t i = 0; i < d->count; i++)
        print_details(&d->sections[i], to);
    fputc('\n', to);
    print_list(d->notes, to);
    free(head);
}

/* --- a terminal --- */

static void print_table(struct table *t, size_t width, FILE *to)
{
    if (t->row_count + t->note_count > 0) {
        fputc('\n', to);
        table_print_text(t, width, to);
    }
}

static void print_tables(const struct document *d, size_t width, FILE *to)
{
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < d->sections[i].table_count && !d->sections[i].aside; k++)
            print_table(d->sections[i].tables[k], width, to);
}

/* In a table where it is about speed. */
static void print_answers(const struct document *d, size_t width, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    struct table *answer = answer_table(&run->report);
    fputc('\n', to);
    for (size_t i = 0; i < d->count; i++)
        if (!d->sections[i].of_first || !shown_is_about_speed(run))
            table_print_text(d->sections[i].answers, width, to);
    if (shown_is_about_speed(run))
        table_print_text(answer, width, to);
    table_free(answer);
}

static void print_head(const struct document *d, size_t width, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    char *head = shown_head(&run->report);
    terminal_prose(head, width, to);
    if (d->runs->count > 1)
        fprintf(to, "It is the youngest of %zu runs%s.\n", d->runs->count,
                shown_is_about_speed(run) ? " that says how fast cases are" : "");
    free(head);
}

void document_text(const struct document *d, size_t width, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    print_head(d, width, to);
    print_answers(d, width, to);
    print_tables(d, width, to);
    cases_print(run->results, &run->report, width, to);
}

/* --- one run --- */

static json_t *run_json(const struct document *d, const char *stored)
{
    json_t *o = cases_json(d->runs->first->results, &d->runs->first->report), *tables = json_object();
    char *path = strdup(stored);
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < d->sections[i].table_count && !d->sections[i].aside; k++)
            json_object_set_new(tables, d->sections[i].tables[k]->key, table_json(d->sections[i].tables[k]));
    json_object_set_new(o, "tables", tables);
    sample_clean_text(path);
    json_object_set_new(o, "stored", json_string(path));
    free(path);
    return o;
}

static void print_ending(const struct document *d, const char *stored, size_t width, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    struct table *counters = cases_counters(&run->report), *failed = table_new("failed", "", NULL);
    char *head = answer_head(&run->report), *line = NULL;
    print_tables(d, width, to);
    print_table(counters, width, to);
    if (run->kind == RUN_LIMITS)
        print_table(d->sections[0].tables[0], width, to);
    terminal_prose(head, width, to);
    if (asprintf(&line, "stored: %s", strcmp(stored, "-") == 0 ? "standard output" : stored) >= 0)
        terminal_prose(line, SIZE_MAX, to);
    print_answers(d, width, to);
    cases_note_failed(failed, run->results, &run->report);
    table_print_text(failed, width, to);
    table_free(failed);
    table_free(counters);
    free(head);
    free(line);
}

void document_run(const struct results *r, const char *stored, bool json, FILE *to)
{
    struct shown_run run;
    struct shown_runs runs = {.run = &run, .count = 1};
    struct document d = {0};
    shown_run_of(r, &run);
    shown_runs_choose(&runs);
    document_of(&runs, &d);
    if (json)
        put_json(run_json(&d, stored), JSON_INDENT(1), to);
    else
        print_ending(&d, stored, terminal_width(to), to);
    document_free(&d);
    shown_run_free(&run);
}
