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

static int fill(struct libscols_table *scols, const struct table *t, const bool *shown)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (shown[c] && !scols_table_new_column(scols, table_title(&t->columns[c]), 0,
                                                t->columns[c].kind == TABLE_TEXT ? 0 : SCOLS_FL_RIGHT))
            return -ENOMEM;
    for (size_t i = 0; i < t->row_count; i++) {
        struct libscols_line *line = scols_table_new_line(scols, NULL);
        for (size_t c = 0, n = 0; c < t->column_count; c++) {
            char *text = line && shown[c] ? safe(table_cell(t, i, c)->text) : NULL;
            if (!line || (shown[c] && (!text || scols_line_refer_data(line, n++, text))))
                return -ENOMEM;
        }
    }
    return 0;
}

/* The rows as lines, to be freed. 0 or -ENOMEM. */
static int lay_out(const struct table *t, const bool *shown, char **lines)
{
    struct libscols_table *scols = scols_new_table();
    int rc = scols ? fill(scols, t, shown) : -ENOMEM;
    free(*lines);
    *lines = NULL;
    if (rc == 0) {
        scols_table_enable_noencoding(scols, 1);                 /* cells are safe already */
        scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
        rc = scols_print_table_to_string(scols, lines);
    }
    scols_unref_table(scols);
    return rc;
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

int table_print_text(const struct table *t, size_t width, FILE *to)
{
    bool shown[TABLE_COLUMNS] = {false};
    const char *before = "left out for the width: ";
    char *lines = NULL;
    if (!t || t->failed)
        return -ENOMEM;
    for (size_t c = 0; c < t->column_count; c++)
        shown[c] = table_shows(t, c);
    int rc = t->row_count > 0 ? lay_out(t, shown, &lines) : 0;
    while (rc == 0 && lines && widest(lines) > width && leave_out(t, shown))
        rc = lay_out(t, shown, &lines);
    if (rc == 0 && *t->title)
        print_line(t->title, to);
    if (rc == 0 && lines)
        fprintf(to, "%s%s", lines, lines[strlen(lines) - 1] == '\n' ? "" : "\n");
    for (size_t i = 0; rc == 0 && i < t->note_count; i++)
        print_line(t->notes[i], to);
    for (size_t c = 0; rc == 0 && c < t->column_count; c++) {
        if (shown[c] || !table_shows(t, c))
            continue;
        fprintf(to, "%s%s", before, table_title(&t->columns[c]));
        before = ", ";
    }
    fputs(*before == ',' ? "\n" : "", to);
    free(lines);
    return rc;
}
