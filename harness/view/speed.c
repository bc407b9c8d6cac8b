/* How fast the cases of a run are, and what they take: who is fastest, how near to what the machine allows, and what
 * cannot be told. */
#include "document.h"
#include "ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void say_fastest(const struct report *s, const char *dataset, struct table *to)
{
    struct ranking r;
    ranking_of(s, dataset, ranking_sink(s, dataset), &r);
    ranking_say(&r, to);
    ranking_free(&r);
}

void section_speed(const struct shown_run *run, struct section *to)
{
    const struct report *s = &run->report;
    for (size_t i = 0; i < s->count && shown_is_about_speed(run); i++)
        if (shown_dataset(s, i))
            say_fastest(s, shown_dataset(s, i), to->answers);
    section_add(to, cases_table(s));
    section_add(to, cases_limits(run->results, s));
}

/* --- system calls, counted exactly --- */

static const struct table_column call_columns[] = {
    {.key = TABLE_CASE},
    {.key = "records", .kind = TABLE_COUNT, .meaning = "that were decoded, from the start of the file"},
    {.key = "reads_per_record", .kind = TABLE_NUMBER, .title = "reads/record"},
    {.key = "reads", .kind = TABLE_COUNT, .title = "reads: own", .meaning = "as the backend counted them"},
    {.key = "kernel_reads", .kind = TABLE_COUNT, .title = "kernel", .meaning = "as ptrace has it"},
    {.key = "proc_reads", .kind = TABLE_COUNT, .title = "/proc/self/io"},
    {.key = "other_calls", .kind = TABLE_COUNT, .title = "other calls"},
    {.key = "minor_faults", .kind = TABLE_COUNT, .rank = 8, .title = "minor faults"},
    {.key = "major_faults", .kind = TABLE_COUNT, .rank = 9, .title = "major faults"},
    {.key = "missing", .rank = 1, .meaning = "why nothing was counted"},
    {0},
};

static const struct table_column named_columns[] = {
    {.key = TABLE_CASE},
    {.key = "call"},
    {.key = "calls", .kind = TABLE_COUNT},
    {.key = "calls_per_record", .kind = TABLE_NUMBER, .title = "calls/record"},
    {0},
};

/* One of the case's samples; NULL: it has none. */
static const struct case_key *key_of(const struct shown_run *run, uint64_t index)
{
    for (size_t i = 0; i < run->report.count; i++)
        if (run->report.rows[i].sample->index == index)
            return &run->report.rows[i].sample->key;
    return NULL;
}

static double per_record(const struct call_count *c, struct reading calls)
{
    return c->records > 0 ? reading_number(&calls) / (double)c->records : NAN;
}

void section_calls(const struct shown_run *run, struct section *to)
{
    struct table *t = table_new("calls", "System calls and page faults of one decode", call_columns),
                 *named = table_new("calls_by_name", "Which calls those were", named_columns);
    for (size_t i = 0; i < run->results->call_count; i++) {
        const struct call_count *c = &run->results->calls[i];
        const struct case_key *key = key_of(run, c->index);
        struct reading others = {c->calls.state, c->calls.value - c->kernel_reads.value};
        if (!key)
            continue;
        table_row(t, "cndrrrrnnt", key, c->records, per_record(c, c->reads), c->reads, c->kernel_reads, c->proc_reads,
                  others, c->minor_faults, c->major_faults, c->why);
        for (size_t k = 0; k < c->names; k++)
            table_row(named, "ctnd", key, c->named[k].name, c->named[k].calls,
                      per_record(c, reading_exactly(c->named[k].calls)));
    }
    const json_t *how = json_object_get(run->results->run, "syscalls");
    const char *by = json_string_value(json_object_get(how, "method")), *method;
    json_t *why;
    if (by)
        table_note(t, "System calls counted by %s.", by);
    json_object_foreach(json_object_get(how, "missing"), method, why)
        table_note(t, "%s cannot be used: %s.", method, json_string_value(why));
    section_add(to, t);
    section_add(to, named);
}

/* --- read calls a record, of each way of reading on each dataset --- */

/* "13.0", "1/1,365": one call for so many records, "none" */
static void put_calls(struct table *t, double calls)
{
    char text[48];
    unsigned long records = calls > 1e-9 ? (unsigned long)lround(1 / calls) : 0;
    if (calls >= 1)
        table_number(calls, text, sizeof text);
    else if (records >= 1000000)
        snprintf(text, sizeof text, "1/%lu,%03lu,%03lu", records / 1000000, records / 1000 % 1000, records % 1000);
    else if (records >= 1000)
        snprintf(text, sizeof text, "1/%lu,%03lu", records / 1000, records % 1000);
    else
        snprintf(text, sizeof text, records ? "1/%lu" : "none", records);
    table_put(t, "w", calls, isfinite(calls) ? text : NULL);
}

/* The row of this dataset with a time, whose case is shown so, or NULL. */
static const struct report_row *row_named(const struct report *s, const char *dataset, const char *name)
{
    const char *sink = ranking_sink(s, dataset);
    char other[96];
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        shown_case(s, row, other, sizeof other);
        if (shown_has_rate(row) && strcmp(row->sample->key.dataset, dataset) == 0 &&
            strcmp(row->sample->key.sink, sink) == 0 && strcmp(other, name) == 0)
            return row;
    }
    return NULL;
}

static bool has_row(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->row_count; i++)
        if (strcmp(table_cell(t, i, 0)->text, name) == 0)
            return true;
    return false;
}

/* Who makes most and who makes fewest, on the first dataset: its title. */
static void say_calls(struct table *t)
{
    size_t most = t->row_count, fewest = most;
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_cell *cell = table_cell(t, i, 1);
        if (cell->type != CELL_NUMBER)
            continue;
        most = most == t->row_count || cell->number > table_cell(t, most, 1)->number ? i : most;
        fewest = fewest == t->row_count || cell->number < table_cell(t, fewest, 1)->number ? i : fewest;
    }
    if (most == fewest)
        return;
    free(t->title);
    if (asprintf(&t->title, "Read calls a record of %s: %s makes most, %s, and %s fewest, %s.", t->columns[1].key,
                 table_cell(t, most, 0)->text, table_cell(t, most, 1)->text, table_cell(t, fewest, 0)->text,
                 table_cell(t, fewest, 1)->text) < 0)
        t->title = strdup("");
}

void section_reads(const struct shown_run *run, struct section *to)
{
    const struct report *s = &run->report;
    struct table *t = table_new("reads", "Read calls a record", (const struct table_column[]){{.key = "backend"}, {0}});
    char name[96];
    for (size_t i = 0; i < s->count && shown_is_about_speed(run); i++)
        if (shown_dataset(s, i))
            table_add_column(t, &(struct table_column){.key = shown_dataset(s, i), .kind = TABLE_NUMBER});
    for (size_t i = 0; i < s->count && t->column_count > 1; i++) {
        shown_case(s, &s->rows[i], name, sizeof name);
        if (has_row(t, name) || !row_named(s, s->rows[i].sample->key.dataset, name))
            continue;
        table_put(t, "t", name);
        for (size_t c = 1; c < t->column_count; c++) {
            const struct report_row *row = row_named(s, t->columns[c].key, name);
            put_calls(t, row ? reading_number(&row->reads) / (double)row->sample->records : NAN);
        }
    }
    say_calls(t);
    if (t->row_count > 0)
        table_note(t, "Read calls, counted, not estimated. 1/1,000: one call for 1,000 records.");
    section_add(to, t);
}
