/* Tables for a terminal. */
#include "../text/safe.h"
#include "table.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

/* The text as a terminal may see it; to be freed. */
static char *safe(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(ESCAPE_MOST * n + 1);
    *escape_plain(copy, text, n) = '\0';
    return copy;
}

/* The rows as lines, to be freed. */
static char *lay_out(const struct table *t, const bool *shown)
{
    struct libscols_table *scols = scols_new_table();
    char *lines = NULL;
    for (size_t c = 0; c < t->column_count; c++)
        if (shown[c])
            scols_table_new_column(scols, table_title(&t->columns[c]), 0,
                                   t->columns[c].kind == TABLE_TEXT ? 0 : SCOLS_FL_RIGHT);
    for (size_t i = 0; i < t->row_count; i++) {
        struct libscols_line *line = scols_table_new_line(scols, NULL);
        for (size_t c = 0, n = 0; c < t->column_count; c++)
            if (shown[c])
                scols_line_refer_data(line, n++, safe(table_cell(t, i, c)->text));
    }
    scols_table_enable_noencoding(scols, 1);                 /* cells are safe already */
    scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
    scols_print_table_to_string(scols, &lines);
    scols_unref_table(scols);
    return lines;
}

/* Characters of the longest line. */
static size_t widest(const char *lines)
{
    size_t most = 0;
    for (size_t n = 0; *lines; lines++) {
        n = *lines == '\n' ? 0 : n + ((*lines & 0xC0) != 0x80);
        most = n > most ? n : most;
    }
    return most;
}

/* Leaves out the last column of the largest rank; false: there is none that may be left out. */
static bool leave_out(const struct table *t, bool *shown)
{
    size_t worst = 0;
    for (size_t c = 0; c < t->column_count; c++)
        if (shown[c] && (!shown[worst] || t->columns[c].rank >= t->columns[worst].rank))
            worst = c;
    bool may = shown[worst] && t->columns[worst].rank > 0;
    shown[worst] &= !may;
    return may;
}

static void print_line(const char *text, FILE *to)
{
    plain_text(to, text);
    fputc('\n', to);
}

void table_print_text(const struct table *t, size_t width, FILE *to)
{
    bool shown[TABLE_COLUMNS] = {false};
    const char *before = "left out for the width: ";
    char *lines = NULL;
    for (size_t c = 0; c < t->column_count; c++)
        shown[c] = table_shows(t, c);
    while (t->row_count > 0 && (!lines || (widest(lines) > width && leave_out(t, shown)))) {
        free(lines);
        lines = lay_out(t, shown);
    }
    if (*t->title)
        print_line(t->title, to);
    if (lines)
        fprintf(to, "%s%s", lines, lines[strlen(lines) - 1] == '\n' ? "" : "\n");
    for (size_t i = 0; i < t->note_count; i++)
        print_line(t->notes[i], to);
    for (size_t c = 0; c < t->column_count; c++)
        if (!shown[c] && table_shows(t, c)) {
            fprintf(to, "%s%s", before, table_title(&t->columns[c]));
            before = ", ";
        }
    fputs(*before == ',' ? "\n" : "", to);
    free(lines);
}
