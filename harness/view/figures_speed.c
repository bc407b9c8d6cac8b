/* Pictures of how fast the cases of a run are. Rows of one dataset make one picture, with short names beside its
 * axis. */
#include "figures.h"

#include <math.h>
#include <string.h>

enum { LABEL = 160 };

/* --- throughput --- */

static double limit_rate(const struct report *s, const struct report_row *row)
{
    const struct sample *of = row->sample;
    const struct report_limit *limit = report_find_limit(s, of->key.dataset, of->limit);
    if (row->of_limit.n == 0 || !limit || limit->wall.n == 0)
        return NAN;
    return shown_rate(row, limit->sample->per_second ? (double)of->bytes / limit->wall.median * 1e9
                                                     : (double)row->reads * limit->wall.median);
}

static struct table *throughput(const struct report *s, const char *dataset)
{
    struct table *t = figure_table("nttttnndddd", "row", "label", "dataset", "backend", "sink", "threads",
                                   "block (bytes)", "rate (Mrec/s)", "low (Mrec/s)", "high (Mrec/s)", "limit (Mrec/s)");
    char label[LABEL], name[96];
    uint64_t n = 0;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct case_key *key = &row->sample->key;
        bool known = shown_has_rate(row);
        if (strcmp(key->dataset, dataset) != 0)
            continue;
        shown_case(s, row, name, sizeof name);
        snprintf(label, sizeof label, "%s %s%s", name, key->sink, known ? "" : " (no time)");
        table_row(t, "nttttnndddd", n++, label, key->dataset, key->backend, key->sink, key->threads, key->block,
                  known ? shown_rate(row, row->ns.median) : NAN, known ? shown_rate(row, row->ns.high) : NAN,
                  known ? shown_rate(row, row->ns.low) : NAN, known ? limit_rate(s, row) : NAN);
    }
    return t;
}

int add_throughput(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && rc == 0; i++) {
        const char *dataset = shown_dataset(s, i);
        if (dataset)
            rc = figures_add(to, throughput(s, dataset), "", "Throughput: %s", dataset);
    }
    return rc;
}

/* --- system calls --- */

int add_calls(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    struct table *t = figure_table("ntttnnddn", "row", "label", "dataset", "backend", "threads", "block (bytes)",
                                   "reads (1/record)", "calls (1/record)", "group");
    char label[LABEL], name[96], file[64];
    const char *last = NULL;
    uint64_t n = 0, group = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        const struct sample *of = row->sample;
        if (!shown_has_rate(row) || !runs->first->compared[i])
            continue;
        group += last && strcmp(last, of->key.dataset) != 0;
        last = of->key.dataset;
        shown_case(s, row, name, sizeof name);
        figure_shorten(of->key.dataset, file, sizeof file);
        snprintf(label, sizeof label, "%s: %s", file, name);
        double reads = (double)row->reads / (double)of->records;
        double others = (double)of->other_calls / (double)of->iterations / (double)of->records;
        table_row(t, "ntttnnddn", n++, label, of->key.dataset, of->key.backend, of->key.threads, of->key.block, reads,
                  reads + others, group);
    }
    return figures_add(to, t, "", "System calls for each record");
}

/* --- samples in order of time --- */

static struct table *samples(const struct report *s, const char *dataset)
{
    struct table *t = figure_table("nttnndd", "row", "label", "dataset", "round", "rounds", "time (ns/record)",
                                   "time (of the median)");
    char label[LABEL], name[96];
    uint64_t n = 0;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        if (strcmp(row->sample->key.dataset, dataset) != 0 || !shown_has_rate(row))
            continue;
        shown_case(s, row, name, sizeof name);
        snprintf(label, sizeof label, "%s %s", name, row->sample->key.sink);
        for (size_t k = 0; k < row->samples; k++) {
            const struct sample *of = s->order[row->first + k];
            double ns = sample_decode_ns(of);
            table_row(t, "nttnndd", n, label, of->key.dataset, of->round, (uint64_t)s->most, ns / (double)of->records,
                      ns / row->ns.median);
        }
        n++;
    }
    return t;
}

