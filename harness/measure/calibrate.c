/* How much of its file a case decodes, and how often, so that every sample is long enough to be measured
 * and short enough to be taken many times. */
#include "measure.h"
#include "run.h"

enum {
    SAMPLE_MIN_MS = 50,
    PILOT_RECORDS = 20000, /* of a file, to see how slow a case is */
    PILOT_AGAIN = 80000,   /* if that looks slow: what a decode takes whatever its length is then left out */
    PREFIX_MIN = 10000,
    WHOLE_MAX_MS = 1000, /* a decode that would take longer is cut down */
    PREFIX_MAX_MS = 500, /* to a prefix that takes no longer than this */
    TRIES = 6,
};

static const uint64_t MS = 1000000;

/* A sample for calibration, which is only kept if it failed. *ns is what one decode took, 0 after a
 * failure. */
static enum run_end pilot(struct run *r, struct plan_case *c, const struct plan_range *range, uint64_t *ns)
{
    struct sample s;
    *ns = 0;
    if (c->failed)
        return RUN_DONE;
    if (!measure(r->plan, c, range, false, 0, &s))
        return RUN_STOPPED;
    if (s.outcome != SAMPLE_OK)
        return run_keep(r, c, &s);
    *ns = s.wall_ns / s.iterations + 1;
    return RUN_DONE;
}

/* What a decode of the whole file would take. A short look is enough for fast cases; for others a second,
 * longer one tells what each further record takes. */
static enum run_end predict(struct run *r, struct plan_case *c, uint64_t records, uint64_t *ns)
{
    struct plan_file *f = &r->plan->files[c->file];
    const uint64_t size[2] = {PILOT_RECORDS, PILOT_AGAIN};
    uint64_t took[2] = {0, 0};
    for (int i = 0; i < 2 && size[i] <= records; i++) {
        const struct plan_range *piece = plan_range(r->plan, f, size[i], &r->error, r->why, sizeof r->why);
        if (!piece)
            return run_no_range(r);
        enum run_end end = pilot(r, c, piece, &took[i]);
        *ns = (uint64_t)((double)took[0] / PILOT_RECORDS * (double)records);
        if (end || c->failed || *ns <= WHOLE_MAX_MS * MS)
            return end;
    }
    double each = took[1] > took[0] ? (double)(took[1] - took[0]) / (PILOT_AGAIN - PILOT_RECORDS) : 0;
    if (took[1])
        *ns = (uint64_t)((double)took[1] + each * (double)(records - PILOT_AGAIN));
    return RUN_DONE;
}

static uint64_t prefix_for(uint64_t records, uint64_t whole_ns)
{
    double most = (double)records * (double)(PREFIX_MAX_MS * MS) / (double)whole_ns;
    uint64_t prefix = PREFIX_MIN;
    while ((double)prefix * 10 <= most)
        prefix *= 10;
    return prefix;
}

/* Whose range is given already keeps it. */
static bool share_range(const struct plan_case *a, const struct plan_case *b)
{
    return !a->range && a->file == b->file && plan_files(a) == plan_files(b) && a->backend == b->backend;
}

/* All sinks and numbers of threads of a backend get the same part of the file, the slowest one's, so that they can be
 * compared. */
static enum run_end choose_range(struct run *r, struct plan_case *first)
{
    struct plan *p = r->plan;
    struct plan_file *f = &p->files[first->file];
    const struct plan_range *range = &f->range[0];
    uint64_t records = range->records, slowest = 0;
    for (struct plan_case *c = first; !f->compressed && c < p->cases + p->case_count; c++) {
        uint64_t ns = 0;
        enum run_end end = share_range(c, first) ? predict(r, c, records, &ns) : RUN_DONE;
        if (end)
            return end;
        slowest = ns > slowest ? ns : slowest;
    }
    if (slowest > WHOLE_MAX_MS * MS)
        range = plan_range(p, f, prefix_for(records, slowest), &r->error, r->why, sizeof r->why);
    if (!range)
        return run_no_range(r);
    for (struct plan_case *c = first; c < p->cases + p->case_count; c++)
        if (share_range(c, first))
            c->range = range;
    return RUN_DONE;
}

/* Finds how many decodes make a sample long enough. */
static enum run_end calibrate(struct run *r, struct plan_case *c)
{
    uint64_t ns = 0;
    c->rounds = r->rounds;
    if (r->plan->cold)
        return RUN_DONE;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        enum run_end end = pilot(r, c, c->range, &ns);
        if (end || c->failed)
            return end;
        if (ns * c->inner >= SAMPLE_MIN_MS * MS)
            break;
        c->inner = SAMPLE_MIN_MS * MS * 11 / 10 / ns + 1;
    }
    if (ns > WHOLE_MAX_MS * MS && c->rounds > RUN_ROUNDS_MIN)
        c->rounds = RUN_ROUNDS_MIN;
    return RUN_DONE;
}

enum run_end run_calibrate(struct run *r)
{
    struct plan *p = r->plan;
    enum run_end end = RUN_DONE;
    for (size_t i = 0; i < p->case_count && end == RUN_DONE; i++) {
        struct plan_case *c = &p->cases[i];
        r->progress(r->progress_arg, &(struct run_progress){.file = &p->files[c->file], .c = c});
        if (!c->range)
            end = choose_range(r, c);
        if (end == RUN_DONE)
            end = calibrate(r, c);
    }
    return end;
}
