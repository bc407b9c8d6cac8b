/* Guards compressed files that are cut between their frames: these may end inside of records, claim what is not true,
 * or be broken, and the outcome, its place and the tally are those of the whole file. */
#include "../support_split.h"
#include "../support_zstd.h"

#include "../../dbn/zstd_frames.h"

#include <zstd.h>

static const struct frame sized = {.checksum = true, .content_size = true};

static struct bytes stream;
static struct dbn_buffer file;

/* The stream in frames that end at these places. */
static void add_frames(const size_t *ends, size_t n, struct frame f)
{
    for (size_t i = 0, from = 0; i < n; from = ends[i++])
        add_frame(&file, stream.p + from, ends[i] - from, f);
}

/* In n frames of about the same size, the first of which holds at least the metadata. */
static void add_even_frames(size_t n, struct frame f)
{
    size_t ends[64], first = first_record(stream);
    for (size_t i = 0; i < n; i++)
        ends[i] = first + (stream.n - first) * (i + 1) / n;
    add_frames(ends, n, f);
}

/* Empties the file. */
static struct ending check(const char *what, struct split_file *counts)
{
    struct split_file f = split_open(file.bytes, file.size, what);
    struct ending e = split_check(&f);
    split_close(&f);
    counts->jobs += f.jobs;
    counts->shards += f.shards;
    counts->redone += f.redone;
    empty(&file);
    return e;
}

static void check_good(const char *what, struct split_file *counts)
{
    struct ending e = check(what, counts);
    struct ending whole = decode_whole(stream.p, stream.n, sink_find("fields"), false);
    CHECK_FOR(ending_equal(&e, &whole, sink_find("fields")), "%s: %s instead of %s", what, ending_text(&e),
              ending_text(&whole));
}

/* Whatever is in them, ordinary frames are inflated once. */
TEST(frames_of_all_schemas)
{
    static const size_t frames[] = {2, 5, 16, 40};
    for (size_t i = 0; generate_schemas[i]; i++)
        for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
            if ((i + version) % 2 && !test_all())
                continue;
            struct split_file counts = {0};
            stream = generated_stream(generate_schemas[i], version, 1000 / SLOWER, version == 2);
            for (size_t k = version % 2; k < LENGTH(frames); k += 2) {
                add_even_frames(frames[k], (struct frame){.content_size = true, .checksum = k % 4 < 2});
                check_good(generate_schemas[i], &counts);
            }
            CHECK_FOR(counts.shards > 2 * counts.jobs, "%ju jobs, %ju shards", (uintmax_t)counts.jobs,
                      (uintmax_t)counts.shards);
            bool odd = strcmp(generate_schemas[i], "all") == 0 || strcmp(generate_schemas[i], "definition") == 0;
            CHECK_FOR(counts.redone == 0 || odd || SANITIZED, "%s v%u: %ju decoded again", generate_schemas[i], version,
                      (uintmax_t)counts.redone);
            free(stream.p);
        }
}

/* A cut at every byte of two records, inside of the metadata, and frames of a few bytes. */
TEST(cuts_everywhere)
{
    struct split_file counts = {0};
    stream = generated_stream("all", 1, 40, false);
    size_t first = first_record(stream);
    for (size_t at = 1; at < stream.n; at += at < first - 3 ? 40 : at < first + 200 ? sparse(4) : 61) {
        const size_t ends[] = {at, stream.n};
        add_frames(ends, 2, sized);
        check_good("one cut", &counts);
    }
    add_frame(&file, stream.p, first + 5, sized);
    for (size_t at = first + 5; at < first + 400; at += 3)
        add_frame(&file, stream.p + at, 3, sized);
    size_t rest = first + 5 + (400 - 5 + 2) / 3 * 3;
    add_frame(&file, stream.p + rest, stream.n - rest, sized);
    check_good("frames of 3 bytes", &counts);
    free(stream.p);
}

TEST(frames_that_hold_nothing)
{
    struct split_file counts = {0};
    stream = generated_stream("mixed", 3, 300, false);
    size_t first = first_record(stream);
    for (size_t where = 0; where < 10; where++) {
        for (size_t i = 0, from = 0; i < 10; i++) {
            size_t to = first + (stream.n - first) * (i + 1) / 10;
            if (i % 3 == where % 3)
                add_skippable(&file, (unsigned)i, where * 1000);
            if (i % 2 == where % 2)
                add_frame(&file, stream.p, 0, sized);
            add_frame(&file, stream.p + from, to - from, sized);
            from = to;
        }
        if (where & 4)
            add_skippable(&file, 1, 3000);
        check_good("skippable and empty frames", &counts);
    }
    CHECK(counts.shards > counts.jobs * 2);
    free(stream.p);
}

