/* A document as a page of HTML that needs nothing else: no other file, no network, and no script to be read. The script
 * only sorts tables; the page's policy allows none but this one, so no name in it could ever bring its own. */
#include "document.h"

#include "../text/safe.h"
#include "../text/embed.h"

#include <stdlib.h>
#include <string.h>

EMBED(page_css, "plots/page.css");
EMBED(page_js, "plots/page.js");

static void print_list(const struct table *t, const char *class, FILE *to)
{
    if (t->note_count == 0)
        return;
    fprintf(to, "<ul class=\"%s\">\n", class);
    for (size_t i = 0; i < t->note_count; i++) {
        fputs("<li>", to);
        html_text(to, t->notes[i]);
        fputs("</li>\n", to);
    }
    fputs("</ul>\n", to);
}

static void print_head(const struct document *d, FILE *to)
{
    const struct results *r = d->runs->first->results;
    const struct noise *noise = &d->runs->first->report.noise;
    const char *word = noise->quiet ? "quiet" : "noisy";
    char when[40];
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "script-src 'sha256-" PAGE_SCRIPT_DIGEST "'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>dbnbench: ",
          to);
    html_text(to, run_id(r));
    fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>dbnbench</h1>\n", page_css);
    print_list(d->sections[0].answers, "answer", to);
    fprintf(to, "<p>The machine was <strong class=\"%s\">%s</strong>%s", word, word, noise->quiet ? "" : ": ");
    html_text(to, noise->why);
    shown_time(r, when, sizeof when);
    fprintf(to, ". Taken %s, run ", when);
    html_text(to, run_id(r));
    fputs(".</p>\n<p class=\"dim\">[low to high]: an interval that holds the true median with at least 95 %, from "
          "order statistics; with fewer than 6 samples it is the smallest and the largest. n/a is what was not or "
          "could not be measured, never zero.</p>\n",
          to);
}

static void print_section(const struct section *s, bool first, FILE *to)
{
    fprintf(to, "<h2>%s</h2>\n", s->title);
    if (!first)
        print_list(s->answers, "dim", to);
    for (size_t i = 0; i < s->table_count; i++)
        table_print_html(s->tables[i], to);
}

/* --- pictures --- */

static void print_figure(const struct figure *f, FILE *to)
{
    fprintf(to, "<figure id=\"figure-%s\"><div class=\"box\" role=\"img\" aria-label=\"", f->name);
    html_text(to, f->title);
    fputs("\">", to);
    fputs(strstr(f->svg, "<svg"), to); /* without the lines that only a file of its own has */
    fputs("</div><figcaption><p><strong>", to);
    html_text(to, f->title);
    fprintf(to, ".</strong> %s Data: <code>%s.tsv</code></p></figcaption></figure>\n", f->kind->about, f->name);
}

static void print_missing(const struct figure *f, FILE *to)
{
    fprintf(to, "<li class=\"missing\">%s: ", f->data ? "not drawn" : "left out");
    html_text(to, f->title);
    fputs(": ", to);
    html_text(to, f->why);
    fputs(".</li>\n", to);
}

static void print_figures(const struct figures *f, FILE *to)
{
    fputs("<h2>Pictures</h2>\n<div class=\"pictures\">\n", to);
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].svg)
            print_figure(&f->all[i], to);
    fputs("</div>\n<ul class=\"dim\">\n", to);
    for (size_t i = 0; i < f->count; i++)
        if (!f->all[i].svg)
            print_missing(&f->all[i], to);
    fputs("</ul>\n", to);
}

/* --- surroundings --- */

/* Names and values of a member of the run line, if it has any. */
static bool print_facts(const json_t *run, const char *key, const char *title, FILE *to)
{
    static const struct table_column columns[] = {{.key = "name"}, {.key = "value"}, {0}};
    struct table *t = table_new(key, title, columns);
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(run, key), name, value)
    {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        table_row(t, "tt", name, json_is_string(value) ? json_string_value(value) : json_is_null(value) ? NULL : text);
        free(text);
    }
    bool any = t->row_count > 0;
    if (any)
        table_print_html(t, to);
    table_free(t);
    return any;
}

static void print_surroundings(const struct results *r, FILE *to)
{
    const json_t *run = r->run;
    char *command = shown_command(r);
    fputs("<h2>What was not measured, and why</h2>\n", to);
    bool missing = print_facts(run, "missing", "Facts and counters that could not be had", to);
    missing |= print_facts(run, "unavailable", "Backends that could not run", to);
    fputs(missing ? "" : "<p>Nothing is missing.</p>\n", to);
    fputs("<h2>Where it was measured</h2>\n", to);
    print_facts(run, "machine", "The machine", to);
    print_facts(run, "build", "The program", to);
    fputs("<h2>How to repeat it</h2>\n", to);
    fputs("<div class=\"box\"><pre id=\"command\">", to);
    html_text(to, command);
    fputs("</pre></div>\n", to);
    free(command);
}

void document_page(const struct document *d, FILE *to)
{
    const struct shown_run *run = d->runs->first;
    print_head(d, to);
    for (size_t i = 0; i < d->count; i++)
        print_section(&d->sections[i], i == 0, to);
    print_figures(&d->figures, to);
    fputs("<h2>What has to be said of this run</h2>\n", to);
    print_list(d->notes, "dim", to);
    print_surroundings(run->results, to);
    fprintf(to, "</main>\n<script>%s</script>\n</body>\n</html>\n", page_js);
}
