/* What a run says in a few lines: for each of its data sets the fastest, by how much, and how near to the limit. */
#include "document.h"
#include "ranking.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "data"},
    {.key = "fastest", .verdict = true},
    {.key = "rate", .kind = TABLE_NUMBER, .title = "M rec/s", .meaning = "million records a second"},
    {.key = "ahead", .verdict = true, .title = "faster than the next"},
    {.key = "naive", .verdict = true, .title = "than naive", .meaning = "one read call for each field"},
    {.key = "limit", .verdict = true, .meaning = "how near it is to what the machine allows"},
    {0},
};

/* Why nobody has won: too few samples, or how many ranges overlap, and the first two. */
static void put_tie(const struct ranking *r, char *text, size_t size)
{
    const struct ranked *other = NULL;
    char best[96], name[96];
    size_t tied = 0, fewest = SIZE_MAX;
    for (const struct ranked *of = r->rows; of < r->rows + r->timed; of++) {
        if (of->row == r->best || ranking_is_apart(of))
            continue;
        other = other ? other : of;
        fewest = of->ratio.n < fewest ? of->ratio.n : fewest;
        tied++;
    }
    shown_case(r->report, r->best, best, sizeof best);
    shown_case(r->report, other->row, name, sizeof name);
    if (fewest < STATS_FEWEST)
        snprintf(text, size, "%zu sample%s, %d needed", fewest, table_plural(fewest), STATS_FEWEST);
    else
        snprintf(text, size, "%zu ranges overlap: %s, %s", tied + 1, best, name);
}

/* "1.51 times (buffered)" */
static void put_ahead(const struct ranking *r, char *text, size_t size)
{
    char ratio[40], name[96];
    if (r->timed < 2) {
        snprintf(text, size, "nothing else has a time");
    } else if (ranking_has_winner(r)) {
        table_number(r->rows[1].ratio.median, ratio, sizeof ratio);
        shown_case(r->report, r->rows[1].row, name, sizeof name);
        snprintf(text, size, "%s times (%s)", ratio, name);
    } else {
        put_tie(r, text, size);
    }
}

static void put_naive(const struct ranking *r, char *text, size_t size)
{
    const struct ranked *of = r->rows, *end = r->rows + r->timed;
    const char *baseline = r->report->baseline;
    char ratio[40];
    while (of < end && !(baseline && strcmp(of->row->sample->key.backend, baseline) == 0))
        of++;
    snprintf(text, size, "-");
    if (of == end || of->row == r->best)
        return;
    table_number(of->ratio.median, ratio, sizeof ratio);
    snprintf(text, size, "%s times", ratio);
}

/* Reached: the limit itself is in the range. */
static void put_limit(const struct stats *of_limit, char *text, size_t size)
{
    if (of_limit->n == 0)
        snprintf(text, size, "n/a");
    else if (of_limit->n < 2 || !(stats_spread(of_limit) <= STATS_NOISY))
        snprintf(text, size, "too noisy");
    else if (of_limit->high >= 1)
        snprintf(text, size, "reached");
    else
        snprintf(text, size, "%.0f %%", 100 * of_limit->median);
}

static void add_data(struct table *t, const struct ranking *r)
{
    char name[96], ahead[256], naive[64], limit[64];
    if (!r->best) {
        table_row(t, "ttdttt", r->dataset, "nothing has a time", NAN, NULL, NULL, NULL);
        return;
    }
    bool won = ranking_has_winner(r);
    struct stats of_limit = ranking_of_limit(r);
    shown_case(r->report, r->best, name, sizeof name);
    put_ahead(r, ahead, sizeof ahead);
    put_naive(r, naive, sizeof naive);
    put_limit(&of_limit, limit, sizeof limit);
    table_row(t, "ttdttt", r->dataset, won || r->timed < 2 ? name : "no winner", ranking_rate(&r->rows[0]).median,
              ahead, naive, limit);
    if (won)
        table_stress(t);
}

/* Up to three decoders of others, the fastest first. */
static void note_others(struct table *t, const struct ranking *r)
{
    char text[512], name[96], times[40];
    size_t said = 0, used = 0;
    for (const struct ranked *of = r->rows; of < r->rows + r->timed && said < 3; of++) {
        if (!of->foreign || of->row == r->best)
            continue;
        shown_case(r->report, of->row, name, sizeof name);
        table_number(of->ratio.median, times, sizeof times);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s times", said++ ? ", " : "", name, times);
    }
    if (said > 0)
        table_note(t, "%s: decoders of others, as a ratio to the fastest: %s.", r->dataset, text);
}

/* How long it was measured; "" if nobody wrote that down. */
static void put_time(const struct results *r, char *text, size_t size)
{
    int64_t begin = run_unix_ms(r), s;
    json_t *end = json_object_get(json_object_get(r->end, "after"), "unix_ms");
    *text = '\0';
    if (begin < 0 || !json_is_integer(end) || json_integer_value(end) < begin)
        return;
    s = (json_integer_value(end) - begin + 500) / 1000;
    if (s < 60)
        snprintf(text, size, " in %" PRId64 " s", s);
    else
        snprintf(text, size, " in %" PRId64 " min %" PRId64 " s", s / 60, s % 60);
}

char *answer_head(const struct report *s)
{
    char took[48], machine[256], few[64] = "", *text;
    size_t datasets = 0;
    for (size_t i = 0; i < s->count; i++)
        datasets += shown_dataset(s, i) != NULL;
    put_time(s->results, took, sizeof took);
    shown_machine(s->results, machine, sizeof machine);
    if (s->fewest < s->most)
        snprintf(few, sizeof few, " (%zu of slow cases)", s->fewest);
    if (asprintf(&text, "%s%s: %zu data set%s, %zu round%s%s, %s",
                 run_is_complete(s->results) ? "Measured" : "Interrupted; measured", took, datasets,
                 table_plural(datasets), s->most, table_plural(s->most), few, machine) < 0)
        abort();
    return text;
}

struct table *answer_table(const struct report *s)
{
    struct table *t = table_new("answer", "", columns);
    bool by_cpu = false;
    for (size_t i = 0; i < s->count; i++) {
        const char *dataset = shown_dataset(s, i);
        struct ranking r;
        if (!dataset)
            continue;
        ranking_of(s, dataset, ranking_sink(s, dataset), &r);
        by_cpu |= r.by_cpu;
        add_data(t, &r);
        note_others(t, &r);
        ranking_free(&r);
    }
    if (by_cpu)
        table_note(t, "By CPU time, as decoders of others take part.");
    size_t first = strcspn(s->noise.why, ",");
    if (!s->noise.quiet)
        table_note(t, "Not quiet: %.*s. Trust ratios only.", (int)first, s->noise.why);
    return t;
}
