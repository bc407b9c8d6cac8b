/* Guards files that are cut into shards: whatever the cuts and the threads, the outcome, its
 * place and the tally are those of the whole file; and ordinary files are decoded once only. */
#include "../support_split.h"

#include <dirent.h>
#include <unistd.h>

/* Returns how often a shard was decoded again. */
static uint64_t check_spec(const struct generate_spec *spec, bool fragment)
{
    struct bytes b = generated(spec);
    size_t from = fragment ? first_record(b) : 0;
    struct split_file f = split_open(b.p + from, b.n - from, spec->schema);
    struct ref_result reference;
    f.options.fragment = fragment;
    struct ending e = split_check(&f);
    ref_decode(f.on.path, &f.options, UINT64_MAX, &reference);
    struct ending expected = reference_ending(&reference, sink_find("fields"));
    CHECK_FOR(e.outcome == 0 && ending_equal(&e, &expected, sink_find("fields")), "%s: %s instead of %s", f.what,
              ending_text(&e), ending_text(&expected));
    CHECK_FOR(f.shards > 2 * f.jobs || spec->records < 100, "%s: hardly cut", f.what);
    split_close(&f);
    free(b.p);
    return f.redone;
}

/* None of these is decoded again: each is a file as they usually are. */
static void check_version(uint8_t version)
{
    for (size_t i = 0; generate_schemas[i]; i++)
        for (int ts_out = 0; ts_out <= 1; ts_out++) {
            if ((i + (size_t)ts_out + version) % 2 && !test_all())
                continue; /* each with and without ts_out, but not in each version */
            struct generate_spec spec = {.schema = generate_schemas[i],
                                         .version = version,
                                         .records = 200,
                                         .symbols = 5,
                                         .seed = i + 1,
                                         .ts_out = ts_out};
            uint64_t redone = check_spec(&spec, false);
            bool odd = strcmp(spec.schema, "all") == 0; /* in shards of a few records, some of them of unknown types */
            CHECK_FOR(redone == 0 || odd, "%s v%u: %ju decoded again", spec.schema, version, (uintmax_t)redone);
            check_spec(&spec, true);
        }
}

TEST(version_1)
{
    check_version(1);
}

TEST(version_2)
{
    check_version(2);
}

TEST(version_3)
{
    check_version(3);
}

/* Every number of shards and threads, also with more shards than there are records, or none to be had. */
TEST(every_number_of_shards)
{
    static const char *const schemas[] = {"trades", "mixed", "all", "definition"};
    unsigned splits[64];
    size_t n = 0;
    for (unsigned split = 1; split <= 16; split++)
        for (unsigned again = 0; again < (SANITIZED ? 1 : 3); again++)
            splits[n++] = split;
    for (size_t i = 0; i < LENGTH(schemas); i++)
        for (uint64_t records = 0; records < 100; records = records * 3 + 1) {
            struct bytes b = generated_stream(schemas[i], 3, records, false);
            struct split_file f = split_open(b.p, b.n, schemas[i]);
            struct ending e = split_check_with(&f, backend_find("mmap"), "fields", splits, n);
            CHECK_EQ_U64(e.tally.records, records);
            split_check_with(&f, backend_find("syscall"), "rows", splits, n);
            split_close(&f);
            free(b.p);
        }
}

/* Larger than the window in which a begin is guessed, and than all blocks. */
TEST(large_files)
{
    static const char *const schemas[] = {"trades", "mixed", "all", "mbp-10", "definition"};
    for (size_t i = 0; i < LENGTH(schemas); i += sparse(2))
        for (uint8_t version = 1; version <= DBN_VERSIONS; version += 2) {
            struct generate_spec spec = {
                .schema = schemas[i], .version = version, .records = 3000, .symbols = 30, .seed = 5};
            CHECK_EQ_U64(check_spec(&spec, false), 0);
        }
}

TEST(sinks_that_look_for_no_records)
{
    static const unsigned splits[] = {2, 7, 16};
    struct bytes b = generated_stream("mixed", 3, 500, false);
    struct split_file f = split_open(b.p, b.n, "all sinks");
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; tested_sink(i) && !backend_unavailable(backends[k]); i++)
            split_check_with(&f, backends[k], tested_sink(i)->name, splits, LENGTH(splits));
    split_close(&f);
    free(b.p);
}

