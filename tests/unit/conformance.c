/* Guards every way of reading against every other: each backend, with each file, sink, block size, piece of advice
 * and number of threads, finds what the reference decoder finds. */
#include "../support.h"

#include <stdio.h>
#include <sys/stat.h>

struct file {
    struct scratch on;
    struct input_options options;
    struct ref_result reference;
    char what[100];
};

static void hold(struct file *f, const struct generate_spec *spec, bool fragment)
{
    struct bytes b = generated(spec);
    size_t from = fragment ? first_record(b) : 0;
    *f = (struct file){.on = scratch_memory(), .options = defaults};
    f->options.fragment = fragment;
    scratch_set(&f->on, b.p + from, b.n - from);
    free(b.p);
    ref_decode(f->on.path, &f->options, UINT64_MAX, &f->reference);
    CHECK_STR(dbn_outcome_name(f->reference.outcome), "OK");
    CHECK_EQ_U64(f->reference.tally[sink_index(sink_find("frame"))].records, spec->records);
    snprintf(f->what, sizeof f->what, "%s v%u%s, level %u, %u frames%s", spec->schema, spec->version,
             spec->ts_out ? " with ts_out" : "", spec->zstd_level, (unsigned)spec->frames,
             fragment ? ", fragment" : "");
}

static uint64_t compared;

static void check_job(const struct file *f, const struct backend *b, const struct sink *sink, unsigned threads)
{
    const char *path = f->on.path;
    struct job job = {b, sink, &path, 1, threads, UINT64_MAX, f->options, 1, NULL};
    struct ending actual = job_ending(&job), expected = reference_ending(&f->reference, sink);
    CHECK_FOR(ending_equal(&actual, &expected, sink),
              "%s: %s, sink %s, %u threads, blocks of %zu, advice %d: %s instead of %s", f->what, b->name, sink->name,
              threads, f->options.block, f->options.advice, ending_text(&actual), ending_text(&expected));
    compared++;
}

static void check_backends(const struct file *f, unsigned threads)
{
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; tested_sink(i) && !backend_unavailable(backends[k]); i++)
            if (worth_trying(backends[k], tested_sink(i)) && (threads == 1 || backends[k]->attach))
                check_job(f, backends[k], tested_sink(i), threads);
}

static void check_spec(const struct generate_spec *spec, bool fragment)
{
    struct file f;
    hold(&f, spec, fragment);
    check_backends(&f, 1);
    check_backends(&f, 3);
    scratch_close(&f.on);
}

/* Every schema of this version, with and without ts_out: plain, compressed, in many frames, without metadata. */
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
            check_spec(&spec, false);
            check_spec(&spec, true);
            spec.zstd_level = 3;
            check_spec(&spec, false);
            spec.frames = 7;
            check_spec(&spec, false);
        }
    CHECK(compared >= 8 * 4 * 5 * 3);
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

static const struct generate_spec small[] = {
    {.schema = "all", .version = 1, .records = 120, .symbols = 2, .seed = 1},
    {.schema = "all", .version = 2, .records = 120, .symbols = 2, .seed = 2, .zstd_level = 1, .frames = 50},
    {.schema = "mbo", .version = 3, .records = 400, .symbols = 20, .seed = 3, .ts_out = true},
    {.schema = "mixed", .version = 3, .records = 300, .symbols = 3, .seed = 4, .zstd_level = 9},
};

TEST(block_sizes)
{
    static const size_t blocks[] = {1, 7, 16, 1019, 1020, 1021, 4096, 65536, 0};
    for (size_t k = 0; k < LENGTH(small); k++) {
        struct file f;
        hold(&f, &small[k], false);
        for (size_t i = 0; i < LENGTH(blocks); i++)
            for (unsigned threads = 1; threads <= 3; threads++) {
                f.options.block = blocks[i];
                check_backends(&f, threads);
            }
        scratch_close(&f.on);
    }
}

TEST(advice)
{
    for (size_t k = 0; k < LENGTH(small); k++) {
        struct file f;
        hold(&f, &small[k], false);
        for (int advice = ADVISE_NOTHING; advice < ADVISE_DONTCACHE; advice++) {
            f.options.advice = (enum backend_advice)advice;
            check_backends(&f, 1);
        }
        scratch_close(&f.on);
    }
}

