/* Decoders of others beside ours: what each takes as a ratio to the one that takes least; why some have no number. */
#include "document.h"
#include "ranking.h"

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

static double empty_us(const struct sample *s)
{
    return reading_number(&s->empty_ns) / 1e3;
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
static bool next_rows(const struct report *s, size_t *i, struct ranking *rows)
{
    while (*i < s->count) {
        const struct case_key *key = &s->rows[*i].sample->key;
        if (!is_first(s, (*i)++))
            continue;
        ranking_of(s, key->dataset, key->sink, rows);
        if (rows->foreign > 0)
            return true;
        ranking_free(rows);
    }
    return false;
}

/* --- the table --- */

static void add_row(struct table *t, const struct ranking *rows, const struct ranked *r)
{
    const struct report *s = rows->report;
    struct stats ratio = report_by_round(s, r->row, rows->best, report_times_as_long),
                 time = report_over(s, r->row, report_record_ns), empty = report_over(s, r->row, empty_us);
    double reads = reading_number(&r->row->reads) / (double)r->row->sample->records;
    char name[96];
    shown_case(s, r->row, name, sizeof name);
    table_row(t, "tssmmddt", name, &r->ratio, 1.0, &ratio, 1.0, &r->ns, 1.0, &time, 1.0, reads,
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
static void note_failed(struct table *t, const struct ranking *rows)
{
    char *names = NULL, name[96];
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].row->ns.n > 0)
            continue;
        shown_case(rows->report, rows->rows[i].row, name, sizeof name);
        list(&names, name);
    }
    if (names)
        table_note(t, "no number, for the reasons below: %s", names);
    free(names);
}

/* Each version once, behind the names of those that are of it. */
static void note_versions(struct table *t, const struct ranking *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *version = rows->rows[i].of.version;
        char *names = NULL, name[96];
        bool first = version != NULL;
        for (size_t k = 0; k < rows->count && first; k++) {
            const char *other = rows->rows[k].of.version;
            if (!other || strcmp(other, version) != 0)
                continue;
            first = k >= i;
            shown_case(rows->report, rows->rows[k].row, name, sizeof name);
            list(&names, name);
        }
        if (first)
            table_note(t, "%s: %s", names, version);
        free(names);
    }
}

static struct table *decoders_table(const struct ranking *rows)
{
    struct table *t = table_new("decoders", "", columns);
    free(t->title);
    if (asprintf(&t->title, "Decoders on %s, sink %s: as a ratio to what takes least CPU time", rows->dataset,
                 rows->sink) < 0)
        t->title = strdup("");
    for (size_t i = 0; i < rows->count && rows->rows[i].row->ns.n > 0; i++) {
        add_row(t, rows, &rows->rows[i]);
        if (i == 0 && ranking_has_winner(rows))
            table_stress(t);
    }
    note_failed(t, rows);
    note_versions(t, rows);
    return t;
}

void section_decoders(const struct shown_run *run, struct section *to)
{
    struct ranking rows;
    for (size_t i = 0; next_rows(&run->report, &i, &rows); ranking_free(&rows))
        section_add(to, decoders_table(&rows));
}
