/* Guards inflation: every way in which a compressed stream can be put together gives the records of the plain one, and
 * every way in which it can be broken gives one outcome, at one place, behind the same records, in whatever pieces the
 * file is read. */
#include "../dbn/encode.h"
#include "support.h"

#include <errno.h>
#include <zstd.h>

/* --- making files --- */

struct frame {
    int level; /* 0: the library's choice */
    bool checksum, content_size;
    int window_log; /* 0: the level's own */
};

static const struct frame usual = {.checksum = true};

static void add(struct dbn_buffer *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    uint8_t *to = dbn_buffer_extend(b, n);
    CHECK(to);
    memcpy(to, p, n);
}

static void add_frame(struct dbn_buffer *b, const void *p, size_t n, struct frame f)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    CHECK(c);
    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, f.level);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, f.checksum);
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, f.content_size);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, f.window_log);
    size_t before = b->size, most = ZSTD_compressBound(n) + 64;
    ZSTD_outBuffer out = {dbn_buffer_extend(b, most), most, 0};
    ZSTD_inBuffer in = {p, f.window_log ? n / 2 : n, 0}; /* a length that is known beforehand may narrow the window */
    CHECK(out.dst);
    CHECK(!f.window_log || !ZSTD_isError(ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue)));
    in.size = n;
    CHECK(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end) == 0);
    b->size = before + out.pos;
    ZSTD_freeCCtx(c);
}

static void add_u32(struct dbn_buffer *b, uint32_t value)
{
    add(b, &value, 4);
}

static void add_skippable(struct dbn_buffer *b, unsigned kind, size_t n)
{
    add_u32(b, ZSTD_MAGIC_SKIPPABLE_START + kind);
    add_u32(b, (uint32_t)n);
    uint8_t *to = dbn_buffer_extend(b, n);
    CHECK(to);
    memset(to, 0xFD, n);
}

static void empty(struct dbn_buffer *b)
{
    free(b->bytes);
    *b = (struct dbn_buffer){0};
}

/* --- judging them --- */

static struct bytes stream; /* what most of the files hold */
static struct dbn_buffer file;

static void begin(void)
{
    stream = generated_stream("all", 3, 24, false);
}

static void end(void)
{
    empty(&file);
    free(stream.p);
}

static struct ending in_pieces(size_t size, const struct sink *sink)
{
    static struct pieces s;
    pieces_set(&s, file.bytes, file.size, size);
    return decode_packed((struct dbn_source){pieces_next, &s}, DBN_STEP_BLOCK, sink);
}

/* The file in pieces of all sizes, and by the plain decoder: they all end like the first. Returns how. */
static struct ending agreed(const char *what, size_t sizes, size_t stride)
{
    const struct sink *sink = sink_find("fields");
    struct ending first = in_pieces(file.size ? file.size : 1, sink);
    for (size_t size = 0; size <= sizes && size < file.size; size += stride) {
        struct ending e = in_pieces(size, sink);
        CHECK_FOR(ending_equal(&e, &first, sink), "%s in pieces of %zu: %s instead of %s", what, size, ending_text(&e),
                  ending_text(&first));
    }
    struct scratch s = scratch_memory();
    struct plain_result r;
    scratch_set(&s, file.bytes, file.size);
    plain_decode(s.path, &defaults, UINT64_MAX, &r);
    scratch_close(&s);
    struct ending plain = plain_ending(&r, sink);
    CHECK_FOR(ending_equal(&first, &plain, sink), "%s: %s, the plain decoder %s", what, ending_text(&first),
              ending_text(&plain));
    return first;
}

/* How the file should end: with the records that lie in the first `whole` bytes of the stream. */
static void check_prefix(const char *what, int outcome, uint64_t fault, size_t whole)
{
    struct ending expected = {outcome, fault, {0}}, actual = agreed(what, 40, 1);
    if (whole >= first_record(stream))
        expected.tally = decode_whole(stream.p, whole, sink_find("fields"), false).tally;
    CHECK_FOR(ending_equal(&actual, &expected, sink_find("fields")), "%s: %s instead of %s", what, ending_text(&actual),
              ending_text(&expected));
    empty(&file);
}

static void check_good(const char *what)
{
    check_prefix(what, 0, 0, stream.n);
}