/* Larger than all buffers together, on a real file system. */
TEST(large_files)
{
    static const struct generate_spec specs[] = {
        {.schema = "mixed", .version = 2, .records = 30000 / SLOWER, .symbols = 50, .seed = 5},
        {.schema = "mbp-10",
         .version = 3,
         .records = 8000 / SLOWER,
         .symbols = 5,
         .seed = 6,
         .zstd_level = 1,
         .frames = 3},
        {.schema = "all", .version = 1, .records = 15000 / SLOWER, .symbols = 5000 / SLOWER, .seed = 7, .ts_out = true},
    };
    for (size_t k = 0; k < LENGTH(specs); k++) {
        struct file f;
        struct bytes b = generated(&specs[k]);
        hold(&f, &specs[k], false);
        scratch_close(&f.on);
        f.on = scratch_disk();
        scratch_set(&f.on, b.p, b.n);
        free(b.p);
        for (unsigned threads = 1; threads <= 3; threads++)
            check_backends(&f, threads);
        f.options.block = 4093;
        check_backends(&f, 2);
        scratch_close(&f.on);
    }
}

/* Nothing, metadata alone, and one record. */
TEST(small_files)
{
    struct scratch s = scratch_memory();
    struct file f = {.on = s, .options = defaults, .what = "an empty file"};
    ref_decode(s.path, &f.options, UINT64_MAX, &f.reference);
    CHECK_EQ_I64(f.reference.outcome, DBN_E_EMPTY);
    check_backends(&f, 1);
    check_backends(&f, 2);
    f.options.fragment = true;
    snprintf(f.what, sizeof f.what, "an empty fragment");
    ref_decode(s.path, &f.options, UINT64_MAX, &f.reference);
    CHECK_EQ_I64(f.reference.outcome, 0);
    check_backends(&f, 1);
    check_backends(&f, 2);
    scratch_close(&s);
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++)
        for (uint64_t records = 0; records < 3; records++) {
            struct generate_spec spec = {.schema = "all", .version = version, .records = records, .symbols = 1};
            check_spec(&spec, false);
            check_spec(&spec, true);
            spec.zstd_level = 1;
            check_spec(&spec, false);
        }
}

/* Mappings of the files of this test. */
static unsigned mappings(void)
{
    char line[300];
    unsigned n = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps);
    while (fgets(line, sizeof line, maps))
        n += strstr(line, "/memfd:test") != NULL;
    fclose(maps);
    return n;
}

/* After a decode of a good file and after one that fails, by one worker or several. */
TEST(nothing_is_left_open)
{
    unsigned descriptors = open_descriptors() + 1;
    for (size_t i = 0; i < LENGTH(small); i++) {
        struct file f;
        struct stat st;
        hold(&f, &small[i], false);
        check_backends(&f, 3);
        CHECK(stat(f.on.path, &st) == 0);
        for (off_t size = st.st_size - 1; size > 0; size /= 3)
            for (size_t k = 0; backends[k]; k++)
                for (unsigned threads = 1; threads <= 3 && !backend_unavailable(backends[k]); threads++) {
                    const char *path = f.on.path;
                    scratch_size(&f.on, (uint64_t)size);
                    struct ending e = job_ending(&(struct job){backends[k], sink_find("fields"), &path, 1, threads,
                                                               UINT64_MAX, defaults, threads, NULL});
                    CHECK_FOR(e.outcome && open_descriptors() == descriptors && mappings() == 0,
                              "%s, %s, %ju bytes, %u threads: %s; %u descriptors instead of %u, %u mappings", f.what,
                              backends[k]->name, (uintmax_t)size, threads, ending_text(&e), open_descriptors(),
                              descriptors, mappings());
                }
        scratch_close(&f.on);
    }
}

/* Backends are found by their names, and those that cannot run here are named. */
TEST(every_backend_is_here)
{
    char missing[500] = "";
    size_t n = 0;
    for (; backends[n]; n++) {
        CHECK(backend_find(backends[n]->name) == backends[n]);
        if (backend_unavailable(backends[n]))
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), "%s%s (%s)", *missing ? ", " : "",
                     backends[n]->name, backend_unavailable(backends[n]));
    }
    CHECK(n >= 5 && !backend_find("no-such-backend"));
    if (*missing)
        SKIP("not checked: %s", missing);
}

TESTS(CASE_WITHIN(300, version_1), CASE_WITHIN(300, version_2), CASE_WITHIN(300, version_3),
      CASE_WITHIN(300, block_sizes), CASE(advice), CASE_WITHIN(300, large_files), CASE(small_files),
      CASE(nothing_is_left_open), CASE(every_backend_is_here));
