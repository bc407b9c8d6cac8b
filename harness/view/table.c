#include "table.h"

#include "../results/sample.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 32 };

static bool is_among(const char *key, const char *const *keys)
{
    while (*keys && strcmp(*keys, key) != 0)
        keys++;
    return *keys != NULL;
}

static void add_case_columns(struct table *t)
{
    static const char *const groups[] = {"dataset", "files", "sink", NULL}, *const minor[] = {"block", "split", NULL};
    for (const struct stored_field *f = sample_fields; f->key; f++)
        if (f->part == PART_CASE)
            table_add_column(t, &(struct table_column){.key = f->key,
                                                       .meaning = f->meaning,
                                                       .tells = true,
                                                       .group = is_among(f->key, groups),
                                                       .rank = is_among(f->key, minor) ? 2 : 0,
                                                       .kind = f->type == FIELD_COUNT ? TABLE_COUNT : TABLE_TEXT});
}

struct table *table_new(const char *key, const char *title, const struct table_column *columns)
{
    struct table *t = calloc(1, sizeof *t);
    *t = (struct table){.key = key, .title = strdup(title)};
    for (; columns && columns->key; columns++)
        if (*columns->key)
            table_add_column(t, columns);
        else
            add_case_columns(t);
    return t;
}

void table_free(struct table *t)
{
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
    if (t->column_count == TABLE_COLUMNS)
        return;
    t->columns[t->column_count] = *column;
    t->columns[t->column_count++].key = strdup(column->key);
}

/* --- cells --- */

const char *table_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
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

void table_interval(const struct stats *s, double scale, char *text, size_t size)
{
    char median[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE];
    table_number(s->median * scale, median, sizeof median);
    table_number(s->low * scale, low, sizeof low);
    table_number(s->high * scale, high, sizeof high);
    if (s->n == 0)
        snprintf(text, size, "n/a");
    else
        snprintf(text, size, "%s [%s to %s]", median, low, high);
}

static double scale_of(const struct table_column *c)
{
    return c->scale != 0 ? c->scale : 1;
}

static struct table_cell text_cell(const char *text)
{
    return (struct table_cell){.type = text ? CELL_TEXT : CELL_MISSING, .text = text ? strdup(text) : NULL};
}

/* own: what people see of it; or NULL. */
static struct table_cell count_cell(const struct table_column *of, uint64_t count, const char *own)
{
    char text[NUMBER_SIZE];
    if (of->scale != 0)
        table_number((double)count * of->scale, text, sizeof text);
    else
        snprintf(text, sizeof text, "%" PRIu64, count);
    return (struct table_cell){.type = CELL_COUNT, .text = strdup(own ? own : text), .count = count};
}

static struct table_cell number_cell(const struct table_column *of, double value, const char *own)
{
    char text[NUMBER_SIZE * 12];
    if (!isfinite(value) && !own)
        return (struct table_cell){.type = CELL_MISSING};
    table_number(value * scale_of(of), text, sizeof text);
    return (struct table_cell){.type = CELL_NUMBER, .text = strdup(own ? own : text), .number = value};
}

static struct table_cell reading_cell(const struct table_column *of, struct reading r)
{
    return r.state == READING_UNSUPPORTED ? (struct table_cell){.type = CELL_MISSING} : count_cell(of, r.value, NULL);
}

static struct table_cell stats_cell(const struct table_column *of, const struct stats *s, double scale, bool brief)
{
    char text[NUMBER_SIZE * 4];
    struct table_cell cell = {.type = s ? CELL_MISSING : CELL_NONE};
    if (!s || s->n == 0 || !isfinite(scale))
        return cell;
    if (brief)
        table_number(s->median * scale * scale_of(of), text, sizeof text);
    else
        table_interval(s, scale * scale_of(of), text, sizeof text);
    cell = (struct table_cell){.type = CELL_STATS, .text = strdup(text), .stats = *s, .ranged = !brief};
    cell.stats.median *= scale;
    cell.stats.low *= scale;
    cell.stats.high *= scale;
    return cell;
}

