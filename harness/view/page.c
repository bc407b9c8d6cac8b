/* A document as a page of HTML that needs nothing else: no other file, no network, and no script to be read. The script
 * only sorts tables and opens them; the page's policy allows none but this one, so no name in it could ever bring its
 * own. */
#include "document.h"

#include "../results/run.h"
#include "../text/embed.h"
#include "../text/safe.h"

#include <stdlib.h>
#include <string.h>

EMBED(page_css, "plots/page.css");
EMBED(page_js, "plots/page.js");

/* An element with this text. */
static void print_text(FILE *to, const char *start, const char *text, const char *end)
{
    fputs(start, to);
    html_text(to, text);
    fputs(end, to);
}

static void print_list(const struct table *t, size_t from, const char *each, const char *end, FILE *to)
{
    for (size_t i = from; i < t->note_count; i++)
        print_text(to, each, t->notes[i], end);
}

/* --- the head --- */

static const char *fact(const json_t *run, const char *part, const char *key, const char *missing)
{
    const char *text = json_string_value(json_object_get(json_object_get(run, part), key));
    return text ? text : missing;
}

/* The text with `old` replaced throughout. */
static void print_replaced(const char *text, const char *old, const char *new, FILE *to)
{
    char *copy;
    size_t n;
    FILE *out = open_memstream(&copy, &n);
    for (const char *at; (at = strstr(text, old)) != NULL; text = at + strlen(old))
        fprintf(out, "%.*s%s", (int)(at - text), text, new);
    fputs(text, out);
    fclose(out);
    html_text(to, copy);
    free(copy);
}

static void print_datasets(const struct report *s, FILE *to)
{
    const char *between = "";
    bool cold = false;
    for (size_t i = 0; i < s->count; i++) {
        const char *dataset = shown_dataset(s, i);
        cold |= s->rows[i].sample->key.cold;
        if (dataset)
            print_text(to, between, dataset, "");
        between = dataset ? ", " : between;
    }
    fputs(cold ? "" : ", from the page cache", to);
}

static void print_head(const struct document *d, FILE *to)
{
    const struct results *r = d->runs->first->results;
    const struct noise *noise = &d->runs->first->report.noise;
    char when[40], machine[256];
    shown_time(r, when, sizeof when);
    shown_machine(r, machine, sizeof machine);
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "script-src 'sha256-" PAGE_SCRIPT_DIGEST "'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>dbnbench: ",
          to);
    html_text(to, machine);
    fprintf(to, ", %s</title>\n<style>\n", when);
    figures_print_style(to);
    fprintf(to, "%s</style>\n</head>\n<body>\n<header>\n<h1>Reading DBN on ", page_css);
    html_text(to, machine);
    print_text(to, "</h1>\n<p class=\"dim\">dbnbench ", fact(r->run, "build", "version", "of an unknown version"), "");
    fprintf(to, " &middot; %s &middot; ", when);
    print_datasets(&d->runs->first->report, to);
    print_text(to, " &middot; run ", run_id(r), run_is_example(r) ? ", " RUN_EXAMPLE : "");
    fputs(" &middot; the machine was ", to);
    fputs(noise->quiet ? "quiet"
                       : "<a class=\"noisy\" href=\"#section-machine\">not quiet</a>: trust ratios more than rates",
          to);
    fputs("</p>\n</header>\n<main>\n", to);
}

/* --- pictures --- */

/* What is seen, for who does not see it: the texts of each row, once. */
static void print_seen(const struct figure *f, FILE *to)
{
    const struct table *t = f->data;
    print_text(to, "", f->title, ", ");
    print_text(to, "", f->below, ": ");
    for (size_t row = 0; row < t->row_count; row++) {
        const struct table_cell *cells = table_cell(t, row, 0), *before = row ? table_cell(t, row - 1, 0) : NULL;
        bool same = before != NULL, first = true;
        for (size_t c = 0; c < t->column_count && same; c++)
            same = t->columns[c].kind != TABLE_TEXT || strcmp(cells[c].text, before[c].text) == 0;
        for (size_t c = 0; c < t->column_count && !same; c++) {
            if (t->columns[c].kind != TABLE_TEXT || !*cells[c].text)
                continue;
            print_text(to, first ? row ? "; " : "" : " ", cells[c].text, "");
            first = false;
        }
    }
}

static void print_svg(const struct figure *f, const char *class, const char *svg, FILE *to)
{
    if (!svg)
        return;
    fprintf(to, "<div class=\"%s\" role=\"img\" aria-label=\"", class);
    print_seen(f, to);
    fprintf(to, "\">%s</div>\n", svg);
}

/* What it says stands above it, what else there is to know beside or below it. */
static void print_figure(const struct figure *f, FILE *to)
{
    const struct table *t = f->data;
    fprintf(to, "<figure id=\"figure-%s\"%s>\n", f->name, f->narrow ? " class=\"big\"" : "");
    if (t->note_count > 0)
        print_text(to, "<p class=\"says\">", t->notes[0], "</p>\n");
    print_svg(f, f->narrow ? "wide" : "small", f->svg, to);
    print_svg(f, "narrow", f->narrow, to);
    if (!f->svg)
        print_text(to, "<p class=\"missing\">The picture is not drawn: ", f->why, ".</p>\n");
    fputs("<figcaption>\n", to);
    print_list(t, 1, "<p>", "</p>\n", to);
    if (f->narrow || !f->svg)
        print_text(to, "<p>", f->kind->about, "</p>\n");
    fputs("</figcaption></figure>\n", to);
}

