/* Guards inflation of bad files: every way in which a compressed stream can be broken gives one outcome, at one place,
 * behind the same records, in whatever pieces the file is read; and none of them takes memory that it only claims. */
#include "../support_zstd.h"

#include <errno.h>
#include <zstd.h>

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

static void check_good(const char *what)
{
    check_prefix(&file, what, 0, 0, stream, stream.n);
}

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
            struct ending e = agreed(&file, "a cut between frames", 5, 1);
            struct ending expected = decode_whole(n < 4 ? whole.bytes : stream.p, inflated, sink_find("fields"), false);
            CHECK_FOR(ending_equal(&e, &expected, sink_find("fields")), "%zu bytes: %s instead of %s", n,
                      ending_text(&e), ending_text(&expected));
            empty(&file);
        } else {
            struct ending e = agreed(&file, "a cut inside of a frame", 5, 1);
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
        add_frame(&file, stream.p, stream.n, usual_frame);
        size_t size = file.size;
        add(&file, rows[i].tail, rows[i].n);
        snprintf(what, sizeof what, "row %zu", i);
        check_prefix(&file, what, rows[i].outcome, size + (rows[i].outcome == DBN_E_ZSTD_TRUNCATED ? rows[i].n : 0),
                     stream, stream.n);
    }
    end();
}

/* A file of as many bytes as are given to the library at a time, and of some more or less: whatever it ends in. */
TEST(ends_near_the_end_of_a_slice)
{
    struct dbn_buffer frame = {0};
    begin();
    add_frame(&frame, stream.p, stream.n, (struct frame){.checksum = true, .content_size = true});
    for (size_t whole = 1; whole <= 2; whole++)
        for (size_t size = whole * DBN_ZSTD_IN - 1; size <= whole * DBN_ZSTD_IN + 1; size++)
            for (int kind = 0; kind < 3; kind++) /* cut in a data frame, in a skippable one, in what is none */
                for (size_t tail = kind ? 1 : 0; tail < 20; tail++) {
                    static const char skippable[20] = "\x57\x2A\x4D\x18\x40", garbage[20] = "\x28\xB5\x2F\xFC";
                    add(&file, frame.bytes, frame.size);
                    add_skippable(&file, 0, size - frame.size - tail - 8);
                    add(&file, kind == 0 ? (char *)frame.bytes : kind == 1 ? skippable : garbage, tail);
                    CHECK_EQ_U64(file.size, size);
                    int outcome = tail == 0                ? 0
                                  : kind == 2 && tail >= 4 ? DBN_E_ZSTD_TRAILING_GARBAGE
                                                           : DBN_E_ZSTD_TRUNCATED;
                    struct ending expected = {outcome, outcome == DBN_E_ZSTD_TRUNCATED ? size : size - tail, {0}};
                    expected.fault = outcome ? expected.fault : 0;
                    expected.tally = decode_whole(stream.p, stream.n, sink_find("fields"), false).tally;
                    struct ending actual = agreed(&file, "near the end of a slice", size, 30011);
                    CHECK_FOR(ending_equal(&actual, &expected, sink_find("fields")), "%zu bytes, %zu of kind %d: %s",
                              size, tail, kind, ending_text(&actual));
                    empty(&file);
                }
    empty(&frame);
    end();
}

/* Claims of skippable frames: to the byte, one more, and as much as can be said. */
TEST(skippable_claims)
{
    begin();
    for (int behind = 0; behind < 2; behind++)
        for (uint32_t k = 0; k < 4; k++) {
            if (behind)
                add_frame(&file, stream.p, stream.n, usual_frame);
            size_t at = file.size + 4;
            add_skippable(&file, k, 10);
            const uint32_t claim[] = {10, 11, INT32_MAX, UINT32_MAX};
            memcpy(file.bytes + at, &claim[k], 4);
            if (k == 0)
                check_prefix(&file, "a true claim", behind ? 0 : DBN_E_EMPTY, 0, stream, behind ? stream.n : 0);
            else
                check_prefix(&file, "a false claim", DBN_E_ZSTD_TRUNCATED, file.size, stream, behind ? stream.n : 0);
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
        {{0x00, 17 << 3}, 2, DBN_E_TRUNCATED_HEADER},          /* a window of 128 MiB: then a stream of 1 byte */
        {{0x00, 17 << 3 | 1}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE}, /* an eighth more */
        {{0x00, 18 << 3}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE},     /* 256 MiB */
        {{0x00, 21 << 3 | 7}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE}, /* nearly 4 GiB */
        {{0x00, 31 << 3 | 7}, 2, DBN_E_ZSTD_WINDOW_TOO_LARGE},
        {{0x20, 1}, 2, DBN_E_TRUNCATED_HEADER},                              /* one segment, of 1 byte */
        {{0x20, 2}, 2, DBN_E_ZSTD_CORRUPT},                                  /* of 2 bytes, it says */
        {{0xA0, 0xFF, 0xFF, 0xFF, 0xFF}, 5, DBN_E_ZSTD_WINDOW_TOO_LARGE},    /* of 4 GiB */
        {{0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40}, 9, DBN_E_ZSTD_WINDOW_TOO_LARGE}, /* of 2^62 bytes */
        {{0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40}, 10, DBN_E_ZSTD_CORRUPT},      /* that much, in a small window */
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
                add_frame(&file, stream.p, stream.n, usual_frame);
            size_t at = file.size;
            add_header(&file, rows[i].header, rows[i].n);
            snprintf(what, sizeof what, "row %zu", i);
            if (rows[i].outcome == DBN_E_TRUNCATED_HEADER && behind)
                check_prefix(&file, what, DBN_E_TRUNCATED_RECORD, stream.n, stream, stream.n); /* 'D' begins a record */
            else if (rows[i].outcome == DBN_E_TRUNCATED_HEADER)
                check_prefix(&file, what, rows[i].outcome, 1, stream, 0);
            else
                check_prefix(&file, what, rows[i].outcome, at, stream, behind ? stream.n : 0);
        }
    end();
}

