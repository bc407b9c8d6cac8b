#include "ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double ranking_cpu_ns(const struct sample *s)
{
    return reading_number(&s->cpu_ns) / (double)s->iterations / (double)s->records;
}

static double cpu_ratio(const struct sample *a, const struct sample *b)
{
    return ranking_cpu_ns(a) / ranking_cpu_ns(b);
}

static int by_ratio(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = (x->ratio.n == 0) - (y->ratio.n == 0);
    order = order ? order : (x->row->ns.n == 0) - (y->row->ns.n == 0);
    order = order ? order : (x->ratio.median > y->ratio.median) - (x->ratio.median < y->ratio.median);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void take_rows(struct ranking *r)
{
    const struct report *s = r->report;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        struct ranked *to = &r->rows[r->count];
        if (strcmp(row->sample->key.dataset, r->dataset) != 0 || strcmp(row->sample->key.sink, r->sink) != 0)
            continue;
        *to = (struct ranked){.row = row};
        to->foreign = run_decoder(s->results, &row->sample->key, &to->of);
        r->foreign += to->foreign;
        r->count++;
    }
}

/* CPU time says nothing of what more threads gain. */
static void keep_one_thread(struct ranking *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].row->sample->key.threads == 1)
            r->rows[kept++] = r->rows[i];
    r->count = kept;
}

void ranking_of(const struct report *s, const char *dataset, const char *sink, struct ranking *r)
{
    double least = INFINITY;
    *r = (struct ranking){.report = s, .dataset = dataset, .sink = sink, .rows = calloc(s->count + 1, sizeof *r->rows)};
    take_rows(r);
    r->by_cpu = r->foreign > 0;
    if (r->by_cpu)
        keep_one_thread(r);
    for (struct ranked *of = r->rows; of < r->rows + r->count; of++) {
        of->ns = report_over(s, of->row, r->by_cpu ? ranking_cpu_ns : report_record_ns);
        if (of->ns.n > 0 && of->ns.median < least) {
            least = of->ns.median;
            r->best = of->row;
        }
    }
    for (struct ranked *of = r->rows; of < r->rows + r->count; of++) {
        of->ratio = report_by_round(s, of->row, r->best, r->by_cpu ? cpu_ratio : report_times_as_long);
        r->timed += of->ratio.n > 0;
    }
    qsort(r->rows, r->count, sizeof *r->rows, by_ratio);
}

void ranking_free(struct ranking *r)
{
    free(r->rows);
}

const char *ranking_sink(const struct report *s, const char *dataset)
{
    struct run_decoder d;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++)
        if (row->ns.n > 0 && strcmp(row->sample->key.dataset, dataset) == 0 &&
            run_decoder(s->results, &row->sample->key, &d))
            return row->sample->key.sink;
    return shown_sink(s, dataset);
}

/* Is it slower than the best one in all of its interval, or of what was seen if that is too little for one? */
bool ranking_is_apart(const struct ranked *of)
{
    enum { FEWEST = 3 };
    return of->ratio.n >= FEWEST && of->ratio.low > 1;
}

bool ranking_has_winner(const struct ranking *r)
{
    size_t apart = 0;
    for (size_t i = 1; i < r->timed; i++)
        apart += ranking_is_apart(&r->rows[i]);
    return r->timed > 1 && r->rows[0].row == r->best && apart + 1 == r->timed;
}

struct stats ranking_rate(const struct ranked *of)
{
    struct stats rate = of->ns;
    rate.median = 1e3 / of->ns.median;
    rate.low = 1e3 / of->ns.high;
    rate.high = 1e3 / of->ns.low;
    return rate;
}

double ranking_limit(const struct ranking *r)
{
    const struct sample *best = r->best ? r->best->sample : NULL;
    const struct report_limit *limit = best ? report_find_limit(r->report, r->dataset, best->limit) : NULL;
    if (!limit || limit->wall.n == 0 || !limit->sample->per_second)
        return NAN;
    for (size_t i = 0; i < limit->samples; i++)
        r->report->values[i] = r->report->limit_order[limit->first + i]->value;
    double bytes = r->by_cpu ? stats_of(r->report->values, limit->samples).median : limit->wall.median;
    return bytes * (double)best->records / (double)best->bytes / 1e6;
}

