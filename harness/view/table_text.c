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
static char *lay_out(const struct table *t, const size_t *shown, size_t n)
{
    struct libscols_table *scols = scols_new_table();
    char *lines = NULL;
    for (size_t c = 0; c < n; c++) {
        const struct table_column *of = &t->columns[shown[c]];
        scols_table_new_column(scols, table_title(of), 0, of->kind == TABLE_TEXT ? 0 : SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < t->row_count; i++) {
        struct libscols_line *line = scols_table_new_line(scols, NULL);
        for (size_t c = 0; c < n; c++)
            scols_line_refer_data(line, c, safe(table_cell(t, i, shown[c])->text));
    }
    scols_table_enable_noencoding(scols, 1);                 /* cells are safe already */
    scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
    scols_print_table_to_string(scols, &lines);
    scols_unref_table(scols);
    return lines ? lines : strdup(""); /* without columns it says nothing */
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

/* The one that is left out first: the last of those with the largest rank. n: none may be. */
static size_t least(const struct table *t, const size_t *shown, size_t n)
{
    size_t worst = n;
    for (size_t c = 0, rank = 1; c < n; c++)
        if (t->columns[shown[c]].rank >= rank) {
            rank = t->columns[shown[c]].rank;
            worst = c;
        }
    return worst;
}

static void print_line(const char *text, FILE *to)
{
    plain_text(to, text);
    fputc('\n', to);
}

void table_print_text(const struct table *t, size_t width, FILE *to)
{
    size_t shown[TABLE_COLUMNS], n = table_shown(t, shown), size, worst;
    char *lines = t->row_count > 0 ? lay_out(t, shown, n) : strdup(""), *without = NULL;
    FILE *out = open_memstream(&without, &size);
    while (widest(lines) > width && (worst = least(t, shown, n)) < n) {
        fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "", table_title(&t->columns[shown[worst]]));
        memmove(&shown[worst], &shown[worst + 1], (--n - worst) * sizeof *shown);
        free(lines);
        lines = lay_out(t, shown, n);
    }
    fclose(out);
    if (*t->title)
        print_line(t->title, to);
    fprintf(to, "%s%s", lines, *lines && lines[strlen(lines) - 1] != '\n' ? "\n" : "");
    for (size_t i = 0; i < t->note_count; i++)
        print_line(t->notes[i], to);
    if (*without)
        fprintf(to, "left out for the width: %s\n", without);
    free(lines);
    free(without);
}
