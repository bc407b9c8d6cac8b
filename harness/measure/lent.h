/* Jobs of a plug-in that lends bytes, outside of a run: each in a child, since its code never runs in the harness. */
#ifndef HARNESS_LENT_H
#define HARNESS_LENT_H

#include "../machine/child.h"
#include "../results/sample.h"
#include "job.h"

struct lent {
    struct job_result result;
    struct reading allocations, allocated_bytes;
    char why[SAMPLE_ERROR]; /* "", or why there is no result */
};
void lent_run(const struct job *job, const struct child_limits *limits, struct lent *l);

/* As lockstep(). */
bool lent_lockstep(const struct job *job, const struct child_limits *limits, char *text, size_t size);

#endif
