#include "gate_show.h"

#include "../text/safe.h"

#include <inttypes.h>
#include <string.h>

static const char *name_of(const struct gate_case *c, char name[CASE_NAME])
{
    case_name(&c->key, name);
    return name;
}

/* The blocks that decided. */
static const struct gate_timing *decisive(const struct gate_case *c)
{
    return c->confirming.n > 0 ? &c->confirming : &c->timing;
}

/* "+1.2 % [-0.3, +2.7], minimum detectable effect 3.1 %, 20 blocks of CPU time", or "". */
static void put_estimate(const struct gate_case *c, char *text, size_t size)
{
    const struct gate_timing *t = decisive(c);
    const struct gate_judgement *j = &t->time;
    text[0] = '\0';
    if (j->n > 0 && j->verdict != GATE_COULD_NOT_RUN)
        snprintf(text, size, "%+.1f %% [%+.1f, %+.1f], minimum detectable effect %.1f %%, %zu blocks of %s",
                 100 * j->estimate, 100 * j->low, 100 * j->high, 100 * j->detectable, j->n,
                 c->by_wall ? "wall time" : "CPU time");
}

static const char *confirmation(const struct gate *g)
{
    bool shifted = g->base.shifted && g->head.shifted;
    return shifted ? "Regressions were measured again with the code laid out in another way."
                   : "Regressions were measured again in another random order only: BASE2 and HEAD2, the programs with "
                     "another layout of the code, were not given.";
}

static void note(FILE *to, const char *before, const char *text, const char *after)
{
    fputs(before, to);
    plain_text(to, text);
    fputs(after, to);
}

static void print_items(const struct gate_case *c, FILE *to)
{
    for (size_t i = 0; i < c->items; i++)
        if (*c->item[i].why) {
            fprintf(to, "    %s: %s: ", gate_verdicts[c->item[i].verdict], c->item[i].name);
            note(to, "", c->item[i].why, "\n");
        }
}

static size_t count_counts(const struct gate *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        n += g->cases[i].items;
    return n;
}

static void print_notes(const struct gate *g, const struct gate_summary *s, FILE *to)
{
    size_t retaken = 0, again = 0;
    for (size_t i = 0; i < g->count; i++) {
        retaken += g->cases[i].timing.retaken + g->cases[i].confirming.retaken;
        again += g->cases[i].confirming.n > 0;
    }
    if (*g->no_calls)
        note(to, "System calls could not be counted by name: ", g->no_calls, ".\n");
    if (*g->no_instructions)
        note(to, "Instructions n/a: ", g->no_instructions, ".\n");
    if (retaken > 0)
        fprintf(to, "%zu blocks were taken again, since the host was busy with others.\n", retaken);
    if (again > 0)
        fprintf(to, "%s\n", confirmation(g));
    if (g->exact_only)
        fputs("Times were not compared.\n", to);
    if (s->interrupted)
        fputs("Interrupted: not all was compared.\n", to);
}

void gate_print(const struct gate *g, const struct gate_summary *s, FILE *to)
{
    char name[CASE_NAME], estimate[160];
    for (size_t i = 0; i < g->count; i++) {
        const struct gate_case *c = &g->cases[i];
        put_estimate(c, estimate, sizeof estimate);
        fprintf(to, "%-13s ", gate_verdicts[c->verdict]);
        note(to, "", name_of(c, name), *estimate ? ": " : "\n");
        if (*estimate)
            fprintf(to, "%s\n", estimate);
        if (*c->why)
            note(to, "    ", c->why, "\n");
        print_items(c, to);
    }
    print_notes(g, s, to);
    fprintf(to, "gate: %s (%zu cases, %zu counts, %.0f s)%s\n", gate_verdicts[s->verdict], g->count, count_counts(g),
            s->seconds, s->verdict == GATE_INCONCLUSIVE && !s->strict ? ", which passes without --strict" : "");
}

/* --- Markdown --- */

void gate_print_markdown(const struct gate *g, const struct gate_summary *s, FILE *to)
{
    char name[CASE_NAME];
    fprintf(to, "### dbnbench gate: %s\n\n", gate_verdicts[s->verdict]);
    if (*g->why) {
        markdown_text(to, g->why);
        fputs("\n", to);
        return;
    }
    fputs("| case | verdict | head to base | interval | minimum detectable effect | blocks | |\n"
          "| --- | --- | --: | --- | --: | --: | --- |\n",
          to);
    for (size_t i = 0; i < g->count; i++) {
        const struct gate_case *c = &g->cases[i];
        const struct gate_judgement *j = &decisive(c)->time;
        fputs("| ", to);
        markdown_text(to, name_of(c, name));
        fprintf(to, " | %s | ", gate_verdicts[c->verdict]);
        if (j->n > 0 && j->verdict != GATE_COULD_NOT_RUN)
            fprintf(to, "%+.1f %% | %+.1f to %+.1f %% | %.1f %% | %zu | ", 100 * j->estimate, 100 * j->low,
                    100 * j->high, 100 * j->detectable, j->n);
        else
            fputs("n/a | n/a | n/a | 0 | ", to);
        markdown_text(to, c->why);
        fputs(" |\n", to);
    }
    fputc('\n', to);
    print_notes(g, s, to);
}

/* --- JUnit --- */

static const char *junit_element(enum gate_verdict v)
{
    switch (v) {
    case GATE_OK:
    case GATE_IMPROVED:
        return NULL;
    case GATE_INCONCLUSIVE:
        return "skipped";
    case GATE_REGRESSED:
        return "failure";
    default:
        return "error";
    }
}

void gate_print_junit(const struct gate *g, const struct gate_summary *s, FILE *to)
{
    size_t n[GATE_VERDICTS] = {0};
    char name[CASE_NAME], estimate[160];
    for (size_t i = 0; i < g->count; i++)
        n[g->cases[i].verdict]++;
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"dbnbench gate\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
            "time=\"%.3f\">\n",
            g->count + (*g->why != '\0'), n[GATE_REGRESSED],
            n[GATE_WRONG] + n[GATE_COULD_NOT_RUN] + n[GATE_NOTHING] + (*g->why != '\0'), n[GATE_INCONCLUSIVE],
            s->seconds);
    if (*g->why) {
        fprintf(to, "  <testcase classname=\"gate\" name=\"gate\"><error message=\"%s: ", gate_verdicts[s->verdict]);
        html_text(to, g->why);
        fputs("\"/></testcase>\n", to);
    }
    for (size_t i = 0; i < g->count; i++) {
        const struct gate_case *c = &g->cases[i];
        const char *element = junit_element(c->verdict);
        fputs("  <testcase classname=\"gate\" name=\"", to);
        html_text(to, name_of(c, name));
        fputs("\">", to);
        put_estimate(c, estimate, sizeof estimate);
        if (element) {
            fprintf(to, "<%s message=\"%s: ", element, gate_verdicts[c->verdict]);
            html_text(to, c->why);
            fputs("\"/>", to);
        }
        fputs("<system-out>", to);
        html_text(to, estimate);
        fputs("</system-out></testcase>\n", to);
    }
    fputs("</testsuite>\n", to);
}
