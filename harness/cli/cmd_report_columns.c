/* The columns of a report's two tables: how fast, and what it took. */
#include "cmd_report.h"

#include "../view/cases.h"

#include <inttypes.h>
#include <string.h>

static const struct report_row *row_of(const struct document *d, size_t i)
{
    return &d->run->report.rows[i];
}

static const struct sample *sample_of(const struct document *d, size_t i)
{
    return d->run->report.rows[i].sample;
}

static bool has_rate(const struct document *d, size_t i)
{
    return row_of(d, i)->ns.n > 0 && sample_of(d, i)->records > 0;
}

static void number(double value, char *cell)
{
    table_number(value, cell, REPORT_CELL);
}

/* --- names --- */

static void put_dataset(const struct document *d, size_t i, char *cell)
{
    const struct sample *s = sample_of(d, i);
    if (s->prefix && s->outcome == SAMPLE_OK)
        snprintf(cell, REPORT_CELL, "%s[:%" PRIu64 "]", s->key.dataset, s->prefix);
    else
        snprintf(cell, REPORT_CELL, "%s", s->key.dataset);
    size_t used = strlen(cell);
    if (s->key.files > 1)
        snprintf(cell + used, REPORT_CELL - used, ", %" PRIu64 " files", s->key.files);
}

static void put_backend(const struct document *d, size_t i, char *cell)
{
    snprintf(cell, REPORT_CELL, "%s", sample_of(d, i)->key.backend);
}

static void put_sink(const struct document *d, size_t i, char *cell)
{
    snprintf(cell, REPORT_CELL, "%s", sample_of(d, i)->key.sink);
}

static void put_block(const struct document *d, size_t i, char *cell)
{
    case_block(sample_of(d, i)->key.block, cell, REPORT_CELL);
}

static void put_threads(const struct document *d, size_t i, char *cell)
{
    const struct sample *s = sample_of(d, i);
    if (s->key.split > 1)
        snprintf(cell, REPORT_CELL, "%" PRIu64 "/%" PRIu64, s->key.threads, s->key.split);
    else
        snprintf(cell, REPORT_CELL, "%" PRIu64, s->key.threads);
}

static void put_cache(const struct document *d, size_t i, char *cell)
{
    snprintf(cell, REPORT_CELL, "%s", sample_of(d, i)->key.cold ? "cold" : "warm");
}

/* --- how fast --- */

static void put_rate(const struct document *d, size_t i, char *cell)
{
    if (sample_of(d, i)->outcome != SAMPLE_OK)
        snprintf(cell, REPORT_CELL, "%s", sample_outcomes[sample_of(d, i)->outcome]);
    else if (has_rate(d, i))
        number(answers_rate(row_of(d, i), row_of(d, i)->ns.median), cell);
}

static void put_low(const struct document *d, size_t i, char *cell)
{
    if (has_rate(d, i))
        number(answers_rate(row_of(d, i), row_of(d, i)->ns.high), cell);
}

static void put_high(const struct document *d, size_t i, char *cell)
{
    if (has_rate(d, i))
        number(answers_rate(row_of(d, i), row_of(d, i)->ns.low), cell);
}

static void put_level(const struct document *d, size_t i, char *cell)
{
    if (row_of(d, i)->ns.n > 0)
        snprintf(cell, REPORT_CELL, row_of(d, i)->ns.confident ? "%.1f" : "extremes", 100 * row_of(d, i)->ns.level);
}

static void put_bytes(const struct document *d, size_t i, char *cell)
{
    if (row_of(d, i)->ns.n > 0)
        number((double)sample_of(d, i)->bytes / row_of(d, i)->ns.median, cell);
}

static void put_ns(const struct document *d, size_t i, char *cell)
{
    if (has_rate(d, i))
        number(row_of(d, i)->ns.median / (double)sample_of(d, i)->records, cell);
}

static void put_of_limit(const struct document *d, size_t i, char *cell)
{
    if (row_of(d, i)->of_limit.n > 0)
        number(100 * row_of(d, i)->of_limit.median, cell);
}

static void put_limit(const struct document *d, size_t i, char *cell)
{
    const struct sample *s = sample_of(d, i);
    snprintf(cell, REPORT_CELL, "%s", *s->limit ? s->limit : "n/a");
}

static void put_samples(const struct document *d, size_t i, char *cell)
{
    snprintf(cell, REPORT_CELL, "%zu", row_of(d, i)->samples);
}

