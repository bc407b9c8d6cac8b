/* Guards the counts of a job's system calls: what backends say of their reads is what the tracer saw, also
 * with threads, and is what it should be; and when it is not, that shows. */
#include "../../harness/measure/calls.h"
#include "../support.h"

/* What reading n records of 48 bytes takes; UINT64_MAX: not known here. */
static uint64_t expected_reads(const char *backend, uint64_t n)
{
    static const struct {
        const char *backend;
        uint64_t a_record, a_block, more; /* pipeline looks at the first bytes before it begins */
    } table[] = {
        {"syscall", 13, 0, 0},         {"syscall-record", 2, 0, 0}, {"buffered", 0, 64 << 10, 0},
        {"pipeline", 0, 128 << 10, 1}, {"mmap", 0, 0, 0},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        uint64_t block = table[i].a_block;
        if (strcmp(table[i].backend, backend) == 0)
            return n * table[i].a_record + (block ? (n * 48 + block - 1) / block : 0) + table[i].more;
    }
    return UINT64_MAX;
}

static struct scratch trades_without_metadata(uint64_t records)
{
    struct scratch s = scratch_memory();
    struct bytes b = generated_stream("trades", 3, records, false);
    scratch_set(&s, b.p + first_record(b), b.n - first_record(b));
    free(b.p);
    return s;
}

static struct sample counted(bool traced, const struct job *job, struct call_count *count)
{
    struct job_result r;
    struct sample s;
    job_run(job, &r);
    CHECK_EQ_I64(r.outcome, 0);
    CHECK(calls_count(traced, job, &(struct job_expected){.tally = r.tally}, &s, count));
    CHECK_STR(count->why, "");
    return s;
}

static void check_job(bool traced, const struct job *job, uint64_t records)
{
    struct call_count of, *count = &of;
    const char *name = job->backend->name;
    CHECK_EQ_U64(counted(traced, job, count).tally_records, records);
    CHECK_FOR(!calls_disagree(count), "%s, %u threads: %lu, %lu by %s, %lu by /proc", name, job->threads,
              (unsigned long)count->reads.value, (unsigned long)count->kernel_reads.value,
              traced ? "ptrace" : "nothing", (unsigned long)count->proc_reads.value);
    CHECK_EQ_I64(count->kernel_reads.state, traced ? READING_EXACT : READING_UNSUPPORTED);
    CHECK_EQ_I64(count->proc_reads.state, READING_EXACT);
    uint64_t expected = expected_reads(name, records);
    CHECK_FOR(expected == UINT64_MAX || count->reads.value == expected, "%s: %lu reads", name,
              (unsigned long)count->reads.value);
}

static void check_jobs(bool traced)
{
    enum { RECORDS = 3000 };
    static const unsigned thread_counts[] = {1, 3, 20}; /* malloc behaves otherwise beyond 8 */
    struct scratch file = trades_without_metadata(RECORDS);
    const char *path = file.path;
    struct job job = {.sink = sink_find("sum"), .paths = &path, .files = 1, .end = UINT64_MAX, .options = defaults};
    job.options.fragment = true;
    for (size_t i = 0; backends[i]; i++) {
        job.backend = backends[i];
        for (size_t k = 0; k < LENGTH(thread_counts) && !backend_unavailable(job.backend); k++) {
            job.threads = thread_counts[k];
            check_job(traced, &job, RECORDS);
        }
    }
    scratch_close(&file);
}

static void need_tracer(void)
{
    char why[SYSCOUNT_WHY];
    if (!syscount_try(why))
        SKIP("%s", why);
}

TEST(ptrace_agrees_with_backends)
{
    need_tracer();
    check_jobs(true);
}

TEST(proc_alone_agrees_with_backends)
{
    check_jobs(false);
}

TEST(empty_fragment_counts_its_only_read)
{
    struct scratch file = scratch_memory();
    const char *path = file.path;
    struct job job = {backend_find("buffered"), sink_find("sum"), &path, 1, 1, UINT64_MAX, defaults, 1, NULL};
    struct call_count of, *count = &of;
    job.options.fragment = true;
    need_tracer();
    counted(true, &job, count);
    CHECK_EQ_U64(count->reads.value, 1);
    CHECK(!calls_disagree(count));
    scratch_close(&file);
}

/* A backend that keeps one of its reads to itself. */
static int close_and_lie(void *self, struct backend_counts *counts)
{
    int rc = backend_find("buffered")->close(self, counts);
    counts->reads--;
    return rc;
}

TEST(disagreement_shows)
{
    struct backend liar = *backend_find("buffered");
    struct scratch file = trades_without_metadata(100);
    const char *path = file.path;
    struct job job = {&liar, sink_find("sum"), &path, 1, 1, UINT64_MAX, defaults, 1, NULL};
    struct call_count of, *count = &of;
    job.options.fragment = true;
    liar.close = close_and_lie;
    need_tracer();
    counted(true, &job, count);
    CHECK(calls_disagree(count));
    count->proc_reads.state = READING_UNSUPPORTED;
    CHECK(calls_disagree(count));
    count->kernel_reads.state = READING_UNSUPPORTED;
    CHECK(!calls_disagree(count)); /* nobody is left to say otherwise */
    scratch_close(&file);
}

TESTS(CASE(ptrace_agrees_with_backends), CASE(proc_alone_agrees_with_backends),
      CASE(empty_fragment_counts_its_only_read), CASE(disagreement_shows));
