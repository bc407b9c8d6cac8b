/* Decoders of others beside ours: what each takes as a ratio to the one that takes least; why some have no number. */
#include "document.h"

#include "../results/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "decoder"},
    {.key = "cpu_ratio", .title = "x CPU", .kind = TABLE_INTERVAL, .meaning = "CPU time as a ratio to the least"},
    {.key = "wall_ratio", .title = "x time", .kind = TABLE_INTERVAL, .rank = 4, .meaning = "time, to that of the same"},
    {.key = "cpu_ns", .title = "CPU ns/rec", .kind = TABLE_INTERVAL, .rank = 3},
    {.key = "record_ns", .title = "ns/rec", .kind = TABLE_INTERVAL, .rank = 2},
    {.key = "reads_per_record", .title = "reads/rec", .kind = TABLE_NUMBER, .rank = 5},
    {.key = "empty_us",
     .title = "asking us",
     .kind = TABLE_NUMBER,
     .rank = 6,
     .meaning = "that a sample takes to ask and answer, which is part of its time"},
    {.key = "does", .rank = 1, .meaning = "reads records in place, copies or allocates them"},
    {0},
};

/* The rows of one table, in its order. */
struct rows {
    const struct report *report;
    struct row {
        const struct report_row *row;
        bool foreign;
        struct run_decoder of;  /* if it is */
        struct stats cpu, time; /* ns a record */
        struct stats ratio;     /* CPU time, to the least */
    } * all;
    size_t count, foreign;
    const struct report_row *best; /* takes the least CPU time; NULL: nobody knows */
};

static double record_cpu_ns(const struct sample *s)
{
    return reading_number(&s->cpu_ns) / (double)s->iterations / (double)s->records;
}

static double empty_us(const struct sample *s)
{
    return reading_number(&s->empty_ns) / 1e3;
}

static double cpu_ratio(const struct sample *a, const struct sample *b)
{
    return record_cpu_ns(a) / record_cpu_ns(b);
}

static double time_ratio(const struct sample *a, const struct sample *b)
{
    return report_record_ns(a) / report_record_ns(b);
}

/* Those without CPU time are behind those with it, and those without any time last, as the run has them. */
static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = (x->ratio.n == 0) - (y->ratio.n == 0);
    order = order ? order : (x->time.n == 0) - (y->time.n == 0);
    order = order ? order : (x->ratio.median > y->ratio.median) - (x->ratio.median < y->ratio.median);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void find_rows(const struct report *s, const char *dataset, const char *sink, struct rows *rows)
{
    double least = INFINITY;
    *rows = (struct rows){.report = s, .all = calloc(s->count + 1, sizeof *rows->all)};
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct case_key *key = &row->sample->key;
        struct row *r = &rows->all[rows->count];
        if (strcmp(key->dataset, dataset) != 0 || strcmp(key->sink, sink) != 0)
            continue;
        *r = (struct row){.row = row};
        r->foreign = run_decoder(s->results, key, &r->of);
        r->cpu = report_over(s, row, record_cpu_ns);
        r->time = report_over(s, row, report_record_ns);
        rows->foreign += r->foreign;
        rows->count++;
        if (r->cpu.n > 0 && r->cpu.median < least) {
            least = r->cpu.median;
            rows->best = row;
        }
    }
    for (struct row *r = rows->all; r < rows->all + rows->count; r++)
        r->ratio = report_by_round(s, r->row, rows->best, cpu_ratio);
    qsort(rows->all, rows->count, sizeof *rows->all, by_time);
}

/* Is there no row before with this dataset and sink? */
static bool is_first(const struct report *s, size_t i)
{
    const struct case_key *key = &s->rows[i].sample->key;
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->rows[k].sample->key.dataset, key->dataset) == 0 &&
            strcmp(s->rows[k].sample->key.sink, key->sink) == 0)
            return false;
    return true;
}

/* Those of the next dataset and sink, from row *i on, that a decoder of others was measured with; to be freed. */
static bool next_rows(const struct report *s, size_t *i, struct rows *rows)
{
    while (*i < s->count) {
        const struct case_key *key = &s->rows[*i].sample->key;
        if (!is_first(s, (*i)++))
            continue;
        find_rows(s, key->dataset, key->sink, rows);
        if (rows->foreign > 0)
            return true;
        free(rows->all);
    }
    return false;
}

/* --- the table --- */

