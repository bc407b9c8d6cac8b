/* Tables for a terminal. */
#include "../text/safe.h"
#include "table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

/* The text as a terminal may see it; to be freed. */
static char *safe(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(ESCAPE_MOST * n + 1);
    if (copy)
        *escape_plain(copy, text, n) = '\0';
    return copy;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

struct layout {
    char **text; /* cells, as they are shown */
    size_t *width;
    bool shown[TABLE_COLUMNS], missing[TABLE_COLUMNS]; /* missing: all of it is */
};

static void free_layout(struct layout *l, const struct table *t)
{
    for (size_t i = 0; l->text && i < t->row_count * t->column_count; i++)
        free(l->text[i]);
    free(l->text);
    free(l->width);
}

static bool set_layout(struct layout *l, const struct table *t)
{
    size_t n = t->column_count;
    *l = (struct layout){calloc(t->row_count * n + 1, sizeof *l->text), calloc(n, sizeof *l->width), {0}, {0}};
    if (!l->text || !l->width)
        return false;
    for (size_t c = 0; c < n; c++) {
        l->width[c] = characters(table_title(&t->columns[c]));
        l->shown[c] = table_shows(t, c);
        l->missing[c] = true;
    }
    for (size_t i = 0; i < t->row_count * n; i++) {
        size_t c = i % n;
        l->text[i] = safe(t->cells[i].text);
        if (!l->text[i])
            return false;
        size_t width = characters(l->text[i]);
        l->width[c] = width > l->width[c] ? width : l->width[c];
        l->missing[c] &= t->cells[i].type == CELL_MISSING;
    }
    return true;
}

static size_t total_width(const struct layout *l, const struct table *t)
{
    size_t sum = 0;
    for (size_t c = 0; c < t->column_count; c++)
        sum += l->shown[c] ? l->width[c] + (sum > 0) : 0;
    return sum;
}

/* Is c to be left out before the other one? First those in which nothing is known, then by rank. */
static bool goes_first(const struct layout *l, const struct table *t, size_t c, size_t other)
{
    if (!l->shown[c] || t->columns[c].rank == 0)
        return false;
    if (other == t->column_count || l->missing[c] != l->missing[other])
        return other == t->column_count || l->missing[c];
    return t->columns[c].rank > t->columns[other].rank;
}

/* Leaves out columns until the others fit, or none may be left out. Titles of those that say something go to `out`. */
static void fit(struct layout *l, const struct table *t, size_t width, FILE *out)
{
    while (total_width(l, t) > width) {
        size_t worst = t->column_count;
        for (size_t c = 0; c < t->column_count; c++)
            worst = goes_first(l, t, c, worst) ? c : worst;
        if (worst == t->column_count)
            return;
        l->shown[worst] = false;
        if (!l->missing[worst])
            fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "", table_title(&t->columns[worst]));
    }
}

static int fill(struct libscols_table *scols, const struct layout *l, const struct table *t)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (l->shown[c] && !scols_table_new_column(scols, table_title(&t->columns[c]), 0,
                                                   t->columns[c].kind == TABLE_TEXT ? 0 : SCOLS_FL_RIGHT))
            return -ENOMEM;
    for (size_t i = 0; i < t->row_count; i++) {
        struct libscols_line *line = scols_table_new_line(scols, NULL);
        for (size_t c = 0, n = 0; c < t->column_count; c++)
            if (!line || (l->shown[c] && scols_line_set_data(line, n++, l->text[i * t->column_count + c])))
                return -ENOMEM;
    }
    return 0;
}

/* The library knows no groups: it prints a line for each row, and an empty one goes between. */
static void print_grouped(const struct table *t, const char *lines, FILE *to)
{
    for (size_t row = 0; *lines; row++) {
        const char *end = strchr(lines, '\n');
        size_t n = end ? (size_t)(end - lines) + 1 : strlen(lines);
        if (row > 1 && table_begins_group(t, row - 1)) /* the first is of titles */
            fputc('\n', to);
        fwrite(lines, 1, n, to);
        lines += n;
    }
}

static int print_rows(const struct layout *l, const struct table *t, FILE *to)
{
    char *lines = NULL;
    size_t size;
    FILE *memory = open_memstream(&lines, &size);
    struct libscols_table *scols = memory ? scols_new_table() : NULL;
    int rc = scols ? fill(scols, l, t) : -ENOMEM;
    if (rc == 0) {
        scols_table_set_stream(scols, memory);
        scols_table_enable_noencoding(scols, 1);                 /* cells are safe already */
        scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
        rc = scols_print_table(scols);
    }
    scols_unref_table(scols);
    if (memory && fclose(memory) != 0 && rc == 0)
        rc = -ENOMEM;
    if (rc == 0)
        print_grouped(t, lines, to);
    free(lines);
    return rc;
}

static void print_line(const char *text, FILE *to)
{
    plain_text(to, text);
    fputc('\n', to);
}

/* As many columns as there is room for, and those that may not be left out; then the others, below. */
static int print_wrapped(struct layout *l, const struct table *t, size_t width, FILE *to)
{
    bool left[TABLE_COLUMNS], more = true;
    int rc = 0;
    memcpy(left, l->shown, sizeof left);
    while (more && rc == 0) {
        size_t used = 0;
        more = false;
        for (size_t c = 0; c < t->column_count; c++)
            used += left[c] && t->columns[c].rank == 0 ? l->width[c] + 1 : 0;
        for (size_t c = 0, n = 0; c < t->column_count; c++) {
            if (!left[c] || t->columns[c].rank == 0)
                continue;
            l->shown[c] = !more && (n++ == 0 || used + l->width[c] <= width);
            used += l->width[c] + 1;
            more |= !l->shown[c];
            left[c] = !l->shown[c];
        }
        rc = print_rows(l, t, to);
        for (size_t c = 0; c < t->column_count && more; c++)
            l->shown[c] &= t->columns[c].rank == 0;
        if (more)
            fputc('\n', to);
    }
    return rc;
}

int table_print_text(const struct table *t, size_t width, FILE *to)
{
    struct layout l = {0};
    char *without = NULL;
    size_t size;
    FILE *out = t && !t->failed ? open_memstream(&without, &size) : NULL;
    int rc = out && set_layout(&l, t) ? 0 : -ENOMEM;
    if (rc == 0 && !t->wraps)
        fit(&l, t, width, out);
    if (out && fclose(out) != 0)
        rc = -ENOMEM;
    if (rc == 0 && *t->title)
        print_line(t->title, to);
    if (rc == 0 && t->row_count > 0)
        rc = t->wraps ? print_wrapped(&l, t, width, to) : print_rows(&l, t, to);
    for (size_t i = 0; rc == 0 && i < t->note_count; i++)
        print_line(t->notes[i], to);
    if (rc == 0 && *without)
        fprintf(to, "left out for the width: %s\n", without);
    if (l.text)
        free_layout(&l, t);
    free(without);
    return rc;
}
