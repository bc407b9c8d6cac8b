/* Tables for programs: values as they are, unrounded. */
#include "../text/safe.h"
#include "table.h"

#include <errno.h>
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

static void put_csv(FILE *to, const struct table_cell *cell, bool interval)
{
    bool known = cell->type == CELL_STATS;
    if (cell->type == CELL_TEXT)
        csv_text(to, cell->text);
    else if (cell->type == CELL_COUNT)
        fprintf(to, "%" PRIu64, cell->count);
    else if (cell->type == CELL_FLAG)
        fputs(cell->count ? "true" : "false", to);
    else if (known || cell->type == CELL_NUMBER)
        put_real(to, known ? cell->stats.median : cell->number, "");
    if (interval) {
        fputc(',', to);
        put_real(to, known ? cell->stats.low : NAN, "");
        fputc(',', to);
        put_real(to, known ? cell->stats.high : NAN, "");
    }
}

static void put_keys(const struct table *t, char separator, FILE *to)
{
    for (size_t c = 0; c < t->column_count; c++) {
        const char *key = t->columns[c].key;
        csv_text(to, key);
        if (table_has_interval(t, c))
            fprintf(to, "%c%s_low%c%s_high", separator, key, separator, key);
        fputc(c + 1 < t->column_count ? separator : '\n', to);
    }
}

int table_print_csv(const struct table *t, FILE *to)
{
    if (!t || t->failed)
        return -ENOMEM;
    put_keys(t, ',', to);
    for (size_t i = 0; i < t->cell_count; i++) {
        size_t c = i % t->column_count;
        put_csv(to, &t->cells[i], table_has_interval(t, c));
        fputc(c + 1 < t->column_count ? ',' : '\n', to);
    }
    return 0;
}

static void put_tsv(FILE *to, const struct table_cell *cell, bool interval, const char *missing)
{
    bool known = cell->type == CELL_STATS;
    if (cell->type == CELL_TEXT)
        tsv_text(to, cell->text);
    else if (cell->type == CELL_COUNT || cell->type == CELL_FLAG)
        fprintf(to, "%" PRIu64, cell->count);
    else
        put_real(to, known ? cell->stats.median : cell->type == CELL_NUMBER ? cell->number : NAN, missing);
    if (interval) {
        fputc('\t', to);
        put_real(to, known ? cell->stats.low : NAN, missing);
        fputc('\t', to);
        put_real(to, known ? cell->stats.high : NAN, missing);
    }
}

int table_print_tsv(const struct table *t, FILE *to)
{
    if (!t || t->failed)
        return -ENOMEM;
    put_keys(t, '\t', to);
    for (size_t i = 0; i < t->cell_count; i++) {
        size_t c = i % t->column_count;
        put_tsv(to, &t->cells[i], table_has_interval(t, c),
                t->columns[c].kind == TABLE_TEXT ? "" : "NaN"); /* for gnuplot */
        fputc(c + 1 < t->column_count ? '\t' : '\n', to);
    }
    return 0;
}

static json_t *cell_json(const struct table_cell *cell)
{
    switch (cell->type) {
    case CELL_TEXT:
        return json_string(cell->text);
    case CELL_COUNT:
        return json_integer((json_int_t)cell->count);
    case CELL_NUMBER:
        return json_value(cell->number);
    case CELL_STATS:
        return json_stats(&cell->stats, 1);
    case CELL_FLAG:
        return json_boolean(cell->count);
    default:
        return json_null();
    }
}

json_t *table_json(const struct table *t)
{
    json_t *rows = t && !t->failed ? json_array() : NULL;
    bool failed = !rows;
    for (size_t i = 0; !failed && i < t->row_count; i++) {
        json_t *row = json_object();
        for (size_t c = 0; c < t->column_count; c++)
            failed |= json_object_set_new(row, t->columns[c].key, cell_json(table_cell(t, i, c))) != 0;
        failed |= json_array_append_new(rows, row) != 0;
    }
    if (failed)
        json_decref(rows);
    return failed ? NULL : rows;
}
