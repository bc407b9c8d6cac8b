/* The parent sees to the file and to the deadline, the child to the clock. */
#include "measure.h"

#include "../foreign/plugin.h"
#include "../machine/clock.h"
#include "../machine/machine.h"
#include "../machine/page_cache.h"
#include "../machine/syscount.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* --- in the child ---
 *
 * The clock is read next to the work and everything else outside of that. CPU time and the kernel's counts take in a
 * few calls more than the wall time does: microseconds, in tens of milliseconds. */

static bool look(int fd, struct io_counts *counts)
{
    char text[512];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    const char *reads = strstr(text, "syscr: "), *disk = strstr(text, "read_bytes: ");
    return reads && disk && sscanf(reads, "syscr: %" SCNu64, &counts->syscr) == 1 &&
           sscanf(disk, "read_bytes: %" SCNu64, &counts->disk_bytes) == 1;
}

bool take_io_counts(struct io_counts *counts, char *why, size_t size)
{
    int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    bool known = fd >= 0 && look(fd, counts);
    if (!known)
        snprintf(why, size, "/proc/self/io: %s", fd < 0 ? strerror(errno) : "not as expected");
    if (fd >= 0)
        close(fd);
    return known;
}

static void set_usage(struct sample *s, const struct rusage *before, const struct rusage *after)
{
    s->user_ns = reading_exactly(clock_timeval_ns(after->ru_utime) - clock_timeval_ns(before->ru_utime));
    s->system_ns = reading_exactly(clock_timeval_ns(after->ru_stime) - clock_timeval_ns(before->ru_stime));
    s->minor_faults = reading_exactly((uint64_t)(after->ru_minflt - before->ru_minflt));
    s->major_faults = reading_exactly((uint64_t)(after->ru_majflt - before->ru_majflt));
    s->voluntary_switches = reading_exactly((uint64_t)(after->ru_nvcsw - before->ru_nvcsw));
    s->involuntary_switches = reading_exactly((uint64_t)(after->ru_nivcsw - before->ru_nivcsw));
    s->max_rss_bytes = reading_exactly((uint64_t)after->ru_maxrss * 1024);
}

static void set_costs(struct sample *s, const struct backend *b, const struct job_result *all)
{
    if (b->direct)
        s->direct_bytes = reading_exactly(all->counts.direct);
    if (!all->counts.unknown) {
        s->reads = reading_exactly(all->counts.reads);
        s->other_calls = reading_exactly(all->counts.other);
        s->bytes_read = reading_exactly(all->counts.bytes_read);
        s->copied = reading_exactly(all->counts.copied + all->copied);
    }
    s->plan_ns = reading_exactly(all->plan_ns);
    s->start_ns = reading_exactly(all->start_ns);
    s->open_ns = reading_exactly(all->open_ns);
    s->work_ns = reading_exactly(all->work_ns);
    s->idle_ns = reading_exactly(all->idle_ns);
    s->wait_ns = reading_exactly(all->counts.wait_ns);
    s->merge_ns = reading_exactly(all->merge_ns);
    s->shards = reading_exactly(all->shards);
    s->redone = reading_exactly(all->redone);
}

/* The reference decoder found the file good. */
static void set_outcome(const struct job *job, const struct tally *expected, const struct job_result *r,
                        struct sample *s)
{
    static const enum sample_outcome outcomes[] = {
        [VERDICT_RIGHT] = SAMPLE_OK, [VERDICT_COULD_NOT_RUN] = SAMPLE_FAILED, [VERDICT_WRONG] = SAMPLE_MISMATCH};
    const struct tally *t = &r->tally;
    s->tally_records = t->records;
    s->tally_bytes = reading_exactly(t->bytes);
    s->tally_digest = reading_exactly(t->digest);
    s->digest_version = reading_exactly(DIGEST_VERSION);
    if (r->facts.mapped)
        s->huge_ppm = reading_exactly(r->facts.on_huge_pages * 1000000 / r->facts.mapped);
    s->outcome = outcomes[job_judge(r->outcome, 0, tally_equal(t, expected))];
    if (r->outcome)
        input_describe(job->paths[r->file], r->outcome, r->fault, s->error, sizeof s->error);
    else if (s->outcome != SAMPLE_OK)
        snprintf(s->error, sizeof s->error,
                 "%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64 " instead of %" PRIu64 ", %" PRIu64
                 ", %016" PRIx64,
                 t->records, t->bytes, t->digest, expected->records, expected->bytes, expected->digest);
}

/* The same of a decoder that decodes by itself. */
static void set_found(const struct foreign_result *r, const struct job_expected *expected, struct sample *s)
{
    const struct tally *t = &expected->tally;
    s->outcome = r->outcome;
    snprintf(s->error, sizeof s->error, "%s", r->error);
    s->tally_records = r->records;
    if (r->has_digest) {
        s->tally_digest = reading_exactly(r->digest);
        s->digest_version = reading_exactly(DIGEST_VERSION);
    }
    if (s->outcome == SAMPLE_OK && !foreign_agrees(r, t->records, expected->sums, t->digest, s->error, sizeof s->error))
        s->outcome = SAMPLE_MISMATCH;
}

