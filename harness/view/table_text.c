/* Tables for a terminal. */
#include "../text/safe.h"
#include "../text/terminal.h"
#include "table.h"

#include <libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is shown of a table, and how. */
struct layout {
    const struct table *t;
    const struct table_line *lines;
    size_t shown[TABLE_COLUMNS], n;
    bool brief[TABLE_COLUMNS]; /* by the table's columns: intervals lose their range */
    size_t longest;            /* characters of a text, unless it is the title of its column */
};

enum { SHORTEST = 12, VERDICT = 20 }; /* characters that are left of a text */

/* --- cells --- */

/* The middle goes: both ends of a path tell more. */
static void shorten(char *text, size_t longest)
{
    static const char gap[] = "...";
    size_t n = strlen(text), head = longest / 3, tail = longest - strlen(gap) - head;
    if (terminal_columns(text) <= longest)
        return;
    while (head > 0 && (text[head] & 0xC0) == 0x80)
        head--;
    while (tail > 0 && (text[n - tail] & 0xC0) == 0x80)
        tail--;
    memcpy(text + head, gap, strlen(gap));
    memmove(text + head + strlen(gap), text + n - tail, tail + 1);
}

/* The text as a terminal may see it; to be freed. */
static char *text_of(const struct layout *l, size_t row, size_t column)
{
    const struct table_column *of = &l->t->columns[column];
    const struct table_cell *cell = table_cell(l->t, row, column);
    char number[40];
    const char *text = cell->text;
    if (l->brief[column] && cell->type == CELL_STATS) {
        table_number(cell->stats.median * (of->scale != 0 ? of->scale : 1), number, sizeof number);
        text = number;
    }
    size_t n = strlen(text);
    char *copy = malloc(ESCAPE_MOST * n + 1);
    *escape_plain(copy, text, n) = '\0';
    if (of->kind == TABLE_TEXT)
        shorten(copy, of->verdict && l->longest < VERDICT ? VERDICT : l->longest);
    return copy;
}

/* Never red and green, which not everybody can tell apart. */
static const char *colour_of(const struct table_column *of, const struct table_cell *cell)
{
    static const char blue[] = "\033[1;36m", ochre[] = "\033[1;33m", grey[] = "\033[2m";
    static const struct {
        const char *word, *colour;
    } words[] = {{"faster", blue},
                 {"better", blue},
                 {"improved", blue},
                 {"holds", blue},
                 {"ok", blue},
                 {"slower", ochre},
                 {"worse", ochre},
                 {"below", ochre},
                 {"regressed", ochre},
                 {"wrong result", ochre},
                 {"mismatch", ochre},
                 {"failed", ochre},
                 {"too few samples", grey},
                 {"no difference", grey},
                 {"no difference seen", grey},
                 {"inconclusive", grey},
                 {"too noisy", grey},
                 {NULL, NULL}};
    size_t i = 0;
    while (of->verdict && words[i].word && strcmp(words[i].word, cell->text) != 0)
        i++;
    return of->verdict && words[i].word ? words[i].colour : cell->stressed ? "\033[1m" : NULL;
}

/* --- rows --- */

