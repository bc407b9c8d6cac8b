/* What a run of `dbnbench phases` says: what each step of its chain promised, and what it gained. */
#include "document.h"

#include <math.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "dataset", .group = true},
    {.key = "step"},
    {.key = "backend", .rank = 2},
    {.key = "sink", .rank = 7, .meaning = "what is done with the records"},
    {.key = "threads", .kind = TABLE_COUNT, .rank = 3},
    {.key = "shards", .kind = TABLE_COUNT, .rank = 6, .meaning = "that the file is cut into"},
    {.key = "promised", .kind = TABLE_NUMBER, .meaning = "times as fast"},
    {.key = "against", .rank = 4, .title = "compared with"},
    {.key = "gain", .kind = TABLE_NUMBER, .meaning = "times as fast as what it is compared with, in the same round"},
    {.key = "verdict", .verdict = true, .meaning = "whether the promise holds"},
    {.key = "in_all", .kind = TABLE_NUMBER, .title = "in all", .meaning = "times as fast as the first step"},
    {.key = "rate", .kind = TABLE_NUMBER, .rank = 5, .title = "Mrec/s", .meaning = "million records a second, median"},
    {0},
};

static bool follows(const struct phase_row *rows, size_t i)
{
    return i > 0 && strcmp(rows[i - 1].phase->name, rows[i].phase->against) == 0;
}

static void put_promise(const struct phase *p, char *text, size_t size)
{
    if (p->low > 0 && p->high > p->low)
        snprintf(text, size, "%.3g to %.3g", p->low, p->high);
    else if (p->low > 0)
        snprintf(text, size, "%.3g", p->low);
    else
        snprintf(text, size, "-");
}

static void add_row(struct table *t, const char *dataset, const struct phase_row *rows, size_t i)
{
    const struct phase_row *row = &rows[i];
    const struct phase *p = row->phase;
    bool known = row->record_ns.n > 0, later = *p->against != '\0';
    char promise[64];
    put_promise(p, promise, sizeof promise);
    const char *verdict = known         ? phase_verdicts[row->verdict]
                          : row->sample ? sample_outcomes[row->sample->outcome]
                                        : NULL;
    table_row(t, "ttttnnttstsd", dataset, p->name, p->backend, p->sink, (uint64_t)p->threads, (uint64_t)p->split,
              promise, later && !follows(rows, i) ? p->against : "", later ? &row->gain : NULL, 1.0, verdict,
              &row->cumulative, 1.0, known ? 1e3 / row->record_ns.median : NAN);
    if (known)
        return;
    const char *why = p->many ? "several files of its kind are needed for it, see --many" : "it was not measured";
    table_note(t, "%s, %s n/a: %s", dataset, p->name, row->sample && *row->sample->error ? row->sample->error : why);
}

/* --- answers --- */

static void say_input(const struct phase_chain *chain, const struct shown_steps *s, struct table *to)
{
    const struct phase_row *last = NULL, *best = NULL;
    char all[32], gain[32], promise[64];
    size_t promised = 0, held = 0;
    for (const struct phase_row *row = s->rows; row < s->rows + chain->count; row++) {
        bool judged = row->phase->low > 0;
        promised += judged;
        held += judged && (row->verdict == PHASE_HOLDS || row->verdict == PHASE_BETTER);
        last = row->cumulative.n > 0 ? row : last;
        if (row->gain.n > 0 && (!best || row->gain.median > best->gain.median))
            best = row;
    }
    if (!last || !best) {
        table_note(to, "Of %s no step of the chain %s could be compared with another.", s->dataset, chain->name);
        return;
    }
    table_number(last->cumulative.median, all, sizeof all);
    table_number(best->gain.median, gain, sizeof gain);
    put_promise(best->phase, promise, sizeof promise);
    table_note(to,
               "%s: the last step, %s, is %s times as fast as the first, %s. %s gained most: %s times, where %s "
               "was promised. %zu of %zu promises hold.",
               s->dataset, last->phase->name, all, chain->phase[0].name, best->phase->name, gain,
               best->phase->low > 0 ? promise : "nothing", held, promised);
}

void section_steps(const struct shown_run *run, struct section *to)
{
    char title[PHASE_NAME + 32];
    snprintf(title, sizeof title, "Steps of the chain %s", run->chain.name);
    struct table *t = table_new("steps", title, columns);
    for (const struct shown_steps *s = run->steps; s < run->steps + run->inputs; s++) {
        for (size_t i = 0; i < run->chain.count; i++)
            add_row(t, s->dataset, s->rows, i);
        say_input(&run->chain, s, to->answers);
    }
    table_note(
        t, "verdict: holds: as promised; better, worse: than that; no difference: 1 is in the interval, or within 2 "
           "%%; inconclusive: the interval is too wide to say whether that or the promise is true.");
    section_add(to, t);
}

/* --- pictures --- */

enum { GAINED, LOST, NEITHER };

static int outcome(enum phase_verdict v)
{
    bool gained = v == PHASE_HOLDS || v == PHASE_BETTER || v == PHASE_WORSE || v == PHASE_GAIN;
    return gained ? GAINED : v == PHASE_LOSS ? LOST : NEITHER;
}

/* What the step is compared with came to so far, in times as fast as the first. */
static double base_of(const struct phase_row *rows, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(rows[k].phase->name, rows[i].phase->against) == 0 && rows[k].cumulative.n > 0)
            return rows[k].cumulative.median;
    return i == 0 ? 0 : NAN;
}

static void add_bar(struct table *t, const struct phase_row *rows, size_t i)
{
    const struct phase_row *row = &rows[i];
    const struct phase *p = row->phase;
    char step[PHASE_NAME + 8], gain[40], number[32], promise[64];
    double base = base_of(rows, i), promised = *p->against && p->low > 0 ? base : NAN;
    snprintf(step, sizeof step, "%s%s", *p->against && !follows(rows, i) ? "or " : "", p->name);
    table_number(row->gain.median, number, sizeof number);
    snprintf(gain, sizeof gain, "%s%s", row->gain.n > 0 ? "\303\227" : "",
             row->gain.n > 0 ? number
             : *p->against   ? "n/a"
                             : "");
    put_promise(p, promise, sizeof promise);
    table_row(t, "nttttndsdd", (uint64_t)i, step, gain, *p->against ? promise : "",
              *p->against ? phase_verdicts[row->verdict] : "", (uint64_t)outcome(row->verdict), base, &row->cumulative,
              1.0, promised * p->low, promised * p->high);
}

void add_steps(const struct shown_runs *runs, struct figures *to)
{
    const struct shown_run *run = runs->of[RUN_PHASES];
    for (size_t i = 0; run && i < run->inputs; i++) {
        const struct shown_steps *s = &run->steps[i];
        struct table *t = figure_table("nttttndsdd", "row", "step", "gain", "promised", "verdict", "outcome", "from",
                                       "to", "promised from", "promised to");
        bool measured = false;
        for (size_t k = 0; k < run->chain.count; k++)
            measured |= s->rows[k].cumulative.n > 0;
        for (size_t k = 0; k < run->chain.count && measured; k++)
            add_bar(t, s->rows, k);
        say_input(&run->chain, s, t);
        figures_add(to, t, s->dataset, s->dataset, "times as fast as %s", run->chain.phase[0].name);
    }
}
