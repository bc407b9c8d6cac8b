#include "table.h"

#include "../results/sample.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NUMBER_SIZE = 32, INTERVAL_SIZE = 128 };

struct table *table_new(const char *key, const char *title, const struct table_column *columns)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    *t = (struct table){.key = key, .title = strdup(title), .columns = columns};
    t->failed = !t->title;
    while (columns[t->column_count].key)
        t->column_count++;
    return t;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->row_count * t->column_count; i++)
        free(t->cells[i].text);
    for (size_t i = 0; i < t->note_count; i++)
        free(t->notes[i]);
    free(t->cells);
    free(t->notes);
    free((char *)t->title);
    free(t);
}

/* The array with room for n more, whose size doubles; NULL if memory ran out. */
static void *grown(void *array, size_t count, size_t n, size_t size)
{
    size_t had = 1, wanted = 1;
    while (had < count)
        had *= 2;
    while (wanted < count + n)
        wanted *= 2;
    return array && wanted == had ? array : reallocarray(array, wanted, size);
}

void table_number(double value, char *text, size_t size)
{
    double magnitude = fabs(value);
    int decimals = magnitude > 0 ? 2 - (int)floor(log10(magnitude)) : 0;
    snprintf(text, size, "%.*f", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, value);
}

/* "129 [118 to 152]" */
static void put_stats(struct table_cell *cell, const struct stats *s, double scale, bool brief)
{
    char median[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE], all[INTERVAL_SIZE];
    if (!s || s->n == 0) {
        cell->type = s ? CELL_MISSING : CELL_NONE;
        return;
    }
    cell->type = CELL_STATS;
    cell->number = s->median * scale;
    cell->low = s->low * scale;
    cell->high = s->high * scale;
    cell->confident = s->confident;
    cell->samples = s->n;
    table_number(cell->number, median, sizeof median);
    table_number(cell->low, low, sizeof low);
    table_number(cell->high, high, sizeof high);
    snprintf(all, sizeof all, brief ? "%s" : "%s [%s to %s]", median, low, high);
    cell->text = strdup(all);
}

static void put_text(struct table_cell *cell, const char *text)
{
    if (text)
        *cell = (struct table_cell){.type = CELL_TEXT, .text = strdup(text)};
}

static void put_count(struct table_cell *cell, uint64_t count)
{
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRIu64, count);
    *cell = (struct table_cell){.type = CELL_COUNT, .text = strdup(text), .count = count};
}

static void put_number(struct table_cell *cell, double value)
{
    char text[NUMBER_SIZE * 12];
    if (!isfinite(value))
        return;
    table_number(value, text, sizeof text);
    *cell = (struct table_cell){.type = CELL_NUMBER, .text = strdup(text), .number = value};
}

static void put_cell(struct table_cell *cell, char kind, va_list *args)
{
    struct reading r;
    uint64_t count;
    const char *text;
    const struct stats *s;
    cell->type = CELL_MISSING;
    switch (kind) {
    case 't':
        put_text(cell, va_arg(*args, const char *));
        break;
    case 'n':
        put_count(cell, va_arg(*args, uint64_t));
        break;
    case 'N':
        count = va_arg(*args, uint64_t);
        if (count)
            put_count(cell, count);
        else
            cell->type = CELL_NONE;
        break;
    case 'd':
        put_number(cell, va_arg(*args, double));
        break;
    case 'r':
        r = va_arg(*args, struct reading);
        if (r.state != READING_UNSUPPORTED)
            put_count(cell, r.value);
        break;
    case 's':
    case 'm':
        s = va_arg(*args, const struct stats *);
        put_stats(cell, s, va_arg(*args, double), kind == 'm');
        break;
    case 'f':
        text = va_arg(*args, const char *);
        s = va_arg(*args, const struct stats *);
        double scale = va_arg(*args, double);
        if (text)
            put_text(cell, text);
        else
            put_stats(cell, s, scale, false);
        break;
    default:
        abort();
    }
    if (cell->type == CELL_MISSING || cell->type == CELL_NONE)
        cell->text = strdup(cell->type == CELL_MISSING ? "n/a" : "-");
}

void table_row(struct table *t, const char *kinds, ...)
{
    va_list args;
    if (!t || t->failed)
        return;
    if (strlen(kinds) != t->column_count)
        abort(); /* a mistake in the program */
    struct table_cell *cells = grown(t->cells, t->row_count * t->column_count, t->column_count, sizeof *cells);
    t->failed = !cells;
    if (!cells)
        return;
    t->cells = cells;
    cells += t->row_count++ * t->column_count;
    memset(cells, 0, t->column_count * sizeof *cells);
    va_start(args, kinds);
    for (size_t c = 0; c < t->column_count; c++) {
        put_cell(&cells[c], kinds[c], &args);
        t->failed |= !cells[c].text;
    }
    va_end(args);
}

void table_note(struct table *t, const char *format, ...)
{
    va_list args;
    if (!t || t->failed)
        return;
    char **notes = grown(t->notes, t->note_count, 1, sizeof *notes);
    t->failed = !notes;
    if (!notes)
        return;
    t->notes = notes;
    va_start(args, format);
    if (vasprintf(&notes[t->note_count], format, args) < 0)
        t->failed = true;
    else
        t->note_count++;
    va_end(args);
}

const struct table_cell *table_cell(const struct table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

const char *table_title(const struct table_column *c)
{
    return c->title ? c->title : c->key;
}

bool table_has_interval(const struct table *t, size_t column)
{
    for (size_t i = 0; i < t->row_count; i++)
        if (table_cell(t, i, column)->type == CELL_STATS)
            return true;
    return false;
}

bool table_begins_group(const struct table *t, size_t row)
{
    for (size_t c = 0; c < t->column_count && row > 0; c++)
        if (t->columns[c].group && strcmp(table_cell(t, row, c)->text, table_cell(t, row - 1, c)->text) != 0)
            return true;
    return false;
}

size_t table_width(FILE *to)
{
    enum { WIDTH = 110, LEAST = 20 };
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long width = columns ? strtol(columns, NULL, 10) : 0;
    int fd = fileno(to); /* there is none behind a stream in memory */
    if (width <= 0 && fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    return width >= LEAST ? (size_t)width : WIDTH;
}

json_t *json_value(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_stats(const struct stats *s, double scale)
{
    if (s->n == 0)
        return json_null();
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I}", "median", s->median * scale, "mad", s->mad * scale, "low",
                     s->low * scale, "high", s->high * scale, "level", s->level, "samples", (json_int_t)s->n);
}
