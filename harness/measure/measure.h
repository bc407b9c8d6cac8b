/* One sample of one case, from the state of the page cache to the outcome. */
#ifndef HARNESS_MEASURE_H
#define HARNESS_MEASURE_H

#include "plan.h"

/* Brings the file into its state, decodes the range c->iterations times in a child, and sets *s. False if
 * SIGINT or SIGTERM stopped it, and *s is no sample. */
bool measure(const struct plan *p, const struct plan_case *c, const struct plan_range *range, bool cold, uint64_t round,
             struct sample *s);

/* In the process that calls: runs the job s->iterations times, compares the tally of each with `expected`, and sets
 * s->outcome, s->error and all readings of *s but absent_pages. traced: a tracer counts its calls, which takes time:
 * see syscount.h. */
void take_sample(const struct job *job, const struct job_expected *expected, const struct child_limits *limits,
                 const struct counter_set *set, bool traced, struct sample *s);

/* Read calls and bytes from the device so far, of this process, as the kernel counted them. The counts go
 * up by themselves with every look at them. False, with the reason in why, if the kernel does not tell. */
struct io_counts {
    uint64_t syscr, disk_bytes;
};
bool take_io_counts(struct io_counts *counts, char *why, size_t size);

#endif