int add_samples(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && rc == 0; i++) {
        const char *dataset = shown_dataset(s, i);
        if (dataset)
            rc = figures_add(to, samples(s, dataset), "", "Samples: %s", dataset);
    }
    return rc;
}

/* --- cases that differ in one thing --- */

enum axis { BLOCK, THREADS };

static uint64_t value_on(enum axis axis, const struct report_row *row)
{
    return axis == BLOCK ? row->sample->key.block : row->sample->key.threads;
}

/* Of the same series: all but the axis is the same. */
static bool is_alike(enum axis axis, const struct report_row *a, const struct report_row *b)
{
    struct case_key key = a->sample->key;
    if (axis == BLOCK)
        key.block = b->sample->key.block;
    else
        key.threads = b->sample->key.threads;
    return shown_has_rate(a) && shown_has_rate(b) && case_equal(&key, &b->sample->key);
}

/* The row of the series with the least value above this; NULL: there is none. */
static const struct report_row *next_point(const struct report *s, enum axis axis, const struct report_row *like,
                                           const struct report_row *before)
{
    const struct report_row *next = NULL;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++)
        if (is_alike(axis, row, like) && (!before || value_on(axis, row) > value_on(axis, before)) &&
            (!next || value_on(axis, row) < value_on(axis, next)))
            next = row;
    return next;
}

/* Is it the first row of a series of several points? */
static bool begins_series(const struct report *s, enum axis axis, const struct report_row *row)
{
    for (const struct report_row *other = s->rows; other < row; other++)
        if (is_alike(axis, other, row))
            return false;
    const struct report_row *least = next_point(s, axis, row, NULL);
    return least && next_point(s, axis, row, least);
}

/* The youngest run with such a series; NULL: none has one. Scaling and profiles have pictures of their own. */
static const struct report *run_with_series(const struct shown_runs *runs, enum axis axis)
{
    for (const struct shown_run *run = runs->run + runs->count; run-- > runs->run;) {
        const struct report *s = &run->report;
        for (size_t i = 0; i < s->count && run->kind != RUN_PROFILE && run->kind != RUN_SCALE; i++)
            if (begins_series(s, axis, &s->rows[i]))
                return s;
    }
    return NULL;
}

/* --- block sizes --- */

static bool is_group(const struct report_row *a, const struct report_row *b)
{
    return strcmp(a->sample->key.dataset, b->sample->key.dataset) == 0 &&
           strcmp(a->sample->key.sink, b->sample->key.sink) == 0;
}

/* All series of the dataset and sink of this row. NULL in *t: another row has made the picture. */
static int add_sweep(const struct report *s, const struct report_row *first, struct figures *to)
{
    struct table *t =
        figure_table("ntnddd", "series", "name", "block (bytes)", "rate (Mrec/s)", "low (Mrec/s)", "high (Mrec/s)");
    char name[96];
    uint64_t series = 0;
    for (const struct report_row *row = first; row < s->rows + s->count; row++) {
        const struct case_key *key = &row->sample->key;
        if (!is_group(row, first) || !begins_series(s, BLOCK, row))
            continue;
        snprintf(name, sizeof name, key->threads > 1 ? "%s with %u threads" : "%s", key->backend,
                 (unsigned)key->threads);
        for (const struct report_row *p = NULL; (p = next_point(s, BLOCK, row, p)) != NULL;)
            table_row(t, "ntnddd", series, name, p->sample->key.block, shown_rate(p, p->ns.median),
                      shown_rate(p, p->ns.high), shown_rate(p, p->ns.low));
        series++;
    }
    const struct case_key *key = &first->sample->key;
    return figures_add(to, t, "", "Block size: %s, sink %s", key->dataset, key->sink);
}