struct stats ranking_of_limit(const struct ranking *r)
{
    const struct report *s = r->report;
    const struct report_limit *limit = report_find_limit(s, r->dataset, r->best->sample->limit);
    size_t n = 0;
    if (!r->by_cpu)
        return r->best->of_limit;
    for (size_t i = 0; i < r->best->samples && limit && limit->wall.n > 0 && limit->sample->per_second; i++) {
        const struct sample *of = s->order[r->best->first + i];
        const struct limit_sample *l = report_limit_in_round(s, limit, of->round);
        if (l)
            s->values[n++] = (double)of->bytes / l->value * 1e9 / (ranking_cpu_ns(of) * (double)of->records);
    }
    return stats_of(s->values, n);
}

/* --- in words --- */

static void print_all_alike(const struct ranking *r, FILE *to)
{
    char name[96], rate[32];
    const char *between = "";
    for (const struct ranked *of = r->rows; of < r->rows + r->timed; of++) {
        if (of->row != r->best && ranking_is_apart(of))
            continue;
        shown_case(r->report, of->row, name, sizeof name);
        table_number(ranking_rate(of).median, rate, sizeof rate);
        fprintf(to, "%s%s with %s", between, name, rate);
        between = ", ";
    }
}

static const struct ranked *next_apart(const struct ranking *r, bool foreign)
{
    for (const struct ranked *of = r->rows; of < r->rows + r->timed; of++)
        if (of->row != r->best && ranking_is_apart(of) && (of->foreign || !foreign))
            return of;
    return NULL;
}

static void print_next(const struct ranking *r, FILE *to)
{
    const struct ranked *next = next_apart(r, false), *foreign = r->rows[0].foreign ? NULL : next_apart(r, true);
    char name[96], times[32];
    if (!next)
        return;
    shown_case(r->report, next->row, name, sizeof name);
    table_number(next->ratio.median, times, sizeof times);
    fprintf(to, " Next is %s, which takes %s times as long", name, times);
    if (foreign && foreign != next) {
        shown_case(r->report, foreign->row, name, sizeof name);
        table_number(foreign->ratio.median, times, sizeof times);
        fprintf(to, "; of the decoders of others %s takes least, %s times as long", name, times);
    }
    fputc('.', to);
}

void ranking_say(const struct ranking *r, struct table *to)
{
    char *text, name[96], rate[32], share[32];
    const char *unit = r->by_cpu ? "million records a second of CPU time" : "million records a second";
    size_t size;
    if (!r->best) {
        table_note(to, "Of %s nothing has a time with the sink %s.", r->dataset, r->sink);
        return;
    }
    struct stats limit = ranking_of_limit(r);
    FILE *line = open_memstream(&text, &size);
    if (r->timed == 1 || ranking_has_winner(r)) {
        shown_case(r->report, r->best, name, sizeof name);
        table_number(ranking_rate(&r->rows[0]).median, rate, sizeof rate);
        table_number(100 * limit.median, share, sizeof share);
        fprintf(line, "%s is %s: %s %s", name, r->timed == 1 ? "the only one with a time" : "fastest", rate, unit);
        if (limit.n > 0 && limit.median > 1)
            fprintf(line, ", %s %% of what its limit allows (%s)", share,
                    shown_limit(r->report->results, r->best->sample->limit));
        else if (limit.n > 0)
            fprintf(line, ", %s %% of the machine's limit", share);
        fputc('.', line);
    } else {
        fputs("there is no winner, as ranges overlap: ", line);
        print_all_alike(r, line);
        fprintf(line, " %s.", unit);
    }
    print_next(r, line);
    fclose(line);
    table_note(to, "On %s (sink %s) %s", r->dataset, r->sink, text);
    free(text);
}
