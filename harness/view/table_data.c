/* Tables for programs: values as they are, unrounded. */
#include "../text/safe.h"
#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* With as few digits as give the same number again. */
static void put_real(FILE *to, double value, const char *missing)
{
    char text[40];
    int digits = 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (strtod(text, NULL) != value && digits++ < 17);
    fputs(isfinite(value) ? text : missing, to);
}

/* Commas or tabs; for gnuplot, which reads the latter, a number that is missing is NaN. */
struct separated {
    char separator;
    void (*put_text)(FILE *to, const char *text);
    const char *missing, *flags[2];
};

static void put_cell(FILE *to, const struct separated *s, const struct table_cell *cell, enum table_kind kind)
{
    const char *missing = kind == TABLE_TEXT ? "" : s->missing;
    bool known = cell->type == CELL_STATS;
    if (cell->type == CELL_TEXT)
        s->put_text(to, cell->text);
    else if (cell->type == CELL_COUNT)
        fprintf(to, "%" PRIu64, cell->count);
    else if (cell->type == CELL_FLAG)
        fputs(s->flags[cell->count > 0], to);
    else
        put_real(to, known ? cell->stats.median : cell->type == CELL_NUMBER ? cell->number : NAN, missing);
    if (kind != TABLE_INTERVAL)
        return;
    fputc(s->separator, to);
    put_real(to, known ? cell->stats.low : NAN, missing);
    fputc(s->separator, to);
    put_real(to, known ? cell->stats.high : NAN, missing);
}

static void print_separated(const struct table *t, const struct separated *s, FILE *to)
{
    for (size_t c = 0; c < t->column_count; c++) {
        const char *key = t->columns[c].key;
        csv_text(to, key);
        if (t->columns[c].kind == TABLE_INTERVAL)
            fprintf(to, "%c%s_low%c%s_high", s->separator, key, s->separator, key);
        fputc(c + 1 < t->column_count ? s->separator : '\n', to);
    }
    for (size_t i = 0; i < t->cell_count; i++) {
        size_t c = i % t->column_count;
        put_cell(to, s, &t->cells[i], t->columns[c].kind);
        fputc(c + 1 < t->column_count ? s->separator : '\n', to);
    }
}

void table_print_csv(const struct table *t, FILE *to)
{
    print_separated(t, &(struct separated){',', csv_text, "", {"false", "true"}}, to);
}

void table_print_tsv(const struct table *t, FILE *to)
{
    print_separated(t, &(struct separated){'\t', tsv_text, "NaN", {"0", "1"}}, to);
}

static json_t *cell_json(const struct table_cell *cell)
{
    const struct stats *s = &cell->stats;
    switch (cell->type) {
    case CELL_TEXT:
        return json_string(cell->text);
    case CELL_COUNT:
        return json_integer((json_int_t)cell->count);
    case CELL_NUMBER:
        return json_value(cell->number);
    case CELL_STATS:
        return json_pack("{s:f, s:f, s:f, s:f, s:I}", "median", s->median, "low", s->low, "high", s->high, "level",
                         s->level, "samples", (json_int_t)s->n);
    case CELL_FLAG:
        return json_boolean(cell->count);
    default:
        return json_null();
    }
}

json_t *table_json(const struct table *t)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < t->row_count; i++) {
        json_t *row = json_object();
        for (size_t c = 0; c < t->column_count; c++)
            json_object_set_new(row, t->columns[c].key, cell_json(table_cell(t, i, c)));
        json_array_append_new(rows, row);
    }
    return rows;
}