int add_sweeps(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = run_with_series(runs, BLOCK);
    int rc = 0;
    for (size_t i = 0; s && i < s->count && rc == 0; i++) {
        bool first = begins_series(s, BLOCK, &s->rows[i]);
        for (size_t k = 0; k < i && first; k++)
            first = !is_group(&s->rows[k], &s->rows[i]) || !begins_series(s, BLOCK, &s->rows[k]);
        if (first)
            rc = add_sweep(s, &s->rows[i], to);
    }
    return rc;
}

/* --- threads --- */

struct table *threads_table(void)
{
    return figure_table("nddddddd", "threads", "measured", "low", "high", "capacity", "amdahl", "usl", "simulated");
}

static int add_threads(const struct report *s, const struct report_row *row, struct figures *to)
{
    struct table *t = threads_table();
    const struct case_key *key = &row->sample->key;
    char size[24], block[48] = "";
    for (const struct report_row *p = NULL; (p = next_point(s, THREADS, row, p)) != NULL;)
        table_row(t, "nddddddd", p->sample->key.threads, shown_rate(p, p->ns.median), shown_rate(p, p->ns.high),
                  shown_rate(p, p->ns.low), NAN, NAN, NAN, NAN);
    case_block(key->block, size, sizeof size);
    if (s->blocks_differ && key->block > 0)
        snprintf(block, sizeof block, " --block %s", size);
    return figures_add(to, t, "", "Threads: %s, %s%s, sink %s", key->dataset, key->backend, block, key->sink);
}

/* Those of runs of `dbnbench scale`, and what other runs have of several numbers of threads. */
int add_scaling(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = run_with_series(runs, THREADS);
    int rc = runs->of[RUN_SCALE] ? add_curves(runs->of[RUN_SCALE], to) : 0;
    for (size_t i = 0; s && i < s->count && rc == 0; i++)
        if (begins_series(s, THREADS, &s->rows[i]))
            rc = add_threads(s, &s->rows[i], to);
    return rc;
}

/* --- runs --- */

/* Of the cases that are compared. Runs that have none of them are left out. */
static int add_dataset(const struct shown_runs *runs, const char *dataset, struct figures *to)
{
    const struct report *s = &runs->first->report;
    struct table *t = figure_table("ntntddd", "series", "name", "run", "when (UTC)", "rate (Mrec/s)", "low (Mrec/s)",
                                   "high (Mrec/s)");
    uint64_t series = 0, most = 0;
    char name[96], when[40];
    const char *sink = "";
    for (size_t i = 0; i < s->count; i++) {
        uint64_t n = 0;
        if (strcmp(s->rows[i].sample->key.dataset, dataset) != 0 || !shown_has_rate(&s->rows[i]) ||
            !runs->first->compared[i])
            continue;
        sink = s->rows[i].sample->key.sink;
        shown_case(s, &s->rows[i], name, sizeof name);
        for (const struct shown_run *run = runs->run; run < runs->run + runs->count; run++) {
            const struct report_row *row =
                run->kind == RUN_PROFILE ? NULL : report_find(&run->report, &s->rows[i].sample->key);
            if (!row || !shown_has_rate(row))
                continue;
            shown_time(run->results, when, 17); /* to the minute */
            table_row(t, "ntntddd", series, name, (uint64_t)(run - runs->run), when, shown_rate(row, row->ns.median),
                      shown_rate(row, row->ns.high), shown_rate(row, row->ns.low));
            n++;
        }
        series++;
        most = n > most ? n : most;
    }
    if (most > 1)
        return figures_add(to, t, "", "History: %s, sink %s", dataset, sink);
    table_free(t);
    return 0;
}

int add_history(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && runs->first->kind != RUN_PROFILE && rc == 0; i++)
        if (shown_dataset(s, i))
            rc = add_dataset(runs, s->rows[i].sample->key.dataset, to);
    return rc;
}
