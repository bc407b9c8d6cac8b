/* Tables of texts, for a page, for Markdown and for a terminal. */
#include "cmd_report.h"

#include "../view/grid.h"
#include "../text/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t count(const struct shown_table *t)
{
    size_t n = 0;
    while (t->columns[n].title)
        n++;
    return n;
}

int shown_table_begin(struct shown_table *t, const struct shown_column *columns, size_t rows)
{
    t->columns = columns;
    t->rows = 0;
    t->cells = calloc(rows + 1, sizeof *t->cells);
    for (size_t i = 0; i < rows && t->cells; i++)
        for (size_t c = 0; c < count(t); c++)
            snprintf(t->cells[i][c], SHOWN_CELL, "n/a");
    return t->cells ? 0 : -ENOMEM;
}

void shown_table_html(const struct shown_table *t, FILE *to)
{
    fprintf(to, "<div class=\"box\"><table id=\"%s\"><caption>", t->id);
    html_text(to, t->caption);
    fputs("</caption>\n<thead><tr>", to);
    for (const struct shown_column *c = t->columns; c->title; c++)
        fprintf(to, "<th scope=\"col\"%s title=\"%s\">%s</th>", c->text ? "" : " class=\"n\"", c->what, c->title);
    fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t i = 0; i < t->rows; i++) {
        fputs("<tr>", to);
        for (size_t c = 0; t->columns[c].title; c++) {
            fputs(t->columns[c].text ? "<td>" : "<td class=\"n\">", to);
            html_text(to, t->cells[i][c]);
            fputs("</td>", to);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

void shown_table_markdown(const struct shown_table *t, FILE *to)
{
    for (const struct shown_column *c = t->columns; c->title; c++)
        fprintf(to, "| %s ", c->title);
    fputs("|\n", to);
    for (const struct shown_column *c = t->columns; c->title; c++)
        fputs(c->text ? "| --- " : "| --: ", to);
    fputs("|\n", to);
    for (size_t i = 0; i < t->rows; i++) {
        for (size_t c = 0; t->columns[c].title; c++) {
            fputs("| ", to);
            markdown_text(to, t->cells[i][c]);
            fputc(' ', to);
        }
        fputs("|\n", to);
    }
}

int shown_table_plain(const struct shown_table *t, FILE *to)
{
    struct grid g = {.columns = count(t), .rows = t->rows};
    g.cells = calloc(t->rows + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (size_t c = 0; c < g.columns; c++) {
        g.titles[c] = t->columns[c].title;
        g.left += t->columns[c].text && g.left == c;
        for (size_t i = 0; i < t->rows; i++)
            snprintf(g.cells[i][c], GRID_CELL, "%.*s", GRID_CELL - 1, t->cells[i][c]);
    }
    int rc = grid_print(&g, to);
    free(g.cells);
    return rc;
}
