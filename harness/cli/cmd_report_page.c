/* A report as a page of HTML that needs nothing else: no other file, no network, and no script to be read. The script
 * only sorts tables; the page's policy allows none but this one, so no name in it could ever bring its own. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "../text/html.h"
#include "cmd_report_style.h"
#include "cmd_stored.h"

#include <stdlib.h>
#include <string.h>

/* --- parts --- */

static void print_answers(const struct document *d, enum topic topic, FILE *to)
{
    for (size_t i = topic ? d->answer_end[topic - 1] : 0; i < d->answer_end[topic]; i++) {
        fputs("<li>", to);
        html_text(to, d->answers[i]);
        fputs("</li>\n", to);
    }
}

/* The page has begun with those of its own topic. */
static void print_other_answers(const struct document *d, enum topic topic, FILE *to)
{
    if (topic == d->topic)
        return;
    fputs("<ul>\n", to);
    print_answers(d, topic, to);
    fputs("</ul>\n", to);
}

static void print_head(const struct document *d, FILE *to)
{
    const struct report_noise *noise = &d->run->report.noise;
    char when[40];
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "script-src 'sha256-" SCRIPT_DIGEST "'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>dbnbench: ",
          to);
    html_text(to, run_id(&d->run->results));
    fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>dbnbench</h1>\n<ul class=\"answer\">\n",
            style);
    print_answers(d, d->topic, to);
    fputs("</ul>\n<p>", to);
    fprintf(to, "The machine was <strong class=\"%s\">%s</strong>%s", noise->quiet ? "quiet" : "noisy",
            noise->quiet ? "quiet" : "noisy", noise->quiet ? "" : ": ");
    html_text(to, noise->why);
    stored_time(&d->run->results, when, sizeof when);
    fprintf(to, ". Taken %s, run ", when);
    html_text(to, run_id(&d->run->results));
    fputs(
        ".</p>\n<p class=\"dim\">[low to high]: an interval that holds the true median with at least 95 %, from order "
        "statistics; with fewer than 6 samples it is the smallest and the largest. n/a is what was not or could not "
        "be measured, never zero.</p>\n",
        to);
}