/* --- good files --- */

TEST(frames_of_every_kind)
{
    begin();
    for (int level = -3; level <= 22; level += 5)
        for (int k = 0; k < 4; k++) {
            add_frame(&file, stream.p, stream.n,
                      (struct frame){.level = level, .checksum = k & 1, .content_size = k & 2});
            check_good("one frame");
        }
    end();
}

TEST(two_frames_cut_anywhere)
{
    begin();
    for (size_t cut = 0; cut <= stream.n; cut += cut < 200 ? SLOWER : 7 * SLOWER) {
        add_frame(&file, stream.p, cut, usual);
        add_frame(&file, stream.p + cut, stream.n - cut, usual);
        check_good("two frames");
    }
    end();
}

TEST(a_frame_for_every_byte)
{
    begin();
    for (size_t i = 0; i < stream.n; i++)
        add_frame(&file, stream.p + i, 1, (struct frame){0});
    struct ending e = agreed("a frame for every byte", 16, 3);
    struct ending whole = decode_whole(stream.p, stream.n, sink_find("fields"), false);
    CHECK(ending_equal(&e, &whole, sink_find("fields")));
    end();
}

TEST(skippable_and_empty_frames_anywhere)
{
    static const size_t sizes[] = {0, 1, 11, 1000, DBN_ZSTD_IN - 8, DBN_ZSTD_IN, 3 * DBN_ZSTD_IN};
    begin();
    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (unsigned where = 1; where < 8; where++) {
            size_t half = stream.n / 2;
            if (where & 1)
                add_skippable(&file, 0, sizes[i]);
            add_frame(&file, stream.p, half, usual);
            if (where & 2)
                add_skippable(&file, 7, sizes[i]);
            add_frame(&file, stream.p + half, stream.n - half, (struct frame){0});
            if (where & 4)
                add_skippable(&file, 15, sizes[i]);
            check_good("skippable frames");
        }
    for (unsigned kind = 0; kind < 16; kind++) {
        add_skippable(&file, kind, kind);
        add_frame(&file, NULL, 0, usual);
        add_frame(&file, stream.p, stream.n, usual);
        add_frame(&file, NULL, 0, (struct frame){.content_size = true});
        check_good("a skippable and empty frames");
    }
    end();
}

TEST(no_content_is_an_empty_stream)
{
    begin();
    add_skippable(&file, 0, 100);
    check_prefix("a skippable frame alone", DBN_E_EMPTY, 0, 0);
    add_frame(&file, NULL, 0, usual);
    check_prefix("an empty frame alone", DBN_E_EMPTY, 0, 0);
    end();
}

/* More input and output than one call of the library takes or gives. */
TEST(larger_than_any_buffer)
{
    static const size_t sizes[] = {0, 1000, DBN_ZSTD_IN - 1, DBN_ZSTD_IN, DBN_ZSTD_IN + 1, 3 * DBN_ZSTD_IN + 5};
    begin();
    free(stream.p);
    stream = generated_stream("all", 2, 3000, true);
    for (int k = 0; k < 3; k++) {
        size_t cut = k == 0 ? stream.n : k == 1 ? 300000 : 2 * (size_t)DBN_ZSTD_OUT;
        add_frame(&file, stream.p, cut, (struct frame){.level = k, .checksum = true, .content_size = k == 1});
        if (cut < stream.n)
            add_frame(&file, stream.p + cut, stream.n - cut, usual);
        struct ending whole = decode_whole(stream.p, stream.n, sink_find("fields"), false);
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            struct ending e = in_pieces(sizes[i], sink_find("fields"));
            CHECK_FOR(ending_equal(&e, &whole, sink_find("fields")), "pieces of %zu: %s", sizes[i], ending_text(&e));
        }
        empty(&file);
    }
    end();
}

TEST(plain_input_is_lent_on)
{
    begin();
    add(&file, stream.p, stream.n);
    check_good("not compressed");
    end();
}

