/* A report on a terminal: the answers, pictures made of characters, tables, and what has to be said. Without gnuplot
 * there are bars. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "../text/escape.h"
#include "../view/gnuplot.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURE_LEAST = 60 }; /* columns: names take most of them */

static void print_text(const char *text, FILE *to)
{
    print_plain(to, text, strlen(text));
}

/* In parts of the best of the dataset. */
static void print_bar(const struct document *d, const struct report_row *row, double best, size_t width, FILE *to)
{
    char name[96], rate[32], low[32], high[32];
    double value = answers_rate(row, row->ns.median);
    answers_case(&d->run->report, row, name, sizeof name);
    table_number(value, rate, sizeof rate);
    table_number(answers_rate(row, row->ns.high), low, sizeof low);
    table_number(answers_rate(row, row->ns.low), high, sizeof high);
    fprintf(to, "  %-20s %8s [%s to %s]\n  ", name, rate, low, high);
    size_t n = (size_t)(value / best * (double)(width - 2) + 0.5);
    for (size_t i = 0; i < n || i == 0; i++)
        fputc(n ? '#' : '|', to);
    fputc('\n', to);
}

static void print_bars(const struct document *d, const char *dataset, size_t width, FILE *to)
{
    const struct report *s = &d->run->report;
    double best = 0;
    fputc('\n', to);
    print_text(dataset, to);
    fputs(", sink ", to);
    print_text(answers_sink(s, dataset), to);
    fputs(", million records a second:\n", to);
    for (int draws = 0; draws < 2; draws++)
        for (size_t i = 0; i < s->count; i++) {
            const struct report_row *row = &s->rows[i];
            if (strcmp(row->sample->key.dataset, dataset) != 0 || row->ns.n == 0 || row->sample->records == 0 ||
                !answers_compared(s, row))
                continue;
            double value = answers_rate(row, row->ns.median);
            best = value > best ? value : best;
            if (draws)
                print_bar(d, row, best, width, to);
        }
}

/* True: it is there. */
static bool print_picture(const struct figure *f, size_t width, FILE *to)
{
    char why[FIGURE_TEXT];
    char *text = NULL;
    if (!f->data || gnuplot_text(f->script, f->title, f->data, width, &text, why, sizeof why) < 0)
        return false;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        line += strspn(line, "\f"); /* it begins a page */
        size_t n = strlen(line);
        while (n > 0 && line[n - 1] == ' ')
            n--;
        print_plain(to, line, n);
        fputs(rest ? "\n" : "", to);
    }
    free(text);
    return true;
}

/* Those by one script; false: there are none. */
static bool print_pictures(const struct document *d, const char *script, size_t width, FILE *to)
{
    bool any = false;
    for (size_t i = 0; i < d->figure_count; i++)
        if (strcmp(d->figures[i].script, script) == 0)
            any |= print_picture(&d->figures[i], width, to);
    return any;
}

static int print_tables(const struct document *d, FILE *to)
{
    int rc = 0;
    if (d->of[OF_SCALING]) {
        fputc('\n', to);
        rc = shown_table_plain(&d->scaling, to);
        scaling_print_claims(d, to);
    }
    for (size_t i = 0; i < d->step_inputs && rc == 0; i++) {
        fputc('\n', to);
        print_text(d->steps[i].table.caption, to);
        fputc('\n', to);
        rc = shown_table_plain(&d->steps[i].table, to);
    }
    return rc;
}

int summary_print_plain(const struct document *d, size_t width, FILE *to)
{
    const struct report *s = &d->run->report;
    width = width < 20 ? 20 : width > 200 ? 200 : width;
    for (size_t i = 0; i < d->answer_count; i++) {
        print_text(d->answers[i], to);
        fputc('\n', to);
    }
    bool room = width >= PICTURE_LEAST, drawn = room && print_pictures(d, "throughput", width, to);
    for (size_t i = 0; i < s->count && !drawn; i++)
        if (answers_dataset(s, i))
            print_bars(d, s->rows[i].sample->key.dataset, width, to);
    if (drawn) {
        print_pictures(d, "scaling", width, to);
        print_pictures(d, "waterfall", width, to);
    }
    int rc = print_tables(d, to);
    cases_print_notes(&d->run->results, s, "", to);
    return rc;
}