static void print_table(const struct document *d, const char *id, const char *caption,
                        const struct report_column *columns, FILE *to)
{
    fprintf(to, "<div class=\"box\"><table id=\"%s\"><caption>%s</caption>\n<thead><tr>", id, caption);
    for (const struct report_column *c = columns; c->title; c++)
        fprintf(to, "<th scope=\"col\"%s title=\"%s\">%s</th>", c->text ? "" : " class=\"n\"", c->what, c->title);
    fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t i = 0; i < d->run->report.count; i++) {
        bool failed = d->run->report.rows[i].sample->outcome != SAMPLE_OK;
        fprintf(to, "<tr%s>", failed ? " class=\"failed\"" : "");
        for (const struct report_column *c = columns; c->title; c++) {
            char cell[REPORT_CELL] = "n/a";
            c->put(d, i, cell);
            fputs(c->text ? "<td>" : "<td class=\"n\">", to);
            html_text(to, cell);
            fputs("</td>", to);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

static void print_share(const struct stats *share, bool can_be, FILE *to)
{
    char cell[96];
    if (!can_be)
        fputs("<td class=\"n\">-</td>", to);
    else if (share->n == 0)
        fputs("<td class=\"n\">n/a</td>", to);
    else {
        snprintf(cell, sizeof cell, "%.1f [%.1f to %.1f]", 100 * share->median, 100 * share->low, 100 * share->high);
        fprintf(to, "<td class=\"n\">%s</td>", cell);
    }
}

static void print_profile(const struct document *d, FILE *to)
{
    if (d->profile.count == 0)
        return;
    fputs("<h2>Where the time goes</h2>\n", to);
    print_other_answers(d, OF_PROFILE, to);
    fputs("<div class=\"box\"><table id=\"where\"><caption>Parts in per cent of the "
          "whole, each measured without the others; -: there is no such part</caption>\n<thead><tr>"
          "<th scope=\"col\">dataset</th><th scope=\"col\">backend</th><th scope=\"col\" class=\"n\">CPU ns/rec</th>",
          to);
    for (size_t i = 0; i < PROFILE_PARTS; i++)
        fprintf(to, "<th scope=\"col\" class=\"n\">%s</th>", profile_part_names[i]);
    fputs("<th scope=\"col\">the parts</th></tr></thead>\n<tbody>\n", to);
    for (size_t k = 0; k < d->profile.count; k++) {
        const struct profile_row *row = &d->profile.rows[k];
        char whole[96];
        answers_interval(&row->cpu, 1, whole, sizeof whole);
        fputs("<tr><td>", to);
        html_text(to, row->dataset);
        fputs("</td><td>", to);
        html_text(to, row->backend);
        fprintf(to, "</td><td class=\"n\">%s</td>", whole);
        for (size_t i = 0; i < PROFILE_PARTS; i++)
            print_share(&row->share[i], profile_has(&row->kind, (enum profile_part)i), to);
        fprintf(to, "<td>%s</td></tr>\n", answers_verdict(row));
    }
    fputs("</tbody></table></div>\n", to);
}

/* Text made by others, line by line. */
static void print_lines(char *text, FILE *to)
{
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        html_text(to, line);
        fputs(rest && *rest ? "\n" : "", to);
    }
}

static void print_scaling(const struct document *d, FILE *to)
{
    char *claims = NULL;
    size_t size;
    FILE *text = d->of[OF_SCALING] ? open_memstream(&claims, &size) : NULL;
    if (!text)
        return;
    fputs("<h2>How it scales</h2>\n", to);
    print_other_answers(d, OF_SCALING, to);
    shown_table_html(&d->scaling, to);
    fputs("<p class=\"dim\">M/s: million records a second. speed-up: over 1 thread with the file in one piece, in the "
          "same round. machine: what as many threads gained that share nothing. serial: Karp and Flatt's fraction of "
          "the speed-up in parts of that. !: more threads than there are cores. *: shards were decoded again.</p>\n",
          to);
    scaling_print_claims(d, text);
    fclose(text);
    fputs("<p>What is often said of scaling, held against this run:</p>\n<div class=\"box\"><pre id=\"claims\">", to);
    print_lines(claims, to);
    fputs("</pre></div>\n", to);
    free(claims);
}

static void print_steps(const struct document *d, FILE *to)
{
    if (!d->of[OF_STEPS])
        return;
    fputs("<h2>What each step promised and gave</h2>\n", to);
    print_other_answers(d, OF_STEPS, to);
    for (size_t i = 0; i < d->step_inputs; i++)
        shown_table_html(&d->steps[i].table, to);
    fputs("<p class=\"dim\">gain: times as fast as the step before it, or the one it is held against, a record, in the "
          "same round. at most: what that step would gain if reading, or keeping, took no time; or with as many "
          "threads. in all: times as fast as the first step. threads: with shards of one file behind the stroke. "
          "holds: as promised; better, worse: than that; no difference: 1 is in the interval, or within 2 %; cannot "
          "tell: the interval is too wide to say whether that or the promise is true.</p>\n",
          to);
}

/* --- pictures --- */

/* The picture from its file, behind the lines that only a file of its own has. */
static void print_svg(const struct figure *f, const char *folder, FILE *to)
{
    char path[4096], block[4096];
    size_t n;
    bool begun = false;
    snprintf(path, sizeof path, "%s/%s.svg", folder, f->name);
    FILE *from = fopen(path, "re");
    while (from && (n = fread(block, 1, sizeof block - 1, from)) > 0) {
        block[n] = '\0';
        const char *svg = begun ? block : strstr(block, "<svg");
        begun |= svg != NULL;
        if (svg)
            fwrite(svg, 1, n - (size_t)(svg - block), to);
    }
    if (from)
        fclose(from);
}

static void print_pictures(const struct document *d, const char *folder, FILE *to)
{
    fputs("<h2>Pictures</h2>\n<div class=\"pictures\">\n", to);
    for (size_t i = 0; i < d->figure_count; i++) {
        const struct figure *f = &d->figures[i];
        if (!f->drawn)
            continue;
        fprintf(to, "<figure id=\"figure-%s\"><div class=\"box\" role=\"img\" aria-label=\"", f->name);
        html_text(to, f->title);
        fputs("\">", to);
        print_svg(f, folder, to);
        fputs("</div><figcaption><p><strong>", to);
        html_text(to, f->title);
        fprintf(to, ".</strong> %s ", f->about);
        html_text(to, f->note);
        fprintf(to, "%sData: <code>%s.tsv</code></p></figcaption></figure>\n", *f->note ? " " : "", f->name);
    }
    fputs("</div>\n<ul class=\"dim\">\n", to);
    for (size_t i = 0; i < d->figure_count; i++) {
        const struct figure *f = &d->figures[i];
        if (f->drawn)
            continue;
        fprintf(to, "<li class=\"missing\">%s: ", f->data ? "not drawn" : "left out");
        html_text(to, f->title);
        fputs(": ", to);
        html_text(to, f->why);
        fputs(".</li>\n", to);
    }
    if (d->figures_left_out)
        fprintf(to, "<li class=\"missing\">There are more cases than %d pictures show.</li>\n", FIGURES_MAX);
    fputs("</ul>\n", to);
}

/* --- surroundings --- */

static void print_value(const json_t *value, FILE *to)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *shown = json_is_string(value) ? json_string_value(value) : text;
    html_text(to, json_is_null(value) || !shown ? "n/a" : shown);
    free(text);
}