TEST(frames_are_counted)
{
    struct dbn_zstd *z;
    struct dbn_span out;
    struct pieces s = {0};
    begin();
    add_skippable(&file, 3, 9);
    add_frame(&file, stream.p, 5, usual);
    add_frame(&file, NULL, 0, (struct frame){0});
    add_frame(&file, stream.p + 5, 20, (struct frame){.checksum = true, .content_size = true});
    add_frame(&file, stream.p + 25, 20, (struct frame){.content_size = true});
    pieces_set(&s, file.bytes, file.size, 3);
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){pieces_next, &s}, DBN_ZSTD_WINDOW_LOG, &z), 0);
    uint64_t at = 0;
    while (dbn_zstd_next(z, 1, &out) > 0) {
        CHECK(out.offset == at && memcmp(out.ptr, stream.p + at, out.len) == 0);
        at += out.len;
    }
    CHECK_EQ_U64(at, 45);
    CHECK_EQ_U64(dbn_zstd_stats(z).frames, 4);
    CHECK_EQ_U64(dbn_zstd_stats(z).checksums, 2);
    dbn_zstd_close(z);
    pieces_free(&s);
    end();
}

/* --- broken files --- */

/* Cut in the middle of a frame it says so, wherever that is; between frames it is the stream that is cut. */
TEST(every_prefix)
{
    begin();
    size_t cuts[] = {0, 100, first_record(stream), first_record(stream) + 500, stream.n}, ends[6] = {0};
    struct dbn_buffer whole = {0};
    for (int i = 0; i < 4; i++) {
        add_frame(&whole, stream.p + cuts[i], cuts[i + 1] - cuts[i], (struct frame){.checksum = i & 1});
        ends[i + 1] = whole.size;
    }
    add_skippable(&whole, 1, 20);
    ends[5] = whole.size;
    for (size_t n = 0, frame = 0; n <= whole.size; n++) {
        frame += frame < 5 && n >= ends[frame + 1];
        add(&file, whole.bytes, n);
        if (n < 4 || n == ends[frame]) {
            size_t inflated = n < 4 ? n : cuts[frame < 4 ? frame : 4];
            struct ending e = agreed("a cut between frames", 5, 1);
            struct ending expected = decode_whole(n < 4 ? whole.bytes : stream.p, inflated, sink_find("fields"), false);
            CHECK_FOR(ending_equal(&e, &expected, sink_find("fields")), "%zu bytes: %s instead of %s", n, ending_text(&e),
                      ending_text(&expected));
            empty(&file);
        } else {
            struct ending e = agreed("a cut inside of a frame", 5, 1);
            CHECK_FOR(e.outcome == DBN_E_ZSTD_TRUNCATED && e.fault == n, "%zu bytes: %s", n, ending_text(&e));
            empty(&file);
        }
    }
    empty(&whole);
    end();
}

TEST(bytes_behind_the_last_frame)
{
    static const struct {
        const char *tail;
        size_t n;
        int outcome;
    } rows[] = {
        {"\0", 1, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\0\0", 2, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\0\0\0", 3, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\0\0\0\0", 4, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\0\0\0\0\0", 5, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"0123456789", 10, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"DBN\3", 4, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\x28\xB6", 2, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\x28\xB5\x2F\xFC", 4, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\x60\x2A\x4D\x18", 4, DBN_E_ZSTD_TRAILING_GARBAGE},
        {"\x28", 1, DBN_E_ZSTD_TRUNCATED},
        {"\x28\xB5", 2, DBN_E_ZSTD_TRUNCATED},
        {"\x28\xB5\x2F", 3, DBN_E_ZSTD_TRUNCATED},
        {"\x28\xB5\x2F\xFD", 4, DBN_E_ZSTD_TRUNCATED},
        {"\x50", 1, DBN_E_ZSTD_TRUNCATED},
        {"\x5F\x2A", 2, DBN_E_ZSTD_TRUNCATED},
        {"\x57\x2A\x4D", 3, DBN_E_ZSTD_TRUNCATED},
        {"\x57\x2A\x4D\x18", 4, DBN_E_ZSTD_TRUNCATED},
        {"\x57\x2A\x4D\x18\1\0\0", 7, DBN_E_ZSTD_TRUNCATED},
        {"\x57\x2A\x4D\x18\1\0\0\0", 8, DBN_E_ZSTD_TRUNCATED},
    };
    begin();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char what[40];
        add_frame(&file, stream.p, stream.n, usual);
        size_t size = file.size;
        add(&file, rows[i].tail, rows[i].n);
        snprintf(what, sizeof what, "row %zu", i);
        check_prefix(what, rows[i].outcome, size + (rows[i].outcome == DBN_E_ZSTD_TRUNCATED ? rows[i].n : 0), stream.n);
    }
    end();
}

