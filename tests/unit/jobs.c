/* Guards whole jobs of many files and threads (also: tsan): their tallies are the files' sums, whichever thread
 * takes which, and of all that fails it is the first, by file and offset, that is named. */
#include "../support.h"

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
    for (struct job job = {b, sink, f->path, n, threads, UINT64_MAX, defaults, 1}; job.options.block < 9000;
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
                job_run(&(struct job){backends[k], sink_find("sum"), paths, 6, threads, UINT64_MAX, defaults, 1}, &r);
                CHECK_STR(dbn_outcome_name(r.outcome), first % 2 ? "TRUNCATED_RECORD" : "NOT_DBN");
                CHECK_EQ_U64(r.file, first);
                CHECK_EQ_U64(r.fault, first % 2 ? last : 0);
            }
    scratch_close(&worse);
    scratch_close(&bad);
    scratch_close(&good);
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
            struct job job = {backends[k], sink, &path, 1, threads, UINT64_MAX, defaults, 1};
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
            struct job job = {backends[k], sink_find("none"), &path, 1, 2, UINT64_MAX, defaults, 1};
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

TESTS(CASE_WITHIN(300, several_files), CASE(first_bad_file_is_named),
      CASE_WITHIN(300, large_metadata_and_many_consumers), CASE_WITHIN(300, faults_and_many_consumers),
      CASE(raw_bytes));