const struct report_column report_speeds[] = {
    {"dataset", "[:N]: only the first N records", true, true, put_dataset},
    {"backend", "", true, true, put_backend},
    {"sink", "what is done with the records", true, true, put_sink},
    {"block", "bytes asked for at a time", false, false, put_block},
    {"threads", "behind the stroke, shards that a file is cut into", false, false, put_threads},
    {"cache", "", true, false, put_cache},
    {"Mrec/s", "median over samples", false, true, put_rate},
    {"low", "of the interval that holds the median", false, true, put_low},
    {"high", "of the interval that holds the median", false, true, put_high},
    {"level %", "how probably it does", false, false, put_level},
    {"GB/s", "10^9 bytes of the inflated stream a second", false, false, put_bytes},
    {"ns/rec", "median", false, true, put_ns},
    {"% limit", "of what the machine allowed in the same round", false, true, put_of_limit},
    {"limit", "that bounds the case", true, false, put_limit},
    {"samples", "", false, false, put_samples},
    {0},
};

/* --- what it took --- */

/* The median of a fact for one decode, as cases_json() has it; false: unknown. */
static bool fact(const struct document *d, size_t i, const char *key, double *value)
{
    const json_t *row = json_array_get(json_object_get(d->table, "rows"), i);
    const json_t *number_of = json_object_get(json_object_get(row, "per_decode"), key);
    *value = json_number_value(number_of);
    return json_is_number(number_of);
}

static void put_fact(const struct document *d, size_t i, const char *key, double divisor, char *cell)
{
    double value;
    if (divisor > 0 && fact(d, i, key, &value))
        number(value / divisor, cell);
}

/* Of the smallest numbers there are, so not by number(). */
static void put_reads(const struct document *d, size_t i, char *cell)
{
    if (has_rate(d, i))
        snprintf(cell, REPORT_CELL, "%s%.3g", row_of(d, i)->reads_vary ? "~" : "",
                 (double)row_of(d, i)->reads / (double)sample_of(d, i)->records);
}

static void put_calls(const struct document *d, size_t i, char *cell)
{
    double others;
    if (has_rate(d, i) && fact(d, i, "other_calls", &others))
        snprintf(cell, REPORT_CELL, "%.3g", ((double)row_of(d, i)->reads + others) / (double)sample_of(d, i)->records);
}

static void put_minor(const struct document *d, size_t i, char *cell)
{
    put_fact(d, i, "minor_faults", 1, cell);
}

static void put_major(const struct document *d, size_t i, char *cell)
{
    put_fact(d, i, "major_faults", 1, cell);
}

static void put_cpu(const struct document *d, size_t i, char *cell)
{
    put_fact(d, i, "cpu_ns", (double)sample_of(d, i)->records, cell);
}

static void put_copied(const struct document *d, size_t i, char *cell)
{
    double read, copied;
    if (fact(d, i, "bytes_read", &read) && fact(d, i, "copied", &copied) && sample_of(d, i)->bytes > 0)
        number((read + copied) / (double)sample_of(d, i)->bytes, cell);
}

static void put_allocations(const struct document *d, size_t i, char *cell)
{
    put_fact(d, i, "allocations", 1, cell);
}

static void put_peak(const struct document *d, size_t i, char *cell)
{
    if (row_of(d, i)->ns.n > 0)
        number((double)row_of(d, i)->peak_bytes / 1e6, cell);
}

const struct report_column report_costs[] = {
    {"dataset", "[:N]: only the first N records", true, true, put_dataset},
    {"backend", "", true, true, put_backend},
    {"sink", "what is done with the records", true, true, put_sink},
    {"block", "bytes asked for at a time", false, false, put_block},
    {"threads", "behind the stroke, shards that a file is cut into", false, false, put_threads},
    {"reads/rec", "read system calls a record, counted", false, true, put_reads},
    {"calls/rec", "all system calls of the backend, a record", false, true, put_calls},
    {"minor faults", "page faults of one decode", false, true, put_minor},
    {"major faults", "those that waited for the disk", false, false, put_major},
    {"CPU ns/rec", "of all threads", false, true, put_cpu},
    {"moved", "bytes copied or inflated, a byte of the stream", false, false, put_copied},
    {"allocations", "of one decode", false, false, put_allocations},
    {"peak MB", "the largest the process became; a mapped file counts", false, true, put_peak},
    {0},
};
