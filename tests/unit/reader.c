/* Guards the library's reader: whatever the source lends, whatever the user asks for, it lends the records that the
 * reference decoder finds, and ends as that does; files and their faults are named. */
#include "../../dbn/encode.h"
#include "../support_reader.h"
#include "../support_zstd.h"

#include <errno.h>
#include <unistd.h>

static struct ending expect(struct bytes b, const struct sink *sink)
{
    struct ref_result reference;
    struct scratch file = scratch_memory();
    scratch_set(&file, b.p, b.n);
    ref_decode(file.path, &defaults, UINT64_MAX, &reference);
    scratch_close(&file);
    return reference_ending(&reference, sink);
}

static void check_pieces(struct bytes b, size_t size, enum reading reading, const struct ending *expected)
{
    static struct pieces s;
    struct dbn_reader *r;
    pieces_set(&s, b.p, b.n, size);
    int rc = dbn_reader_open_source((struct dbn_source){pieces_next, &s}, &r);
    struct ending e = read_rest(r, rc, reading, sink_find("fields"));
    CHECK_FOR(ending_equal(&e, expected, sink_find("fields")), "pieces of %zu, reading %d: %s instead of %s", size,
              reading, ending_text(&e), ending_text(expected));
}

static void check_stream(struct bytes b)
{
    static const size_t sizes[] = {0, 1, 7, 47, 48, 49, 200, 1019, 1020, 1021, 4096, 65536, SIZE_MAX};
    struct ending expected = expect(b, sink_find("fields"));
    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (int reading = 0; reading < READINGS; reading++)
            check_pieces(b, sizes[i] < b.n ? sizes[i] : b.n, (enum reading)reading, &expected);
}

TEST(every_schema_and_version)
{
    for (size_t i = 0; generate_schemas[i]; i++)
        for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
            struct bytes b = generated_stream(generate_schemas[i], version, 90, (i + version) % 2);
            check_stream(b);
            free(b.p);
        }
}

/* Longer than what is looked through at a time, in runs and mixed. */
TEST(long_streams)
{
    static const char *const schemas[] = {"trades", "mbp-10", "mixed"};
    for (size_t i = 0; i < LENGTH(schemas); i++) {
        struct bytes b = generated_stream(schemas[i], 3, 2000, false);
        struct ending expected = expect(b, sink_find("fields"));
        CHECK_EQ_U64(expected.tally.records, 2000);
        for (int reading = 0; reading < READINGS; reading++)
            check_pieces(b, b.n, (enum reading)reading, &expected);
        free(b.p);
    }
}

TEST(every_prefix)
{
    struct bytes b = generated_stream("all", 2, 12, false);
    for (size_t n = 0; n < b.n; n += sparse(3)) {
        struct bytes prefix = {b.p, n};
        struct ending expected = expect(prefix, sink_find("fields"));
        for (int reading = 0; reading < READINGS; reading++)
            check_pieces(prefix, n > 700 ? 500 : n ? n : 1, (enum reading)reading, &expected);
    }
    free(b.p);
}

TEST(a_record_that_is_too_short)
{
    struct bytes b = generated_stream("trades", 3, 60, false);
    b.p[first_record(b) + 20 * sizeof(struct dbn_trade)] = 3;
    check_stream(b);
    free(b.p);
}

TEST(types_and_sizes_that_are_unknown)
{
    struct bytes b = generated_stream("trades", 3, 60, false);
    uint8_t *p = b.p + first_record(b);
    for (size_t k = 10; k < 20; k++)
        p[k * sizeof(struct dbn_trade) + 1] = 0x77;
    p[30 * sizeof(struct dbn_trade)] = 24; /* the next one is part of it */
    p[40 * sizeof(struct dbn_trade)] = 8;  /* too short for its type, and a bare header behind it */
    p[40 * sizeof(struct dbn_trade) + 32] = 4;
    check_stream(b);
    free(b.p);
}

/* --- files --- */

static struct ending read_file(const char *path, unsigned how, enum reading reading)
{
    struct dbn_reader *r;
    int rc = dbn_reader_open(path, how, &r);
    return read_rest(r, rc, reading, sink_find("sum"));
}

static void check_file(const char *path, const struct ending *expected)
{
    static const unsigned ways[] = {0, DBN_READER_MAP, DBN_READER_THREADS(2), DBN_READER_THREADS(255) | DBN_READER_MAP};
    for (size_t i = 0; i < LENGTH(ways); i++)
        for (int reading = 0; reading < READINGS; reading++) {
            struct ending e = read_file(path, ways[i], (enum reading)reading);
            CHECK_FOR(ending_equal(&e, expected, sink_find("sum")), "how %u, reading %d: %s instead of %s", ways[i],
                      reading, ending_text(&e), ending_text(expected));
        }
}

TEST(plain_and_compressed_files)
{
    struct bytes b = generated_stream("all", 3, 300, true);
    struct ending expected = expect(b, sink_find("sum"));
    struct scratch file = scratch_memory();
    struct dbn_buffer packed = {0};
    scratch_set(&file, b.p, b.n);
    check_file(file.path, &expected);
    add_frame(&packed, b.p, b.n / 2, usual_frame);
    add_frame(&packed, b.p + b.n / 2, b.n - b.n / 2, usual_frame);
    scratch_set(&file, packed.bytes, packed.size);
    check_file(file.path, &expected);
    scratch_close(&file);
    free(packed.bytes);
    free(b.p);
}