TEST(blocks_of_all_sizes)
{
    static const size_t blocks[] = {1, 7, 1020, 4096, 8191, 8192, 8193};
    static const unsigned splits[] = {2, 5};
    struct bytes b = generated_stream("mixed", 3, 600, true);
    struct split_file f = split_open(b.p, b.n, "blocks");
    for (size_t i = 0; i < LENGTH(blocks); i++) {
        f.options.block = blocks[i];
        split_check_with(&f, backend_find("buffered"), "fields", splits, LENGTH(splits));
    }
    CHECK_EQ_U64(f.redone, 0);
    split_close(&f);
    free(b.p);
}

/* Shared backends have their own way, and raw bytes have no records. */
TEST(some_jobs_are_never_split)
{
    struct bytes b = generated_stream("trades", 3, 500, false);
    struct split_file f = split_open(b.p, b.n, "not split");
    const char *path = f.on.path;
    struct job job = {backend_find("mmap"), sink_find("none"), &path, 1, 2, UINT64_MAX, defaults, 4, NULL};
    struct job_result r;
    job_run(&job, &r);
    CHECK(r.outcome == 0 && r.shards == 4);
    job.options.raw = true;
    job_run(&job, &r);
    CHECK(r.outcome == 0 && r.shards == 1 && r.tally.bytes == b.n);
    job.options.raw = false;
    for (size_t k = 0; backends[k]; k++) {
        job.backend = backends[k];
        if (backend_unavailable(job.backend))
            continue;
        job_run(&job, &r);
        CHECK_FOR(r.outcome == 0 && r.shards == (job.backend->attach ? 1 : 4), "%s", job.backend->name);
    }
    split_close(&f);
    free(b.p);
}

/* --- faults --- */

/* A bad length in each record, and two at once: the first counts, whichever shard it is in. */
TEST(bad_lengths)
{
    static const char *const schemas[] = {"trades", "all"};
    for (size_t i = 0; i < LENGTH(schemas); i++) {
        struct bytes b = generated_stream(schemas[i], 3, 64, false);
        struct split_file f = split_open(b.p, b.n, "bad lengths");
        uint64_t nth = 0;
        for (size_t at = first_record(b), size; at < b.n; at += size, nth++) {
            size = dbn_record_size(b.p + at);
            if (nth % sparse(4))
                continue;
            scratch_poke(&f.on, at, (uint8_t)(nth % 4));
            struct ending e = split_check(&f);
            CHECK(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == at && e.tally.records == nth);
            size_t other = first_record(b) + dbn_record_size(b.p + first_record(b)) * 3;
            if (i == 0 && at > other) {
                scratch_poke(&f.on, other, 1);
                e = split_check(&f);
                CHECK(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == other && e.tally.records == 3);
            }
            split_set(&f, b.p, b.n);
        }
        split_close(&f);
        free(b.p);
    }
}

/* Every prefix ends in a record, in the metadata, or between two. */
TEST(cut_files)
{
    struct bytes b = generated_stream("all", 3, 20, false);
    struct split_file f = split_open(b.p, b.n, "cut files"), g = split_open(b.p, b.n, "prefixes");
    for (size_t n = b.n + 1; n-- > 0; n -= n > sparse(28) ? sparse(28) : 0) {
        scratch_size(&f.on, n);
        struct ending e = split_check(&f);
        static const unsigned split = 5;
        g.end = n;
        struct ending prefix = split_check_with(&g, backends[n % 3], "fields", &split, 1);
        CHECK(e.outcome == prefix.outcome && e.fault == prefix.fault && tally_equal(&e.tally, &prefix.tally));
    }
    split_close(&g);
    split_close(&f);
    free(b.p);
}

TEST(bytes_behind_the_last_record)
{
    struct bytes b = generated_stream("trades", 3, 50, false);
    struct split_file f = split_open(b.p, b.n, "trailing bytes");
    for (unsigned n = 1; n < 16; n++)
        for (unsigned fill = 0; fill < 256; fill += 51) {
            uint8_t tail[16];
            memset(tail, (int)fill, sizeof tail);
            CHECK(pwrite(f.on.fd, tail, n, (off_t)b.n) == (ssize_t)n);
            struct ending e = split_check(&f);
            CHECK(e.outcome == (fill ? DBN_E_TRUNCATED_RECORD : DBN_E_BAD_RECORD_LENGTH) && e.fault == b.n);
        }
    split_close(&f);
    free(b.p);
}