static struct table_cell field_cell(const struct table_column *of, const struct stored_field *f, const void *from)
{
    const char *at = (const char *)from + f->offset, *yes = strchr(f->unit, '|');
    struct table_cell cell = {.type = CELL_MISSING};
    char text[NUMBER_SIZE];
    const struct reading *reading = (const void *)at;
    uint64_t value = 0;
    bool required = field_is_required(f);
    switch (f->type) {
    case FIELD_TEXT:
        cell = text_cell(*at || required ? at : NULL);
        cell.usual = !*at;
        break;
    case FIELD_FLAG:
        value = *(const bool *)at;
        snprintf(text, sizeof text, "%.*s", value ? NUMBER_SIZE : (int)(yes - f->unit), value ? yes + 1 : f->unit);
        cell = text_cell(text);
        cell.usual = !value;
        break;
    case FIELD_REAL:
        return number_cell(of, *(const double *)(const void *)at, NULL);
    case FIELD_READING:
        return reading_cell(of, *reading);
    case FIELD_HEX:
        snprintf(text, sizeof text, "%016" PRIx64, reading->value);
        return text_cell(reading->state ? text : NULL);
    case FIELD_COUNT:
        memcpy(&value, at, sizeof value);
        case_block(value, text, sizeof text);
        if (value || f->absent)
            cell = count_cell(of, value, strcmp(f->unit, "bytes") == 0 ? text : NULL);
        cell.usual = value <= (required ? 1 : f->absent);
    }
    return cell;
}

static struct table_cell make_cell(const struct table_column *of, char kind, va_list *args)
{
    const struct stats *s;
    const struct stored_field *field;
    struct table_cell cell;
    uint64_t count;
    double number;
    switch (kind) {
    case 't':
        return text_cell(va_arg(*args, const char *));
    case 'T':
        cell = text_cell(va_arg(*args, const char *));
        cell.usual = cell.text && strcmp(cell.text, va_arg(*args, const char *)) == 0;
        return cell;
    case 'n':
        return count_cell(of, va_arg(*args, uint64_t), NULL);
    case 'N':
        count = va_arg(*args, uint64_t);
        return count ? count_cell(of, count, NULL) : (struct table_cell){.type = CELL_NONE};
    case 'b':
        count = (uint64_t)va_arg(*args, int);
        return (struct table_cell){
            .type = CELL_FLAG, .usual = !count, .text = strdup(count ? "yes" : "-"), .count = count};
    case 'd':
        return number_cell(of, va_arg(*args, double), NULL);
    case 'w':
        number = va_arg(*args, double);
        return number_cell(of, number, va_arg(*args, const char *));
    case 'r':
        return reading_cell(of, va_arg(*args, struct reading));
    case 's':
    case 'm':
        s = va_arg(*args, const struct stats *);
        number = va_arg(*args, double);
        return stats_cell(of, s, number, kind == 'm');
    case 'F':
        field = va_arg(*args, const struct stored_field *);
        return field_cell(of, field, va_arg(*args, const void *));
    default:
        abort();
    }
}

/* --- rows --- */

static const struct table_column *next_column(const struct table *t)
{
    return &t->columns[t->cell_count % t->column_count];
}

static void add_cell(struct table *t, struct table_cell cell)
{
    if (t->cell_count % t->column_count == 0)
        t->cells = reallocarray(t->cells, t->cell_count + t->column_count, sizeof *t->cells);
    if (!cell.text)
        cell.text = strdup(cell.type == CELL_NONE ? "-" : "n/a");
    t->cells[t->cell_count++] = cell;
    t->row_count = t->cell_count / t->column_count;
}

/* A key stands first in a sample, so that offsets in both are the same. */
static void put_case(struct table *t, const struct case_key *key)
{
    for (const struct stored_field *f = sample_fields; f->key; f++) {
        if (f->part != PART_CASE)
            continue;
        struct table_cell cell = field_cell(next_column(t), f, key);
        if (cell.type == CELL_MISSING)
            cell.text = strdup("-");
        add_cell(t, cell);
    }
}
_Static_assert(offsetof(struct sample, key) == 0, "a key's fields are found as a sample's");

static void put_cells(struct table *t, const char *kinds, va_list *args)
{
    for (; *kinds; kinds++)
        if (*kinds == 'c')
            put_case(t, va_arg(*args, const struct case_key *));
        else
            add_cell(t, make_cell(next_column(t), *kinds, args));
}

void table_put(struct table *t, const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    put_cells(t, kinds, &args);
    va_end(args);
}

void table_row(struct table *t, const char *kinds, ...)
{
    va_list args;
    size_t before = t->cell_count;
    va_start(args, kinds);
    put_cells(t, kinds, &args);
    va_end(args);
    if (t->cell_count != before + t->column_count)
        abort(); /* a mistake in the program */
}

