/* Tables as Markdown and HTML. */
#include "../text/safe.h"
#include "table.h"

static bool is_number(const struct table *t, size_t column)
{
    return t->columns[column].kind != TABLE_TEXT;
}

void table_print_markdown(const struct table *t, FILE *to)
{
    for (size_t c = 0; c < t->column_count; c++) {
        if (!table_shows(t, c))
            continue;
        fputs("| ", to);
        markdown_text(to, table_title(&t->columns[c]));
        fputc(' ', to);
    }
    fputs("|\n", to);
    for (size_t c = 0; c < t->column_count; c++)
        if (table_shows(t, c))
            fputs(is_number(t, c) ? "| --: " : "| --- ", to);
    fputs("|\n", to);
    for (size_t i = 0; i < t->row_count; i++) {
        for (size_t c = 0; c < t->column_count; c++) {
            if (!table_shows(t, c))
                continue;
            fputs("| ", to);
            markdown_text(to, table_cell(t, i, c)->text);
            fputc(' ', to);
        }
        fputs("|\n", to);
    }
    for (size_t i = 0; i < t->note_count; i++) {
        fputc('\n', to);
        markdown_text(to, t->notes[i]);
        fputc('\n', to);
    }
}

void table_print_html(const struct table *t, FILE *to)
{
    fputs("<div class=\"box\"><table id=\"", to);
    html_text(to, t->key);
    fputs("\"><caption>", to);
    html_text(to, t->title);
    fputs("</caption>\n<thead><tr>", to);
    for (size_t c = 0; c < t->column_count; c++) {
        if (!table_shows(t, c))
            continue;
        fprintf(to, "<th scope=\"col\"%s title=\"", is_number(t, c) ? " class=\"n\"" : "");
        html_text(to, t->columns[c].meaning ? t->columns[c].meaning : "");
        fputs("\">", to);
        html_text(to, table_title(&t->columns[c]));
        fputs("</th>", to);
    }
    fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t i = 0; i < t->row_count; i++) {
        fputs("<tr>", to);
        for (size_t c = 0; c < t->column_count; c++) {
            if (!table_shows(t, c))
                continue;
            fputs(is_number(t, c) ? "<td class=\"n\">" : "<td>", to);
            html_text(to, table_cell(t, i, c)->text);
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
