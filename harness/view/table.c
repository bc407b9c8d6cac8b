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
    *t = (struct table){.key = key, .title = strdup(title)};
    t->failed = !t->title;
    for (; columns->key; columns++)
        table_add_column(t, columns);
    return t;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->cell_count; i++)
        free(t->cells[i].text);
    for (size_t i = 0; i < t->note_count; i++)
        free(t->notes[i]);
    for (size_t i = 0; i < t->column_count; i++)
        free((char *)t->columns[i].key);
    free(t->cells);
    free(t->notes);
    free(t->title);
    free(t);
}

void table_add_column(struct table *t, const struct table_column *column)
{
    if (!t || t->failed || t->column_count == TABLE_COLUMNS)
        return;
    struct table_column *own = &t->columns[t->column_count++];
    *own = *column;
    own->key = strdup(column->key);
    t->failed = !own->key;
}

void table_hide(struct table *t, const char *key)
{
    for (size_t c = 0; t && c < t->column_count; c++)
        t->columns[c].data |= strcmp(t->columns[c].key, key) == 0;
}

void table_number(double value, char *text, size_t size)
{
    double magnitude = fabs(value);
    if (!isfinite(value)) {
        snprintf(text, size, "n/a");
        return;
    }
    int decimals = magnitude > 0 ? 2 - (int)floor(log10(magnitude)) : 0;
    snprintf(text, size, "%.*f", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, value);
}

static double scale_of(const struct table_column *c)
{
    return c->scale != 0 ? c->scale : 1;
}

/* "129 [118 to 152]" */
static void put_stats(const struct table_column *of, struct table_cell *cell, const struct stats *s, double scale,
                      bool brief)
{
    char median[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE], all[INTERVAL_SIZE];
    cell->type = !s ? CELL_NONE : s->n == 0 || !isfinite(scale) ? CELL_MISSING : CELL_STATS;
    if (cell->type != CELL_STATS)
        return;
    cell->stats = *s;
    cell->stats.median *= scale;
    cell->stats.low *= scale;
    cell->stats.high *= scale;
    table_number(cell->stats.median * scale_of(of), median, sizeof median);
    table_number(cell->stats.low * scale_of(of), low, sizeof low);
    table_number(cell->stats.high * scale_of(of), high, sizeof high);
    snprintf(all, sizeof all, brief ? "%s" : "%s [%s to %s]", median, low, high);
    cell->text = strdup(all);
}

static void put_text(struct table_cell *cell, const char *text)
{
    if (text)
        *cell = (struct table_cell){.type = CELL_TEXT, .text = strdup(text)};
}

static void put_count(const struct table_column *of, struct table_cell *cell, uint64_t count)
{
    char text[NUMBER_SIZE];
    if (of->scale != 0)
        table_number((double)count * of->scale, text, sizeof text);
    else
        snprintf(text, sizeof text, "%" PRIu64, count);
    *cell = (struct table_cell){.type = CELL_COUNT, .text = strdup(text), .count = count};
}

static void put_number(const struct table_column *of, struct table_cell *cell, double value, const char *own)
{
    char text[NUMBER_SIZE * 12];
    if (!isfinite(value) && !own)
        return;
    table_number(value * scale_of(of), text, sizeof text);
    *cell = (struct table_cell){.type = CELL_NUMBER, .text = strdup(own ? own : text), .number = value};
}

static void put_reading(const struct table_column *of, struct table_cell *cell, struct reading r)
{
    if (r.state != READING_UNSUPPORTED)
        put_count(of, cell, r.value);
}

static void put_field(const struct table_column *of, struct table_cell *cell, const struct stored_field *f,
                      const void *from)
{
    const char *at = (const char *)from + f->offset;
    char text[NUMBER_SIZE];
    uint64_t value = 0;
    bool required = f->absent == FIELD_REQUIRED;
    switch (f->type) {
    case FIELD_TEXT:
        put_text(cell, *at || required ? at : NULL);
        cell->usual = !*at;
        break;
    case FIELD_FLAG:
        value = *(const bool *)at;
        const char *yes = strchr(f->unit, '|') + 1;
        snprintf(text, sizeof text, "%.*s", value ? NUMBER_SIZE : (int)(yes - 1 - f->unit), value ? yes : f->unit);
        put_text(cell, text);
        cell->usual = !value;
        break;
    case FIELD_REAL:
        put_number(of, cell, *(const double *)(const void *)at, NULL);
        break;
    case FIELD_READING:
        put_reading(of, cell, *(const struct reading *)(const void *)at);
        break;
    default:
        memcpy(&value, at, sizeof value);
        snprintf(text, sizeof text, "%016" PRIx64, value);
        if (f->type == FIELD_HEX)
            put_text(cell, text);
        else if (value || f->absent)
            put_count(of, cell, value);
        cell->usual = value <= (required ? 1 : f->absent);
    }
}