TEST(standard_input)
{
    int to[2];
    struct bytes b = generated_stream("trades", 3, 50, false);
    struct ending expected = expect(b, sink_find("sum"));
    CHECK(pipe(to) == 0 && dup2(to[0], STDIN_FILENO) == STDIN_FILENO);
    CHECK(write(to[1], b.p, b.n) == (ssize_t)b.n && close(to[1]) == 0);
    struct ending e = read_file(NULL, DBN_READER_MAP, READ_RECORDS);
    CHECK_FOR(ending_equal(&e, &expected, sink_find("sum")), "%s", ending_text(&e));
    free(b.p);
}

static void check_message(const char *path, unsigned how, int outcome, const char *message)
{
    struct dbn_reader *r;
    CHECK_EQ_I64(dbn_reader_open(path, how, &r), outcome);
    CHECK_STR(dbn_reader_message(r), message);
    CHECK_EQ_U64(dbn_reader_metadata(r)->version, 0);
    CHECK_EQ_I64(dbn_reader_close(r), outcome);
}

TEST(messages_name_file_place_and_reason)
{
    struct scratch file = scratch_memory();
    struct bytes b = generated_stream("trades", 3, 2, false);
    char expected[200];
    check_message("/nowhere/a.dbn", 0, -ENOENT, "/nowhere/a.dbn: No such file or directory (IO_ERROR)");
    check_message("/nowhere/a.dbn", DBN_READER_MAP, -ENOENT, "/nowhere/a.dbn: No such file or directory (IO_ERROR)");
    check_message("/dev/null", 0, DBN_E_UNSUPPORTED_FILE,
                  "/dev/null: not a regular file with a size (UNSUPPORTED_FILE)");
    check_message("/nowhere", 6, -EINVAL, "/nowhere: Invalid argument (IO_ERROR)");
    b.p[3] = 9;
    scratch_set(&file, b.p, b.n);
    snprintf(expected, sizeof expected, "%s: at byte 3 of the stream: %s (BAD_VERSION)", file.path,
             dbn_outcome_text(DBN_E_BAD_VERSION));
    check_message(file.path, 0, DBN_E_BAD_VERSION, expected);
    scratch_close(&file);
    free(b.p);
    CHECK_EQ_I64(dbn_reader_close(NULL), 0);
    CHECK_STR(dbn_reader_message(NULL), "out of memory");
}

/* Whoever reads to the end is told there, and whoever stops before is told by closing. */
TEST(a_file_that_changes)
{
    struct scratch file = scratch_memory();
    struct bytes b = generated_stream("trades", 3, 5000, false);
    const struct dbn_record *record;
    for (unsigned i = 0; i < 6; i++) {
        static const unsigned ways[] = {0, DBN_READER_MAP, DBN_READER_THREADS(2)};
        struct dbn_reader *r;
        int rc;
        scratch_set(&file, b.p, b.n);
        CHECK_EQ_I64(dbn_reader_open(file.path, ways[i % 3], &r), 0);
        CHECK_EQ_I64(dbn_reader_next(r, &record), 1);
        scratch_size(&file, 4096);
        while (i / 3 && (rc = dbn_reader_next(r, &record)) > 0)
            continue;
        if (i / 3)
            CHECK_EQ_I64(rc, DBN_E_FILE_CHANGED);
        CHECK_EQ_I64(dbn_reader_close(r), DBN_E_FILE_CHANGED);
    }
    scratch_close(&file);
    free(b.p);
}

TEST(metadata)
{
    struct dbn_reader *r;
    struct scratch file = scratch_memory();
    struct bytes b = generated_stream("mbo", 2, 1, true);
    scratch_set(&file, b.p, b.n);
    CHECK_EQ_I64(dbn_reader_open(file.path, 0, &r), 0);
    const struct dbn_metadata *md = dbn_reader_metadata(r);
    CHECK_EQ_U64(md->version, 2);
    CHECK_STR(dbn_schema_name(md->schema), "mbo");
    CHECK(md->ts_out && md->symbols.count > 1 && md->mappings > 0);
    CHECK_STR(dbn_symbol_at(&md->symbols, md->symbol_cstr_len, 1), md->symbols.first + 71);
    CHECK_EQ_I64(dbn_reader_close(r), 0);
    scratch_close(&file);
    free(b.p);
}

TEST(no_memory)
{
    struct dbn_reader *r;
    int rc;
    if (SANITIZED)
        SKIP("what is never closed is a leak here");
    limit_memory(0);
    do { /* until there is none for the reader itself */
        rc = dbn_reader_open("/dev/null", 0, &r);
        CHECK_FOR(rc == DBN_E_UNSUPPORTED_FILE || rc == -ENOMEM, "%d", rc);
        CHECK(strstr(dbn_reader_message(r), rc == -ENOMEM ? "out of memory" : "not a regular file"));
    } while (r);
    CHECK_EQ_I64(rc, -ENOMEM);
    CHECK_EQ_I64(dbn_reader_open_source((struct dbn_source){0}, &r), -ENOMEM);
    CHECK(!r);
}

TESTS(CASE_WITHIN(60, every_schema_and_version), CASE(long_streams), CASE_WITHIN(60, every_prefix),
      CASE(a_record_that_is_too_short), CASE(types_and_sizes_that_are_unknown), CASE(plain_and_compressed_files),
      CASE(standard_input), CASE(messages_name_file_place_and_reason), CASE(a_file_that_changes), CASE(metadata),
      CASE(no_memory));