TEST(window_limit_is_an_option)
{
    struct pieces s = {0};
    struct dbn_zstd *z;
    begin();
    for (int log = 23; log <= 25; log++) {
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
    add_frame(&inner, stream.p, stream.n, usual_frame);
    add_frame(&file, inner.bytes, inner.size, usual_frame);
    check_prefix(&file, "zstd in zstd", DBN_E_NOT_DBN, 0, stream, 0);
    add_frame(&file, "nothing of the kind", 19, usual_frame);
    check_prefix(&file, "a text", DBN_E_NOT_DBN, 0, stream, 0);
    for (unsigned kind = 0; kind < 16; kind++) {
        add_u32(&file, ZSTD_MAGIC_SKIPPABLE_START + kind);
        add_u32(&file, sizeof dbz);
        add(&file, dbz, sizeof dbz);
        add_frame(&file, stream.p, stream.n, usual_frame);
        check_prefix(&file, "DBZ", DBN_E_LEGACY_DBZ, 0, stream, 0);
    }
    add_frame(&file, stream.p, stream.n, usual_frame); /* the same further on means nothing */
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
    add_frame(&file, stream.p, stream.n, usual_frame);
    struct dbn_buffer whole = file;
    file = (struct dbn_buffer){0};
    for (size_t i = 1; i <= 4; i++) { /* the checksum of the second */
        add(&file, whole.bytes, whole.size);
        file.bytes[whole.size - i] ^= 0x10;
        struct ending e = agreed(&file, "a wrong checksum", 9, 1);
        CHECK_FOR(e.outcome == DBN_E_ZSTD_CORRUPT && e.fault == second, "%s", ending_text(&e));
        empty(&file);
    }
    for (size_t i = second + 6; i < whole.size; i += sparse(9)) { /* anything else in it */
        add(&file, whole.bytes, whole.size);
        file.bytes[i] ^= 0x41;
        struct ending e = agreed(&file, "a changed byte", 3, 1);
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
    add_frame(&file, stream.p + half, stream.n - half, usual_frame);
    CHECK_FOR(file.size > 3 * DBN_ZSTD_IN && stream.n > 3 * DBN_ZSTD_OUT, "%zu of %zu bytes", file.size, stream.n);
    for (int round = 0; round < 200 / SLOWER; round++) {
        size_t at = (size_t)(stats_random(&seed) % file.size);
        uint8_t flip = (uint8_t)(1u << stats_random(&seed) % 8);
        file.bytes[at] ^= flip;
        struct ending first = in_pieces(&file, file.size, sink_find("fields"));
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            struct ending e = in_pieces(&file, sizes[i], sink_find("fields"));
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
    add_frame(&good_file, good.p, good.n, usual_frame);
    add_frame(&file, zeros.p, zeros.n, usual_frame);
    CHECK(file.size < n / 1000);
    free(good.p);
    free(zeros.p);
    limit_memory(DBN_ZSTD_OUT + DBN_ZSTD_IN + (4 << 20)); /* the window of the default level is 2 MiB */
    struct ending e = in_pieces(&file, file.size, sink_find("fields"));
    CHECK_FOR(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == at && e.tally.records == 0, "%s", ending_text(&e));
    e = in_pieces(&file, file.size, sink_find("none"));
    CHECK_FOR(e.outcome == 0 && e.tally.bytes == n, "%s", ending_text(&e));
    empty(&file);
    file = good_file;
    e = in_pieces(&file, file.size, sink_find("frame"));
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
            add_frame(&file, stream.p, stream.n, usual_frame);
        struct bytes b = packed ? (struct bytes){file.bytes, file.size} : raw;
        for (size_t good = 0; good <= b.n; good += sparse(5))
            for (size_t size = 1; size <= b.n; size = size * 3 + 1) {
                struct failing f = {.good = good};
                pieces_set(&f.pieces, b.p, b.n, size);
                f.good = good;
                struct ending e =
                    decode_packed((struct dbn_source){failing_next, &f}, DBN_STEP_BLOCK, sink_find("frame"));
                size_t at = (good + size - 1) / size * size;
                at = at < b.n ? at : b.n;
                CHECK_FOR(e.outcome == -EIO && e.fault == at, "%zu bytes in pieces of %zu: %s", good, size,
                          ending_text(&e));
                pieces_free(&f.pieces);
            }
    }
    end();
}

TESTS(CASE(every_prefix), CASE(bytes_behind_the_last_frame), CASE(ends_near_the_end_of_a_slice), CASE(skippable_claims),
      CASE(headers_that_ask_for_too_much), CASE(window_limit_is_an_option), CASE(things_that_are_not_dbn),
      CASE(contents_that_were_changed), CASE(faults_in_large_files), CASE(bombs_take_no_memory),
      CASE(errors_of_the_source_come_through));
