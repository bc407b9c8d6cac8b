/* Steps are told apart by what was decoded and how. Times are a record's, since slow steps read less of the file. */
#include "phases.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORTH 0.02 /* less than this can be how code happens to lie */
#define WIDE 0.10

const char *const phase_verdicts[] = {
    [PHASE_UNKNOWN] = "n/a",   [PHASE_FIRST] = "-",     [PHASE_HOLDS] = "holds",
    [PHASE_BETTER] = "better", [PHASE_WORSE] = "worse", [PHASE_NOTHING] = "no difference",
    [PHASE_LOSS] = "slower",   [PHASE_GAIN] = "faster", [PHASE_CANNOT_TELL] = "cannot tell",
};

enum phase_verdict phase_judge(const struct stats *gain, double low, double high)
{
    bool promised = low > 0;
    if (gain->n == 0 || !gain->confident)
        return PHASE_UNKNOWN;
    bool wide = gain->high - gain->low > 2 * WIDE * gain->median;
    bool nothing = gain->low <= 1 && gain->high >= 1, overlaps = gain->low <= high && gain->high >= low;
    nothing |= gain->low > 1 - WORTH && gain->high < 1 + WORTH;
    if (promised && overlaps)
        return wide || (nothing && low > 1) ? PHASE_CANNOT_TELL : PHASE_HOLDS;
    if (nothing)
        return wide && !promised ? PHASE_CANNOT_TELL : PHASE_NOTHING;
    if (gain->high < 1)
        return PHASE_LOSS;
    return !promised ? PHASE_GAIN : gain->low > high ? PHASE_BETTER : PHASE_WORSE;
}

/* --- which samples --- */

struct way {
    const char *dataset, *backend, *sink;
    uint64_t threads, split;
};

static bool is_of(const struct sample *s, const struct way *w)
{
    return strcmp(s->key.dataset, w->dataset) == 0 && strcmp(s->key.backend, w->backend) == 0 &&
           strcmp(s->key.sink, w->sink) == 0 && s->key.threads == w->threads && s->key.split == w->split;
}

static double record_ns(const struct sample *s)
{
    return sample_decode_ns(s) / (double)s->records;
}

/* NAN: it was not measured in this round. */
static double in_round(const struct results *r, const struct way *w, uint64_t round)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->samples[i].round == round && r->samples[i].outcome == SAMPLE_OK && is_of(&r->samples[i], w))
            return record_ns(&r->samples[i]);
    return NAN;
}

static struct way way_of(const struct phase *p, const char *one, const char *many)
{
    const char *dataset = p->many ? many : one;
    return (struct way){dataset ? dataset : "", p->backend, p->sink, p->threads, p->split};
}

static const struct phase *find(const struct phase_chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->phase[i].name, name) == 0)
            return &chain->phase[i];
    return NULL;
}

/* --- figures --- */

static void set_own(const struct results *r, struct phase_row *row, const struct way *w, double *values)
{
    uint64_t reads = 0, records = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct sample *s = &r->samples[i];
        if (!is_of(s, w))
            continue;
        row->sample = row->sample && row->sample->outcome != SAMPLE_OK ? row->sample : s;
        if (s->outcome != SAMPLE_OK || s->records == 0)
            continue;
        values[row->samples++] = record_ns(s);
        row->peak_bytes = s->max_rss_bytes > row->peak_bytes ? s->max_rss_bytes : row->peak_bytes;
        reads += s->reads;
        records += s->records * s->iterations;
    }
    row->calls = records ? (double)reads / (double)records : NAN;
    if (row->sample && row->sample->outcome == SAMPLE_OK && row->samples > 0)
        row->record_ns = stats_of(values, row->samples);
}

static size_t rounds_of(const struct results *r)
{
    uint64_t last = 0;
    for (size_t i = 0; i < r->count; i++)
        last = r->samples[i].round > last ? r->samples[i].round : last;
    return (size_t)last + 1;
}

/* How many times as long one takes as the other, by round. */
static struct stats ratio(const struct results *r, const struct way *slow, const struct way *fast, double *values)
{
    size_t rounds = rounds_of(r);
    for (size_t i = 0; i < rounds; i++)
        values[i] = in_round(r, slow, i) / in_round(r, fast, i);
    return stats_of_known(values, rounds);
}

/* What the step it is held against would gain if reading took no time, or keeping; or with perfect threads. */
static struct stats ceiling(const struct results *r, const struct phase *p, const struct way *against, double *values)
{
    struct way other = *against;
    size_t rounds = rounds_of(r);
    other.sink = p->frees == FREES_READING ? "none" : "fields";
    for (size_t i = 0; i < rounds; i++) {
        double all = in_round(r, against, i), without = in_round(r, &other, i);
        values[i] = p->frees == FREES_READING ? all / (all - without) : all / without;
        if (values[i] < 0) /* reading alone took longer: noise */
            values[i] = NAN;
        if (p->frees == FREES_THREADS)
            values[i] = isfinite(all) ? (double)p->threads : NAN;
    }
    return stats_of_known(values, rounds);
}

int phases_of(const struct results *r, const struct phase_chain *chain, const char *one, const char *many,
              struct phase_row *rows)
{
    double *values = calloc(r->count + rounds_of(r) + 1, sizeof *values);
    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < chain->count; i++) {
        const struct phase *p = &chain->phase[i], *against = find(chain, p->against);
        struct way own = way_of(p, one, many), first = way_of(&chain->phase[0], one, many);
        rows[i] = (struct phase_row){.phase = p};
        set_own(r, &rows[i], &own, values);
        if (rows[i].record_ns.n == 0)
            continue;
        rows[i].cumulative = ratio(r, &first, &own, values);
        rows[i].verdict = PHASE_FIRST;
        if (!against)
            continue;
        struct way other = way_of(against, one, many);
        rows[i].gain = ratio(r, &other, &own, values);
        if (p->frees != FREES_NOTHING)
            rows[i].ceiling = ceiling(r, p, &other, values);
        rows[i].verdict = phase_judge(&rows[i].gain, p->low, p->high);
    }
    free(values);
    return 0;
}
