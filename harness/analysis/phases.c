/* Steps are told apart by what was decoded and how. Times are a record's, since slow steps read less of the file. */
#include "phases.h"

#include <math.h>
#include <string.h>

#define WORTH 0.02 /* less than this can be how code happens to lie */
#define WIDE 0.10

const char *const phase_verdicts[] = {
    [PHASE_UNKNOWN] = "n/a",   [PHASE_FIRST] = "-",     [PHASE_HOLDS] = "holds",
    [PHASE_BETTER] = "better", [PHASE_WORSE] = "worse", [PHASE_NOTHING] = "no difference",
    [PHASE_LOSS] = "slower",   [PHASE_GAIN] = "faster", [PHASE_INCONCLUSIVE] = "inconclusive",
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
        return wide || (nothing && low > 1) ? PHASE_INCONCLUSIVE : PHASE_HOLDS;
    if (nothing)
        return wide && !promised ? PHASE_INCONCLUSIVE : PHASE_NOTHING;
    if (gain->high < 1)
        return PHASE_LOSS;
    return !promised ? PHASE_GAIN : gain->low > high ? PHASE_BETTER : PHASE_WORSE;
}

/* --- figures --- */

static const struct report_row *find(const struct report *s, const struct phase *p, const char *one, const char *many)
{
    const char *dataset = p->many ? many : one;
    for (size_t i = 0; i < s->count && dataset; i++) {
        const struct case_key *k = &s->rows[i].sample->key;
        if (strcmp(k->dataset, dataset) == 0 && strcmp(k->backend, p->backend) == 0 && strcmp(k->sink, p->sink) == 0 &&
            k->threads == p->threads && k->split == p->split)
            return &s->rows[i];
    }
    return NULL;
}

static void set_own(const struct report *s, const struct report_row *own, struct phase_row *row)
{
    uint64_t reads = 0, records = 0;
    row->sample = own->sample;
    row->samples = own->ns.n;
    row->record_ns = report_over(s, own, report_record_ns);
    row->peak_bytes = own->peak_bytes;
    for (size_t i = 0; i < own->ns.n; i++) {
        const struct sample *of = s->order[own->first + i];
        reads += of->reads;
        records += of->records * of->iterations;
    }
    row->calls = records ? (double)reads / (double)records : NAN;
}

static const struct phase *step_named(const struct phase_chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->phase[i].name, name) == 0)
            return &chain->phase[i];
    return NULL;
}

void phases_of(const struct report *s, const struct phase_chain *chain, const char *one, const char *many,
               struct phase_row *rows)
{
    const struct report_row *first = find(s, &chain->phase[0], one, many);
    for (size_t i = 0; i < chain->count; i++) {
        const struct phase *p = &chain->phase[i], *before = step_named(chain, p->against);
        const struct report_row *own = find(s, p, one, many), *against = before ? find(s, before, one, many) : NULL;
        struct phase_row *row = &rows[i];
        *row = (struct phase_row){.phase = p, .calls = NAN};
        if (own)
            set_own(s, own, row);
        if (row->record_ns.n == 0)
            continue;
        row->cumulative = report_by_round(s, first, own, report_times_faster);
        row->gain = report_by_round(s, against, own, report_times_faster);
        row->verdict = before ? phase_judge(&row->gain, p->low, p->high) : PHASE_FIRST;
    }
}