/* What it costs is that of another process. */
static void take_program_sample(const struct job *job, const struct job_expected *expected,
                                const struct child_limits *limits, struct sample *s)
{
    const struct foreign_work work = {job->backend->foreign, job->paths,    job->files,        job->sink->name,
                                      job->threads,          s->iterations, limits->timeout_ms};
    static struct foreign_result r;
    program_sample(&work, &r);
    s->wall_ns = r.wall_ns;
    s->cpu_ns = r.cpu_ns;
    s->minor_faults = r.minor_faults;
    s->major_faults = r.major_faults;
    s->max_rss_bytes = r.max_rss_bytes;
    s->syscr = r.syscr;
    s->disk_bytes = r.disk_bytes;
    s->empty_ns = r.empty_ns;
    set_found(&r, expected, s);
}

/* One decode after the other, with what they came to. */
struct decodes {
    const struct job *job;
    const struct job_expected *expected;
    const struct foreign *plugin; /* that decodes by itself; NULL: the core does */
    struct job_result last, all;  /* all: what they cost */
    struct foreign_result found;
};

/* False: it came to something else than expected. */
static bool decode(struct decodes *d)
{
    const struct job *job = d->job;
    const struct foreign_work work = {d->plugin, job->paths, job->files, job->sink->name, job->threads, 1, 0};
    char why[SAMPLE_ERROR];
    if (d->plugin) {
        plugin_decode(&work, &d->found);
        return d->found.outcome == SAMPLE_OK && foreign_agrees(&d->found, d->expected->tally.records, d->expected->sums,
                                                               d->expected->tally.digest, why, sizeof why);
    }
    job_run(job, &d->last);
    job_add_costs(&d->all, &d->last);
    return d->last.outcome == 0 && tally_equal(&d->last.tally, &d->expected->tally);
}

void take_sample(const struct job *job, const struct job_expected *expected, const struct child_limits *limits,
                 const struct counter_set *set, bool traced, struct sample *s)
{
    const struct foreign *foreign = job->backend->foreign;
    if (foreign && foreign->kind == FOREIGN_PROGRAM) {
        take_program_sample(job, expected, limits, s);
        return;
    }
    if (foreign && !plugin_begin(foreign, s->error, sizeof s->error)) {
        s->outcome = SAMPLE_FAILED;
        return;
    }
    struct decodes d = {.job = job, .expected = expected, .plugin = foreign_decodes(foreign) ? foreign : NULL};
    struct counting events;
    struct counter_reading readings[COUNTERS_MAX];
    struct io_counts io[3];
    struct rusage before, after;
    bool right = true;
    int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    /* With many threads malloc wants to know how many processors there are, and reads that from a file. If it is told
     * the limit that it works out from that, it need not. */
    mallopt(M_ARENA_MAX, 8 * get_nprocs());
    counters_open(&events, set);
    allocations_begin();
    look(fd, &io[0]); /* once for nothing: what it touches first is not the job's */
    counters_begin(&events);
    bool io_known = look(fd, &io[0]) && look(fd, &io[1]);
    getrusage(RUSAGE_SELF, &before);
    uint64_t cpu_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (traced)
        syscount_begin();
    uint64_t begin = clock_now_ns();
    for (uint64_t i = 0; i < s->iterations && right; i++)
        right = decode(&d);
    s->wall_ns = clock_now_ns() - begin;
    if (traced)
        syscount_end();
    s->cpu_ns = reading_exactly(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns);
    getrusage(RUSAGE_SELF, &after);
    allocations_end(&s->allocations, &s->allocated_bytes);
    io_known = io_known && look(fd, &io[2]);
    counters_end(&events, readings);
    counters_close(&events);
    if (fd >= 0)
        close(fd);
    set_usage(s, &before, &after);
    if (io_known) { /* looking is itself a read call, and counted: two looks in a row tell what one costs */
        s->syscr = reading_exactly(io[2].syscr - io[1].syscr - (io[1].syscr - io[0].syscr));
        s->disk_bytes = reading_exactly(io[2].disk_bytes - io[1].disk_bytes);
    }
    s->counters = set->count;
    for (size_t i = 0; i < set->count; i++) {
        snprintf(s->counter[i].name, sizeof s->counter[i].name, "%s", set->spec[i].name);
        s->counter[i].count = readings[i];
    }
    if (d.plugin) {
        set_found(&d.found, expected, s);
    } else {
        set_costs(s, job->backend, &d.all);
        set_outcome(job, &expected->tally, &d.last, s);
    }
    char why[SAMPLE_ERROR];
    if (foreign && !plugin_end(why, sizeof why) && s->outcome == SAMPLE_OK) {
        s->outcome = SAMPLE_FAILED;
        memcpy(s->error, why, sizeof why);
    }
}

/* --- in the parent --- */

struct work {
    struct job job;
    const struct job_expected *expected;
    const struct plan *plan;
};

static void work(void *arg, void *sample)
{
    const struct work *w = arg;
    take_sample(&w->job, w->expected, &w->plan->limits, &w->plan->counters, false, sample);
}

