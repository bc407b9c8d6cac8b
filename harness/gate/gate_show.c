/* What a gate found, for people and for programs. In JSON, numbers that do not exist are null. */
#include "../results/store.h"
#include "../text/safe.h"
#include "../text/terminal.h"
#include "../view/table.h"
#include "gate.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* --- the table --- */

static const struct table_column columns[] = {
    {.key = "verdict", .verdict = true},
    {.key = "case"},
    {.key = "change", .title = "head to base %", .kind = TABLE_INTERVAL},
    {.key = "detectable", .title = "minimum detectable effect", .rank = 2},
    {.key = "blocks", .rank = 3},
    {.key = "why"},
    {0},
};

static void add_row(struct table *t, const struct gate_case *c)
{
    const struct gate_judgement *j = c->confirming.n > 0 ? &c->confirming.time : &c->timing.time; /* what decided */
    const struct stats change = {.n = j->n, .median = j->estimate, .low = j->low, .high = j->high};
    bool timed = j->n > 0 && j->verdict != GATE_COULD_NOT_RUN;
    char name[CASE_NAME], detectable[32] = "", blocks[48] = "";
    case_name(&c->key, name);
    if (timed) {
        snprintf(detectable, sizeof detectable, "%.1f %%", 100 * j->detectable);
        snprintf(blocks, sizeof blocks, "%zu of %s", j->n, c->by_wall ? "wall time" : "CPU time");
    }
    table_row(t, "ttsttt", gate_verdicts[c->verdict], name, timed ? &change : NULL, 100.0, detectable, blocks, c->why);
    for (size_t i = 0; i < c->items; i++)
        if (*c->item[i].why)
            table_note(t, "%s: %s: %s: %s", name, gate_verdicts[c->item[i].verdict], c->item[i].name, c->item[i].why);
}

static struct table *make_table(const struct gate *g)
{
    struct table *t = table_new("gate", "", columns);
    bool again = false;
    for (size_t i = 0; i < g->count; i++) {
        add_row(t, &g->cases[i]);
        again |= g->cases[i].confirming.n > 0;
    }
    if (again)
        table_note(t, "Regressions were measured again %s.",
                   g->arm[1].shifted ? "with the code laid out in another way"
                                     : "in another random order, as BASE2 and HEAD2 were not given");
    if (g->exact_only)
        table_note(t, "Times were not compared.");
    if (g->interrupted)
        table_note(t, "Interrupted: not all was compared.");
    return t;
}

void gate_print(const struct gate *g, bool markdown, FILE *to)
{
    struct table *t = make_table(g);
    size_t counts = 0;
    for (size_t i = 0; i < g->count; i++)
        counts += g->cases[i].items;
    if (markdown)
        fprintf(to, "### dbnbench gate: %s\n\n", gate_verdicts[g->verdict]);
    if (markdown && *g->why) {
        markdown_text(to, g->why);
        fputc('\n', to);
    } else if (markdown) {
        table_print_markdown(t, to);
    } else {
        table_print_text(t, terminal_width(to), to);
    }
    table_free(t);
    if (!markdown)
        fprintf(to, "gate: %s (%zu cases, %zu counts, %.0f s)%s\n", gate_verdicts[g->verdict], g->count, counts,
                g->seconds, g->verdict == GATE_INCONCLUSIVE && !g->strict ? ", which passes without --strict" : "");
}

/* --- JUnit --- */

static void put_test(const char *name, const char *element, enum gate_verdict verdict, const char *why, FILE *to)
{
    fputs("  <testcase classname=\"gate\" name=\"", to);
    html_text(to, name);
    fputs("\">", to);
    if (element) {
        fprintf(to, "<%s message=\"%s%s", element, gate_verdicts[verdict], *why ? ": " : "");
        html_text(to, why);
        fputs("\"/>", to);
    }
    fputs("</testcase>\n", to);
}

