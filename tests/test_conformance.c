/* Guards every way of reading against every other: each backend, with each file, sink, block size, piece of advice, range
 * and number of threads, finds what the plain decoder finds. */
#include "support.h"

static bool usable(const struct backend *b)
{
    return !b->unavailable || !b->unavailable();
}

struct file {
    struct scratch on;
    struct input_options options;
    struct plain_result plain;
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
    plain_decode(f->on.path, &f->options, UINT64_MAX, &f->plain);
    CHECK_STR(dbn_outcome_name(f->plain.outcome), "OK");
    CHECK_EQ_U64(f->plain.tally[sink_index(sink_find("frame"))].records, spec->records);
    snprintf(f->what, sizeof f->what, "%s v%u%s, level %u, %u frames%s", spec->schema, spec->version,
             spec->ts_out ? " with ts_out" : "", spec->zstd_level, (unsigned)spec->frames, fragment ? ", fragment" : "");
}

static uint64_t compared;

static void check_job(const struct file *f, const struct backend *b, const struct sink *sink, unsigned threads)
{
    const char *path = f->on.path;
    struct job job = {b, sink, &path, 1, threads, UINT64_MAX, f->options};
    struct ending actual = job_ending(&job), expected = plain_ending(&f->plain, sink);
    CHECK_FOR(ending_equal(&actual, &expected, sink),
              "%s: %s, sink %s, %u threads, blocks of %zu, advice %d: %s instead of %s", f->what, b->name, sink->name,
              threads, f->options.block, f->options.advice, ending_text(&actual), ending_text(&expected));
    compared++;
}

