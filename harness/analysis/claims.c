#include "claims.h"

#include "phases.h"
#include "profile.h"
#include "scale.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Claims are of trades, and of files that are not compressed. */
static bool is_trades(const char *dataset)
{
    return strcmp(dataset, "trades") == 0 || strcmp(dataset, "trades-quick") == 0;
}

static struct claim_finding needs(const char *what)
{
    struct claim_finding f = {0};
    snprintf(f.what, sizeof f.what, "needs %s", what);
    return f;
}

static void describe(struct claim_finding *f, const char *dataset, const char *backend, const char *sink)
{
    snprintf(f->what, sizeof f->what, "%s, `%s`%s%s%s", dataset, backend, *sink ? ", `" : "", sink, *sink ? "`" : "");
}

/* --- of samples --- */

static double calls_a_record(const struct sample *s)
{
    return (double)s->reads / (double)s->iterations / (double)s->records;
}

static double million_records_a_second(const struct sample *s)
{
    return (double)s->records * (double)s->iterations / (double)s->wall_ns * 1e3;
}

/* A figure of a backend's samples, with any sink but those that look for no records, or with this one. */
static struct stats of_samples(const struct results *r, const char *backend, const char *sink,
                               double (*figure)(const struct sample *s), const struct sample **one)
{
    double *values = calloc(r->count + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < r->count && values; i++) {
        const struct sample *s = &r->samples[i];
        if (s->outcome != SAMPLE_OK || s->records == 0 || !is_trades(s->key.dataset) || s->key.threads != 1 ||
            s->key.cold || s->prefix % 1000 != 0 || strcmp(s->key.backend, backend) != 0 ||
            strcmp(s->key.sink, sink) != 0)
            continue;
        values[n++] = figure(s);
        *one = s;
    }
    struct stats found = n ? stats_of(values, n) : (struct stats){0};
    free(values);
    return found;
}

static struct claim_finding find_calls(const struct claims_input *in, const void *backend)
{
    struct claim_finding f = needs("a run of `dbnbench run` with that backend and the sink sum");
    const struct sample *one = NULL;
    for (size_t i = 0; i < in->count; i++) {
        struct stats value = of_samples(&in->runs[i], backend, "sum", calls_a_record, &one);
        if (value.n == 0)
            continue;
        f.value = value;
        describe(&f, one->key.dataset, one->key.backend, "");
    }
    return f;
}

/* The fastest way of all to load every field of every record with one thread. */
static struct claim_finding find_fastest(const struct claims_input *in, const void *sink)
{
    struct claim_finding f = needs("a run of `dbnbench run` with the sink fields");
    for (size_t i = 0; i < in->count; i++) {
        for (size_t k = 0; k < in->runs[i].count; k++) {
            const char *backend = in->runs[i].samples[k].key.backend;
            const struct sample *one = NULL;
            struct stats value = of_samples(&in->runs[i], backend, sink, million_records_a_second, &one);
            if (value.n == 0 || value.median <= f.value.median)
                continue;
            f.value = value;
            describe(&f, one->key.dataset, one->key.backend, one->key.sink);
        }
    }
    return f;
}

/* --- of limits --- */

static struct claim_finding find_limit(const struct claims_input *in, const void *name)
{
    struct claim_finding f = needs("a run of `dbnbench run -b syscall`");
    for (size_t i = 0; i < in->count; i++) {
        const struct results *r = &in->runs[i];
        double *values = calloc(r->limit_count + 1, sizeof *values);
        size_t n = 0;
        for (size_t k = 0; k < r->limit_count && values; k++)
            if (!*r->limits[k].why && strcmp(r->limits[k].limit, name) == 0 && is_trades(r->limits[k].dataset))
                values[n++] = r->limits[k].value;
        if (n > 0) {
            f.value = stats_of(values, n);
            snprintf(f.what, sizeof f.what, "read(2) of 16 bytes from the page cache");
        }
        free(values);
    }
    return f;
}

/* --- of profiles --- */

struct share {
    const char *backend;
    unsigned parts; /* a bit each */
};