static void print_facts(const json_t *object, const char *id, const char *caption, FILE *to)
{
    const char *key;
    json_t *value;
    if (json_object_size(object) == 0)
        return;
    fprintf(to, "<div class=\"box\"><table class=\"wide\" id=\"%s\"><caption>%s</caption><tbody>\n", id, caption);
    json_object_foreach((json_t *)object, key, value)
    {
        fputs("<tr><td>", to);
        html_text(to, key);
        fputs("</td><td>", to);
        print_value(value, to);
        fputs("</td></tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
}

static void print_command(const json_t *run, FILE *to)
{
    char *text = NULL;
    size_t size, i;
    json_t *word;
    FILE *line = open_memstream(&text, &size);
    if (!line)
        return;
    json_array_foreach(json_object_get(run, "command"), i, word)
    {
        const char *of = json_string_value(word);
        fputs(i ? " " : "", line);
        if (i == 0 && of) /* it is "dbnbench run", two words */
            fputs(of, line);
        else
            shell_word(line, of ? of : "");
    }
    fclose(line);
    fputs("<div class=\"box\"><pre id=\"command\">", to);
    html_text(to, text);
    fputs("</pre></div>\n", to);
    free(text);
}

static void print_notes(const struct document *d, FILE *to)
{
    char *text = NULL;
    size_t size;
    FILE *notes = open_memstream(&text, &size);
    if (!notes)
        return;
    cases_print_notes(&d->run->results, &d->run->report, "", notes);
    fclose(notes);
    fputs("<div class=\"box\"><pre id=\"notes\">", to);
    print_lines(text, to);
    fputs("</pre></div>\n", to);
    free(text);
}

void page_print(const struct document *d, const char *folder, FILE *to)
{
    const json_t *run = d->run->results.run;
    bool speed_first = d->topic == OF_SPEED || d->topic == OF_PROFILE;
    print_head(d, to);
    if (!speed_first) {
        print_scaling(d, to);
        print_steps(d, to);
    }
    fputs("<h2>How fast</h2>\n", to);
    print_table(d, "speed", "A heading sorts by its column", report_speeds, to);
    fputs("<h2>What it took</h2>\n", to);
    print_table(d, "cost", "Medians for one decode", report_costs, to);
    if (speed_first) {
        print_scaling(d, to);
        print_steps(d, to);
    }
    print_profile(d, to);
    print_pictures(d, folder, to);
    fputs("<h2>What has to be said of this run</h2>\n", to);
    print_notes(d, to);
    fputs("<h2>What was not measured, and why</h2>\n", to);
    if (json_object_size(json_object_get(run, "missing")) || json_object_size(json_object_get(run, "unavailable"))) {
        print_facts(json_object_get(run, "missing"), "missing", "Facts and counters that could not be had", to);
        print_facts(json_object_get(run, "unavailable"), "unavailable", "Backends that could not run", to);
    } else {
        fputs("<p>Nothing is missing.</p>\n", to);
    }
    fputs("<h2>Where it was measured</h2>\n", to);
    print_facts(json_object_get(run, "machine"), "machine", "The machine", to);
    print_facts(json_object_get(run, "build"), "build", "The program", to);
    fputs("<h2>How to repeat it</h2>\n", to);
    print_command(run, to);
    fputs("</main>\n<script>" SCRIPT "</script>\n</body>\n</html>\n", to);
}
