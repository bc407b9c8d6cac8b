/* How fast the cases of a run are, and what they take: who is fastest, how near to what the machine allows, and what
 * cannot be told. */
#include "document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "mmap with 192 [133 to 199] M rec/s, 91.3 [72.1 to 98.7] % of its limit here (map_touch)" */
static void print_rate(const struct report *s, const struct report_row *row, FILE *to)
{
    struct stats rates = shown_rate(row);
    char name[96], rate[96], limit[96];
    shown_case(s, row, name, sizeof name);
    table_interval(&rates, 1, rate, sizeof rate);
    table_interval(&row->of_limit, 100, limit, sizeof limit);
    fprintf(to, "%s with %s M rec/s", name, rate);
    if (row->of_limit.n > 0)
        fprintf(to, ", %s %% of its limit here (%s)", limit, row->sample->limit);
}

static bool competes(const struct report_row *row, const char *dataset, const char *sink)
{
    return shown_has_rate(row) && strcmp(row->sample->key.dataset, dataset) == 0 &&
           strcmp(row->sample->key.sink, sink) == 0;
}

static bool is_faster(const struct report_row *row, const struct report_row *than)
{
    return !than || shown_rate(row).median > shown_rate(than).median;
}

/* Those whose intervals overlap with the best one's are not told apart from it, nor are those with too few samples. */
static void say_fastest(const struct report *s, const char *dataset, struct section *to)
{
    const char *sink = shown_sink(s, dataset);
    const struct report_row *best = NULL, *next = NULL, *end = s->rows + s->count;
    size_t alike = 1, rivals = 0, size;
    bool few = false;
    char *text = NULL;
    for (const struct report_row *row = s->rows; row < end; row++)
        if (competes(row, dataset, sink) && is_faster(row, best))
            best = row;
    if (!best) {
        table_note(to->answers, "Of %s nothing has a time with the sink %s.", dataset, sink);
        return;
    }
    FILE *list = open_memstream(&text, &size);
    print_rate(s, best, list);
    for (const struct report_row *row = s->rows; row < end; row++) {
        if (row == best || !competes(row, dataset, sink))
            continue;
        bool confident = row->ns.confident && best->ns.confident;
        rivals++;
        few |= !confident;
        if (!confident || shown_rate(row).high >= shown_rate(best).low) {
            alike++;
            fputs("; ", list);
            print_rate(s, row, list);
        } else if (is_faster(row, next)) {
            next = row;
        }
    }
    if (next) {
        fputs(". Next is ", list);
        print_rate(s, next, list);
    }
    fclose(list);
    table_note(to->answers, "On %s (sink %s) %s %s.", dataset, sink,
               rivals == 0  ? "only one has a time:"
               : alike == 1 ? "the fastest is"
               : few        ? "the fastest cannot be told apart, as some have fewer than 6 samples:"
                            : "the fastest cannot be told apart, as their intervals overlap:",
               text);
    free(text);
}

void section_speed(const struct shown_run *run, struct section *to)
{
    const struct report *s = &run->report;
    for (size_t i = 0; i < s->count && shown_is_about_speed(run); i++)
        if (shown_dataset(s, i))
            say_fastest(s, shown_dataset(s, i), to);
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
