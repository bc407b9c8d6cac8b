/* A second table, of what was counted beside time: by cycle, record and byte. It is there only if something
 * was to be counted. Columns that do not fit side by side go into another one below. */
#include "cases.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = COUNTER_NAME + 16, NAMES = 5, COLUMNS = NAMES + COUNTERS_MAX + 3 };
#define CALLGRIND "instructions/rec (callgrind)"
static const char *const names[NAMES] = {"dataset", "backend", "sink", "block", "threads"};

struct grid {
    size_t columns, rows;
    char title[COLUMNS][CELL];
    size_t width[COLUMNS]; /* 0: not shown */
    char (*cell)[COLUMNS][CELL];
};

/* The column with that title, "/record" shortened to "/rec". COLUMNS: there are too many. */
static size_t column(struct grid *g, const char *title)
{
    size_t c = NAMES;
    size_t n = strlen(title), cut = n > 7 && strcmp(title + n - 7, "/record") == 0 ? 3 : 0;
    char text[CELL];
    snprintf(text, sizeof text, "%.*s", (int)(n - cut), title);
    while (c < g->columns && strcmp(g->title[c], text) != 0)
        c++;
    if (c == g->columns && c < COLUMNS)
        strcpy(g->title[g->columns++], text);
    return c;
}

static void put(struct grid *g, size_t c, size_t row, double value, bool scaled)
{
    if (c < COLUMNS && isfinite(value))
        snprintf(g->cell[row][c], CELL, "%s%.*f", scaled ? "~" : "",
                 value >= 100     ? 0
                 : value >= 10    ? 1
                 : value >= 0.1   ? 2
                 : value >= 0.001 ? 4
                                  : 7,
                 value);
}

static bool is_cycles(const char *name)
{
    return strncmp(name, "cycles", 6) == 0 && (name[6] == ':' || name[6] == '/') && strstr(name, "/record");
}

/* The columns and their order are those of the first row that has them. */
static void put_row(struct grid *g, const struct report *s, const struct report_row *row)
{
    struct report_ratio ratios[COUNTERS_MAX + 1];
    size_t n = report_counters(s, row, ratios), at = g->rows++;
    const struct sample *of = row->sample;
    snprintf(g->cell[at][0], CELL, "%s", of->key.dataset);
    snprintf(g->cell[at][1], CELL, "%s", of->key.backend);
    snprintf(g->cell[at][2], CELL, "%s", of->key.sink);
    case_block(of->key.block, g->cell[at][3], CELL);
    snprintf(g->cell[at][4], CELL, "%" PRIu64, of->key.threads);
    if (!isnan(row->instructions))
        put(g, column(g, CALLGRIND), at, row->instructions, false);
    for (size_t i = 0; i < n; i++) {
        bool scaled = ratios[i].ran_ppm < 1000000;
        put(g, column(g, ratios[i].name), at, ratios[i].value, scaled);
        if (is_cycles(ratios[i].name) && of->bytes > 0)
            put(g, column(g, "cycles/byte"), at, ratios[i].value * (double)of->records / (double)of->bytes, scaled);
    }
}

/* What was asked for and cannot be had is a column as well. */
static void add_missing(struct grid *g, const struct results *r)
{
    const char *name;
    json_t *fact;
    if (r->instruction_count > 0)
        column(g, CALLGRIND);
    json_object_foreach(json_object_get(r->run, "counters"), name, fact)
    {
        char title[CELL];
        snprintf(title, sizeof title, "%.*s/record", COUNTER_NAME, name);
        column(g, title);
    }
}

static void set_widths(struct grid *g, const struct report *s)
{
    bool one_thread = true;
    for (size_t i = 0; i < s->count; i++)
        one_thread &= s->rows[i].sample->key.threads == 1;
    for (size_t c = 0; c < g->columns; c++) {
        g->width[c] = strlen(g->title[c]);
        for (size_t i = 0; i < g->rows; i++) {
            char *cell = g->cell[i][c];
            if (!*cell)
                snprintf(cell, CELL, "n/a");
            g->width[c] = strlen(cell) > g->width[c] ? strlen(cell) : g->width[c];
        }
    }
    if (one_thread)
        g->width[4] = 0;
    if (!s->blocks_differ)
        g->width[3] = 0;
}

/* Names, and the columns from `first` to before `end`. */
static int print_part(const struct grid *g, size_t first, size_t end, FILE *to)
{
    struct libscols_table *t = scols_new_table();
    int rc = t ? 0 : -ENOMEM;
    for (size_t c = 0; c < end && rc == 0; c++)
        if (g->width[c] && (c < NAMES || c >= first) &&
            !scols_table_new_column(t, g->title[c], 0, c < 3 ? 0 : SCOLS_FL_RIGHT))
            rc = -ENOMEM;
    for (size_t i = 0; i < g->rows && rc == 0; i++) {
        struct libscols_line *line = scols_table_new_line(t, NULL);
        rc = line ? 0 : -ENOMEM;
        for (size_t c = 0, n = 0; c < end && rc == 0; c++)
            if (g->width[c] && (c < NAMES || c >= first))
                rc = scols_line_set_data(line, n++, g->cell[i][c]);
    }
    if (rc == 0) {
        scols_table_set_stream(t, to);
        scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER);
        fputc('\n', to);
        rc = scols_print_table(t);
    }
    scols_unref_table(t);
    return rc;
}

int cases_print_counters(const struct results *r, const struct report *s, size_t width, FILE *to)
{
    struct grid g = {.columns = NAMES, .cell = calloc(s->count + 1, sizeof *g.cell)};
    int rc = g.cell ? 0 : -ENOMEM;
    size_t own = 0;
    for (size_t c = 0; c < NAMES; c++)
        snprintf(g.title[c], CELL, "%s", names[c]);
    for (size_t i = 0; i < s->count && rc == 0; i++)
        if (s->rows[i].ns.n > 0)
            put_row(&g, s, &s->rows[i]);
    add_missing(&g, r);
    set_widths(&g, s);
    for (size_t c = 0; c < NAMES; c++)
        own += g.width[c] ? g.width[c] + 1 : 0;
    for (size_t first = NAMES, end; first < g.columns && g.rows > 0 && rc == 0; first = end) {
        size_t used = own + g.width[first];
        for (end = first + 1; end < g.columns && used + 1 + g.width[end] <= width; end++)
            used += 1 + g.width[end];
        rc = print_part(&g, first, end, to);
    }
    free(g.cell);
    return rc;
}
