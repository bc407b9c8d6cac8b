/* Guards whole jobs of many files and threads (also: tsan): their tallies are the files' sums, whichever thread takes
 * which, of all that fails it is the first, by file and offset, that is named, and the parts of their time add up; and
 * samples of them: each decode is checked, and the files lie in memory. */
#include "../../harness/machine/clock.h"
#include "../../harness/machine/page_cache.h"
#include "../../harness/measure/measure.h"
#include "../support.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static const struct generate_spec specs[] = {
    {.schema = "all", .version = 1, .records = 150, .symbols = 2, .seed = 1},
    {.schema = "mixed", .version = 3, .records = 400, .symbols = 2, .seed = 2, .ts_out = true},
    {.schema = "all", .version = 3, .records = 700, .symbols = 2, .seed = 3, .zstd_level = 1},
    {.schema = "mbo", .version = 2, .records = 5000, .symbols = 2, .seed = 4, .zstd_level = 1, .frames = 40},
};

enum { FILES = 12 };

struct files {
    struct scratch on[FILES];
    const char *path[FILES];
    struct ref_result reference[FILES];
};

static void files_open(struct files *f)
{
    for (unsigned i = 0; i < FILES; i++) {
        struct generate_spec spec = specs[i % LENGTH(specs)];
        spec.records = spec.records * i / FILES;
        struct bytes b = generated(&spec);
        f->on[i] = scratch_memory();
        scratch_set(&f->on[i], b.p, b.n);
        f->path[i] = f->on[i].path;
        ref_decode(f->on[i].path, &defaults, UINT64_MAX, &f->reference[i]);
        free(b.p);
    }
}

static void files_close(struct files *f)
{
    for (unsigned i = 0; i < FILES; i++)
        scratch_close(&f->on[i]);
}

static void check_job(const struct job *job, const struct ending *expected)
{
    struct ending actual = job_ending(job);
    CHECK_FOR(ending_equal(&actual, expected, job->sink),
              "%s, %s, %zu files, %u threads, blocks of %zu: %s instead of %s", job->backend->name, job->sink->name,
              job->files, job->threads, job->options.block, ending_text(&actual), ending_text(expected));
}

static void check_files(const struct files *f, size_t n, unsigned threads, const struct backend *b,
                        const struct sink *sink)
{
    struct ending expected = {0};
    for (size_t i = 0; i < n; i++)
        tally_add(&expected.tally, &f->reference[i].tally[sink_index(sink)]);
    for (struct job job = {b, sink, f->path, n, threads, UINT64_MAX, defaults, 1, NULL}; job.options.block < 9000;
         job.options.block += 3001)
        check_job(&job, &expected);
}

/* Any number of files and threads, more than there are files or processors among them. */
TEST(several_files)
{
    static const unsigned threads[] = {1, 2, 3, 5, 12, 32};
    static struct files f;
    files_open(&f);
    for (size_t k = 0; backends[k]; k++)
        for (size_t n = 0; n <= FILES && !backend_unavailable(backends[k]); n += 3)
            for (size_t i = 0; i < LENGTH(threads); i += SANITIZED ? 2 : 1) {
                check_files(&f, n, threads[i], backends[k], sink_find("fields"));
                check_files(&f, n, threads[i], backends[k], sinks[i % sink_index(sink_find("fields"))]);
            }
    files_close(&f);
}

/* Of several files that fail the first one is named, whichever thread met which. */
TEST(first_bad_file_is_named)
{
    struct bytes b = generated(&specs[1]);
    struct scratch good = scratch_memory(), bad = scratch_memory(), worse = scratch_memory();
    size_t last = first_record(b);
    while (last + dbn_record_size(b.p + last) < b.n)
        last += dbn_record_size(b.p + last);
    scratch_set(&good, b.p, b.n);
    scratch_set(&bad, b.p, b.n - 1);
    scratch_set(&worse, "nothing of the kind", 19);
    for (unsigned first = 0; first < 5; first++)
        for (unsigned threads = 1; threads <= 4; threads++)
            for (size_t k = 0; backends[k]; k++) {
                const char *paths[6] = {good.path, good.path, good.path, good.path, good.path, worse.path};
                struct job_result r;
                paths[first] = first % 2 ? bad.path : worse.path;
                if (backend_unavailable(backends[k]))
                    continue;
                job_run(&(struct job){backends[k], sink_find("sum"), paths, 6, threads, UINT64_MAX, defaults, 1, NULL},
                        &r);
                CHECK_STR(dbn_outcome_name(r.outcome), first % 2 ? "TRUNCATED_RECORD" : "NOT_DBN");
                CHECK_EQ_U64(r.file, first);
                CHECK_EQ_U64(r.fault, first % 2 ? last : 0);
            }
    scratch_close(&worse);
    scratch_close(&bad);
    scratch_close(&good);
    free(b.p);
}

