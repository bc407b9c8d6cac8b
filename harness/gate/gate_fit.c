/* How much a timed process has to do: short enough for many of them, long enough that its start weighs little. */
#include "gate.h"

#include <stdio.h>

enum {
    PROCESS_NS = 25 * 1000000,
    DECODES_MAX = 100,
    PROBE = 5,                 /* decodes of the longer probe */
    RECORDS_EACH_CALLS = 1000, /* where every record takes calls: the tracer stops at each of them */
    LARGE = 128 << 20,         /* bytes of a file; of a larger one only RECORDS_LARGE are read */
    RECORDS_LARGE = 1000000,
};

static uint64_t prefix_of(const struct gate_case *c)
{
    if (c->file->compressed) /* it cannot be cut */
        return 0;
    return c->per_record ? RECORDS_EACH_CALLS : c->file->size > LARGE ? RECORDS_LARGE : 0;
}

/* False: failed, or stopped. */
static bool probe(struct gate *g, struct gate_case *c, uint64_t decodes, uint64_t *ns, enum gate_verdict *verdict)
{
    struct gate_decode what = {.sink = c->sink, .decodes = decodes, .end = c->range->end};
    *verdict = gate_decode(g, &g->base, c, &what, &c->reading, c->why);
    *ns = g->child.cpu_ns;
    return *verdict == GATE_OK;
}

bool gate_fit(struct gate *g, struct gate_case *c)
{
    int error;
    uint64_t prefix = prefix_of(c), one = 0, many = 0;
    enum gate_verdict verdict;
    const struct plan_range *range = plan_range(&g->plan, c->file, 0, &error, c->why, sizeof c->why);
    if (range && prefix > 0 && prefix < range->records)
        range = plan_range(&g->plan, c->file, prefix, &error, c->why, sizeof c->why);
    if (!range) {
        c->exact = GATE_COULD_NOT_RUN;
        return *c->why != '\0';
    }
    c->range = range;
    if (probe(g, c, 1, &one, &verdict) && probe(g, c, PROBE, &many, &verdict)) {
        uint64_t each = many > one ? (many - one) / (PROBE - 1) : 1;
        uint64_t n = PROCESS_NS / (each ? each : 1);
        c->decodes = n < 1 || g->cold ? 1 : n > DECODES_MAX ? DECODES_MAX : n;
        probe(g, c, c->decodes, &one, &verdict);
    }
    if (verdict != GATE_OK)
        c->exact = verdict == GATE_NOTHING ? c->exact : verdict;
    return verdict != GATE_NOTHING;
}