static void check_backends(const struct file *f, unsigned threads)
{
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; sinks[i] && usable(backends[k]); i++)
            check_job(f, backends[k], sinks[i], threads);
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
    CHECK(compared >= 8 * 2 * 4 * 2 * 5 * 3);
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
        for (int advice = ADVISE_NOTHING; advice <= ADVISE_POPULATE; advice++) {
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
        {.schema = "mbp-10", .version = 3, .records = 8000 / SLOWER, .symbols = 5, .seed = 6, .zstd_level = 1, .frames = 3},
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
    plain_decode(s.path, &f.options, UINT64_MAX, &f.plain);
    CHECK_EQ_I64(f.plain.outcome, DBN_E_EMPTY);
    check_backends(&f, 1);
    check_backends(&f, 2);
    f.options.fragment = true;
    snprintf(f.what, sizeof f.what, "an empty fragment");
    plain_decode(s.path, &f.options, UINT64_MAX, &f.plain);
    CHECK_EQ_I64(f.plain.outcome, 0);
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

/* An end at a record's end gives the records before it. */
TEST(ends_at_record_boundaries)
{
    struct file f;
    hold(&f, &small[0], false);
    const char *path = f.on.path;
    for (uint64_t n = 0; n <= small[0].records; n++) {
        struct plain_result part;
        plain_decode(path, &defaults, n, &part);
        for (size_t k = 0; backends[k]; k++)
            for (size_t i = 0; sinks[i] && usable(backends[k]); i++) {
                struct job job = {backends[k], sinks[i], &path, 1, 1, part.records_end, defaults};
                struct ending actual = job_ending(&job), expected = plain_ending(&part, sinks[i]);
                CHECK_FOR(ending_equal(&actual, &expected, sinks[i]), "%s, %s up to byte %ju: %s instead of %s",
                          backends[k]->name, sinks[i]->name, (uintmax_t)part.records_end, ending_text(&actual),
                          ending_text(&expected));
            }
    }
    scratch_close(&f.on);
}

/* One consumer of the backend, whether it is shared or not. */
struct reader {
    const struct backend *b;
    void *handle, *consumer;
};

static struct reader reader_open(const struct backend *b, const struct backend_input *in)
{
    struct reader r = {.b = b};
    CHECK_EQ_I64(b->open(in, &r.handle), 0);
    r.consumer = r.handle;
    if (b->attach)
        CHECK_EQ_I64(b->attach(r.handle, &r.consumer), 0);
    return r;
}

static void reader_close(struct reader *r, struct backend_counts *counts)
{
    if (r->b->attach)
        r->b->detach(r->consumer);
    CHECK_EQ_I64(r->b->close(r->handle, counts), 0);
}

static struct tally tally_of_range(const struct backend *b, const char *path, uint64_t begin, uint64_t end,
                                   const struct sink *sink)
{
    struct backend_input in = {.path = path, .begin = begin, .end = end, .fragment = true, .block = 100};
    struct reader r = reader_open(b, &in);
    struct ending e = decode_source((struct dbn_source){b->next, r.consumer}, b->step, sink, true);
    reader_close(&r, NULL);
    CHECK_STR(dbn_outcome_name(e.outcome), "OK");
    return e.tally;
}

/* Two ranges that meet at any record add up to the whole. */
TEST(ranges_add_up)
{
    struct file f;
    struct bytes b = generated(&small[0]);
    hold(&f, &small[0], false);
    for (size_t at = first_record(b), nth = 0; at <= b.n; at += at < b.n ? dbn_record_size(b.p + at) : 1, nth++) {
        if (nth % SLOWER)
            continue;
        for (size_t k = 0; backends[k]; k++)
            for (size_t i = 0; sinks[i] && usable(backends[k]); i++) {
                struct tally sum = tally_of_range(backends[k], f.on.path, first_record(b), at, sinks[i]);
                struct tally rest = tally_of_range(backends[k], f.on.path, at, UINT64_MAX, sinks[i]);
                tally_add(&sum, &rest);
                CHECK_FOR(tally_equal(&sum, &f.plain.tally[i]), "%s, %s, cut at byte %zu", backends[k]->name,
                          sinks[i]->name, at);
            }
    }
    scratch_close(&f.on);
    free(b.p);
}

/* What a backend lends is the range, byte by byte, once and in order; then it keeps saying that there is no more. */
static void check_lent(const struct backend *b, const char *path, struct bytes whole, uint64_t begin, uint64_t end,
                       size_t block, size_t need)
{
    struct backend_input in = {.path = path, .begin = begin, .end = end, .fragment = begin > 0, .block = block};
    struct reader r = reader_open(b, &in);
    struct dbn_span span;
    uint64_t at = begin, stop = end < whole.n ? end : whole.n;
    int rc;
    while ((rc = b->next(r.consumer, need, &span)) > 0) {
        CHECK_FOR(span.len > 0 && span.offset == at && span.len <= stop - at, "%s", b->name);
        CHECK_FOR(memcmp(span.ptr, whole.p + at, span.len) == 0, "%s", b->name);
        at += span.len;
    }
    CHECK_EQ_I64(rc, 0);
    CHECK_EQ_I64(b->next(r.consumer, need, &span), 0);
    CHECK_EQ_U64(at, begin < stop ? stop : begin);
    struct backend_counts counts;
    reader_close(&r, &counts);
    if (counts.bytes_read)
        CHECK_EQ_U64(counts.bytes_read, begin < stop ? stop - begin : 0);
}

TEST(bytes_are_lent_once_and_in_order)
{
    static const size_t blocks[] = {0, 1, 64, 4096}, needs[] = {1, 2, 16, 5000};
    struct file f;
    struct bytes b = generated(&small[2]);
    hold(&f, &small[2], false);
    size_t record = first_record(b), later = record + 100 * dbn_record_size(b.p + record);
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; i < LENGTH(blocks) && usable(backends[k]); i++)
            for (size_t j = 0; j < LENGTH(needs); j++) {
                check_lent(backends[k], f.on.path, b, 0, UINT64_MAX, blocks[i], needs[j]);
                check_lent(backends[k], f.on.path, b, 0, b.n, blocks[i], needs[j]);
                check_lent(backends[k], f.on.path, b, record, later, blocks[i], needs[j]);
                check_lent(backends[k], f.on.path, b, later, b.n + 1, blocks[i], needs[j]);
                check_lent(backends[k], f.on.path, b, later, later, blocks[i], needs[j]);
            }
    scratch_close(&f.on);
    free(b.p);
}

/* --- several files at once --- */

