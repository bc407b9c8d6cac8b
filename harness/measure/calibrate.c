/* How much of its file a case decodes, and how often, so that every sample is long enough to be measured
 * and short enough to be taken many times. */
#include "measure.h"
#include "session_parts.h"

#include "../foreign/foreign.h"
#include "../machine/clock.h"

enum {
    SAMPLE_MIN_MS = 50,
    PILOT_RECORDS = 80000, /* of a file, to see how slow a case is; a file with fewer is decoded whole */
    PREFIX_MIN = 10000,
    WHOLE_MAX_MS = 1000, /* a decode that would take longer is cut down */
    PREFIX_MAX_MS = 500, /* to a prefix that takes no longer than this */
    TRIES = 6,
};

static const uint64_t MS = 1000000;

/* A sample for calibration, which is only kept if it failed. *ns is what one decode took, 0 after a
 * failure. */
static bool pilot(struct session *s, struct plan_case *c, const struct plan_range *range, uint64_t *ns)
{
    struct sample sample;
    uint64_t begin_ns = clock_now_ns();
    *ns = 0;
    if (c->failed)
        return true;
    if (!measure(&s->plan, c, range, false, 0, &sample))
        return session_stop(s);
    if (sample.outcome != SAMPLE_OK)
        return session_keep(s, c, &sample);
    *ns = sample.wall_ns / sample.iterations + 1;
    c->cost_ns = clock_now_ns() - begin_ns;
    return true;
}

/* What a decode of the whole file would take; 0 if that is not long. */
static bool predict(struct session *s, struct plan_case *c, uint64_t records, uint64_t *ns)
{
    uint64_t took = 0;
    if (records < PILOT_RECORDS)
        return true;
    const struct plan_range *piece = session_range(s, &s->plan.files[c->file], PILOT_RECORDS);
    if (!piece || !pilot(s, c, piece, &took))
        return false;
    *ns = (uint64_t)((double)took / PILOT_RECORDS * (double)records);
    return true;
}

static uint64_t prefix_for(uint64_t records, uint64_t whole_ns)
{
    double most = (double)records * (double)(PREFIX_MAX_MS * MS) / (double)whole_ns;
    uint64_t prefix = PREFIX_MIN;
    while ((double)prefix * 10 <= most)
        prefix *= 10;
    return prefix;
}

/* All sinks and numbers of threads of a backend get the same part of the file, the slowest one's, so that they can be
 * compared. Whose range is given already keeps it. */
static bool share_range(const struct plan_case *a, const struct plan_case *b)
{
    return !a->range && a->file == b->file && a->key.files == b->key.files && a->backend == b->backend;
}

static bool choose_range(struct session *s, struct plan_case *first)
{
    struct plan *p = &s->plan;
    struct plan_file *f = &p->files[first->file];
    const struct plan_range *range = &f->range[0];
    uint64_t records = range->records, slowest = 0;
    bool whole = f->compressed || foreign_decodes(first->backend->foreign);
    for (struct plan_case *c = first; !whole && c < p->cases + p->case_count; c++) {
        uint64_t ns = 0;
        if (share_range(c, first) && !predict(s, c, records, &ns))
            return false;
        slowest = ns > slowest ? ns : slowest;
    }
    if (slowest > WHOLE_MAX_MS * MS)
        range = session_range(s, f, prefix_for(records, slowest));
    if (!range)
        return false;
    for (struct plan_case *c = first; c < p->cases + p->case_count; c++)
        if (share_range(c, first))
            c->range = range;
    return true;
}

/* Finds how many decodes make a sample long enough. */
static bool choose_iterations(struct session *s, struct plan_case *c)
{
    uint64_t ns = 0;
    if (s->plan.cold)
        return true;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        if (!pilot(s, c, c->range, &ns))
            return false;
        if (c->failed)
            return true;
        if (ns * c->iterations >= SAMPLE_MIN_MS * MS)
            break;
        c->iterations = SAMPLE_MIN_MS * MS * 11 / 10 / ns + 1;
        c->cost_ns += c->iterations * ns;
    }
    return true;
}

/* What is given is known before anything is chosen. */
static bool set_given_ranges(struct session *s)
{
    struct plan *p = &s->plan;
    for (struct plan_case *c = p->cases; c < p->cases + p->case_count; c++) {
        uint64_t prefix = c->raw ? PLAN_RAW : c->key.requested ? c->key.requested : c->prefix;
        if (c->key.files > 1)
            c->range = plan_sum(p, c);
        else if (prefix && !(c->range = session_range(s, &p->files[c->file], prefix)))
            return false;
    }
    return true;
}

bool session_calibrate(struct session *s)
{
    struct plan *p = &s->plan;
    bool go_on = set_given_ranges(s);
    for (size_t i = 0; i < p->case_count && go_on; i++) {
        struct plan_case *c = &p->cases[i];
        session_progress(s, &c->key, "calibrating");
        if (c->follows)
            c->range = p->cases[c->follows - 1].range;
        if (!c->range)
            go_on = choose_range(s, c);
        go_on = go_on && choose_iterations(s, c);
    }
    return go_on;
}