/* False if the files cannot be had in the state they should be in. */
static bool prepare_cache(const struct plan_file *f, size_t files, bool cold, enum folios folios, struct sample *s)
{
    char why[256];
    s->absent_pages = (struct reading){READING_EXACT, 0};
    for (const struct plan_file *end = f + files; f < end; f++) {
        if (cold && page_cache_drop(f->path, why, sizeof why) < 0) {
            s->outcome = SAMPLE_UNAVAILABLE;
            snprintf(s->error, sizeof s->error, "cannot be read cold: %s", why);
            return false;
        }
        struct reading absent = page_cache_absent(f->path, why, sizeof why);
        if (!cold && absent.state == READING_EXACT && absent.value > 0)
            page_cache_load(f->path, folios); /* if that fails, so will the backend, and say why */
        if (absent.state == READING_UNSUPPORTED || s->absent_pages.state == READING_UNSUPPORTED)
            s->absent_pages = (struct reading){0};
        else
            s->absent_pages.value += absent.value;
    }
    return true;
}

/* Memory that a virtual machine gave back to its host is several times as slow to touch as other memory, and how much
 * of that a sample meets is chance. So another process touches as much as a sink that keeps records will, and frees
 * it. */
static void touch_memory(void *arg, void *touched)
{
    size_t n = *(size_t *)arg;
    char *memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return;
    madvise(memory, n, MADV_HUGEPAGE);
    for (size_t at = 0; at < n; at += PAGE)
        memory[at] = 1;
    *(uint64_t *)touched = n;
}

static void prepare_memory(const struct plan *p, const struct plan_case *c, struct sample *s)
{
    uint64_t touched = 0, n = s->bytes < SINK_KEEP ? s->bytes : SINK_KEEP;
    uint64_t free_bytes = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    int detail;
    if (!sink_keeps(c->sink) || n > free_bytes / 2)
        return;
    if (child_run_within(touch_memory, &n, &touched, sizeof touched, &p->limits, &detail) == CHILD_DONE && touched)
        s->touched_bytes = reading_exactly(touched);
}

/* What is known beforehand of a decoder of others. */
static bool can_run(const struct foreign *f, const struct plan_file *file, size_t files, struct sample *s)
{
    bool compressed = false;
    for (size_t i = 0; i < files; i++)
        compressed |= file[i].compressed;
    s->outcome = f->outcome;
    snprintf(s->error, sizeof s->error, "%s", f->why);
    if (s->outcome == SAMPLE_OK && foreign_decodes(f) && compressed && !f->zstd) {
        s->outcome = SAMPLE_UNAVAILABLE;
        snprintf(s->error, sizeof s->error, "it reads no compressed files");
    }
    return s->outcome == SAMPLE_OK;
}

static struct reading grown(const json_t *before, const json_t *after, const char *key)
{
    const json_t *b = json_object_get(before, key), *a = json_object_get(after, key);
    json_int_t more = json_integer_value(a) - json_integer_value(b);
    if (!json_is_integer(a) || !json_is_integer(b) || more < 0)
        return (struct reading){0};
    return (struct reading){READING_EXACT, (uint64_t)more};
}

/* What the host did to all cores meanwhile. Takes both. */
static void set_host(struct sample *s, json_t *before, json_t *after)
{
    json_int_t hz = json_integer_value(json_object_get(after, "ticks_per_second"));
    s->steal_ns = grown(before, after, "steal_ticks");
    s->steal_ns.value *= hz > 0 ? 1000000000u / (uint64_t)hz : 0;
    s->stall_us = grown(before, after, "cpu_pressure_us");
    json_decref(before);
    json_decref(after);
}

bool measure(const struct plan *p, const struct plan_case *c, const struct plan_range *range, bool cold, uint64_t round,
             struct sample *s)
{
    *s = (struct sample){
        .key = c->key,
        .prefix = range->prefix,
        .records = range->records,
        .bytes = range->bytes,
        .index = (uint64_t)(c - p->cases),
        .round = round,
        .iterations = c->iterations,
    };
    snprintf(s->limit, sizeof s->limit, "%s", c->limit ? c->limit : "");
    if (!prepare_cache(&p->files[c->file], c->key.files, cold, p->folios, s))
        return true;
    const struct foreign *f = c->backend->foreign;
    if (f && !can_run(f, &p->files[c->file], c->key.files, s))
        return true;
    prepare_memory(p, c, s);
    const struct job_expected expected = plan_expected(c, range);
    struct work w = {plan_job(p, c, range), &expected, p};
    struct child_limits limits = p->limits;
    int detail;
    limits.timeout_ms += foreign_grace_ms(f);
    json_t *before = machine_conditions("");
    enum child_end end = child_run_within(work, &w, s, sizeof *s, &limits, &detail);
    if (end != CHILD_DONE) {
        s->outcome = child_outcome(end);
        child_describe(end, detail, limits.timeout_ms, s->error, sizeof s->error);
    }
    set_host(s, before, machine_conditions(""));
    sample_clean_text(s->error);
    return end != CHILD_STOPPED;
}
