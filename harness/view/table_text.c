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
    bool *shown;
};

static void free_layout(struct layout *l, const struct table *t)
{
    for (size_t i = 0; l->text && i < t->row_count * t->column_count; i++)
        free(l->text[i]);
    free(l->text);
    free(l->width);
    free(l->shown);
}

static bool set_layout(struct layout *l, const struct table *t)
{
    size_t n = t->column_count;
    *l = (struct layout){calloc(t->row_count * n + 1, sizeof *l->text), calloc(n, sizeof *l->width),
                         calloc(n, sizeof *l->shown)};
    if (!l->text || !l->width || !l->shown)
        return false;
    for (size_t c = 0; c < n; c++)
        l->width[c] = characters(table_title(&t->columns[c]));
    for (size_t i = 0; i < t->row_count * n; i++) {
        size_t c = i % n;
        l->text[i] = safe(t->cells[i].text);
        if (!l->text[i])
            return false;
        size_t width = characters(l->text[i]);
        l->width[c] = width > l->width[c] ? width : l->width[c];
        l->shown[c] |= t->cells[i].type != CELL_NONE && *l->text[i];
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

/* Leaves out columns until the others fit, or none may be left out. Their titles go to `out`. */
static void fit(struct layout *l, const struct table *t, size_t width, FILE *out)
{
    while (total_width(l, t) > width) {
        size_t worst = t->column_count;
        for (size_t c = 0; c < t->column_count; c++)
            if (l->shown[c] && t->columns[c].rank > (worst < t->column_count ? t->columns[worst].rank : 0))
                worst = c;
        if (worst == t->column_count)
            return;
        l->shown[worst] = false;
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

int table_print_text(const struct table *t, size_t width, FILE *to)
{
    struct layout l = {0};
    char *without = NULL;
    size_t size;
    FILE *out = t && !t->failed ? open_memstream(&without, &size) : NULL;
    int rc = out && set_layout(&l, t) ? 0 : -ENOMEM;
    if (rc == 0)
        fit(&l, t, width, out);
    if (out && fclose(out) != 0)
        rc = -ENOMEM;
    if (rc == 0 && *t->title) {
        print_plain(to, t->title, strlen(t->title));
        fputc('\n', to);
    }
    if (rc == 0 && t->row_count > 0)
        rc = print_rows(&l, t, to);
    for (size_t i = 0; rc == 0 && i < t->note_count; i++) {
        print_plain(to, t->notes[i], strlen(t->notes[i]));
        fputc('\n', to);
    }
    if (rc == 0 && *without)
        fprintf(to, "left out for the width: %s\n", without);
    if (l.text)
        free_layout(&l, t);
    free(without);
    return rc;
}