/* Claims of skippable frames: to the byte, one more, and as much as can be said. */
TEST(skippable_claims)
{
    begin();
    for (int behind = 0; behind < 2; behind++)
        for (uint32_t k = 0; k < 4; k++) {
            if (behind)
                add_frame(&file, stream.p, stream.n, usual);
            size_t at = file.size + 4;
            add_skippable(&file, k, 10);
            const uint32_t claim[] = {10, 11, INT32_MAX, UINT32_MAX};
            memcpy(file.bytes + at, &claim[k], 4);
            if (k == 0)
                check_prefix("a true claim", behind ? 0 : DBN_E_EMPTY, 0, behind ? stream.n : 0);
            else
                check_prefix("a false claim", DBN_E_ZSTD_TRUNCATED, file.size, behind ? stream.n : 0);
        }
    end();
}

/* A frame as it may be, but by hand: what its header says, then a raw last block of one byte. */
static void add_header(struct dbn_buffer *b, const void *header, size_t n)
{
    static const uint8_t block[] = {0x09, 0, 0, 'D'};
    add_u32(b, ZSTD_MAGICNUMBER);
    add(b, header, n);
    add(b, block, sizeof block);
}

TEST(headers_that_ask_for_too_much)
{
    static const struct {
        uint8_t header[12];
        size_t n;
        int outcome;
    } rows[] = {
        {{0x00, 13 << 3}, 2, DBN_E_TRUNCATED_HEADER},         /* a window of 8 MiB: then a stream of 1 byte */
        {{0x00, 13 << 3 | 1}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE}, /* an eighth more */
        {{0x00, 14 << 3}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE},     /* 16 MiB */
        {{0x00, 21 << 3 | 7}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE}, /* nearly 4 GiB */
        {{0x00, 31 << 3 | 7}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE},
        {{0x20, 1}, 2, DBN_E_TRUNCATED_HEADER},                                  /* one segment, of 1 byte */
        {{0x20, 2}, 2, DBN_E_ZSTD_CORRUPT},                                      /* of 2 bytes, it says */
        {{0xA0, 0xFF, 0xFF, 0xFF, 0xFF}, 5, DBN_E_ZSTD_WINDOW_TOO_LARGE},        /* of 4 GiB */
        {{0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40}, 9, DBN_E_ZSTD_WINDOW_TOO_LARGE},     /* of 2^62 bytes */
        {{0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40}, 10, DBN_E_ZSTD_CORRUPT},          /* that much, in a small window */
        {{0x01, 0, 7}, 3, DBN_E_ZSTD_DICTIONARY},
        {{0x03, 0, 7, 0, 0, 1}, 6, DBN_E_ZSTD_DICTIONARY},
        {{0x21, 7, 1}, 3, DBN_E_ZSTD_DICTIONARY},
        {{0x08, 0}, 2, DBN_E_ZSTD_CORRUPT}, /* the reserved bit */
    };
    begin();
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (int behind = 0; behind < 2; behind++) {
            char what[40];
            if (behind)
                add_frame(&file, stream.p, stream.n, usual);
            size_t at = file.size;
            add_header(&file, rows[i].header, rows[i].n);
            snprintf(what, sizeof what, "row %zu", i);
            if (rows[i].outcome == DBN_E_TRUNCATED_HEADER && behind)
                check_prefix(what, DBN_E_TRUNCATED_RECORD, stream.n, stream.n); /* 'D' begins a record */
            else if (rows[i].outcome == DBN_E_TRUNCATED_HEADER)
                check_prefix(what, rows[i].outcome, 1, 0);
            else
                check_prefix(what, rows[i].outcome, at, behind ? stream.n : 0);
        }
    end();
}