/* Consumers, or shards, that all fail: each consumer with a block of its own. */
static pthread_barrier_t all_have_one;

static size_t run_out_of_memory(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)n, (void)offset;
    pthread_barrier_wait(&all_have_one);
    return DBN_NO_MEMORY;
}

static void find_nothing(void *self, struct tally *t)
{
    free(self);
    *t = (struct tally){0};
}

TEST(first_fault_of_a_file_is_named)
{
    const struct sink failing = {.name = "failing", .size = 1, .take = run_out_of_memory, .end = find_nothing};
    struct bytes b = generated_stream("trades", 3, 2000, false);
    struct scratch s = scratch_memory();
    const char *path = s.path;
    scratch_set(&s, b.p, b.n);
    for (size_t k = 0; backends[k]; k++)
        for (unsigned threads = 1; threads <= 4 && !backend_unavailable(backends[k]); threads++) {
            struct job job = {backends[k], &failing, &path, 1, threads, UINT64_MAX, defaults, threads, NULL};
            job.options.block = 1000;
            CHECK(pthread_barrier_init(&all_have_one, NULL, backends[k]->attach ? threads : 1) == 0);
            check_job(&job, &(struct ending){-ENOMEM, first_record(b), {0}});
            pthread_barrier_destroy(&all_have_one);
        }
    scratch_close(&s);
    free(b.p);
}

/* One file that all consumers of the shared backends read together. */
static void check_shared(const char *path, size_t block, const struct sink *sink)
{
    struct ref_result reference;
    ref_decode(path, &defaults, UINT64_MAX, &reference);
    struct ending expected = reference_ending(&reference, sink);
    for (size_t k = 0; backends[k]; k++)
        for (unsigned threads = 1; threads <= 4 && backends[k]->attach; threads++) {
            struct job job = {backends[k], sink, &path, 1, threads, UINT64_MAX, defaults, 1, NULL};
            job.options.block = block;
            check_job(&job, &expected);
        }
}

/* One of them reads the metadata alone, be they larger than the ring, and then all go on. */
TEST(large_metadata_and_many_consumers)
{
    static const size_t blocks[] = {1, 13, 64, 500, 4096};
    for (unsigned packed = 0; packed < 2; packed++) {
        struct generate_spec spec = {.schema = "all", .version = 3, .records = 800, .zstd_level = packed};
        spec.symbols = packed ? 30000 / SLOWER : 300; /* which take 9 MB and 90 kB */
        struct scratch s = scratch_memory();
        struct bytes b = generated(&spec);
        scratch_set(&s, b.p, b.n);
        for (size_t i = 0; i < (packed ? 1 : LENGTH(blocks)); i++)
            check_shared(s.path, blocks[i], sink_find("fields"));
        free(b.p);
        scratch_close(&s);
    }
}

TEST(faults_and_many_consumers)
{
    struct bytes b = generated(&specs[1]);
    struct scratch s = scratch_memory();
    for (size_t cut = 0; cut < b.n; cut += 97 * SLOWER) {
        scratch_set(&s, b.p, b.n);
        scratch_size(&s, cut);
        check_shared(s.path, 700, sink_find("fields"));
    }
    for (size_t at = first_record(b), nth = 0; at < b.n; at += dbn_record_size(b.p + at), nth++) {
        if (nth % (5 * SLOWER))
            continue;
        scratch_set(&s, b.p, b.n);
        scratch_poke(&s, at, 3);
        check_shared(s.path, 700, sink_find("sum"));
    }
    scratch_close(&s);
    free(b.p);
}

/* Bytes that are not understood at all: those of the file, compressed or not, and whatever they are. */
TEST(raw_bytes)
{
    for (size_t i = 0; i < LENGTH(specs); i++) {
        struct bytes b = generated(&specs[i]);
        struct scratch s = scratch_memory();
        const char *path = s.path;
        struct ending expected = {.tally.bytes = b.n - 1};
        scratch_set(&s, b.p, b.n - 1);
        for (size_t k = 0; backends[k]; k++) {
            struct job job = {backends[k], sink_find("none"), &path, 1, 2, UINT64_MAX, defaults, 1, NULL};
            job.options.raw = true;
            if (backend_unavailable(backends[k]) || backends[k]->attach)
                continue;
            check_job(&job, &expected);
            job.sink = sink_find("touch");
            struct ending touched = expected;
            for (size_t at = 0; at < b.n - 1; at++)
                touched.tally.digest += at % 64 < 8 ? (uint64_t)b.p[at] << at % 64 * 8 : 0;
            check_job(&job, &touched);
        }
        scratch_close(&s);
        free(b.p);
    }
}