static void add_row(struct table *t, const struct rows *rows, const struct row *r)
{
    const struct report *s = rows->report;
    struct stats time = report_by_round(s, r->row, rows->best, time_ratio), empty = report_over(s, r->row, empty_us);
    double reads = reading_number(&r->row->reads) / (double)r->row->sample->records;
    char name[96];
    shown_case(s, r->row, name, sizeof name);
    table_row(t, "tssmmddt", name, &r->ratio, 1.0, &time, 1.0, &r->cpu, 1.0, &r->time, 1.0, reads,
              empty.n > 0 ? empty.median : (double)NAN, r->foreign ? r->of.does : "in place");
}

/* Adds the text behind those before it. */
static void list(char **to, const char *text)
{
    char *longer;
    if (asprintf(&longer, "%s%s%s", *to ? *to : "", *to ? ", " : "", text) >= 0) {
        free(*to);
        *to = longer;
    }
}

/* Their reasons are among the notes of the run. */
static void note_failed(struct table *t, const struct rows *rows)
{
    char *names = NULL, name[96];
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->all[i].time.n > 0)
            continue;
        shown_case(rows->report, rows->all[i].row, name, sizeof name);
        list(&names, name);
    }
    if (names)
        table_note(t, "no number, for the reasons below: %s", names);
    free(names);
}

/* Each version once, behind the names of those that are of it. */
static void note_versions(struct table *t, const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *version = rows->all[i].of.version;
        char *names = NULL, name[96];
        bool first = version != NULL;
        for (size_t k = 0; k < rows->count && first; k++) {
            const char *other = rows->all[k].of.version;
            if (!other || strcmp(other, version) != 0)
                continue;
            first = k >= i;
            shown_case(rows->report, rows->all[k].row, name, sizeof name);
            list(&names, name);
        }
        if (first)
            table_note(t, "%s: %s", names, version);
        free(names);
    }
}

static struct table *decoders_table(const struct rows *rows)
{
    const struct case_key *key = &rows->all[0].row->sample->key;
    struct table *t = table_new("decoders", "", columns);
    free(t->title);
    if (asprintf(&t->title, "Decoders on %s, sink %s: as a ratio to what takes least CPU time", key->dataset,
                 key->sink) < 0)
        t->title = strdup("");
    for (size_t i = 0; i < rows->count && rows->all[i].time.n > 0; i++)
        add_row(t, rows, &rows->all[i]);
    note_failed(t, rows);
    note_versions(t, rows);
    return t;
}

/* --- sentences --- */

static void say_least(const struct rows *rows, struct section *to)
{
    const struct report *s = rows->report;
    const struct row *other = rows->all, *end = other + rows->count;
    char name[96], others[96], ns[96], ratio[96];
    if (!rows->best)
        return;
    while (other < end && !(other->foreign && other->ratio.n > 0))
        other++;
    struct stats cpu = report_over(s, rows->best, record_cpu_ns);
    shown_case(s, rows->best, name, sizeof name);
    table_interval(&cpu, 1, ns, sizeof ns);
    if (other == end || other->row == rows->best) {
        table_note(to->answers, "On %s %s takes the least CPU time: %s ns a record.", rows->best->sample->key.dataset,
                   name, ns);
        return;
    }
    shown_case(s, other->row, others, sizeof others);
    table_interval(&other->ratio, 1, ratio, sizeof ratio);
    table_note(to->answers,
               "On %s %s takes the least CPU time: %s ns a record. Of the decoders of others %s takes least: %s times "
               "as much.",
               rows->best->sample->key.dataset, name, ns, others, ratio);
}

void section_decoders(const struct shown_run *run, struct section *to)
{
    struct rows rows;
    for (size_t i = 0; next_rows(&run->report, &i, &rows); free(rows.all)) {
        say_least(&rows, to);
        section_add(to, decoders_table(&rows));
    }
}

/* --- the picture --- */

void add_decoders(const struct shown_runs *runs, struct figures *to)
{
    struct rows rows;
    for (size_t i = 0; next_rows(&runs->first->report, &i, &rows); free(rows.all)) {
        const struct case_key *key = &rows.all[0].row->sample->key;
        struct table *t = figure_table("nttts", "row", "label", "dataset", "sink", "CPU time (of the least)");
        for (size_t k = 0; k < rows.count; k++) {
            const struct report_row *row = rows.all[k].row;
            char name[96];
            shown_case(rows.report, row, name, sizeof name);
            if (rows.all[k].ratio.n > 0)
                table_row(t, "nttts", (uint64_t)k, name, key->dataset, key->sink, &rows.all[k].ratio, 1.0);
        }
        figures_add(to, t, "Decoders: %s", key->dataset);
    }
}
