/* The system calls and page faults of one decode: what there is instead of time. */
#ifndef HARNESS_CALLS_H
#define HARNESS_CALLS_H

#include "../machine/syscount.h"
#include "../results/sample.h"
#include "job.h"

struct counted_job {
    struct job_result result;
    struct call_count count; /* all that is measured */
};

/* Runs the job in a child, under a tracer if there can be one. CHILD_DONE: *counted is set. Otherwise why may say what
 * went wrong, and detail is that of child_run(). */
enum child_end calls_count(bool traced, const struct job *job, struct counted_job *counted, int *detail,
                           char why[SYSCOUNT_WHY]);

/* Do all the ways of counting reads agree that could be gone? */
bool calls_agree(const struct call_count *count);

#endif
