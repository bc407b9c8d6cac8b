/* Pictures of a dataset: who is fastest, and every sample of those who are not far behind. */
#include "figures.h"
#include "ranking.h"

#include <math.h>
#include <string.h>

enum {
    LABEL = 96,
    FAR_BEHIND = 20, /* times as long as the fastest: no bar, which nobody would see, but a sentence */
};

static bool is_near(const struct ranked *of)
{
    return of->ratio.n > 0 && of->ratio.median <= FAR_BEHIND;
}

/* --- who is fastest --- */

/* Those without a bar. */
static void say_others(const struct ranking *r, struct table *to)
{
    char name[LABEL], best[LABEL], times[32], *text;
    size_t size;
    FILE *slow = open_memstream(&text, &size);
    shown_case(r->report, r->best, best, sizeof best);
    for (const struct ranked *of = r->rows; of < r->rows + r->timed; of++) {
        if (is_near(of))
            continue;
        bool first = ftell(slow) == 0;
        table_number(of->ratio.median, times, sizeof times);
        shown_case(r->report, of->row, name, sizeof name);
        fprintf(slow, first ? "%s takes %s times as long as %s" : ", %s %s times", name, times, best);
    }
    fclose(slow);
    if (*text)
        table_note(to, "Too slow to draw: %s.", text);
    free(text);
}

static struct table *speed_table(const struct ranking *r)
{
    struct table *t =
        figure_table("ntbttsdt", "row", "label", "ours", "value", "ratio", "rate (Mrec/s)", "limit (Mrec/s)", "limit");
    double limit = ranking_limit(r);
    char name[LABEL], label[LABEL], value[32], times[32], ratio[40], line[64];
    for (const struct ranked *of = r->rows; of < r->rows + r->timed; of++) {
        struct stats rate = ranking_rate(of);
        bool beyond = rate.median > limit;
        if (!is_near(of))
            continue;
        shown_case(r->report, of->row, name, sizeof name);
        figure_shorten(name, 40, label, sizeof label);
        table_number(rate.median, value, sizeof value);
        table_number(of->ratio.median, times, sizeof times);
        snprintf(ratio, sizeof ratio, "\303\227%s", of->row == r->best ? "1" : times);
        table_number(limit, times, sizeof times);
        snprintf(line, sizeof line, "%s %s", beyond ? "limit, passed:" : "machine's limit", times);
        if (of->row != r->best || isnan(limit))
            *line = '\0';
        table_row(t, "ntbttsdt", (uint64_t)t->row_count, label, (int)!of->foreign, value, ratio, &rate, 1.0,
                  *line ? limit : NAN, line);
    }
    return t;
}

void add_speed(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    for (size_t i = 0; i < s->count && shown_is_about_speed(runs->first); i++) {
        const char *dataset = shown_dataset(s, i);
        struct ranking r;
        char title[FIGURE_TEXT], sink[32];
        if (!dataset)
            continue;
        ranking_of(s, dataset, ranking_sink(s, dataset), &r);
        struct table *t = speed_table(&r);
        ranking_say(&r, t);
        if (r.best)
            say_others(&r, t);
        if (isfinite(ranking_limit(&r)))
            table_note(t, "The dashed line is the limit: %s.", shown_limit(s->results, r.best->sample->limit));
        snprintf(title, sizeof title, "Reading %s", dataset);
        figure_shorten(r.sink, 14, sink, sizeof sink);
        figures_add(to, t, dataset, title, "million records a second%s, sink %s", r.by_cpu ? " of CPU time" : "", sink);
        ranking_free(&r);
    }
}

/* --- samples in order of time --- */

static struct table *samples(const struct ranking *r)
{
    struct table *t = figure_table("nttbnndd", "row", "label", "value", "ours", "round", "rounds", "time (ns/record)",
                                   "median (ns/record)");
    const struct report *s = r->report;
    char name[LABEL], label[LABEL], value[32];
    for (const struct ranked *of = r->rows; of < r->rows + r->timed && is_near(of); of++) {
        shown_case(s, of->row, name, sizeof name);
        figure_shorten(name, 32, label, sizeof label);
        table_number(of->ns.median, value, sizeof value);
        for (size_t k = 0; k < of->row->samples; k++) {
            const struct sample *sample = s->order[of->row->first + k];
            table_row(t, "nttbnndd", (uint64_t)(of - r->rows), label, value, (int)!of->foreign, sample->round,
                      (uint64_t)s->most, r->by_cpu ? ranking_cpu_ns(sample) : report_record_ns(sample), of->ns.median);
        }
    }
    return t;
}

void add_samples(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    for (size_t i = 0; i < s->count && shown_is_about_speed(runs->first); i++) {
        const char *dataset = shown_dataset(s, i);
        struct ranking r;
        if (!dataset)
            continue;
        ranking_of(s, dataset, ranking_sink(s, dataset), &r);
        figures_add(to, samples(&r), dataset, dataset, "ns%s a record, sink %s", r.by_cpu ? " of CPU time" : "",
                    r.sink);
        ranking_free(&r);
    }
}