/* A gate that did not get through its cases is a test case of its own. */
void gate_print_junit(const struct gate *g, FILE *to)
{
    enum { PASSED, FAILURE, ERROR, SKIPPED, KINDS };
    static const char *const elements[KINDS] = {NULL, "failure", "error", "skipped"};
    const int kinds[GATE_VERDICTS] = {[GATE_NOTHING] = ERROR,
                                      [GATE_INCONCLUSIVE] = g->strict ? FAILURE : SKIPPED,
                                      [GATE_REGRESSED] = FAILURE,
                                      [GATE_COULD_NOT_RUN] = ERROR,
                                      [GATE_WRONG] = ERROR};
    bool whole = *g->why || g->interrupted || g->count == 0;
    size_t n[KINDS] = {[ERROR] = whole};
    char name[CASE_NAME];
    for (size_t i = 0; i < g->count; i++)
        n[kinds[g->cases[i].verdict]]++;
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"dbnbench gate\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
            "time=\"%.3f\">\n",
            g->count + whole, n[FAILURE], n[ERROR], n[SKIPPED], g->seconds);
    if (whole)
        put_test("gate", elements[ERROR], g->verdict, g->interrupted ? "interrupted" : g->why, to);
    for (const struct gate_case *c = g->cases; c < g->cases + g->count; c++) {
        case_name(&c->key, name);
        put_test(name, elements[kinds[c->verdict]], c->verdict, c->why, to);
    }
    fputs("</testsuite>\n", to);
}

/* --- JSON --- */

static json_t *text(const char *any)
{
    char clean[4096];
    snprintf(clean, sizeof clean, "%s", any);
    sample_clean_text(clean);
    return json_string(clean);
}

static json_t *text_or_null(const char *any)
{
    return *any ? text(any) : json_null();
}

static json_t *count_json(struct gate_count c)
{
    return c.known ? json_integer((json_int_t)c.value) : json_null();
}

static json_t *judgement_json(const struct gate_judgement *j)
{
    if (j->n == 0 || j->verdict == GATE_COULD_NOT_RUN)
        return json_null();
    return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I}", "verdict", gate_verdicts[j->verdict], "blocks",
                     (json_int_t)j->n, "estimate", j->estimate, "low", j->low, "high", j->high, "detectable",
                     j->detectable, "blocks_needed", (json_int_t)j->needed);
}

static json_t *timing_json(const struct gate_timing *t, bool by_wall)
{
    json_t *cpu = json_array(), *wall = json_array(), *waits = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_array_append_new(cpu, json_value(t->block[i].cpu));
        json_array_append_new(wall, json_value(t->block[i].wall));
        json_array_append_new(waits, json_value(t->block[i].waits));
    }
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "verdict", gate_verdicts[t->verdict], "clock",
                     by_wall ? "wall" : "cpu", "shifted", (int)t->shifted, "time", judgement_json(&t->time), "waits",
                     judgement_json(&t->waits), "log_cpu", cpu, "log_wall", wall, "log_waits", waits);
}

static json_t *case_json(const struct gate_case *c)
{
    json_t *items = json_array();
    for (const struct gate_item *i = c->item; i < c->item + c->items; i++)
        json_array_append_new(items, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", i->name, "verdict",
                                               gate_verdicts[i->verdict], "base", count_json(i->base), "head",
                                               count_json(i->head), "why", text(i->why)));
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o}", "dataset", text(c->key.dataset), "backend",
                     c->key.backend, "sink", c->key.sink, "threads", (json_int_t)c->key.threads, "decodes",
                     (json_int_t)c->decodes, "verdict", gate_verdicts[c->verdict], "why", text(c->why), "counts", items,
                     "timing", c->timing.n ? timing_json(&c->timing, c->by_wall) : json_null(), "again",
                     c->confirming.n ? timing_json(&c->confirming, c->by_wall) : json_null());
}

json_t *gate_json(const struct gate *g)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < g->count; i++)
        json_array_append_new(cases, case_json(&g->cases[i]));
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:b, s:b, s:f, s:o, s:o, s:o, s:o}", "type", "gate", "time", g->time,
                     "verdict", gate_verdicts[g->verdict], "exit", g->code, "why", text_or_null(g->why), "strict",
                     (int)g->strict, "interrupted", (int)g->interrupted, "seconds", g->seconds, "base",
                     text(g->arm[0].program), "head", text(g->arm[1].program), "calls_missing",
                     text_or_null(g->no_calls), "cases", cases);
}