/* Any byte with any value, metadata and all. */
TEST(changed_bytes)
{
    uint64_t seed = 11;
    struct bytes b = generated_stream("all", 3, 40, false);
    struct split_file f = split_open(b.p, b.n, "changed bytes");
    for (unsigned round = 0; round < 150 / SLOWER; round++) {
        size_t at = (size_t)(stats_random(&seed) % b.n);
        scratch_poke(&f.on, at, (uint8_t)stats_random(&seed));
        split_check(&f);
        scratch_poke(&f.on, at, b.p[at]);
    }
    split_close(&f);
    free(b.p);
}

/* --- many files --- */

TEST(many_files)
{
    enum { FILES = 9 };
    struct split_file f[FILES];
    const char *paths[FILES];
    struct bytes b[FILES];
    for (unsigned i = 0; i < FILES; i++) {
        b[i] = generated_stream(i % 2 ? "mixed" : "trades", 3, 7 * i * i, i % 3);
        f[i] = split_open(b[i].p, b[i].n, "one of many");
        paths[i] = f[i].on.path;
    }
    for (unsigned bad = 0; bad <= FILES; bad++) {
        if (bad > 0 && bad < FILES)
            scratch_size(&f[bad].on, b[bad].n - 1);
        for (unsigned threads = 1; threads <= 4; threads++)
            for (unsigned split = 1; split <= 6; split += SANITIZED ? 3 : 1) {
                struct tally expected = {0};
                struct job_result r, one;
                for (unsigned i = 0; i < FILES && i <= (bad ? bad : FILES); i++) {
                    job_run(&(struct job){backend_find("mmap"), sink_find("fields"), &paths[i], 1, 1, UINT64_MAX,
                                          defaults, 1, NULL},
                            &one);
                    tally_add(&expected, &one.tally);
                }
                job_run(&(struct job){backend_find("mmap"), sink_find("fields"), paths, FILES, threads, UINT64_MAX,
                                      defaults, split, NULL},
                        &r);
                bool fails = bad > 0 && bad < FILES;
                CHECK_EQ_I64(r.outcome, fails ? DBN_E_TRUNCATED_RECORD : 0);
                CHECK(!fails || (r.file == bad && r.fault == one.fault));
                CHECK_FOR(tally_equal(&r.tally, &expected), "file %u, %u threads, %u shards", bad, threads, split);
            }
        if (bad > 0 && bad < FILES)
            split_set(&f[bad], b[bad].p, b[bad].n);
    }
    for (unsigned i = 0; i < FILES; i++) {
        scratch_close(&f[i].on);
        free(b[i].p);
    }
}

static size_t check_folder(const char *folder)
{
    size_t files = 0;
    DIR *dir = opendir(folder);
    CHECK_FOR(dir, "%s", folder);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[512];
        if (!strstr(e->d_name, ".dbn") && !strstr(e->d_name, ".dbz"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        FILE *from = fopen(path, "rb");
        static uint8_t bytes[4 << 20];
        CHECK(from);
        size_t n = fread(bytes, 1, sizeof bytes, from);
        CHECK_FOR(n < sizeof bytes, "%s", path);
        fclose(from);
        struct split_file f = split_open(bytes, n, e->d_name);
        f.options.fragment = strstr(e->d_name, ".frag");
        split_check(&f);
        split_close(&f);
        files++;
    }
    closedir(dir);
    return files;
}

TEST(vectors)
{
    CHECK_EQ_U64(check_folder(VECTORS), 6);
}

TEST(official_vectors)
{
    if (!official_vectors())
        SKIP("no VECTORS=FOLDER was given: a checkout of databento/dbn's tests/data");
    CHECK(check_folder(official_vectors()) > 0);
}

TESTS(CASE_WITHIN(300, version_1), CASE_WITHIN(300, version_2), CASE_WITHIN(300, version_3),
      CASE_WITHIN(300, every_number_of_shards), CASE_WITHIN(300, large_files), CASE(sinks_that_look_for_no_records),
      CASE(blocks_of_all_sizes), CASE(some_jobs_are_never_split), CASE_WITHIN(300, bad_lengths),
      CASE_WITHIN(300, cut_files), CASE(bytes_behind_the_last_record), CASE_WITHIN(300, changed_bytes),
      CASE(many_files), CASE(vectors), CASE(official_vectors));