/* --- time --- */

static const struct backend *real;
static const struct sink *counting;
static _Atomic uint64_t slept_open, slept_work;

static void sleep_for(_Atomic uint64_t *slept)
{
    uint64_t begun = clock_now_ns();
    usleep(2000);
    atomic_fetch_add(slept, clock_now_ns() - begun);
}

static int open_slowly(const struct backend_input *in, void **self)
{
    sleep_for(&slept_open);
    return real->open(in, self);
}

static int close_slowly(void *self, struct backend_counts *counts)
{
    sleep_for(&slept_open);
    return real->close(self, counts);
}

static size_t take_slowly(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    sleep_for(&slept_work);
    return counting->take(self, p, n, offset);
}

/* The parts of a job's time never come to more than the whole. */
static struct job_result check_parts(const struct job *job)
{
    struct job_result r;
    uint64_t begun = clock_now_ns();
    slept_open = slept_work = 0;
    job_run(job, &r);
    uint64_t whole = clock_now_ns() - begun, one = r.plan_ns + r.merge_ns, all = r.start_ns + r.work_ns + r.idle_ns;
    CHECK_EQ_I64(r.outcome, 0);
    all += r.counts.wait_ns;
    *(job->backend->attach ? &one : &all) += r.open_ns;
    CHECK_FOR(one * job->threads + all <= whole * job->threads,
              "%s, %zu files, %u threads, %u shards: %ju + %ju / %u of %ju ns", job->backend->name, job->files,
              job->threads, job->split, (uintmax_t)one, (uintmax_t)all, job->threads, (uintmax_t)whole);
    return r;
}

/* Opening and working that take a while, so that time which is counted twice, or as something else, shows. */
TEST(parts_of_time_are_no_more_than_the_whole)
{
    struct bytes b = generated_stream("trades", 3, 1000, false);
    struct scratch s = scratch_memory();
    const char *paths[] = {s.path, s.path};
    counting = sink_find("sum");
    struct sink slow_sink = *counting;
    slow_sink.take = take_slowly;
    scratch_set(&s, b.p, b.n);
    for (size_t k = 0; backends[k]; k++)
        for (unsigned split = 1; split <= 3 && !backend_unavailable(backends[k]); split += 2)
            for (unsigned threads = 1; threads <= 3; threads++) {
                real = backends[k];
                struct backend slow = *real;
                slow.open = open_slowly;
                slow.close = close_slowly;
                struct job job = {&slow, counting, paths, 2, threads, UINT64_MAX, defaults, split, NULL};
                struct job_result r = check_parts(&job);
                CHECK(r.redone == 0 && slept_open > 0 && r.open_ns >= slept_open);
                if (real->step != DBN_STEP_BLOCK)
                    continue;
                job.sink = &slow_sink;
                r = check_parts(&job);
                CHECK(slept_work > 0 && (split > 1 || r.work_ns >= slept_work)); /* joining shards is no work */
            }
    scratch_close(&s);
    free(b.p);
}

/* A consumer that does nothing waits for the thread that inflates. */
TEST(waiting_is_no_work)
{
    struct scratch s = scratch_memory();
    const char *paths[] = {s.path, s.path};
    static const uint64_t records[] = {0, 1, 3000, 100000}; /* the last are more blocks than two rings hold */
    for (size_t i = 0; i < LENGTH(records); i++) {
        struct bytes b = generated(&(struct generate_spec){
            .schema = "trades", .version = 3, .records = records[i], .symbols = 3, .zstd_level = 1});
        scratch_set(&s, b.p, b.n);
        for (size_t k = 0; backends[k]; k++)
            for (unsigned threads = 1; threads <= 3 && backends[k]->attach; threads++) {
                struct job job = {backends[k], sink_find("none"), paths, 2, threads, UINT64_MAX, defaults, 1, NULL};
                CHECK(check_parts(&job).counts.wait_ns > 0 || i + 1 < LENGTH(records) || !backends[k]->own_threads);
            }
        free(b.p);
    }
    scratch_close(&s);
}

/* --- samples --- */

enum { DECODES = 5 };
static unsigned decoded, bad_decode;
static bool runs_out;