/* How many there are of a kind; NULL: none. */
static const struct figure *figures_in(const struct figures *f, const char *kind, size_t *count)
{
    const struct figure *first = NULL;
    *count = 0;
    for (size_t i = 0; i < f->count && kind; i++)
        if (strcmp(f->all[i].kind->name, kind) == 0) {
            first = first ? first : &f->all[i];
            ++*count;
        }
    return first;
}

/* Small ones stand side by side; of others one is shown, as chosen. */
static void print_figures(const struct figure *first, size_t count, FILE *to)
{
    bool choose = count > 1 && first->narrow;
    fprintf(to, "<div class=\"%s\">\n", choose ? "choose" : first->narrow || !first->svg ? "one" : "grid");
    for (const struct figure *f = first; f < first + count; f++) {
        if (choose) {
            fprintf(to, "<input type=\"radio\" name=\"%s\" id=\"of-%s\"%s><label for=\"of-%s\">", f->kind->name,
                    f->name, f == first ? " checked" : "", f->name);
            print_text(to, "", f->label, "</label>\n");
        }
        print_figure(f, to);
    }
    fputs("</div>\n", to);
    if (!first->narrow && first->svg)
        print_text(to, "<p class=\"dim\">", first->kind->about, "</p>\n");
}

/* --- sections --- */

/* Folded, unless one is all that the section has. */
static void print_tables(const struct section *s, FILE *to)
{
    bool alone = s->table_count == 1 && !s->figure;
    if (alone) {
        print_text(to, "<p class=\"says\">", s->answers->note_count ? "" : s->tables[0]->title, "</p>\n");
        table_print_html(s->tables[0], to);
    }
    for (size_t i = 0; i < s->table_count && !alone; i++) {
        print_text(to, "<details><summary>", *s->tables[i]->title ? s->tables[i]->title : s->title, "</summary>\n");
        table_print_html(s->tables[i], to);
        fputs("</details>\n", to);
    }
}

static bool has_something(const struct document *d, const struct section *s)
{
    size_t count;
    return figures_in(&d->figures, s->figure, &count) || s->table_count > 0 || s->answers->note_count > 0;
}

static void print_links(const struct document *d, FILE *to)
{
    fputs("<nav aria-label=\"Sections\">\n", to);
    for (size_t i = 1; i < d->count; i++)
        if (has_something(d, &d->sections[i]))
            fprintf(to, "<a href=\"#section-%zu\">%s</a>\n", i, d->sections[i].title);
    fputs("<a href=\"#section-machine\">The machine</a>\n<a href=\"#section-run\">About this run</a>\n"
          "<a href=\"#section-words\">Words</a>\n</nav>\n",
          to);
}

static void print_section(const struct document *d, const struct section *s, FILE *to)
{
    size_t count;
    const struct figure *first = figures_in(&d->figures, s->figure, &count);
    if (!has_something(d, s))
        return;
    fprintf(to, "<section id=\"section-%zu\">\n<h2>%s</h2>\n", s - d->sections, s->title);
    if (s->example && s != d->sections) /* of that the page's head says so */
        print_text(to, "<p class=\"dim\">", s->answers->notes[0], "</p>\n");
    print_list(s->answers, first ? s->answers->note_count : s->example, "<p class=\"says\">", "</p>\n", to);
    if (first)
        print_figures(first, count, to);
    print_tables(s, to);
    fputs("</section>\n", to);
    if (s == d->sections)
        print_links(d, to);
}

/* --- surroundings --- */

/* A stored fact as people write it. */
static void print_value(const char *key, const json_t *value, FILE *to)
{
    static const char bytes[] = "_bytes";
    const char *name, *between = "";
    size_t n = strlen(key);
    const json_t *member;
    char number[32];
    if (json_is_object(value)) {
        json_object_foreach((json_t *)value, name, member)
        {
            print_text(to, between, name, " ");
            print_value(name, member, to);
            between = ", ";
        }
    } else if (json_is_integer(value) && n >= strlen(bytes) && strcmp(key + n - strlen(bytes), bytes) == 0) {
        table_number((double)json_integer_value(value) / 1e9, number, sizeof number);
        fprintf(to, "%s GB", number);
    } else if (json_is_number(value)) {
        table_number(json_number_value(value), number, sizeof number);
        fputs(json_is_integer(value) ? "" : number, to);
        if (json_is_integer(value))
            fprintf(to, "%lld", json_integer_value(value));
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "yes" : "no", to);
    } else {
        html_text(to, json_is_string(value) ? json_string_value(value) : "n/a");
    }
}