static void put_cell(const struct table_column *of, struct table_cell *cell, char kind, va_list *args)
{
    uint64_t count;
    double number, scale;
    const char *text = NULL;
    const struct stats *s;
    const struct stored_field *field;
    cell->type = CELL_MISSING;
    switch (kind) {
    case 't':
        put_text(cell, va_arg(*args, const char *));
        break;
    case 'T':
        put_text(cell, va_arg(*args, const char *));
        cell->usual = cell->text && strcmp(cell->text, va_arg(*args, const char *)) == 0;
        break;
    case 'n':
        put_count(of, cell, va_arg(*args, uint64_t));
        break;
    case 'N':
        count = va_arg(*args, uint64_t);
        cell->type = CELL_NONE;
        if (count)
            put_count(of, cell, count);
        break;
    case 'b':
        count = (uint64_t)va_arg(*args, int);
        *cell = (struct table_cell){CELL_FLAG, !count, strdup(count ? "yes" : "-"), .count = count};
        break;
    case 'd':
    case 'w':
        number = va_arg(*args, double);
        put_number(of, cell, number, kind == 'w' ? va_arg(*args, const char *) : NULL);
        break;
    case 'r':
        put_reading(of, cell, va_arg(*args, struct reading));
        break;
    case 'f':
        text = va_arg(*args, const char *);
        /* fall through */
    case 's':
    case 'm':
        s = va_arg(*args, const struct stats *);
        scale = va_arg(*args, double);
        if (text)
            put_text(cell, text);
        else
            put_stats(of, cell, s, scale, kind == 'm');
        break;
    case 'F':
        field = va_arg(*args, const struct stored_field *);
        put_field(of, cell, field, va_arg(*args, const void *));
        break;
    default:
        abort();
    }
}

/* A new cell at the end; the last of a row completes it. NULL if memory ran out. */
static struct table_cell *add_cell(struct table *t, const struct table_column **of)
{
    size_t column = t->cell_count % t->column_count, room = t->cell_count + t->column_count;
    struct table_cell *cells = column > 0 ? t->cells : reallocarray(t->cells, room, sizeof *cells);
    t->failed = !cells;
    if (!cells)
        return NULL;
    t->cells = cells;
    *of = &t->columns[column];
    t->row_count = ++t->cell_count / t->column_count;
    cells[t->cell_count - 1] = (struct table_cell){.type = CELL_MISSING};
    return &cells[t->cell_count - 1];
}

static void complete(struct table *t, struct table_cell *cell, const char *missing)
{
    if (cell->type == CELL_MISSING || cell->type == CELL_NONE)
        cell->text = strdup(cell->type == CELL_MISSING ? missing : "-");
    t->failed |= !cell->text;
}

static void put_case(struct table *t, const struct case_key *key)
{
    const struct table_column *of;
    for (const struct stored_field *f = sample_fields; f->key && !t->failed; f++) {
        struct table_cell *cell = f->part == PART_CASE ? add_cell(t, &of) : NULL;
        if (!cell)
            continue;
        /* A key stands first in a sample, so that offsets in both are the same. */
        put_field(of, cell, f, key);
        if (cell->type == CELL_COUNT && strcmp(f->unit, "bytes") == 0) {
            char block[NUMBER_SIZE];
            case_block(cell->count, block, sizeof block);
            free(cell->text);
            cell->text = strdup(block);
        }
        complete(t, cell, "-");
    }
}
_Static_assert(offsetof(struct sample, key) == 0, "a key's fields are found as a sample's");

static void put_cells(struct table *t, const char *kinds, va_list *args)
{
    const struct table_column *of;
    for (; *kinds && !t->failed; kinds++) {
        struct table_cell *cell = *kinds == 'c' ? NULL : add_cell(t, &of);
        if (*kinds == 'c')
            put_case(t, va_arg(*args, const struct case_key *));
        if (!cell)
            continue;
        put_cell(of, cell, *kinds, args);
        complete(t, cell, "n/a");
    }
}

void table_put(struct table *t, const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    if (t && !t->failed)
        put_cells(t, kinds, &args);
    va_end(args);
}

void table_row(struct table *t, const char *kinds, ...)
{
    va_list args;
    if (!t || t->failed)
        return;
    size_t rows = t->row_count;
    va_start(args, kinds);
    put_cells(t, kinds, &args);
    va_end(args);
    if (!t->failed && (t->row_count != rows + 1 || t->cell_count % t->column_count != 0))
        abort(); /* a mistake in the program */
}

void table_note(struct table *t, const char *format, ...)
{
    va_list args;
    if (!t || t->failed)
        return;
    char **notes = reallocarray(t->notes, t->note_count + 1, sizeof *notes);
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

bool table_shows(const struct table *t, size_t column)
{
    const struct table_column *of = &t->columns[column];
    bool something = t->row_count == 0;
    for (size_t i = 0; i < t->row_count && !something; i++) {
        const struct table_cell *cell = table_cell(t, i, column);
        bool nothing = cell->type == CELL_NONE || (cell->type == CELL_MISSING && of->rank > 0);
        something = !nothing && !cell->usual && *cell->text;
    }
    return something && !of->data;
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
    return json_pack("{s:f, s:f, s:f, s:f, s:I}", "median", s->median * scale, "low", s->low * scale, "high",
                     s->high * scale, "level", s->level, "samples", (json_int_t)s->n);
}
