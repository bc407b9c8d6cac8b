/* One job, run in a child for the sake of its system calls and page faults: what there is instead of time. */
#ifndef HARNESS_SYSCOUNT_JOB_H
#define HARNESS_SYSCOUNT_JOB_H

#include "job.h"
#include "../machine/syscount.h"
#include "../results/sample.h"

struct job_count {
    struct job_result result;
    uint64_t minor_faults, major_faults;

    /* Read calls, counted in three ways. */
    struct reading by_kernel; /* see syscounter.method */
    struct reading by_proc;   /* in /proc/self/io */
    uint64_t by_backend;

    struct syscount calls; /* all of them; only if by_kernel is known */
    char why_no_proc[SYSCOUNT_WHY];
};

/* CHILD_DONE: *count is set. Otherwise why may say what went wrong, and detail is that of child_run(). */
enum child_end job_count(const struct syscounter *c, const struct job *job, struct job_count *count, int *detail,
                         char why[SYSCOUNT_WHY]);

/* Do all the ways that could be gone agree? */
bool job_count_agrees(const struct job_count *count);

#endif
