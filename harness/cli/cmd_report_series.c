#include "cmd_report_series.h"

#include "../view/cases.h"
#include "../text/tsv.h"
#include "cmd_stored.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_MAX = 16, POINTS_MAX = 64 };

static bool has_rate(const struct report_row *row)
{
    return row->ns.n > 0 && row->sample->records > 0;
}

static void print_rate(FILE *to, const struct report_row *row, bool last)
{
    bool known = row && has_rate(row);
    tsv_row(to, last ? "ddd" : "ddd+", known ? answers_rate(row, row->ns.median) : NAN,
            known ? answers_rate(row, row->ns.high) : NAN, known ? answers_rate(row, row->ns.low) : NAN);
}

static void print_names(FILE *to, const char *axis, char (*names)[96], size_t n)
{
    tsv_row(to, "t+", axis);
    for (size_t i = 0; i < n; i++)
        tsv_row(to, i + 1 < n ? "ttt+" : "ttt", names[i], "low (Mrec/s)", "high (Mrec/s)");
}

/* Adds a value to those that are there, in ascending order. */
static void add_point(uint64_t *points, size_t *n, uint64_t value)
{
    size_t at = 0;
    while (at < *n && points[at] < value)
        at++;
    if (*n == POINTS_MAX || (at < *n && points[at] == value))
        return;
    memmove(points + at + 1, points + at, (*n - at) * sizeof *points);
    points[at] = value;
    ++*n;
}

int figures_add_none(struct document *d, const char *script, const char *title, const char *why)
{
    for (size_t i = 0; i < d->figure_count; i++)
        if (strcmp(d->figures[i].script, script) == 0)
            return 0;
    FILE *to = figure_begin(d, script, "");
    return to ? figure_end(d, to, 0, title, why) : figure_none(d);
}

/* --- cases that differ in one thing --- */

enum axis { BLOCK, THREADS };

static uint64_t value_on(enum axis axis, const struct sample *s)
{
    return axis == BLOCK ? s->key.block : s->key.threads;
}

/* Of the same series: all but the axis is the same. */
static bool is_alike(enum axis axis, const struct sample *a, const struct sample *b)
{
    return strcmp(a->key.dataset, b->key.dataset) == 0 && strcmp(a->key.sink, b->key.sink) == 0 &&
           strcmp(a->key.backend, b->key.backend) == 0 && a->key.files == b->key.files &&
           a->key.split == b->key.split &&
           (axis == BLOCK ? a->key.threads == b->key.threads : a->key.block == b->key.block);
}

/* The rows of i's series, unless one of them comes before i; how many points they have. */
static size_t series_points(const struct report *s, enum axis axis, size_t i, uint64_t *points)
{
    size_t n = 0;
    for (size_t k = 0; k < s->count; k++) {
        if (!has_rate(&s->rows[k]) || !is_alike(axis, s->rows[k].sample, s->rows[i].sample))
            continue;
        if (k < i)
            return 0;
        add_point(points, &n, value_on(axis, s->rows[k].sample));
    }
    return n;
}

static const struct report_row *find(const struct report *s, enum axis axis, const struct sample *like, uint64_t value)
{
    for (size_t k = 0; k < s->count; k++)
        if (is_alike(axis, s->rows[k].sample, like) && value_on(axis, s->rows[k].sample) == value)
            return &s->rows[k];
    return NULL;
}

/* Scaling has pictures of its own. */
static bool has_own_pictures(const struct stored_run *run)
{
    return run_kind(&run->results) == RUN_PROFILE || run_kind(&run->results) == RUN_SCALE;
}

/* The youngest run with such a series; NULL: none has one. */
static const struct report *run_with_series(const struct document *d, enum axis axis)
{
    uint64_t points[POINTS_MAX];
    for (size_t k = d->count; k > 0; k--) {
        const struct report *s = &d->runs[k - 1].report;
        for (size_t i = 0; i < s->count && !has_own_pictures(&d->runs[k - 1]); i++)
            if (has_rate(&s->rows[i]) && series_points(s, axis, i, points) > 1)
                return s;
    }
    return NULL;
}

/* --- block sizes --- */

/* All series of the dataset and sink of row i. */
static int add_sweep(struct document *d, const struct report *s, size_t i)
{
    const struct report_row *of[SERIES_MAX];
    char names[SERIES_MAX][96], title[FIGURE_TEXT];
    uint64_t points[POINTS_MAX], own[POINTS_MAX];
    size_t series = 0, n = 0;
    for (size_t k = i; k < s->count && series < SERIES_MAX; k++) {
        const struct sample *a = s->rows[k].sample, *b = s->rows[i].sample;
        size_t count = strcmp(a->key.dataset, b->key.dataset) == 0 && strcmp(a->key.sink, b->key.sink) == 0
                           ? series_points(s, BLOCK, k, own)
                           : 0;
        if (count < 2)
            continue;
        for (size_t p = 0; p < count; p++)
            add_point(points, &n, own[p]);
        snprintf(names[series], sizeof names[series], a->key.threads > 1 ? "%s with %" PRIu64 " threads" : "%s",
                 a->key.backend, a->key.threads);
        of[series++] = &s->rows[k];
    }
    FILE *to = figure_begin(d, "sweep", "Medians with their intervals by the bytes that are asked for at a time.");
    if (!to)
        return figure_none(d);
    print_names(to, "block (bytes)", names, series);
    for (size_t p = 0; p < n; p++) {
        tsv_row(to, "n+", points[p]);
        for (size_t k = 0; k < series; k++)
            print_rate(to, find(s, BLOCK, of[k]->sample, points[p]), k + 1 == series);
    }
    snprintf(title, sizeof title, "Block size: %s, sink %s", s->rows[i].sample->key.dataset,
             s->rows[i].sample->key.sink);
    return figure_end(d, to, n, title, "");
}

