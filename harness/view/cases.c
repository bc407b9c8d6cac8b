/* All cells are made first, as text: then it is known what is wide, and what is empty. */
#include "grid.h"
#include "cases.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = GRID_CELL, NAME_MAX_WIDTH = 32 };

static void put3(char *cell, double value)
{
    table_number(value, cell, CELL);
}

static double record_ns(const struct report_row *row, double decode_ns)
{
    return decode_ns / (double)row->sample->records;
}

/* The end of a long name tells most. */
static void put_dataset(const struct report_row *row, char *cell)
{
    const char *name = row->sample->key.dataset;
    size_t len = strlen(name);
    int n = len > NAME_MAX_WIDTH ? snprintf(cell, CELL, "...%s", name + len - (NAME_MAX_WIDTH - 3))
                                 : snprintf(cell, CELL, "%s", name);
    if (row->sample->prefix && row->sample->outcome == SAMPLE_OK)
        snprintf(cell + n, CELL - (size_t)n, "[:%" PRIu64 "]", row->sample->prefix);
}

static void put_backend(const struct report_row *row, char *cell)
{
    snprintf(cell, CELL, "%s", row->sample->key.backend);
}

static void put_sink(const struct report_row *row, char *cell)
{
    snprintf(cell, CELL, "%s", row->sample->key.sink);
}

static void put_block(const struct report_row *row, char *cell)
{
    case_block(row->sample->key.block, cell, CELL);
}

static void put_threads(const struct report_row *row, char *cell)
{
    snprintf(cell, CELL, "%" PRIu64, row->sample->key.threads);
}

/* From here on cells stay as they are, "n/a", if there is nothing to put in. */

static void put_rate(const struct report_row *row, char *cell)
{
    if (row->sample->outcome != SAMPLE_OK)
        snprintf(cell, CELL, "%s", sample_outcomes[row->sample->outcome]);
    else if (row->sample->records > 0)
        put3(cell, 1e3 / record_ns(row, row->ns.median));
}

static void put_bytes(const struct report_row *row, char *cell)
{
    if (row->ns.n > 0)
        put3(cell, (double)row->sample->bytes / row->ns.median);
}

static void put_ns(const struct report_row *row, char *cell)
{
    if (row->ns.n > 0 && row->sample->records > 0)
        put3(cell, record_ns(row, row->ns.median));
}

static void put_spread(const struct report_row *row, char *cell)
{
    char low[CELL], high[CELL];
    if (row->ns.n == 0 || row->sample->records == 0)
        return;
    if (row->ns.confident) {
        snprintf(cell, CELL, "%.1f%%", 100 * report_spread(&row->ns));
        return;
    }
    put3(low, record_ns(row, row->ns.low));
    put3(high, record_ns(row, row->ns.high));
    snprintf(cell, CELL, "%.20s..%.20s", low, high);
}

static void put_of_limit(const struct report_row *row, char *cell)
{
    if (row->of_limit.n > 0)
        put3(cell, 100 * row->of_limit.median);
}

static void put_of_none(const struct report_row *row, char *cell)
{
    if (row->of_none.n > 0)
        put3(cell, 100 * row->of_none.median);
}

static void put_of_touch(const struct report_row *row, char *cell)
{
    if (row->of_touch.n > 0)
        put3(cell, 100 * row->of_touch.median);
}

static void put_of_baseline(const struct report_row *row, char *cell)
{
    if (row->of_baseline.n > 0)
        put3(cell, row->of_baseline.median);
}

static void put_reads(const struct report_row *row, char *cell)
{
    if (row->ns.n > 0 && row->sample->records > 0)
        snprintf(cell, CELL, "%s%.3g", row->reads_vary ? "~" : "", (double)row->reads / (double)row->sample->records);
}

static void put_peak(const struct report_row *row, char *cell)
{
    if (row->ns.n > 0)
        put3(cell, (double)row->peak_bytes / 1e6);
}