TEST(window_limit_is_an_option)
{
    struct pieces s = {0};
    struct dbn_zstd *z;
    begin();
    for (int log = DBN_ZSTD_WINDOW_LOG; log <= 25; log++) {
        add_frame(&file, stream.p, stream.n, (struct frame){.window_log = log});
        for (unsigned limit = 22; limit <= 26; limit++) {
            struct dbn_span out;
            pieces_set(&s, file.bytes, file.size, file.size);
            CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){pieces_next, &s}, limit, &z), 0);
            int rc = dbn_zstd_next(z, 1, &out);
            CHECK_EQ_I64(rc, (unsigned)log <= limit ? 1 : DBN_E_ZSTD_WINDOW_TOO_LARGE);
            dbn_zstd_close(z);
        }
        empty(&file);
    }
    pieces_free(&s);
    end();
}

TEST(things_that_are_not_dbn)
{
    struct dbn_buffer inner = {0};
    static const uint8_t dbz[] = "DBZ\1and what else there is";
    begin();
    add_frame(&inner, stream.p, stream.n, usual);
    add_frame(&file, inner.bytes, inner.size, usual);
    check_prefix("zstd in zstd", DBN_E_NOT_DBN, 0, 0);
    add_frame(&file, "nothing of the kind", 19, usual);
    check_prefix("a text", DBN_E_NOT_DBN, 0, 0);
    for (unsigned kind = 0; kind < 16; kind++) {
        add_u32(&file, ZSTD_MAGIC_SKIPPABLE_START + kind);
        add_u32(&file, sizeof dbz);
        add(&file, dbz, sizeof dbz);
        add_frame(&file, stream.p, stream.n, usual);
        check_prefix("DBZ", DBN_E_LEGACY_DBZ, 0, 0);
    }
    add_frame(&file, stream.p, stream.n, usual); /* the same further on means nothing */
    add_u32(&file, ZSTD_MAGIC_SKIPPABLE_START);
    add_u32(&file, sizeof dbz);
    add(&file, dbz, sizeof dbz);
    check_good("DBZ behind a frame");
    empty(&inner);
    end();
}

TEST(contents_that_were_changed)
{
    begin();
    add_frame(&file, stream.p, stream.n, (struct frame){.content_size = true});
    size_t second = file.size;
    add_frame(&file, stream.p, stream.n, usual);
    struct dbn_buffer whole = file;
    file = (struct dbn_buffer){0};
    for (size_t i = 1; i <= 4; i++) { /* the checksum of the second */
        add(&file, whole.bytes, whole.size);
        file.bytes[whole.size - i] ^= 0x10;
        struct ending e = agreed("a wrong checksum", 9, 1);
        CHECK_FOR(e.outcome == DBN_E_ZSTD_CORRUPT && e.fault == second, "%s", ending_text(&e));
        empty(&file);
    }
    for (size_t i = second + 6; i < whole.size; i += 3 * SLOWER) { /* anything else in it */
        add(&file, whole.bytes, whole.size);
        file.bytes[i] ^= 0x41;
        struct ending e = agreed("a changed byte", 3, 1);
        CHECK_FOR(e.outcome != 0, "byte %zu: %s", i, ending_text(&e));
        empty(&file);
    }
    empty(&whole);
    end();
}

/* In files of many slices, what is delivered before the fault does not depend on the pieces either. */
TEST(faults_in_large_files)
{
    static const size_t sizes[] = {0, 777, 4096, DBN_ZSTD_IN - 1, DBN_ZSTD_IN, DBN_ZSTD_IN + 1};
    uint64_t seed = 3;
    begin();
    free(stream.p);
    stream = generated_stream("all", 3, 4000, false);
    size_t half = stream.n / 2;
    add_frame(&file, stream.p, half, (struct frame){0});
    add_frame(&file, stream.p + half, stream.n - half, usual);
    CHECK_FOR(file.size > 3 * DBN_ZSTD_IN && stream.n > 3 * DBN_ZSTD_OUT, "%zu of %zu bytes", file.size, stream.n);
    for (int round = 0; round < 200 / SLOWER; round++) {
        size_t at = (size_t)(next_random(&seed) % file.size);
        uint8_t flip = (uint8_t)(1u << next_random(&seed) % 8);
        file.bytes[at] ^= flip;
        struct ending first = in_pieces(file.size, sink_find("fields"));
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            struct ending e = in_pieces(sizes[i], sink_find("fields"));
            CHECK_FOR(ending_equal(&e, &first, sink_find("fields")), "byte %zu, pieces of %zu: %s instead of %s", at,
                      sizes[i], ending_text(&e), ending_text(&first));
        }
        file.bytes[at] ^= flip;
    }
    end();
}