/* Has a series of this row's dataset and sink begun before? */
static bool has_sweep(const struct report *s, size_t i)
{
    uint64_t points[POINTS_MAX];
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->rows[k].sample->key.dataset, s->rows[i].sample->key.dataset) == 0 &&
            strcmp(s->rows[k].sample->key.sink, s->rows[i].sample->key.sink) == 0 &&
            series_points(s, BLOCK, k, points) > 1)
            return true;
    return false;
}

int figures_add_sweeps(struct document *d)
{
    const struct report *s = run_with_series(d, BLOCK);
    uint64_t points[POINTS_MAX];
    int rc = 0;
    for (size_t i = 0; s && i < s->count && rc == 0; i++)
        if (has_rate(&s->rows[i]) && series_points(s, BLOCK, i, points) > 1 && !has_sweep(s, i))
            rc = add_sweep(d, s, i);
    return rc ? rc
              : figures_add_none(
                    d, "sweep", "Block size",
                    "no backend was measured with several sizes; `dbnbench run --block 4K,64K,1M` does that");
}

/* --- threads --- */

static int add_scaling(struct document *d, const struct report *s, size_t i, const uint64_t *points, size_t n)
{
    const struct sample *of = s->rows[i].sample;
    char title[FIGURE_TEXT], block[48] = "";
    FILE *to = figure_begin(d, "scaling",
                            "Million records a second by threads, measured, with intervals. `dbnbench scale` adds what "
                            "the machine gave, and models.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "tttttttt", "threads", "measured", "low", "high", "capacity", "amdahl", "usl", "simulated");
    for (size_t p = 0; p < n; p++) {
        tsv_row(to, "n+", points[p]);
        print_rate(to, find(s, THREADS, of, points[p]), false);
        tsv_row(to, "dddd", NAN, NAN, NAN, NAN);
    }
    if (s->blocks_differ && of->key.block > 0) {
        char size[24];
        case_block(of->key.block, size, sizeof size);
        snprintf(block, sizeof block, " --block %s", size);
    }
    snprintf(title, sizeof title, "Threads: %s, %s%s, sink %s", of->key.dataset, of->key.backend, block, of->key.sink);
    return figure_end(d, to, n, title, "");
}

int figures_add_scaling(struct document *d)
{
    const struct report *s = run_with_series(d, THREADS);
    uint64_t points[POINTS_MAX];
    int rc = figures_add_curves(d);
    for (size_t i = 0; s && i < s->count && rc == 0; i++) {
        size_t n = has_rate(&s->rows[i]) ? series_points(s, THREADS, i, points) : 0;
        if (n > 1)
            rc = add_scaling(d, s, i, points, n);
    }
    return rc ? rc
              : figures_add_none(d, "scaling", "Threads",
                                 "no case was measured with several numbers of threads; `dbnbench scale` does that");
}

/* --- runs --- */

/* The row of the same case in another run. */
static const struct report_row *find_case(const struct report *s, const struct sample *like)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *of = s->rows[i].sample;
        if (is_alike(BLOCK, of, like) && of->key.block == like->key.block && of->key.cold == like->key.cold)
            return &s->rows[i];
    }
    return NULL;
}

/* Does it have any of these cases? */
static bool is_in_history(const struct stored_run *run, const struct report_row *const *of, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= find_case(&run->report, of[i]->sample) != NULL;
    return any && run_kind(&run->results) != RUN_PROFILE;
}

static int add_history(struct document *d, const char *dataset)
{
    const struct report *s = &d->run->report;
    const struct report_row *of[SERIES_MAX];
    char names[SERIES_MAX][96], title[FIGURE_TEXT], when[40];
    size_t series = 0;
    uint64_t n = 0;
    for (size_t i = 0; i < s->count && series < SERIES_MAX; i++) {
        if (strcmp(s->rows[i].sample->key.dataset, dataset) != 0 || !has_rate(&s->rows[i]) ||
            !answers_compared(s, &s->rows[i]))
            continue;
        answers_case(s, &s->rows[i], names[series], sizeof names[series]);
        of[series++] = &s->rows[i];
    }
    size_t runs = 0;
    for (const struct stored_run *run = d->runs; run < d->runs + d->count; run++)
        runs += is_in_history(run, of, series);
    if (runs < 2)
        return 0;
    FILE *to = figure_begin(
        d, "history",
        "The same cases in each of the runs, in order of time, on a logarithmic scale if they are far apart. Runs at "
        "different times are not interleaved: compare them with care.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "t+", "run");
    print_names(to, "when (UTC)", names, series);
    for (const struct stored_run *run = d->runs; run < d->runs + d->count; run++) {
        if (!is_in_history(run, of, series))
            continue;
        stored_time(&run->results, when, 17); /* to the minute */
        tsv_row(to, "nt+", n++, when);
        for (size_t k = 0; k < series; k++)
            print_rate(to, find_case(&run->report, of[k]->sample), k + 1 == series);
    }
    snprintf(title, sizeof title, "History: %s, sink %s", dataset, of[0]->sample->key.sink);
    return figure_end(d, to, n, title, "");
}

int figures_add_history(struct document *d)
{
    const struct report *s = &d->run->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && d->topic != OF_PROFILE && rc == 0; i++)
        if (answers_dataset(s, i))
            rc = add_history(d, s->rows[i].sample->key.dataset);
    return rc ? rc : figures_add_none(d, "history", "History", "no two of the runs have a case in common");
}
