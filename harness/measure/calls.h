/* The system calls and page faults of one decode: what there is instead of time. */
#ifndef HARNESS_CALLS_H
#define HARNESS_CALLS_H

#include "../machine/syscount.h"
#include "../results/sample.h"
#include "job.h"

/* What a decode of the job calls, in a child, under a tracer if there can be one; or why that is not known. It is a
 * sample like any other, but for the time that it takes. False: a signal stopped it. */
bool calls_count(bool traced, const struct job *job, const struct job_expected *expected, struct sample *s,
                 struct call_count *count);

/* What was counted otherwise than by the backend itself and is not the same; NULL: all the ways of counting reads agree
 * that could be gone. */
const struct reading *calls_disagree(const struct call_count *count);

#endif