static void end_badly(void *self, struct tally *t)
{
    counting->end(self, t);
    t->digest += decoded++ == bad_decode;
}

static size_t take_badly(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return decoded == bad_decode && runs_out ? DBN_NO_MEMORY : counting->take(self, p, n, offset);
}

/* A sample is as bad as any of its decodes, and ends with the first bad one. */
TEST(each_decode_of_a_sample_is_checked)
{
    struct bytes b = generated_stream("trades", 3, 100, false);
    struct scratch s = scratch_memory();
    const char *path = s.path;
    counting = sink_find("sum");
    struct sink bad = *counting;
    bad.take = take_badly;
    bad.end = end_badly;
    struct job job = {backend_plain(), counting, &path, 1, 1, UINT64_MAX, defaults, 1, NULL};
    scratch_set(&s, b.p, b.n);
    struct job_expected expected = {.tally = job_ending(&job).tally};
    job.sink = &bad;
    for (bad_decode = 0; bad_decode <= DECODES; bad_decode++)
        for (int kind = 0; kind < 2; kind++) {
            struct sample of = {.iterations = DECODES};
            decoded = 0;
            runs_out = kind;
            take_sample(&job, &expected, NULL, &(struct counter_set){.count = 0}, false, &of);
            CHECK_EQ_U64(decoded, bad_decode < DECODES ? bad_decode + 1 : DECODES);
            CHECK_EQ_U64(of.outcome, bad_decode == DECODES ? SAMPLE_OK : kind ? SAMPLE_FAILED : SAMPLE_MISMATCH);
            CHECK((of.outcome == SAMPLE_OK) == !*of.error);
        }
    scratch_close(&s);
    free(b.p);
}

static void complain(const char *format, ...)
{
    CHECK_FOR(false, "%s", format);
}

static uint64_t absent(const char *path)
{
    char why[200];
    struct reading r = page_cache_absent(path, why, sizeof why);
    CHECK_FOR(r.state == READING_EXACT, "%s", why);
    return r.value;
}

/* A warm sample of several files, of which some pages were lost since the last one: they are counted and loaded. What
 * is measured touches no page but the first ones. */
TEST(a_warm_sample_is_warm)
{
    enum { FILES_OF_CASE = 2 };
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct bytes b = generated_stream("trades", 3, 50000, false);
    struct scratch s[FILES_OF_CASE] = {scratch_disk(), scratch_disk()};
    char *paths[] = {s[0].path, s[1].path}, why[300];
    struct plan p = {.input = defaults, .limits.timeout_ms = 10000};
    struct plan_case c = {.backend = backend_find("mmap"), .sink = sink_find("none")};
    struct sample of;
    for (size_t i = 0; i < FILES_OF_CASE; i++)
        scratch_set(&s[i], b.p, b.n);
    CHECK_EQ_I64(plan_add_files(&p, paths, FILES_OF_CASE, complain), 0);
    for (size_t i = 0; i < FILES_OF_CASE; i++)
        CHECK_FOR(plan_range(&p, &p.files[i], 0, why, sizeof why), "%s", why);
    c.key.threads = 1;
    c.key.files = FILES_OF_CASE;
    plan_add_case(&p, &c);
    p.cases[0].iterations = 1;
    p.cases[0].range = plan_sum(&p, &p.cases[0]);
    for (size_t lost = 0; lost <= FILES_OF_CASE; lost++) { /* which file is; at last both are there */
        if (lost < FILES_OF_CASE && page_cache_drop(paths[lost], why, sizeof why) != 0)
            SKIP("%s", why);
        CHECK(measure(&p, &p.cases[0], p.cases[0].range, false, 0, &of));
        CHECK_STR(of.error, "");
        CHECK_EQ_U64(of.absent_pages.value, lost < FILES_OF_CASE ? (b.n + page - 1) / page : 0);
        CHECK_EQ_U64(absent(paths[0]) + absent(paths[1]), 0);
    }
    plan_free(&p);
    scratch_close(&s[0]);
    scratch_close(&s[1]);
    free(b.p);
}

TESTS(CASE_WITHIN(300, several_files), CASE(first_bad_file_is_named), CASE(first_fault_of_a_file_is_named),
      CASE_WITHIN(300, large_metadata_and_many_consumers), CASE_WITHIN(300, faults_and_many_consumers), CASE(raw_bytes),
      CASE(parts_of_time_are_no_more_than_the_whole), CASE(waiting_is_no_work),
      CASE(each_decode_of_a_sample_is_checked), CASE(a_warm_sample_is_warm));