/* From the first frame on that does not say how much it holds, there is one shard. */
TEST(unknown_sizes)
{
    stream = generated_stream("trades", 3, 500, false);
    size_t first = first_record(stream);
    for (size_t unknown = 0; unknown < 8; unknown++) {
        struct split_file counts = {0};
        for (size_t i = 0, from = 0; i < 8; i++) {
            size_t to = first + (stream.n - first) * (i + 1) / 8;
            add_frame(&file, stream.p + from, to - from, i == unknown ? usual_frame : sized);
            from = to;
        }
        check_good("frames without a size", &counts);
        CHECK_FOR((counts.shards == counts.jobs) == (unknown == 0), "%zu: %ju shards", unknown,
                  (uintmax_t)counts.shards);
        CHECK(counts.shards <= counts.jobs * (unknown + 1));
    }
    free(stream.p);
}

/* A frame that says it holds one byte more than it does, or one less. */
TEST(lies_about_sizes)
{
    stream = generated_stream("trades", 3, 2000, false);
    size_t first = first_record(stream), begins[6], from = 0;
    for (size_t liar = 0; liar < 5; liar++)
        for (int more = -1; more <= 1; more += 2) {
            struct split_file counts = {0};
            from = 0;
            for (size_t i = 0; i < 5; i++) {
                size_t to = first + (stream.n - first) * (i + 1) / 5;
                begins[i] = file.size;
                add_frame(&file, stream.p + from, to - from, sized);
                from = to;
            }
            uint8_t *header = file.bytes + begins[liar];
            CHECK(header[4] >> 6 == 1); /* a size of two bytes */
            size_t at = header[4] & 0x20 ? 5 : 6;
            header[at] = (uint8_t)(header[at] + more);
            struct ending e = check("a lie", &counts);
            CHECK_FOR(e.outcome == DBN_E_ZSTD_CORRUPT && e.fault == begins[liar], "frame %zu: %s", liar,
                      ending_text(&e));
        }
    free(stream.p);
}

TEST(cut_off)
{
    struct split_file counts = {0};
    stream = generated_stream("all", 3, 60, false);
    add_even_frames(6, sized);
    struct dbn_buffer whole = file;
    file = (struct dbn_buffer){0};
    for (size_t n = 0; n < whole.size; n += sparse(40)) {
        add(&file, whole.bytes, n);
        struct ending e = check("cut off", &counts);
        CHECK(e.outcome != 0);
    }
    static const char *const tails[] = {"x", "\x28\xB5\x2F\xFD", "0123456789", "\x50\x2A\x4D\x18\xFF\xFF\xFF\xFF"};
    for (size_t i = 0; i < LENGTH(tails); i++) {
        add(&file, whole.bytes, whole.size);
        add(&file, tails[i], strlen(tails[i]));
        struct ending e = check("something behind", &counts);
        CHECK(e.outcome == (i % 2 ? DBN_E_ZSTD_TRUNCATED : DBN_E_ZSTD_TRAILING_GARBAGE));
    }
    add(&file, whole.bytes, whole.size); /* what looks just like the records to come, but is no frame */
    add(&file, stream.p + first_record(stream), stream.n - first_record(stream));
    struct ending e = check("records behind", &counts);
    CHECK(e.outcome == DBN_E_ZSTD_TRAILING_GARBAGE && e.fault == whole.size);
    empty(&whole);
    free(stream.p);
}

/* A frame of many blocks: what is delivered of them before a fault depends on where the input is cut. */
static void add_small_blocks(const uint8_t *p, size_t n)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    size_t before = file.size, most = ZSTD_compressBound(n) + 4 * (n >> 12) + 64;
    uint8_t *to = dbn_buffer_extend(&file, most);
    CHECK(c && to);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 12);
    size_t size = ZSTD_compress2(c, to, most, p, n);
    CHECK(!ZSTD_isError(size));
    file.size = before + size;
    ZSTD_freeCCtx(c);
}

