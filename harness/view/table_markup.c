/* Tables as Markdown and HTML. */
#include "../text/safe.h"
#include "table.h"

#include <stdlib.h>

static bool is_number(const struct table *t, size_t column)
{
    return t->columns[column].kind != TABLE_TEXT;
}

void table_print_markdown(const struct table *t, FILE *to)
{
    size_t shown[TABLE_COLUMNS], n = table_shown(t, true, shown);
    char *alike = table_alike(t);
    for (size_t i = 0; i < t->head_count; i++) {
        markdown_text(to, t->notes[i]);
        fputs("\n\n", to);
    }
    if (*alike) {
        markdown_text(to, alike);
        fputs("\n\n", to);
    }
    free(alike);
    for (size_t c = 0; c < n; c++) {
        fputs("| ", to);
        markdown_text(to, table_title(&t->columns[shown[c]]));
        fputc(' ', to);
    }
    fputs("|\n", to);
    for (size_t c = 0; c < n; c++)
        fputs(is_number(t, shown[c]) ? "| --: " : "| --- ", to);
    fputs("|\n", to);
    struct table_line *lines = table_lines(t);
    for (size_t i = 0; i < t->row_count; i++) {
        for (size_t c = 0; c < n; c++) {
            fputs("| ", to);
            markdown_text(to, table_cell(t, lines[i].row, shown[c])->text);
            fputc(' ', to);
        }
        fputs("|\n", to);
    }
    free(lines);
    for (size_t i = t->head_count; i < t->note_count; i++) {
        fputc('\n', to);
        markdown_text(to, t->notes[i]);
        fputc('\n', to);
    }
}

/* Numbers stand at the right; what may be left out is, on narrow pages, and most of it on those that are not wide. */
static void print_class(const struct table_column *c, FILE *to)
{
    fprintf(to, " class=\"%s%s\"", c->kind != TABLE_TEXT ? "n" : "",
            c->rank > 3   ? " most"
            : c->rank > 0 ? " more"
                          : "");
}

/* The most of a column in the group that begins with this line: what its bars are drawn to. */
static double most_of(const struct table *t, const struct table_line *lines, size_t first, size_t column)
{
    double most = 0;
    for (size_t i = first; i < t->row_count && (i == first || !lines[i].first); i++) {
        const struct table_cell *cell = table_cell(t, lines[i].row, column);
        most = cell->type == CELL_NUMBER && cell->number > most ? cell->number : most;
    }
    return most;
}

static void print_cell(const struct table *t, const struct table_cell *cell, size_t column, double most, FILE *to)
{
    fputs("<td", to);
    print_class(&t->columns[column], to);
    if (t->columns[column].bar && cell->type == CELL_NUMBER && most > 0)
        fprintf(to, " style=\"--bar:%.1f%%\"", 100 * cell->number / most);
    fputs(">", to);
    html_text(to, cell->text);
    fputs("</td>", to);
}

static void print_rows(const struct table *t, const size_t *shown, size_t n, FILE *to)
{
    struct table_line *lines = table_lines(t);
    double most[TABLE_COLUMNS];
    fputs("<tbody>\n", to);
    for (size_t i = 0; i < t->row_count; i++) {
        if (lines[i].first)
            fputs("</tbody>\n<tbody>\n", to);
        fputs(table_cell(t, lines[i].row, 0)->stressed ? "<tr class=\"best\">" : "<tr>", to);
        for (size_t c = 0; c < n; c++) {
            if (t->columns[shown[c]].bar && (i == 0 || lines[i].first))
                most[c] = most_of(t, lines, i, shown[c]);
            print_cell(t, table_cell(t, lines[i].row, shown[c]), shown[c], most[c], to);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody>\n", to);
    free(lines);
}

void table_print_html(const struct table *t, FILE *to)
{
    size_t shown[TABLE_COLUMNS], n = table_shown(t, true, shown);
    char *alike = table_alike(t);
    fputs("<table id=\"", to);
    html_text(to, t->key);
    fputs("\"><caption>", to);
    html_text(to, alike);
    fputs("</caption>\n<thead><tr>", to);
    for (size_t c = 0; c < n; c++) {
        const struct table_column *of = &t->columns[shown[c]];
        fputs("<th scope=\"col\"", to);
        print_class(of, to);
        fputs(" title=\"", to);
        html_text(to, of->meaning ? of->meaning : "");
        fputs("\">", to);
        html_text(to, table_title(of));
        fputs("</th>", to);
    }
    fputs("</tr></thead>\n", to);
    print_rows(t, shown, n, to);
    fputs("</table>\n", to);
    for (size_t i = 0; i < t->note_count; i++) {
        fputs("<p class=\"dim\">", to);
        html_text(to, t->notes[i]);
        fputs("</p>\n", to);
    }
    free(alike);
}