/* The sum of shares, in per cent: of medians, and the widest that intervals let it be. */
static struct stats sum_of_shares(const struct profile_row *row, unsigned parts)
{
    struct stats sum = {0};
    for (unsigned part = 0; part < PROFILE_PARTS; part++) {
        const struct stats *share = &row->share[part];
        if (!(parts & 1u << part) || share->n == 0)
            continue;
        bool confident = sum.n == 0 ? share->confident : sum.confident && share->confident;
        sum = (struct stats){.n = share->n,
                             .median = sum.median + 100 * share->median,
                             .low = sum.low + 100 * share->low,
                             .high = sum.high + 100 * share->high,
                             .level = share->level,
                             .confident = confident};
    }
    return sum;
}

static struct claim_finding find_share(const struct claims_input *in, const void *arg)
{
    const struct share *share = arg;
    struct claim_finding f = needs("a run of `dbnbench profile`");
    for (size_t i = 0; i < in->count; i++) {
        struct profile p = {0};
        struct report report;
        if (report_of(&in->runs[i], &report) < 0)
            continue;
        profile_of(&report, &p);
        for (size_t k = 0; k < p.count; k++) {
            struct stats value = sum_of_shares(&p.rows[k], share->parts);
            if (!is_trades(p.rows[k].dataset) || strcmp(p.rows[k].backend, share->backend) != 0 ||
                p.rows[k].cpu.n == 0 || value.n == 0 || !p.rows[k].kind.kept)
                continue;
            f.value = value;
            describe(&f, p.rows[k].dataset, p.rows[k].backend, "rows");
        }
        profile_free(&p);
        report_free(&report);
    }
    return f;
}

/* --- of phases --- */

struct step {
    const char *name;
    bool texts; /* of the dataset that has most of them, not of trades */
};

static struct claim_finding find_gain(const struct claims_input *in, const void *arg)
{
    const struct step *step = arg;
    struct claim_finding f = needs("a run of `dbnbench phases`");
    struct phase_row rows[PHASES_MOST];
    for (size_t i = 0; i < in->count; i++) {
        struct phase_chain chain;
        json_t *inputs = json_object_get(in->runs[i].run, "chain_inputs"), *input;
        size_t k;
        char why[256];
        struct report report;
        if (phase_chain_read(json_object_get(in->runs[i].run, "chain"), 1, &chain, why, sizeof why) < 0 ||
            report_of(&in->runs[i], &report) < 0)
            continue;
        json_array_foreach(inputs, k, input)
        {
            const char *name = json_string_value(input);
            bool wanted = name && (step->texts ? strcmp(name, "definition") == 0 : is_trades(name));
            if (!wanted)
                continue;
            phases_of(&report, &chain, name, NULL, rows);
            for (size_t n = 0; n < chain.count; n++) {
                if (strcmp(chain.phase[n].name, step->name) != 0 || rows[n].gain.n == 0)
                    continue;
                f.value = rows[n].gain;
                f.value.median = 100 * (f.value.median - 1);
                f.value.low = 100 * (f.value.low - 1);
                f.value.high = 100 * (f.value.high - 1);
                snprintf(f.what, sizeof f.what, "%s, over \"%s\"", name, chain.phase[n].against);
            }
        }
        report_free(&report);
    }
    return f;
}

/* --- of scaling --- */

enum scaled { OVER_FILES, SPLIT, SERIAL };

static const struct stats *figure_of(const struct scale_point *p, enum scaled what)
{
    return what == OVER_FILES ? &p->of_capacity : what == SPLIT ? &p->speedup : &p->serial;
}

