/* What was counted exactly: the system calls of cases. */
#include "document.h"

#include <math.h>

static const struct table_column call_columns[] = {
    TABLE_CASE,
    {.key = "records", .kind = TABLE_COUNT, .meaning = "that were decoded, from the start of the file"},
    {.key = "reads_per_record", .kind = TABLE_NUMBER, .title = "reads/record"},
    {.key = "reads", .kind = TABLE_COUNT, .title = "reads: own", .meaning = "as the backend counted them"},
    {.key = "kernel_reads", .kind = TABLE_COUNT, .title = "kernel", .meaning = "as tracepoints, or ptrace, have it"},
    {.key = "proc_reads", .kind = TABLE_COUNT, .title = "/proc/self/io"},
    {.key = "other_calls", .kind = TABLE_COUNT, .title = "other calls"},
    {.key = "minor_faults", .kind = TABLE_COUNT, .rank = 8, .title = "minor faults"},
    {.key = "major_faults", .kind = TABLE_COUNT, .rank = 9, .title = "major faults"},
    {.key = "missing", .rank = 1, .meaning = "why nothing was counted"},
    {0},
};

static const struct table_column named_columns[] = {
    TABLE_CASE,
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

static double per_record(const struct call_count *c, uint64_t calls)
{
    return c->records > 0 ? (double)calls / (double)c->records : NAN;
}

void section_calls(const struct shown_run *run, struct section *to)
{
    struct table *t = table_new("calls", "System calls and page faults of one decode", call_columns),
                 *named = table_new("calls_by_name", "Which calls those were", named_columns);
    for (const struct call_count *c = run->results->calls; c < run->results->calls + run->results->call_count; c++) {
        const struct case_key *key = key_of(run, c->index);
        struct reading others = {c->calls.state, c->calls.value - c->kernel_reads.value};
        if (!key)
            continue;
        table_row(t, "cndnrrrnnt", key, c->records, per_record(c, c->reads), c->reads, c->kernel_reads, c->proc_reads,
                  others, c->minor_faults, c->major_faults, c->why);
        for (size_t i = 0; i < c->names; i++)
            table_row(named, "ctnd", key, c->named[i].name, c->named[i].calls, per_record(c, c->named[i].calls));
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
