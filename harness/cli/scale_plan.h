/* What a measurement of scaling is made of: for each way of reading, many files in one job, one file in shards, and
 * prefixes of one file, all with some numbers of threads. */
#ifndef HARNESS_SCALE_PLAN_H
#define HARNESS_SCALE_PLAN_H

#include "../measure/plan.h"
#include "cmd_scale_arguments.h"

/* Files one after the other in the plan, that are decoded together; 1: that are split. */
struct scale_input {
    size_t first, files;
    const char *name; /* of more than 1 */
};

struct scale_plan {
    struct plan *plan;
    struct scale_input *inputs;
    size_t count;
    struct plan_range *sums; /* one for each case of many files */
    size_t sum_count;
};

/* 0 or -ENOMEM. The name must outlive the plan. */
int scale_plan_add(struct scale_plan *p, size_t first, size_t files, const char *name);

/* Makes the cases, when what is in whole files is known. 0, or < 0 with the reason in why: -EINTR if a signal stopped
 * it. */
int scale_plan_set(struct scale_plan *p, const struct scale_arguments *a, char *why, size_t size);

void scale_plan_free(struct scale_plan *p);

#endif