/* At the fastest point with as many threads as cores. */
static struct claim_finding find_scaled(const struct claims_input *in, const void *arg)
{
    enum scaled what = *(const enum scaled *)arg;
    struct claim_finding f = needs("a run of `dbnbench scale`");
    double best = 0;
    for (size_t i = 0; i < in->count; i++) {
        struct scale s = {0};
        struct report report;
        if (report_of(&in->runs[i], &report) < 0)
            continue;
        scale_of(&report, SCALE_SEED, &s);
        for (size_t k = 0; k < s.count; k++) {
            const struct scale_row *row = &s.rows[k];
            for (const struct scale_point *p = s.points + row->first; p < s.points + row->first + row->points; p++) {
                const struct stats *value = figure_of(p, what);
                if (p->samples == 0 || p->oversubscribed || p->sample->key.threads < 2 || value->n == 0 ||
                    (row->files > 1) != (what == OVER_FILES) || (what != OVER_FILES && p->sample->key.split < 2) ||
                    p->rate.median <= best)
                    continue;
                best = p->rate.median;
                f.value = *value;
                double unit = what == SPLIT ? 1 : 100;
                f.value.median *= unit, f.value.low *= unit, f.value.high *= unit;
                snprintf(f.what, sizeof f.what, "%s, `%s`, %d threads", row->dataset, row->backend,
                         (int)p->sample->key.threads);
            }
        }
        scale_free(&s);
        report_free(&report);
    }
    return f;
}

/* --- the list --- */

static const struct share naive_calls = {"syscall", 1u << PART_CALLS};
static const struct share naive_parsing = {"syscall", 1u << PART_FRAMING | 1u << PART_FIELDS};
static const struct share naive_memory = {"syscall", 1u << PART_ALLOCATION};
static const struct share block_calls = {"buffered", 1u << PART_CALLS};
static const struct step blocks = {"64 KiB blocks", false}, exact = {"exact allocation", false}, map = {"mmap", false},
                         interning = {"interning", true}, simd = {"SIMD columns", false}, arena = {"arena", false};
static const enum scaled over_files = OVER_FILES, split = SPLIT, serial = SERIAL;

const struct claim claims[] = {
    {"a naive reader makes 10 to 15 million system calls for a million records", 10, 15, "a record", find_calls,
     "syscall"},
    {"each takes 50 to 100 ns", 50, 100, "ns", find_limit, "read_16_ns"},
    {"they are 40% of the time", 40, 40, "%", find_share, &naive_calls},
    {"parsing is 40%", 40, 40, "%", find_share, &naive_parsing},
    {"memory (there: garbage collection) is 20%", 20, 20, "%", find_share, &naive_memory},
    {"blocks of 64 KiB make 15 thousand calls of them", 0.015, 0.015, "a record", find_calls, "buffered"},
    {"which leaves no time for them worth the name", 0, 1, "%", find_share, &block_calls},
    {"blocks of 64 KiB gain 40 to 66%", 40, 66, "%", find_gain, &blocks},
    {"exact allocation gains 10 to 15%", 10, 15, "%", find_gain, &exact},
    {"mmap gains 20 to 30%", 20, 30, "%", find_gain, &map},
    {"interning strings gains 2 to 5%", 2, 5, "%", find_gain, &interning},
    {"SIMD gains 10 to 20%", 10, 20, "%", find_gain, &simd},
    {"arenas gain 5 to 10%", 5, 10, "%", find_gain, &arena},
    {"one file cannot be split over threads", 1, 1, "times as fast", find_scaled, &split},
    {"many files scale linearly", 95, 100, "% of what the machine gave", find_scaled, &over_files},
    {"20% of the work is serial, so 5 times as fast at most", 20, 20, "% serial by Karp and Flatt", find_scaled,
     &serial},
    {"7 to 8 million records a second are the ceiling", 7, 8, "M/s", find_fastest, "fields"},
};
const size_t claims_count = sizeof claims / sizeof claims[0];

enum claim_verdict claim_judge(const struct stats *value, double low, double high)
{
    if (value->n == 0 || !value->confident)
        return CLAIM_UNKNOWN;
    double slack = 0.05 * fabs(high); /* round numbers are not meant to the last digit */
    if (value->low > high + slack)
        return CLAIM_ABOVE;
    if (value->high < low - slack)
        return CLAIM_BELOW;
    return value->low >= low - slack && value->high <= high + slack ? CLAIM_HOLDS : CLAIM_CANNOT_TELL;
}