/* --- bombs --- */

/* `n` bytes, zeros but for one every 1020: records of an unknown type, or none at all. */
static struct bytes much(size_t n, uint8_t length)
{
    struct bytes b = generated_stream("trades", 3, 0, false);
    size_t from = b.n;
    b.p = realloc(b.p, from + n);
    CHECK(b.p);
    b.n = from + n;
    memset(b.p + from, 0, n);
    for (size_t i = from; i < b.n; i += DBN_MAX_RECORD)
        b.p[i] = length;
    return b;
}

TEST(bombs_take_no_memory)
{
    enum { RECORDS = 64 << 10 };
    const size_t n = (size_t)RECORDS * DBN_MAX_RECORD;
    struct bytes good = much(n, 255), zeros = much(n, 0);
    struct dbn_buffer good_file = {0};
    size_t at = first_record(zeros);
    add_frame(&good_file, good.p, good.n, usual);
    add_frame(&file, zeros.p, zeros.n, usual);
    CHECK(file.size < n / 1000);
    free(good.p);
    free(zeros.p);
    limit_memory(DBN_ZSTD_OUT + DBN_ZSTD_IN + (4 << 20)); /* the window of the default level is 2 MiB */
    struct ending e = in_pieces(file.size, sink_find("fields"));
    CHECK_FOR(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == at && e.tally.records == 0, "%s", ending_text(&e));
    e = in_pieces(file.size, sink_find("none"));
    CHECK_FOR(e.outcome == 0 && e.tally.bytes == n, "%s", ending_text(&e));
    empty(&file);
    file = good_file;
    e = in_pieces(file.size, sink_find("frame"));
    CHECK_FOR(e.outcome == 0 && e.tally.records == RECORDS && e.tally.bytes == n, "%s", ending_text(&e));
    empty(&file);
}

/* --- errors of the source --- */

struct failing {
    struct pieces pieces;
    size_t good; /* bytes, then it fails */
};

static int failing_next(void *self, size_t need, struct dbn_span *out)
{
    struct failing *f = self;
    if (f->pieces.at < f->good)
        return pieces_next(&f->pieces, need, out);
    *out = (struct dbn_span){.offset = f->pieces.at};
    return -EIO;
}

TEST(errors_of_the_source_come_through)
{
    begin();
    struct bytes raw = stream;
    for (int packed = 0; packed < 2; packed++) {
        if (packed)
            add_frame(&file, stream.p, stream.n, usual);
        struct bytes b = packed ? (struct bytes){file.bytes, file.size} : raw;
        for (size_t good = 0; good <= b.n; good += SLOWER)
            for (size_t size = 1; size <= b.n; size = size * 3 + 1) {
                struct failing f = {.good = good};
                pieces_set(&f.pieces, b.p, b.n, size);
                f.good = good;
                struct ending e = decode_packed((struct dbn_source){failing_next, &f}, DBN_STEP_BLOCK, sink_find("frame"));
                size_t at = (good + size - 1) / size * size;
                at = at < b.n ? at : b.n;
                CHECK_FOR(e.outcome == -EIO && e.fault == at, "%zu bytes in pieces of %zu: %s", good, size,
                          ending_text(&e));
                pieces_free(&f.pieces);
            }
    }
    end();
}

TESTS(CASE(frames_of_every_kind), CASE(two_frames_cut_anywhere), CASE(a_frame_for_every_byte),
      CASE(skippable_and_empty_frames_anywhere), CASE(no_content_is_an_empty_stream), CASE(larger_than_any_buffer),
      CASE(plain_input_is_lent_on), CASE(frames_are_counted), CASE(every_prefix), CASE(bytes_behind_the_last_frame),
      CASE(skippable_claims), CASE(headers_that_ask_for_too_much), CASE(window_limit_is_an_option),
      CASE(things_that_are_not_dbn), CASE(contents_that_were_changed), CASE(faults_in_large_files),
      CASE(bombs_take_no_memory), CASE(errors_of_the_source_come_through));