static void print_facts(const json_t *run, const char *part, FILE *to)
{
    const char *key;
    json_t *value;
    fprintf(to, "<dl id=\"%s\">\n", part);
    json_object_foreach(json_object_get(run, part), key, value)
    {
        if (strcmp(key, "mitigations") == 0) /* twenty lines that few read; the stored run has them */
            continue;
        fputs("<dt>", to);
        print_replaced(key, "_", " ", to);
        fputs("</dt><dd>", to);
        print_value(key, value, to);
        fputs("</dd>\n", to);
    }
    fputs("</dl>\n", to);
}

static void print_machine(const struct document *d, FILE *to)
{
    const json_t *run = d->runs->first->results->run;
    fputs("<section id=\"section-machine\">\n<h2>The machine</h2>\n<p class=\"says\">", to);
    if (d->runs->first->report.noise.quiet)
        fputs("It was <strong class=\"quiet\">quiet</strong>.", to);
    else
        print_text(to, "It was <strong class=\"noisy\">not quiet</strong>: ", d->runs->first->report.noise.why, ".");
    fputs("</p>\n<div class=\"columns\">\n", to);
    print_facts(run, "machine", to);
    print_facts(run, "build", to);
    fputs("</div>\n", to);
    if (json_object_size(json_object_get(run, "missing")) + json_object_size(json_object_get(run, "unavailable")) > 0) {
        fputs("<h3>Not measured, and why</h3>\n<div class=\"columns\">\n", to);
        print_facts(run, "missing", to);
        print_facts(run, "unavailable", to);
        fputs("</div>\n", to);
    }
    fputs("</section>\n", to);
}

static void print_again(const struct document *d, FILE *to)
{
    char *command = shown_command(d->runs->first->results);
    fputs("<section id=\"section-run\">\n<h2>About this run</h2>\n<ul class=\"dim\">\n", to);
    print_list(d->notes, 0, "<li>", "</li>\n", to);
    print_text(to, "</ul>\n<h3>Measure it again</h3>\n<pre id=\"command\">", command, "\n");
    fputs("dbnbench run FILE            # a file of your own\n"
          "dbnbench compare OLD NEW     # did a change make it slower?</pre>\n</section>\n",
          to);
    free(command);
}

/* --- words --- */

static const struct word {
    const char *name, *meaning;
    bool sink; /* explained only if the run has it */
} words[] = {
    {"record", "one message of a DBN file: a trade, an order, a price level", false},
    {"sink", "what is done with the records", false},
    {"none", "sink: nothing, so this is reading alone", true},
    {"touch", "sink: one load from each cache line, and no record is looked for", true},
    {"frame", "sink: finds the records and counts them", true},
    {"sum", "sink: adds up time, price and size of all records", true},
    {"fields", "sink: loads every field of every record", true},
    {"rows", "sink: keeps every record in memory", true},
    {"machine's limit", "how fast the bytes can be had without decoding, measured in the same rounds", false},
    {"CPU time", "what all threads spent on cores; waiting is not counted", false},
    {"round", "one sample of every case, in random order; ratios are taken within rounds", false},
    {"95 % interval", "holds the true median in at least 95 of 100 such runs; of fewer than 6 samples, their range",
     false},
    {"n/a", "was not or could not be measured; it is never zero", false},
};

static bool has_sink(const struct report *s, const char *sink)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->rows[i].sample->key.sink, sink) == 0)
            return true;
    return false;
}

static const char *way_of(const struct run_backend *b)
{
    return b->mapped                 ? "the file is mapped into memory, and nothing is copied"
           : b->own_threads          ? "a thread reads blocks, others decode them"
           : b->shared               ? "threads share the reading"
           : b->asks == ASKS_FIELDS  ? "a read call for every field: the naive reader"
           : b->asks == ASKS_RECORDS ? "two read calls for every record"
                                     : "read calls of large blocks";
}

static void print_words(const struct shown_run *run, FILE *to)
{
    const json_t *backends = json_object_get(run->results->run, "backends");
    const char *name;
    json_t *of;
    struct run_backend b;
    fputs("<section id=\"section-words\">\n<h2>Words</h2>\n<dl id=\"words\">\n", to);
    json_object_foreach((json_t *)backends, name, of)
    {
        if (run_backend(run->results, name, &b)) {
            print_text(to, "<dt>", name, "</dt>");
            print_text(to, "<dd>", way_of(&b), "</dd>\n");
        }
    }
    for (const struct word *w = words; w < words + sizeof words / sizeof words[0]; w++) {
        if (w->sink && !has_sink(&run->report, w->name))
            continue;
        print_text(to, "<dt>", w->name, "</dt>");
        print_text(to, "<dd>", w->meaning, "</dd>\n");
    }
    fputs("</dl>\n</section>\n", to);
}

void document_page(const struct document *d, FILE *to)
{
    print_head(d, to);
    for (size_t i = 0; i < d->count; i++)
        print_section(d, &d->sections[i], to);
    print_machine(d, to);
    print_again(d, to);
    print_words(d->runs->first, to);
    fprintf(to, "</main>\n<script>%s</script>\n</body>\n</html>\n", page_js);
}