/* Any byte of the file changed, and of several slices too, where it matters how the inflater is fed. */
TEST(changed)
{
    uint64_t seed = 9;
    for (int large = 0; large < 2; large++) {
        stream = generated_stream("all", 3, large ? 8000 : 60, false);
        size_t third = stream.n / 3;
        for (size_t i = 0; i < 3 && large; i++)
            add_small_blocks(stream.p + i * third, i < 2 ? third : stream.n - 2 * third);
        if (!large)
            add_even_frames(6, sized);
        struct dbn_buffer whole = file;
        file = (struct dbn_buffer){0};
        CHECK(!large || whole.size > 3 * DBN_ZSTD_IN);
        for (int round = 0; round < (large ? 40 : 200) / (int)sparse(4); round++) {
            size_t at = (size_t)(stats_random(&seed) % whole.size);
            add(&file, whole.bytes, whole.size);
            file.bytes[at] ^= (uint8_t)(1 + stats_random(&seed) % 255);
            static const unsigned splits[] = {3, 6};
            struct split_file f = split_open(file.bytes, file.size, "changed");
            if (large)
                split_check_with(&f, backend_find(round % 2 ? "mmap" : "buffered"), "fields", splits, 2);
            else
                split_check(&f);
            scratch_close(&f.on);
            empty(&file);
        }
        empty(&whole);
        free(stream.p);
    }
}

/* Bad records within good frames: first of all counts the first. */
TEST(bad_records)
{
    stream = generated_stream("all", 3, 100, false);
    size_t first = first_record(stream);
    uint64_t nth = 0;
    for (size_t at = first, size; at < stream.n; at += size, nth++) {
        size = dbn_record_size(stream.p + at);
        uint8_t good = stream.p[at];
        if (nth % sparse(8) == 0) {
            struct split_file counts = {0};
            stream.p[at] = 3;
            add_even_frames(8, sized);
            struct ending e = check("a bad record", &counts);
            CHECK(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == at && e.tally.records == nth);
            stream.p[at] = good;
        }
    }
    struct split_file counts = {0};
    stream.n -= 7;
    add_even_frames(8, sized);
    CHECK_EQ_I64(check("a record cut off", &counts).outcome, DBN_E_TRUNCATED_RECORD);
    free(stream.p);
}

/* Frame by frame, by what their headers say. */
static int64_t read_bytes(void *self, void *to, size_t n, uint64_t offset)
{
    const struct dbn_buffer *b = self;
    if (offset >= b->size)
        return 0;
    n = n < b->size - offset ? n : (size_t)(b->size - offset);
    memcpy(to, b->bytes + offset, n);
    return (int64_t)n;
}

TEST(from_frame_to_frame)
{
    static const size_t sizes[] = {0, 1, 255, 256, 257, 65791, 65792, 300000};
    uint8_t *bytes = calloc(1, 300000);
    struct dbn_zstd_frame f;
    CHECK(bytes);
    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (int options = 0; options < 4; options++) {
            uint64_t seed = i;
            for (size_t k = 0; k < sizes[i] && options & 2; k++)
                bytes[k] = (uint8_t)stats_random(&seed); /* raw blocks rather than one of RLE */
            struct dbn_at in = {read_bytes, &file};
            add_skippable(&file, 3, 77);
            add_frame(&file, bytes, sizes[i], (struct frame){.checksum = options & 1, .content_size = true});
            size_t end = file.size;
            add_frame(&file, bytes, sizes[i], usual_frame);
            CHECK(dbn_zstd_frame_at(in, 0, &f) == 1 && f.size == 85 && f.known && f.content == 0);
            CHECK(dbn_zstd_frame_at(in, 85, &f) == 1 && f.known);
            CHECK_EQ_U64(f.content, sizes[i]);
            CHECK_EQ_U64(f.size, end - 85);
            CHECK(dbn_zstd_frame_at(in, end, &f) == 1);
            CHECK(dbn_zstd_frame_at(in, end + 1, &f) == 0);
            CHECK(dbn_zstd_frame_at(in, file.size, &f) == 0);
            for (file.size = 0; file.size < end && file.size < 600; file.size++)
                CHECK_FOR(dbn_zstd_frame_at(in, 85, &f) == 0 || !f.known, "%zu bytes", file.size);
            file.size = end - 1;
            CHECK(dbn_zstd_frame_at(in, 85, &f) == 0);
            file.size = 84;
            CHECK(dbn_zstd_frame_at(in, 0, &f) == 0);
            empty(&file);
        }
    free(bytes);
}

TESTS(CASE_WITHIN(300, frames_of_all_schemas), CASE_WITHIN(300, cuts_everywhere), CASE(frames_that_hold_nothing),
      CASE(unknown_sizes), CASE(lies_about_sizes), CASE_WITHIN(300, cut_off), CASE_WITHIN(300, changed),
      CASE(bad_records), CASE(from_frame_to_frame));
