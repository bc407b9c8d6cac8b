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
    for (size_t i = 0; i < t->note_count; i++) {
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

void table_print_html(const struct table *t, FILE *to)
{
    size_t shown[TABLE_COLUMNS], n = table_shown(t, false, shown);
    fputs("<div class=\"box\"><table id=\"", to);
    html_text(to, t->key);
    fputs("\"><caption>", to);
    html_text(to, t->title);
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
    fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t i = 0; i < t->row_count; i++) {
        fputs("<tr>", to);
        for (size_t c = 0; c < n; c++) {
            fputs("<td", to);
            print_class(&t->columns[shown[c]], to);
            fputs(">", to);
            html_text(to, table_cell(t, i, shown[c])->text);
            fputs("</td>", to);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
    for (size_t i = 0; i < t->note_count; i++) {
        fputs("<p class=\"dim\">", to);
        html_text(to, t->notes[i]);
        fputs("</p>\n", to);
    }
}