/* In the order of the table, names first. Columns with a rank may be left out, the lowest first. */
static const struct column {
    const char *title;
    void (*put)(const struct report_row *row, char *cell);
    unsigned rank;
} columns[] = {
    {"dataset", put_dataset, 0},
    {"backend", put_backend, 0},
    {"sink", put_sink, 0},
    {"block", put_block, 0},
    {"threads", put_threads, 8},
    {"Mrec/s", put_rate, 0},
    {"GB/s", put_bytes, 2},
    {"ns/rec", put_ns, 0},
    {"+/-", put_spread, 0},
    {"% limit", put_of_limit, 7},
    {"% none", put_of_none, 3},
    {"% touch", put_of_touch, 6},
    {"x syscall", put_of_baseline, 5},
    {"reads/rec", put_reads, 4},
    {"peak MB", put_peak, 1},
};
enum { COLUMNS = sizeof columns / sizeof columns[0], BLOCK = 3, THREADS, LIMIT = 9 };

struct fitted {
    char (*cells)[GRID_COLUMNS][GRID_CELL];
    size_t width[COLUMNS]; /* 0: not shown */
    bool empty[COLUMNS];   /* nothing but "n/a" */
};

static int fill(const struct report *s, struct fitted *f)
{
    bool one_thread = true;
    f->cells = calloc(s->count + 1, sizeof *f->cells);
    if (!f->cells)
        return -ENOMEM;
    for (size_t c = 0; c < COLUMNS; c++) {
        f->width[c] = strlen(columns[c].title);
        f->empty[c] = true;
        for (size_t i = 0; i < s->count; i++) {
            char *cell = f->cells[i][c];
            snprintf(cell, CELL, "n/a");
            columns[c].put(&s->rows[i], cell);
            f->width[c] = strlen(cell) > f->width[c] ? strlen(cell) : f->width[c];
            f->empty[c] &= strcmp(cell, "n/a") == 0;
            one_thread &= s->rows[i].sample->key.threads == 1;
        }
    }
    if (one_thread)
        f->width[THREADS] = 0;
    if (!s->blocks_differ)
        f->width[BLOCK] = 0;
    if (s->limit_count == 0)
        f->width[LIMIT] = 0;
    return 0;
}

static size_t width_of(const struct fitted *f)
{
    size_t width = 0;
    for (size_t c = 0; c < COLUMNS; c++)
        width += f->width[c] ? f->width[c] + 1 : 0;
    return width - 1;
}

/* Leaves out columns that have nothing to tell, then the lowest in rank. The names of those that had go to
 * `without`. */
static void fit(struct fitted *f, size_t width, char *without, size_t size)
{
    without[0] = '\0';
    while (width_of(f) > width) {
        size_t drop = COLUMNS;
        for (size_t c = 0; c < COLUMNS; c++) {
            if (!f->width[c] || !columns[c].rank)
                continue;
            bool before = drop == COLUMNS || f->empty[c] > f->empty[drop] ||
                          (f->empty[c] == f->empty[drop] && columns[c].rank < columns[drop].rank);
            drop = before ? c : drop;
        }
        if (drop == COLUMNS)
            return;
        f->width[drop] = 0;
        size_t used = strlen(without);
        if (!f->empty[drop])
            snprintf(without + used, size - used, "%s%s", used ? ", " : "", columns[drop].title);
    }
}

/* Columns that are not shown are emptied. */
static int print_fitted(struct fitted *f, size_t rows, FILE *to)
{
    struct grid g = {.columns = COLUMNS, .rows = rows, .left = BLOCK, .cells = f->cells};
    for (size_t c = 0; c < COLUMNS; c++) {
        g.titles[c] = columns[c].title;
        for (size_t i = 0; i < rows && !f->width[c]; i++)
            f->cells[i][c][0] = '\0';
    }
    return grid_print(&g, to);
}

int cases_print(const struct results *r, const struct report *s, size_t width, FILE *to)
{
    struct fitted f;
    char without[256];
    int rc = fill(s, &f);
    if (rc)
        return rc;
    fit(&f, width, without, sizeof without);
    if (s->count > 0)
        rc = print_fitted(&f, s->count, to);
    free(f.cells);
    if (rc == 0)
        rc = cases_print_counters(r, s, width, to);
    if (rc == 0)
        cases_print_notes(r, s, without, to);
    return rc;
}