/* The header and the rows as lines, to be freed. */
static char *lay_out(const struct layout *l, bool colour)
{
    struct libscols_table *scols = scols_new_table();
    char *text = NULL;
    for (size_t c = 0; c < l->n; c++) {
        const struct table_column *of = &l->t->columns[l->shown[c]];
        scols_table_new_column(scols, table_title(of), 0, of->kind == TABLE_TEXT ? 0 : SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < l->t->row_count; i++) {
        struct libscols_line *line = scols_table_new_line(scols, NULL);
        for (size_t c = 0; c < l->n; c++) {
            size_t row = l->lines[i].row, column = l->shown[c];
            scols_line_refer_data(line, c, text_of(l, row, column));
            if (colour)
                scols_cell_set_color(scols_line_get_cell(line, c),
                                     colour_of(&l->t->columns[column], table_cell(l->t, row, column)));
        }
    }
    scols_table_enable_colors(scols, colour);
    scols_table_enable_noencoding(scols, 1);                 /* cells are safe already */
    scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
    scols_print_table_to_string(scols, &text);
    scols_unref_table(scols);
    return text ? text : strdup(""); /* without columns it says nothing */
}

static bool fits(const struct layout *l, size_t width)
{
    char *text = lay_out(l, false), *rest = text, *line;
    bool all = true;
    while ((line = strsep(&rest, "\n")) != NULL)
        all &= terminal_columns(line) <= width;
    free(text);
    return all;
}

/* --- what does not fit --- */

static void name_column(const struct layout *l, size_t c, FILE *to)
{
    fprintf(to, "%s%s", ftell(to) > 0 ? ", " : "", table_title(&l->t->columns[l->shown[c]]));
}

/* Are there rows that only this one of the columns that tell keeps apart? */
static bool is_needed(const struct layout *l, size_t c)
{
    for (size_t a = 0; a < l->t->row_count && l->t->columns[l->shown[c]].tells; a++)
        for (size_t b = 0; b < a; b++) {
            size_t same = 0, tells = 0;
            for (size_t k = 0; k < l->n; k++) {
                const struct table_cell *x = table_cell(l->t, a, l->shown[k]), *y = table_cell(l->t, b, l->shown[k]);
                tells += l->t->columns[l->shown[k]].tells && k != c;
                same += l->t->columns[l->shown[k]].tells && k != c && strcmp(x->text, y->text) == 0;
            }
            if (same == tells)
                return true;
        }
    return false;
}

/* Leaves out the last of those with the largest rank. False: none has at least this one. */
static bool drop_column(struct layout *l, unsigned rank, FILE *names)
{
    size_t worst = l->n;
    for (size_t c = 0; c < l->n; c++)
        if (l->t->columns[l->shown[c]].rank >= rank && !is_needed(l, c)) {
            rank = l->t->columns[l->shown[c]].rank;
            worst = c;
        }
    if (worst == l->n)
        return false;
    name_column(l, worst, names);
    memmove(&l->shown[worst], &l->shown[worst + 1], (--l->n - worst) * sizeof *l->shown);
    return true;
}

static bool has_range(const struct layout *l, size_t column)
{
    for (size_t i = 0; i < l->t->row_count && !l->brief[column]; i++)
        if (table_cell(l->t, i, column)->ranged)
            return true;
    return false;
}

/* Those of the last column that has any. */
static bool drop_ranges(struct layout *l, FILE *names)
{
    size_t c = l->n;
    while (c > 0 && !has_range(l, l->shown[c - 1]))
        c--;
    if (c == 0)
        return false;
    name_column(l, c - 1, names);
    return l->brief[l->shown[c - 1]] = true;
}

static bool shorten_texts(struct layout *l, size_t width)
{
    l->longest = l->longest > width ? width : l->longest - 1;
    return l->longest >= SHORTEST;
}

static void print_left_out(const char *what, char *names, size_t width, FILE *to)
{
    char *line = NULL;
    if (*names && asprintf(&line, "left out for the width: %s%s", what, names) >= 0)
        terminal_prose(line, width, to);
    free(line);
    free(names);
}

/* --- all of it --- */

static void print_rows(const struct layout *l, FILE *to)
{
    char *text = lay_out(l, terminal_has_colour(to)), *rest = text, *line = strsep(&rest, "\n");
    fprintf(to, "%s%s", line, *line ? "\n" : "");
    for (size_t i = 0; i < l->t->row_count && (line = strsep(&rest, "\n")) != NULL && *line; i++)
        fprintf(to, "%s%s\n", l->lines[i].first ? "\n" : "", line);
    free(text);
}

void table_print_text(const struct table *t, size_t width, FILE *to)
{
    struct table_line *lines = table_lines(t);
    struct layout l = {.t = t, .lines = lines, .longest = SIZE_MAX};
    char *columns = NULL, *ranges = NULL, *alike = table_alike(t);
    size_t size;
    FILE *dropped = open_memstream(&columns, &size), *brief = open_memstream(&ranges, &size);
    l.n = table_shown(t, true, l.shown);
    while (!fits(&l, width) && (drop_column(&l, 2, dropped) || drop_ranges(&l, brief) || drop_column(&l, 1, dropped) ||
                                shorten_texts(&l, width)))
        continue;
    fclose(dropped);
    fclose(brief);
    if (*t->title)
        terminal_prose(t->title, width, to);
    for (size_t i = 0; i < t->head_count; i++)
        terminal_prose(t->notes[i], width, to);
    if (*alike)
        terminal_prose(alike, width, to);
    if (t->row_count > 0)
        print_rows(&l, to);
    for (size_t i = t->head_count; i < t->note_count; i++)
        terminal_prose(t->notes[i], width, to);
    print_left_out("", columns, width, to);
    print_left_out("the ranges of ", ranges, width, to);
    free(alike);
    free(lines);
}
