/* Guards the counts of a job's system calls: what backends say of their reads is what the kernel saw, by each
 * method and with threads, and is what it should be; and when it is not, that shows. */
#include "../../harness/measure/calls.h"
#include "../support.h"
#include "../syscount_support.h"

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

static void check_job(const struct syscounter *c, const struct job *job, uint64_t records)
{
    struct counted_job counted;
    struct call_count *count = &counted.count;
    char why[SYSCOUNT_WHY];
    int detail;
    const char *name = job->backend->name;
    CHECK_EQ_I64(calls_count(c, job, &counted, &detail, why), CHILD_DONE);
    CHECK_EQ_I64(counted.result.outcome, 0);
    CHECK_EQ_U64(counted.result.tally.records, records);
    CHECK_FOR(calls_agree(count), "%s, %u threads: %lu, %lu by %s, %lu by /proc", name, job->threads,
              (unsigned long)count->reads, (unsigned long)count->kernel_reads.value, syscount_methods[c->method],
              (unsigned long)count->proc_reads.value);
    CHECK_EQ_I64(count->kernel_reads.state, c->method == SYSCOUNT_NONE ? READING_UNSUPPORTED : READING_EXACT);
    CHECK_EQ_I64(count->proc_reads.state, READING_EXACT);
    uint64_t expected = expected_reads(name, records);
    CHECK_FOR(expected == UINT64_MAX || count->reads == expected, "%s: %lu reads", name, (unsigned long)count->reads);
}

static void check_jobs(enum syscount_method method)
{
    enum { RECORDS = 3000 };
    static const unsigned thread_counts[] = {1, 3, 20}; /* malloc behaves otherwise beyond 8 */
    struct syscounter c;
    struct scratch file = trades_without_metadata(RECORDS);
    const char *path = file.path;
    struct job job = {.sink = sink_find("sum"), .paths = &path, .files = 1, .end = UINT64_MAX, .options = defaults};
    job.options.fragment = true;
    if (method == SYSCOUNT_NONE)
        c = (struct syscounter){.method = SYSCOUNT_NONE};
    else
        open_counter(&c, method);
    for (size_t i = 0; backends[i]; i++) {
        job.backend = backends[i];
        for (size_t k = 0; k < LENGTH(thread_counts) && !backend_unavailable(job.backend); k++) {
            job.threads = thread_counts[k];
            check_job(&c, &job, RECORDS);
        }
    }
    syscount_close(&c);
    scratch_close(&file);
}

TEST(tracepoints_agree_with_backends)
{
    check_jobs(SYSCOUNT_TRACEPOINT);
}

TEST(ptrace_agrees_with_backends)
{
    check_jobs(SYSCOUNT_PTRACE);
}

TEST(proc_alone_agrees_with_backends)
{
    check_jobs(SYSCOUNT_NONE);
}

TEST(empty_fragment_counts_its_only_read)
{
    struct syscounter c;
    struct scratch file = scratch_memory();
    const char *path = file.path;
    struct job job = {backend_find("buffered"), sink_find("sum"), &path, 1, 1, UINT64_MAX, defaults, 1};
    struct counted_job counted;
    struct call_count *count = &counted.count;
    char why[SYSCOUNT_WHY];
    int detail;
    job.options.fragment = true;
    open_counter(&c, SYSCOUNT_PTRACE);
    CHECK_EQ_I64(calls_count(&c, &job, &counted, &detail, why), CHILD_DONE);
    CHECK_EQ_U64(count->reads, 1);
    CHECK(calls_agree(count));
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
    struct syscounter c;
    struct backend liar = *backend_find("buffered");
    struct scratch file = trades_without_metadata(100);
    const char *path = file.path;
    struct job job = {&liar, sink_find("sum"), &path, 1, 1, UINT64_MAX, defaults, 1};
    struct counted_job counted;
    struct call_count *count = &counted.count;
    char why[SYSCOUNT_WHY];
    int detail;
    job.options.fragment = true;
    liar.close = close_and_lie;
    syscount_open(&c, SYSCOUNT_PTRACE);
    CHECK_EQ_I64(calls_count(&c, &job, &counted, &detail, why), CHILD_DONE);
    CHECK(!calls_agree(count));
    count->proc_reads.state = READING_UNSUPPORTED;
    CHECK(c.method == SYSCOUNT_NONE || !calls_agree(count));
    count->kernel_reads.state = READING_UNSUPPORTED;
    CHECK(calls_agree(count)); /* nobody is left to say otherwise */
    scratch_close(&file);
}

TESTS(CASE(tracepoints_agree_with_backends), CASE(ptrace_agrees_with_backends), CASE(proc_alone_agrees_with_backends),
      CASE(empty_fragment_counts_its_only_read), CASE(disagreement_shows));
