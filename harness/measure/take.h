/* Takes one sample, in the process that calls: the timed region. */
#ifndef HARNESS_TAKE_H
#define HARNESS_TAKE_H

#include "job.h"
#include "../machine/counters.h"
#include "../results/sample.h"

/* Runs the job s->iterations times, compares the tally of each with `expected`, and sets s->outcome, s->error
 * and all readings of *s but absent_pages. traced: a tracer counts its calls, which takes time; see syscount.h. */
void take_sample(const struct job *job, const struct tally *expected, const struct counter_set *set, bool traced,
                 struct sample *s);

/* Read calls and bytes from the device so far, of this process, as the kernel counted them. The counts go
 * up by themselves with every look at them. False, with the reason in why, if the kernel does not tell. */
struct io_counts {
    uint64_t syscr, disk_bytes;
};
bool take_io_counts(struct io_counts *counts, char *why, size_t size);

#endif
