/* The cases that a profile is made of. */
#ifndef HARNESS_PROFILE_PLAN_H
#define HARNESS_PROFILE_PLAN_H

#include "../measure/plan.h"

struct profile_raw; /* a backend under a name of its own, for the file as it is */

struct profile_plan {
    struct plan *plan;
    struct profile_raw *raw;
    size_t raws;
    struct plan_range *raw_range; /* by file */
    bool keep;                    /* the records */
};

/* Adds all cases for the files of the plan and these backends (ends with NULL; unavailable ones are left out), with or
 * without those that keep the records. The plan must outlive *p. 0 or -ENOMEM; then, too, *p is to be freed, after the
 * last use of the plan's cases. */
int profile_plan_set(struct profile_plan *p, struct plan *plan, const struct backend *const *with, bool keep);
void profile_plan_free(struct profile_plan *p);

/* Says which part of each file is decoded, and what is to be found in files as they are; call it once their whole range
 * is known. 0, or < 0 with the reason in why, which names the file; -EINTR: a signal stopped it. */
int profile_plan_look(struct profile_plan *p, char *why, size_t size);

/* After calibration: cases that are subtracted from each other decode the same part of the file, in every round. */
void profile_plan_align(struct profile_plan *p, unsigned rounds);

#endif
