/* The clock is read next to the work and everything else outside of that. CPU time and the kernel's counts
 * take in a few calls more than the wall time does: microseconds, in tens of milliseconds. */
#include "take.h"

#include "../machine/clock.h"
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static bool find_count(const char *text, const char *key, uint64_t *value)
{
    const char *at = strstr(text, key);
    if (!at)
        return false;
    char *end;
    *value = strtoull(at + strlen(key), &end, 10);
    return end > at + strlen(key);
}

static bool io_counts_from(int fd, struct io_counts *counts)
{
    char text[512];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    text[n] = '\0';
    return find_count(text, "syscr: ", &counts->syscr) && find_count(text, "\nread_bytes: ", &counts->disk_bytes);
}

bool take_io_counts(struct io_counts *counts, char *why, size_t size)
{
    int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    bool known = fd >= 0 && io_counts_from(fd, counts);
    if (!known)
        snprintf(why, size, "/proc/self/io: %s", fd < 0 ? strerror(errno) : "not as expected");
    if (fd >= 0)
        close(fd);
    return known;
}

/* All that is read off before and after. */
struct usage {
    struct rusage usage;
    uint64_t cpu_ns;
    bool io_known;
    struct io_counts io;
};

static void read_io(int io, struct usage *c)
{
    c->io_known = io >= 0 && io_counts_from(io, &c->io);
}

/* Looking is itself a read call, and counted; two looks in a row tell what one costs. */
static void set_io(struct sample *s, const struct usage *first, const struct usage *second, const struct usage *last)
{
    if (!first->io_known || !second->io_known || !last->io_known)
        return;
    uint64_t look = second->io.syscr - first->io.syscr, all = last->io.syscr - second->io.syscr;
    if (all < look)
        return;
    s->syscr = (struct reading){READING_EXACT, all - look};
    s->disk_bytes = (struct reading){READING_EXACT, last->io.disk_bytes - second->io.disk_bytes};
}

static void set_usage(struct sample *s, const struct usage *before, const struct usage *after)
{
    const struct rusage *b = &before->usage, *a = &after->usage;
    s->cpu_ns = after->cpu_ns - before->cpu_ns;
    s->user_ns = clock_timeval_ns(a->ru_utime) - clock_timeval_ns(b->ru_utime);
    s->system_ns = clock_timeval_ns(a->ru_stime) - clock_timeval_ns(b->ru_stime);
    s->minor_faults = (uint64_t)(a->ru_minflt - b->ru_minflt);
    s->major_faults = (uint64_t)(a->ru_majflt - b->ru_majflt);
    s->voluntary_switches = (uint64_t)(a->ru_nvcsw - b->ru_nvcsw);
    s->involuntary_switches = (uint64_t)(a->ru_nivcsw - b->ru_nivcsw);
    s->max_rss_bytes = (uint64_t)a->ru_maxrss * 1024;
}

static struct reading exactly(uint64_t value)
{
    return (struct reading){READING_EXACT, value};
}

static void set_costs(struct sample *s, const struct job_result *all)
{
    s->reads = all->counts.reads;
    s->other_calls = all->counts.other;
    s->bytes_read = all->counts.bytes_read;
    s->copied = exactly(all->counts.copied + all->copied);
    s->plan_ns = exactly(all->plan_ns);
    s->start_ns = exactly(all->start_ns);
    s->open_ns = exactly(all->open_ns);
    s->work_ns = exactly(all->work_ns);
    s->idle_ns = exactly(all->idle_ns);
    s->wait_ns = exactly(all->counts.wait_ns);
    s->merge_ns = exactly(all->merge_ns);
    s->shards = exactly(all->shards);
    s->redone = exactly(all->redone);
}

/* The reference decoder found the file good. */
static void set_outcome(const struct job *job, const struct tally *expected, const struct job_result *r,
                        struct sample *s)
{
    static const enum sample_outcome outcomes[] = {
        [VERDICT_RIGHT] = SAMPLE_OK, [VERDICT_COULD_NOT_RUN] = SAMPLE_FAILED, [VERDICT_WRONG] = SAMPLE_MISMATCH};
    const struct tally *t = &r->tally;
    s->tally_records = t->records;
    s->tally_bytes = t->bytes;
    s->tally_digest = t->digest;
    s->outcome = outcomes[judge(r->outcome, 0, tally_equal(t, expected))];
    if (r->outcome)
        input_describe(job->paths[r->file], r->outcome, r->fault, s->error, sizeof s->error);
    else if (s->outcome != SAMPLE_OK)
        snprintf(s->error, sizeof s->error,
                 "%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64 " instead of %" PRIu64 ", %" PRIu64
                 ", %016" PRIx64,
                 t->records, t->bytes, t->digest, expected->records, expected->bytes, expected->digest);
}

void take_sample(const struct job *job, const struct tally *expected, const struct counter_set *set, struct sample *s)
{
    struct counting events;
    struct counter_reading readings[COUNTERS_MAX];
    struct usage first = {0}, before = {0}, after = {0};
    struct job_result r = {0};
    struct job_result all = {0};
    bool right = true;
    int io = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    mallopt(M_ARENA_MAX, 8 * get_nprocs()); /* else malloc reads that number from a file; see calls.c */
    counters_open(&events, set);
    allocations_begin();
    read_io(io, &first); /* once for nothing: what it touches first is not the job's */
    counters_begin(&events);
    read_io(io, &first);
    read_io(io, &before);
    getrusage(RUSAGE_SELF, &before.usage);
    before.cpu_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t begin = clock_now_ns();
    for (uint64_t i = 0; i < s->iterations && right; i++) {
        job_run(job, &r);
        right = r.outcome == 0 && tally_equal(&r.tally, expected);
        job_add_costs(&all, &r);
    }
    s->wall_ns = clock_now_ns() - begin;
    after.cpu_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    getrusage(RUSAGE_SELF, &after.usage);
    allocations_end(&s->allocations, &s->allocated_bytes);
    read_io(io, &after);
    counters_end(&events, readings);
    counters_close(&events);
    if (io >= 0)
        close(io);
    set_usage(s, &before, &after);
    set_io(s, &first, &before, &after);
    s->counters = set->count;
    for (size_t i = 0; i < set->count; i++) {
        snprintf(s->counter[i].name, sizeof s->counter[i].name, "%s", set->spec[i].name);
        s->counter[i].count = readings[i];
    }
    set_costs(s, &all);
    set_outcome(job, expected, &r, s);
}