enum { FILES = 9 };

/* The job's tally is the files' sum, whoever takes which. */
TEST(several_files)
{
    struct file files[FILES];
    const char *paths[FILES];
    for (unsigned i = 0; i < FILES; i++) {
        struct generate_spec spec = small[i % LENGTH(small)];
        spec.records = i * 90;
        hold(&files[i], &spec, false);
        paths[i] = files[i].on.path;
    }
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; sinks[i] && usable(backends[k]); i++)
            for (unsigned threads = 1; threads <= 12; threads += threads < 3 ? 1 : 9)
                for (size_t n = 0; n <= FILES; n++) {
                    struct job job = {backends[k], sinks[i], paths, n, threads, UINT64_MAX, defaults};
                    struct ending actual = job_ending(&job), expected = {0};
                    for (size_t j = 0; j < n; j++)
                        tally_add(&expected.tally, &files[j].plain.tally[i]);
                    CHECK_FOR(ending_equal(&actual, &expected, sinks[i]), "%s, %s, %u threads, %zu files: %s instead of %s",
                              backends[k]->name, sinks[i]->name, threads, n, ending_text(&actual), ending_text(&expected));
                }
    for (unsigned i = 0; i < FILES; i++)
        scratch_close(&files[i].on);
}

/* Of several files that fail, the first one is named, whichever thread met which. */
TEST(first_bad_file_is_named)
{
    struct scratch good = scratch_memory(), bad = scratch_memory(), worse = scratch_memory();
    struct bytes b = generated(&small[2]);
    scratch_set(&good, b.p, b.n);
    scratch_set(&bad, b.p, b.n - 1);
    scratch_set(&worse, "nothing of the kind", 19);
    for (unsigned first = 0; first < 5; first++)
        for (unsigned threads = 1; threads <= 4; threads++)
            for (size_t k = 0; backends[k]; k++) {
                const char *paths[6] = {good.path, good.path, good.path, good.path, good.path, worse.path};
                struct job_result r;
                paths[first] = first % 2 ? bad.path : worse.path;
                if (!usable(backends[k]))
                    continue;
                job_run(&(struct job){backends[k], sink_find("sum"), paths, 6, threads, UINT64_MAX, defaults}, &r);
                CHECK_STR(dbn_outcome_name(r.outcome), first % 2 ? "TRUNCATED_RECORD" : "NOT_DBN");
                CHECK_EQ_U64(r.file, first);
                CHECK_EQ_U64(r.fault, first % 2 ? b.n - dbn_record_size(b.p + first_record(b)) : 0);
            }
    scratch_close(&worse);
    scratch_close(&bad);
    scratch_close(&good);
    free(b.p);
}

TEST(nothing_is_left_open)
{
    struct file f;
    hold(&f, &small[1], false);
    unsigned before = open_descriptors();
    check_backends(&f, 3);
    CHECK_EQ_U64(open_descriptors(), before);
    scratch_close(&f.on);
}

/* Backends are found by their names, and those that cannot run here are named. */
TEST(every_backend_is_here)
{
    char missing[500] = "";
    size_t n = 0;
    for (; backends[n]; n++) {
        CHECK(backend_find(backends[n]->name) == backends[n]);
        if (!usable(backends[n]))
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), "%s%s (%s)", *missing ? ", " : "",
                     backends[n]->name, backends[n]->unavailable());
    }
    CHECK(n >= 5 && !backend_find("no-such-backend"));
    if (*missing)
        SKIP("not checked: %s", missing);
}

TESTS(CASE_WITHIN(300, version_1), CASE_WITHIN(300, version_2), CASE_WITHIN(300, version_3), CASE_WITHIN(300, block_sizes),
      CASE(advice), CASE_WITHIN(300, large_files), CASE(small_files), CASE_WITHIN(300, ends_at_record_boundaries),
      CASE_WITHIN(300, ranges_add_up), CASE(bytes_are_lent_once_and_in_order), CASE_WITHIN(300, several_files),
      CASE(first_bad_file_is_named), CASE(nothing_is_left_open), CASE(every_backend_is_here));
