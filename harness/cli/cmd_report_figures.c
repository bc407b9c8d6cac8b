/* The data of a report's pictures. Each column has its unit in the header. Rows of one dataset make one picture; names
 * that are drawn beside an axis are short. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "../text/tsv.h"
#include "cmd_report_series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 160 };

FILE *figure_begin(struct document *d, const char *script, const char *about)
{
    d->figures_left_out |= d->figure_count == FIGURES_MAX;
    if (d->figures_left_out)
        return NULL;
    struct figure *f = &d->figures[d->figure_count];
    size_t same = 1;
    for (size_t i = 0; i < d->figure_count; i++)
        same += strcmp(d->figures[i].script, script) == 0;
    *f = (struct figure){.script = script, .about = about};
    snprintf(f->name, sizeof f->name, "%s-%zu", script, same);
    return open_memstream(&f->data, &f->size);
}

int figure_none(const struct document *d)
{
    return d->figures_left_out ? 0 : -ENOMEM;
}

int figure_end(struct document *d, FILE *data, size_t rows, const char *title, const char *why)
{
    struct figure *f = &d->figures[d->figure_count];
    if (fclose(data) != 0)
        return -ENOMEM;
    snprintf(f->title, sizeof f->title, "%s", title);
    if (rows == 0) {
        free(f->data);
        f->data = NULL;
        snprintf(f->why, sizeof f->why, "%s", why);
    }
    d->figure_count++;
    return 0;
}

/* A name so short that a picture has room for it, cut between characters; the end of a long one tells most. */
static void shorten(const char *name, char *label, size_t size)
{
    size_t n = strlen(name), from = n > 28 ? n - 25 : 0;
    while (from && (name[from] & 0xC0) == 0x80)
        from++;
    snprintf(label, size, "%s%s", from ? "..." : "", name + from);
}

/* --- throughput --- */

static double limit_rate(const struct report *s, const struct report_row *row)
{
    const struct sample *of = row->sample;
    for (size_t i = 0; i < s->limit_count && row->of_limit.n > 0; i++) {
        const struct report_limit *limit = &s->limits[i];
        if (limit->wall.n == 0 || strcmp(limit->sample->limit, of->limit) != 0 ||
            strcmp(limit->sample->dataset, of->key.dataset) != 0)
            continue;
        double ns = limit->sample->per_second ? (double)of->bytes / limit->wall.median * 1e9
                                              : (double)row->reads * limit->wall.median;
        return answers_rate(row, ns);
    }
    return NAN;
}

static int add_throughput(struct document *d, const char *dataset)
{
    const struct report *s = &d->run->report;
    char title[FIGURE_TEXT], label[LABEL], name[96];
    uint64_t n = 0;
    FILE *to = figure_begin(d, "throughput",
                            "Medians with their intervals, on a logarithmic scale if they are far apart. The upright "
                            "line is what the limit that bounds the case would have given.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "ttttttttttt", "row", "label", "dataset", "backend", "sink", "threads", "block (bytes)",
            "rate (Mrec/s)", "low (Mrec/s)", "high (Mrec/s)", "limit (Mrec/s)");
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        const struct sample *of = row->sample;
        bool known = row->ns.n > 0 && of->records > 0;
        if (strcmp(of->key.dataset, dataset) != 0)
            continue;
        answers_case(s, row, name, sizeof name);
        snprintf(label, sizeof label, "%s %s%s", name, of->key.sink, known ? "" : " (no time)");
        tsv_row(to, "nttttnndddd", n++, label, of->key.dataset, of->key.backend, of->key.sink, of->key.threads,
                of->key.block, known ? answers_rate(row, row->ns.median) : NAN,
                known ? answers_rate(row, row->ns.high) : NAN, known ? answers_rate(row, row->ns.low) : NAN,
                known ? limit_rate(s, row) : NAN);
    }
    snprintf(title, sizeof title, "Throughput: %s", dataset);
    return figure_end(d, to, n, title, "");
}

/* --- system calls --- */

static int add_calls(struct document *d)
{
    const struct report *s = &d->run->report;
    char label[LABEL], name[96], file[LABEL];
    uint64_t n = 0;
    FILE *to = figure_begin(d, "syscalls",
                            "Counted, not estimated, on a logarithmic scale; what makes none at all is at the left, "
                            "beyond its break.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "ttttttttt", "row", "label", "dataset", "backend", "threads", "block (bytes)", "reads (1/record)",
            "calls (1/record)", "group");
    const char *last = NULL;
    uint64_t group = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        const struct sample *of = row->sample;
        if (row->ns.n == 0 || of->records == 0 || !answers_compared(s, row))
            continue;
        group += last && strcmp(last, of->key.dataset) != 0;
        last = of->key.dataset;
        answers_case(s, row, name, sizeof name);
        shorten(of->key.dataset, file, sizeof file);
        snprintf(label, sizeof label, "%s: %s", file, name);
        double reads = (double)row->reads / (double)of->records;
        double others = (double)of->other_calls / (double)of->iterations / (double)of->records;
        tsv_row(to, "ntttnnddn", n++, label, of->key.dataset, of->key.backend, of->key.threads, of->key.block, reads,
                reads + others, group);
    }
    return figure_end(d, to, n, "System calls for each record", "no case has a time, so nothing was counted");
}

