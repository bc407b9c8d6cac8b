#include "syscount_job.h"

#include "take.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

/* With ptrace, a job of millions of calls takes minutes. */
enum { TIMEOUT_MS = 3600 * 1000 };

/* All that reads off something is outside of what is counted. A look at /proc/self/io is itself a read call,
 * and counted; two looks in a row tell what one costs.
 *
 * With many threads malloc wants to know how many processors there are, and reads that from a file. If it is
 * told the limit that it works out from that, it need not. */
static void run_job(void *arg, void *result)
{
    struct job_count *c = result;
    struct rusage before, after;
    struct io_counts first, second, last;
    mallopt(M_ARENA_MAX, 8 * get_nprocs());
    bool known = take_io_counts(&first, c->why_no_proc, sizeof c->why_no_proc) &&
                 take_io_counts(&second, c->why_no_proc, sizeof c->why_no_proc);
    getrusage(RUSAGE_SELF, &before);
    syscount_begin();
    job_run(arg, &c->result);
    syscount_end();
    getrusage(RUSAGE_SELF, &after);
    if (known && take_io_counts(&last, c->why_no_proc, sizeof c->why_no_proc))
        c->by_proc = (struct reading){READING_EXACT, last.syscr - second.syscr - (second.syscr - first.syscr)};
    c->minor_faults = (uint64_t)(after.ru_minflt - before.ru_minflt);
    c->major_faults = (uint64_t)(after.ru_majflt - before.ru_majflt);
    c->by_backend = c->result.counts.reads;
}

enum child_end job_count(const struct syscounter *c, const struct job *job, struct job_count *count, int *detail,
                         char why[SYSCOUNT_WHY])
{
    struct job of = *job;
    struct syscount calls;
    enum child_end end = syscount_run(c, run_job, &of, count, sizeof *count, TIMEOUT_MS, detail, &calls, why);
    count->calls = calls;
    if (c->method != SYSCOUNT_NONE)
        count->by_kernel = (struct reading){READING_EXACT, syscount_reads(&calls)};
    return end;
}

bool job_count_agrees(const struct job_count *count)
{
    return (count->by_kernel.state != READING_EXACT || count->by_kernel.value == count->by_backend) &&
           (count->by_proc.state != READING_EXACT || count->by_proc.value == count->by_backend);
}
