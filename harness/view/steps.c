/* What a run of `dbnbench phases` says: what each step of its chain promised, and what it gained. */
#include "document.h"

#include <math.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "dataset"},
    {.key = "step"},
    {.key = "backend"},
    {.key = "sink", .rank = 7, .meaning = "what is done with the records"},
    {.key = "threads", .kind = TABLE_COUNT},
    {.key = "shards", .kind = TABLE_COUNT, .rank = 6, .meaning = "that the file is cut into"},
    {.key = "promised", .kind = TABLE_NUMBER, .meaning = "times as fast"},
    {.key = "against", .rank = 1, .title = "compared with"},
    {.key = "gain", .kind = TABLE_NUMBER, .meaning = "times as fast as what it is compared with, in the same round"},
    {.key = "verdict", .meaning = "whether the promise holds"},
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

static void say_input(const struct phase_chain *chain, const struct shown_steps *s, struct section *to)
{
    const struct phase_row *last = NULL, *best = NULL;
    char all[96], gain[96], promise[64];
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
        table_note(to->answers, "Of %s no step of the chain %s could be compared with another.", s->dataset,
                   chain->name);
        return;
    }
    table_interval(&last->cumulative, 1, all, sizeof all);
    table_interval(&best->gain, 1, gain, sizeof gain);
    put_promise(best->phase, promise, sizeof promise);
    table_note(to->answers,
               "%s: a record is decoded %s times as fast by %s, the last step of %s with a time, as by %s, the first. "
               "The step that gains most is %s, %s times (promised: %s). Promises that hold: %zu of %zu.",
               s->dataset, all, last->phase->name, chain->name, chain->phase[0].name, best->phase->name, gain, promise,
               held, promised);
}

void section_steps(const struct shown_run *run, struct section *to)
{
    char title[PHASE_NAME + 32];
    snprintf(title, sizeof title, "Steps of the chain %s", run->chain.name);
    struct table *t = table_new("steps", title, columns);
    for (const struct shown_steps *s = run->steps; s < run->steps + run->inputs; s++) {
        for (size_t i = 0; i < run->chain.count; i++)
            add_row(t, s->dataset, s->rows, i);
        say_input(&run->chain, s, to);
    }
    table_note(
        t, "verdict: holds: as promised; better, worse: than that; no difference: 1 is in the interval, or within 2 "
           "%%; inconclusive: the interval is too wide to say whether that or the promise is true.");
    section_add(to, t);
}

/* --- pictures --- */

/* A step that is NaN throughout has its line all the same. */
static void add_waterfall(const struct phase_chain *chain, const struct shown_steps *s, struct figures *to)
{
    struct table *t = figure_table("tddss", "step", "promised_low", "promised_high", "measured", "all");
    char step[2 * PHASE_NAME + 24];
    bool measured = false;
    for (size_t i = 0; i < chain->count; i++)
        measured |= s->rows[i].cumulative.n > 0;
    for (size_t i = 0; i < chain->count && measured; i++) {
        const struct phase_row *row = &s->rows[i];
        const struct phase *p = row->phase;
        bool other = *p->against && !follows(s->rows, i);
        snprintf(step, sizeof step, "%s%s%s", p->name, other ? ", against " : "", other ? p->against : "");
        table_row(t, "tddss", step, p->low > 0 ? p->low : NAN, p->low > 0 ? p->high : NAN, &row->gain, 1.0,
                  &row->cumulative, 1.0);
    }
    figures_add(to, t, "Steps of %s: %s", chain->name, s->dataset);
}

void add_steps(const struct shown_runs *runs, struct figures *to)
{
    const struct shown_run *run = runs->of[RUN_PHASES];
    for (size_t i = 0; run && i < run->inputs; i++)
        add_waterfall(&run->chain, &run->steps[i], to);
}