void table_stress(struct table *t)
{
    for (size_t i = t->cell_count - t->column_count; i < t->cell_count; i++)
        t->cells[i].stressed = true;
}

void table_note(struct table *t, const char *format, ...)
{
    va_list args;
    t->notes = reallocarray(t->notes, t->note_count + 1, sizeof *t->notes);
    va_start(args, format);
    if (vasprintf(&t->notes[t->note_count], format, args) >= 0)
        t->note_count++;
    va_end(args);
}

/* --- for printers --- */

const struct table_cell *table_cell(const struct table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

const char *table_title(const struct table_column *c)
{
    return c->title ? c->title : c->key;
}

/* What people see of a column. */
enum seen { SEEN, SEEN_ALIKE, SEEN_UNKNOWN, SEEN_NOT };
enum { ALIKE = 3 }; /* rows: fewer are alike by chance */

static enum seen look(const struct table *t, size_t column)
{
    const struct table_column *of = &t->columns[column];
    bool something = t->row_count == 0, known = something, alike = t->row_count >= ALIKE && !of->verdict;
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_cell *cell = table_cell(t, i, column);
        something |= cell->type != CELL_NONE && !cell->usual && *cell->text;
        known |= cell->type != CELL_MISSING && cell->type != CELL_NONE;
        alike &= strcmp(cell->text, table_cell(t, 0, column)->text) == 0;
    }
    if (of->data || !something)
        return SEEN_NOT;
    if (!known && (alike || of->rank > 0))
        return of->kind == TABLE_TEXT ? SEEN_NOT : SEEN_UNKNOWN;
    return alike ? SEEN_ALIKE : SEEN;
}

size_t table_shown(const struct table *t, bool fold, size_t columns[TABLE_COLUMNS])
{
    size_t n = 0;
    for (size_t c = 0; c < t->column_count; c++) {
        enum seen seen = look(t, c);
        bool unknown = seen == SEEN_UNKNOWN && t->columns[c].rank == 0;
        if (seen == SEEN || (!fold && (seen == SEEN_ALIKE || unknown)))
            columns[n++] = c;
    }
    return n;
}

static void name_alike(const struct table *t, enum seen what, const char *title, FILE *to)
{
    bool any = false;
    for (size_t c = 0; c < t->column_count; c++) {
        if (look(t, c) != what)
            continue;
        fprintf(to, "%s%s%s", any ? ", " : ftell(to) > 0 ? "; " : "", any ? "" : title, table_title(&t->columns[c]));
        if (what == SEEN_ALIKE)
            fprintf(to, " %s", table_cell(t, 0, c)->text);
        any = true;
    }
}

char *table_alike(const struct table *t)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    name_alike(t, SEEN_ALIKE, "all: ", to);
    name_alike(t, SEEN_UNKNOWN, "n/a: ", to);
    fclose(to);
    return text;
}

static bool same_group(const struct table *t, size_t a, size_t b)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (t->columns[c].group && strcmp(table_cell(t, a, c)->text, table_cell(t, b, c)->text) != 0)
            return false;
    return true;
}

static double order_of(const struct table *t, size_t row)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (t->columns[c].sort && table_cell(t, row, c)->type == CELL_STATS)
            return table_cell(t, row, c)->stats.median;
    return INFINITY;
}

/* Takes the next place of its group. */
static void insert(const struct table *t, struct table_line *group, size_t n, size_t row)
{
    while (n > 0 && order_of(t, group[n - 1].row) > order_of(t, row)) {
        group[n] = group[n - 1];
        n--;
    }
    group[n] = (struct table_line){.row = row};
}

struct table_line *table_lines(const struct table *t)
{
    struct table_line *lines = calloc(t->row_count + 1, sizeof *lines);
    bool *put = calloc(t->row_count + 1, sizeof *put), many = false;
    for (size_t n = 0, begin = 0; n < t->row_count; begin = n) {
        size_t first = 0;
        while (put[first])
            first++;
        for (size_t row = first; row < t->row_count; row++) {
            if (put[row] || !same_group(t, first, row))
                continue;
            insert(t, lines + begin, n - begin, row);
            put[row] = true;
            n++;
        }
        lines[begin].first = begin > 0;
        many |= n - begin > 1;
    }
    for (size_t i = 0; i < t->row_count; i++)
        lines[i].first &= many;
    free(put);
    return lines;
}

json_t *json_value(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}
