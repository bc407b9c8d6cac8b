/* Pictures of how fast the cases of a run are. Rows of one dataset make one picture, with short names beside its
 * axis. */
#include "figures.h"

#include <math.h>
#include <string.h>

enum { LABEL = 160 };

/* A picture for each dataset. */
static void add_datasets(const struct report *s, struct table *(*table_of)(const struct report *s, const char *dataset),
                         const char *title, struct figures *to)
{
    for (size_t i = 0; i < s->count; i++) {
        const char *dataset = shown_dataset(s, i);
        if (dataset)
            figures_add(to, table_of(s, dataset), "%s: %s", title, dataset);
    }
}

/* --- throughput --- */

static struct table *throughput(const struct report *s, const char *dataset)
{
    struct table *t = figure_table("nttttnnsd", "row", "label", "dataset", "backend", "sink", "threads",
                                   "block (bytes)", "Mrec/s", "limit (Mrec/s)");
    char label[LABEL], name[96];
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct case_key *key = &row->sample->key;
        struct stats rate = shown_rate(row);
        if (strcmp(key->dataset, dataset) != 0)
            continue;
        shown_case(s, row, name, sizeof name);
        snprintf(label, sizeof label, "%s %s%s", name, key->sink, rate.n > 0 ? "" : " (no time)");
        table_row(t, "nttttnnsd", (uint64_t)t->row_count, label, key->dataset, key->backend, key->sink, key->threads,
                  key->block, &rate, 1.0, rate.n > 0 && row->of_limit.n > 0 ? rate.median / row->of_limit.median : NAN);
    }
    return t;
}

void add_throughput(const struct shown_runs *runs, struct figures *to)
{
    add_datasets(&runs->first->report, throughput, "Throughput", to);
}

/* --- system calls --- */

void add_calls(const struct shown_runs *runs, struct figures *to)
{
    const struct report *s = &runs->first->report;
    struct table *t = figure_table("ntttnndd", "row", "label", "dataset", "backend", "threads", "block (bytes)",
                                   "reads (1/record)", "calls (1/record)");
    char label[LABEL], name[96], file[64];
    const char *sink = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        const struct sample *of = row->sample;
        if (i == 0 || strcmp(of->key.dataset, s->rows[i - 1].sample->key.dataset) != 0)
            sink = shown_sink(s, of->key.dataset);
        if (!shown_has_rate(row) || strcmp(of->key.sink, sink) != 0)
            continue;
        shown_case(s, row, name, sizeof name);
        figure_shorten(of->key.dataset, file, sizeof file);
        snprintf(label, sizeof label, "%s: %s", file, name);
        double reads = reading_number(&row->reads) / (double)of->records;
        double others = reading_number(&of->other_calls) / (double)of->iterations / (double)of->records;
        table_row(t, "ntttnndd", (uint64_t)t->row_count, label, of->key.dataset, of->key.backend, of->key.threads,
                  of->key.block, reads, reads + others);
    }
    figures_add(to, t, "System calls for each record");
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

void add_samples(const struct shown_runs *runs, struct figures *to)
{
    add_datasets(&runs->first->report, samples, "Samples", to);
}