/* --- samples in order of time --- */

static int add_samples(struct document *d, const char *dataset)
{
    const struct report *s = &d->run->report;
    char title[FIGURE_TEXT], label[LABEL], name[96];
    uint64_t n = 0, points = 0;
    FILE *to = figure_begin(d, "samples",
                            "Every sample as it was taken, in parts of its case's median; within a row the first "
                            "round is at the top.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "ttttttt", "row", "label", "dataset", "round", "rounds", "time (ns/record)", "time (of the median)");
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (strcmp(row->sample->key.dataset, dataset) != 0 || row->ns.n == 0 || row->sample->records == 0)
            continue;
        answers_case(s, row, name, sizeof name);
        snprintf(label, sizeof label, "%s %s", name, row->sample->key.sink);
        for (size_t k = 0; k < row->samples; k++, points++) {
            const struct sample *of = s->order[row->first + k];
            double ns = sample_decode_ns(of);
            tsv_row(to, "nttnndd", n, label, of->key.dataset, of->round, (uint64_t)s->most, ns / (double)of->records,
                    ns / row->ns.median);
        }
        n++;
    }
    snprintf(title, sizeof title, "Samples: %s", dataset);
    return figure_end(d, to, points, title, "no case has a time");
}

/* --- where the time goes --- */

/* Parts lie side by side; what is less than nothing lies to the left of zero. */
static void print_parts(const struct profile_row *row, uint64_t at, FILE *to)
{
    char label[LABEL], file[LABEL], whole[32];
    double right = 0, left = 0;
    shorten(row->dataset, file, sizeof file);
    table_number(row->cpu.median, whole, sizeof whole);
    snprintf(label, sizeof label, "%s: %s, %s ns", file, row->backend, whole);
    for (uint64_t part = 0; part < PROFILE_PARTS; part++) {
        const struct stats *share = &row->share[part];
        double *end = share->median < 0 ? &left : &right, begin = *end;
        if (share->n > 0)
            *end += 100 * share->median;
        double known = share->n > 0 ? 1 : NAN;
        tsv_row(to, "ntttdtnddddd", at, label, row->dataset, row->backend, row->cpu.median, profile_part_names[part],
                part, 100 * known * share->median, 100 * known * share->low, 100 * known * share->high, known * begin,
                known * *end);
    }
}

static int add_where(struct document *d)
{
    uint64_t n = 0;
    FILE *to = figure_begin(d, "where",
                            "Each part was measured without the others, so they need not add up to 100 %: what is "
                            "missing is unexplained, and lies left of zero where parts overlap.");
    if (!to)
        return figure_none(d);
    tsv_row(to, "tttttttttttt", "row", "label", "dataset", "backend", "whole (ns/record)", "part", "part number",
            "share (%)", "low (%)", "high (%)", "from (%)", "to (%)");
    for (size_t i = 0; i < d->profile.count; i++)
        if (d->profile.rows[i].cpu.n > 0)
            print_parts(&d->profile.rows[i], n++, to);
    return figure_end(d, to, n, "Where the time goes",
                      d->of[OF_PROFILE] ? "nothing in the profile has a time"
                                        : "none of these runs is a profile; `dbnbench profile` takes one");
}

/* --- all --- */

static int each_dataset(struct document *d, int (*add)(struct document *d, const char *dataset))
{
    const struct report *s = &d->run->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && rc == 0; i++)
        if (answers_dataset(s, i))
            rc = add(d, s->rows[i].sample->key.dataset);
    return rc;
}

static int add_throughputs(struct document *d)
{
    return each_dataset(d, add_throughput);
}

static int add_all_samples(struct document *d)
{
    return each_dataset(d, add_samples);
}

/* What the document is of comes first. */
int figures_set(struct document *d)
{
    int (*const own)(struct document * d) = d->topic == OF_SCALING ? figures_add_scaling
                                            : d->topic == OF_STEPS ? figures_add_steps
                                                                   : NULL;
    int (*const all[])(struct document * d) = {add_throughputs,     add_calls,           add_where,
                                               figures_add_sweeps,  figures_add_scaling, figures_add_steps,
                                               figures_add_history, add_all_samples};
    int rc = own ? own(d) : 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == 0; i++)
        if (all[i] != own)
            rc = all[i](d);
    return rc;
}

void figures_free(struct document *d)
{
    for (size_t i = 0; i < d->figure_count; i++)
        free(d->figures[i].data);
}
