#include "document.h"

#include "../text/safe.h"

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
    *s = (struct section){kind->title, kind->figure, kind->aside, .answers = table_new("answers", "", NULL)};
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

static const char *fact(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "n/a";
}

void document_markdown(const struct document *d, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    const json_t *machine = json_object_get(run->results->run, "machine"),
                 *build = json_object_get(run->results->run, "build");
    char when[40], where[1024];
    fputs("### dbnbench\n\n", to);
    for (size_t i = 0; i < d->count; i++)
        print_list(d->sections[i].answers, to);
    for (size_t i = 0; i < d->count; i++)
        print_details(&d->sections[i], to);
    fputc('\n', to);
    print_list(d->notes, to);
    shown_time(run->results, when, sizeof when);
    snprintf(where, sizeof where, "%s, %s; dbnbench %s, %s; taken %s, run %s.", fact(machine, "cpu"),
             fact(machine, "kernel"), fact(build, "version"), fact(build, "compiler"), when, run_id(run->results));
    fputc('\n', to);
    markdown_text(to, where);
    fputc('\n', to);
}

/* --- a terminal --- */

void document_text(const struct document *d, size_t width, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    for (size_t i = 0; i < d->count; i++)
        table_print_text(d->sections[i].answers, width, to);
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < d->sections[i].table_count && !d->sections[i].aside; k++) {
            fputc('\n', to);
            table_print_text(d->sections[i].tables[k], width, to);
        }
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

void document_run(const struct results *r, const char *stored, bool json, FILE *to)
{
    struct shown_run run;
    struct shown_runs runs = {.run = &run, .count = 1};
    struct document d = {0};
    shown_run_of(r, &run);
    shown_runs_choose(&runs);
    document_of(&runs, &d);
    if (json) {
        put_json(run_json(&d, stored), JSON_INDENT(1), to);
    } else {
        document_text(&d, table_width(to), to);
        const char *where = strcmp(stored, "-") == 0 ? "standard output" : stored;
        fputs("stored: ", to);
        print_plain(to, where, strlen(where));
        fputc('\n', to);
    }
    document_free(&d);
    shown_run_free(&run);
}
