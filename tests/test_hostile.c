/* Guards against input made to fool: every prefix and every changed bit of a set of files ends, in every backend, in the
 * outcome, at the place and behind the records that the plain decoder finds; and each outcome there is has a file. */
#include "../dbn/encode.h"
#include "support.h"

#include <unistd.h>
#include <zstd.h>

static const struct sink *judge_sink(void)
{
    return sink_find("fields");
}

/* --- sweeps --- */

struct subject {
    struct bytes bytes;
    struct scratch file; /* the same bytes, before a case changes them */
    struct input_options options;
    struct pieces memory;
    const char *what;
    struct ending whole; /* of the file as it is */
    bool packed;
    uint64_t cases;
};

static void hold(struct subject *s, const char *what, const struct generate_spec *spec, bool fragment)
{
    struct bytes b = generated(spec);
    size_t from = fragment ? first_record(b) : 0;
    *s = (struct subject){.file = scratch_memory(), .options = defaults, .what = what, .packed = spec->zstd_level > 0};
    s->bytes.n = b.n - from;
    s->bytes.p = malloc(s->bytes.n);
    CHECK(s->bytes.p);
    memcpy(s->bytes.p, b.p + from, s->bytes.n);
    free(b.p);
    s->options.fragment = fragment;
    s->options.block = 600; /* so that the files have several blocks */
    scratch_set(&s->file, s->bytes.p, s->bytes.n);
}

static void release(struct subject *s)
{
    printf("%s: %ju cases\n", s->what, (uintmax_t)s->cases);
    pieces_free(&s->memory);
    scratch_close(&s->file);
    free(s->bytes.p);
}

static struct ending plain(const struct subject *s)
{
    struct plain_result r;
    plain_decode(s->file.path, &s->options, UINT64_MAX, &r);
    return plain_ending(&r, judge_sink());
}

/* The core alone, from n bytes that end at an unreadable page. */
static struct ending core(struct subject *s, size_t n, enum dbn_step step)
{
    pieces_set(&s->memory, s->bytes.p, n, n ? n : 1);
    struct dbn_source source = {pieces_next, &s->memory};
    if (s->packed)
        return decode_packed(source, step, judge_sink());
    return decode_source(source, step, judge_sink(), s->options.fragment);
}

static void agree(const struct subject *s, size_t at, const char *who, struct ending actual, struct ending expected)
{
    CHECK_FOR(ending_equal(&actual, &expected, judge_sink()), "%s, byte %zu: %s says %s instead of %s", s->what, at, who,
              ending_text(&actual), ending_text(&expected));
}

/* The bytes and the file are set up for the case. How it ends, once all agree. */
static struct ending agreed(struct subject *s, size_t n, size_t at, bool with_backends)
{
    struct ending expected = plain(s);
    const char *name = dbn_outcome_name(expected.outcome);
    CHECK_FOR(strcmp(name, "IO_ERROR") != 0, "%s, byte %zu", s->what, at);
    agree(s, at, "the core", core(s, n, DBN_STEP_BLOCK), expected);
    if (with_backends) {
        agree(s, at, "the core, record by record", core(s, n, DBN_STEP_RECORD), expected);
        agree(s, at, "the core, field by field", core(s, n, DBN_STEP_FIELD), expected);
    }
    for (size_t k = 0; with_backends && backends[k]; k++) {
        const char *path = s->file.path;
        if (!backends[k]->unavailable || !backends[k]->unavailable())
            agree(s, at, backends[k]->name,
                  job_ending(&(struct job){backends[k], judge_sink(), &path, 1, 1, UINT64_MAX, s->options}), expected);
    }
    s->cases++;
    return expected;
}

/* What a prefix of a stream that is not compressed has to give. */
static struct ending cut_stream(const struct subject *s, size_t n)
{
    if (!s->options.fragment && n < 8)
        return (struct ending){.outcome = n ? DBN_E_TRUNCATED_HEADER : DBN_E_EMPTY, .fault = n};
    size_t at = s->options.fragment ? 0 : first_record(s->bytes);
    if (n < at)
        return (struct ending){.outcome = DBN_E_TRUNCATED_METADATA, .fault = n};
    while (at < n && at + dbn_record_size(s->bytes.p + at) <= n)
        at += dbn_record_size(s->bytes.p + at);
    return (struct ending){.outcome = at < n ? DBN_E_TRUNCATED_RECORD : 0, .fault = at < n ? at : 0};
}

static void sweep_prefixes(struct subject *s)
{
    for (size_t n = s->bytes.n + 1; n-- > 0;) {
        scratch_size(&s->file, n);
        struct ending e = agreed(s, n, n, true), expected = cut_stream(s, n);
        if (n == s->bytes.n)
            s->whole = e;
        if (!s->packed)
            CHECK_FOR(e.outcome == expected.outcome && e.fault == expected.fault, "%zu bytes of %s: %s", n, s->what,
                      ending_text(&e));
        CHECK_FOR(!s->packed || (e.outcome == 0) == (n == s->bytes.n), "%zu bytes of %s", n, s->what);
    }
    scratch_set(&s->file, s->bytes.p, s->bytes.n);
    CHECK(s->whole.outcome == 0 && s->whole.tally.records > 0);
}

static struct ending changed(struct subject *s, size_t at, uint8_t bits, bool with_backends)
{
    s->bytes.p[at] ^= bits;
    scratch_poke(&s->file, at, s->bytes.p[at]);
    struct ending e = agreed(s, s->bytes.n, at, with_backends);
    s->bytes.p[at] ^= bits;
    scratch_poke(&s->file, at, s->bytes.p[at]);
    return e;
}

/* Compressed files have a checksum: nothing changed in them may pass for good. */
static void sweep_bits(struct subject *s)
{
    for (size_t bit = 0; bit < s->bytes.n * 8; bit += SLOWER) {
        struct ending e = changed(s, bit / 8, (uint8_t)(1u << bit % 8), true);
        CHECK_FOR(!s->packed || e.outcome || tally_equal(&e.tally, &s->whole.tally), "bit %zu of %s", bit, s->what);
    }
}

static void sweep(uint8_t version, uint64_t records, unsigned zstd_level, bool fragment)
{
    struct subject s;
    struct generate_spec spec = {.schema = "all", .version = version, .records = records, .symbols = 1, .seed = version,
                                 .zstd_level = zstd_level};
    hold(&s, zstd_level ? "a compressed file" : fragment ? "a fragment" : "a plain file", &spec, fragment);
    sweep_prefixes(&s);
    sweep_bits(&s);
    release(&s);
}

TEST(version_1)
{
    sweep(1, 10, 0, false);
}

TEST(version_2)
{
    sweep(2, 6, 0, false);
}

TEST(version_3)
{
    sweep(3, 8, 0, false);
}

TEST(version_1_compressed)
{
    sweep(1, 10, 1, false);
}

TEST(version_3_compressed)
{
    sweep(3, 8, 1, false);
}

TEST(fragment)
{
    sweep(2, 10, 0, true);
}

/* Each byte with each value, against the core. */
TEST(every_byte_with_every_value)
{
    static const struct generate_spec specs[] = {
        {.schema = "all", .version = 1, .records = 6, .symbols = 1, .seed = 9},
        {.schema = "mixed", .version = 3, .records = 3, .symbols = 1, .seed = 9, .ts_out = true, .zstd_level = 1},
    };
    for (size_t k = 0; k < LENGTH(specs); k++) {
        struct subject s;
        hold(&s, k ? "a compressed file" : "a plain file", &specs[k], false);
        for (size_t at = 0; at < s.bytes.n; at += SLOWER)
            for (unsigned bits = 1; bits < 256; bits++)
                changed(&s, at, (uint8_t)bits, false);
        release(&s);
    }
}

/* Several changes at once, which single ones do not reach, in files of several frames. */
TEST(many_changes)
{
    struct subject s;
    uint64_t seed = 5;
    struct generate_spec spec = {.schema = "all", .version = 3, .records = 12, .symbols = 1, .zstd_level = 1, .frames = 4};
    for (unsigned packed = 0; packed < 2; packed++) {
        spec.zstd_level = packed, spec.frames = packed * 4;
        hold(&s, "a file with many changes", &spec, false);
        struct bytes good = {malloc(s.bytes.n), s.bytes.n};
        CHECK(good.p);
        memcpy(good.p, s.bytes.p, good.n);
        for (int round = 0; round < 10000 / SLOWER; round++) {
            for (int changes = 0; changes < 4; changes++)
                s.bytes.p[next_random(&seed) % good.n] = (uint8_t)next_random(&seed);
            scratch_set(&s.file, s.bytes.p, good.n);
            agreed(&s, good.n, (size_t)round, round % 8 == 0);
            memcpy(s.bytes.p, good.p, good.n);
        }
        free(good.p);
        release(&s);
    }
}

/* --- outcomes --- */

static bool seen[DBN_E_END_ - DBN_E_BEGIN_];

static void check_path(const char *path, const struct sink *sink, int outcome, uint64_t fault)
{
    for (size_t k = 0; backends[k]; k++)
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            if (backends[k]->unavailable && backends[k]->unavailable())
                continue;
            struct ending e = job_ending(&(struct job){backends[k], sink, &path, 1, threads, UINT64_MAX, defaults});
            CHECK_FOR(e.outcome == outcome && e.fault == fault, "%s: %s instead of %s at %ju", backends[k]->name,
                      ending_text(&e), dbn_outcome_name(outcome), (uintmax_t)fault);
        }
    seen[outcome - DBN_E_BEGIN_] = true;
}

static void check_bytes(const void *bytes, size_t n, int outcome, uint64_t fault)
{
    struct scratch s = scratch_memory();
    struct plain_result r;
    scratch_set(&s, bytes, n);
    plain_decode(s.path, &defaults, UINT64_MAX, &r);
    CHECK_STR(dbn_outcome_name(r.outcome), dbn_outcome_name(outcome));
    CHECK_EQ_U64(r.fault, fault);
    check_path(s.path, judge_sink(), outcome, fault);
    scratch_close(&s);
}

static void check_headers(const uint8_t *good)
{
    uint8_t p[256];
    check_bytes("", 0, DBN_E_EMPTY, 0);
    check_bytes("DBN\3\0\0\0", 7, DBN_E_TRUNCATED_HEADER, 7);
    check_bytes("DBNx", 4, DBN_E_TRUNCATED_HEADER, 4);
    check_bytes("DBX\3\xFF\0\0\0", 8, DBN_E_NOT_DBN, 0);
    check_bytes("PK\3\4 and what follows", 18, DBN_E_NOT_DBN, 0);
    for (unsigned version = 0; version < 256; version += version == 0 ? 4 : 1) {
        memcpy(p, good, sizeof p);
        p[3] = (uint8_t)version;
        check_bytes(p, sizeof p, DBN_E_BAD_VERSION, 3);
    }
    for (uint8_t length = 0; length < 120; length += 17) {
        memcpy(p, good, sizeof p);
        memcpy(p + 4, &(uint32_t){length}, 4);
        check_bytes(p, sizeof p, DBN_E_BAD_METADATA, 4);
    }
    memcpy(p + 4, &(uint32_t){DBN_METADATA_LIMIT}, 4);
    check_bytes(p, sizeof p, DBN_E_TRUNCATED_METADATA, sizeof p);
    memcpy(p + 4, &(uint32_t){DBN_METADATA_LIMIT + 1}, 4);
    check_bytes(p, sizeof p, DBN_E_METADATA_TOO_LARGE, 4);
    memcpy(p + 4, &(uint32_t){UINT32_MAX}, 4);
    check_bytes(p, sizeof p, DBN_E_METADATA_TOO_LARGE, 4);
}

/* Behind the last record: 1 to 15 bytes that begin one, and lengths that no record has. */
static void check_tails(struct bytes b)
{
    uint8_t *p = malloc(b.n + 64);
    CHECK(p);
    memcpy(p, b.p, b.n);
    for (size_t tail = 1; tail < 16; tail++) {
        memset(p + b.n, 4, tail);
        check_bytes(p, b.n + tail, DBN_E_TRUNCATED_RECORD, b.n);
    }
    memset(p + b.n, 16, 63);
    check_bytes(p, b.n + 63, DBN_E_TRUNCATED_RECORD, b.n);
    for (uint8_t length = 0; length < 4; length++)
        for (size_t tail = 1; tail < 64; tail += 31) {
            memset(p + b.n, length, tail);
            check_bytes(p, b.n + tail, DBN_E_BAD_RECORD_LENGTH, b.n);
        }
    free(p);
}

static void check_compressed(void)
{
    struct generate_spec spec = {.schema = "all", .version = 3, .records = 30, .symbols = 1, .zstd_level = 3};
    struct bytes b = generated(&spec);
    uint8_t *p = calloc(1, b.n + 16);
    CHECK(p);
    memcpy(p, b.p, b.n);
    check_bytes(p, b.n - 1, DBN_E_ZSTD_TRUNCATED, b.n - 1);
    check_bytes(p, b.n + 1, DBN_E_ZSTD_TRAILING_GARBAGE, b.n);
    memcpy(p + b.n, "\x28\xB5\x2F\xFD\x01\0\7\1\0\0", 10);
    check_bytes(p, b.n + 10, DBN_E_ZSTD_DICTIONARY, b.n);
    memcpy(p + b.n, "\x28\xB5\x2F\xFD\0\xFF\1\0\0", 9);
    check_bytes(p, b.n + 9, DBN_E_ZSTD_WINDOW_TOO_LARGE, b.n);
    p[b.n - 1] ^= 1;
    check_bytes(p, b.n, DBN_E_ZSTD_CORRUPT, 0);
    check_bytes("\x50\x2A\x4D\x18\x60\0\0\0DBZ\1", 12, DBN_E_LEGACY_DBZ, 0);
    free(p);
    free(b.p);
}

static int any_begin(void **self)
{
    *self = NULL;
    return 0;
}

static size_t refuse(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)n, (void)offset;
    return 0;
}

static struct scratch changing;

static size_t change_the_file(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)offset;
    if (pwrite(changing.fd, "", 1, 1 << 20) != 1)
        CHECK(!"a byte more");
    return n;
}

static void any_end(void *self, struct tally *t)
{
    (void)self;
    *t = (struct tally){0};
}

static void check_sinks(struct bytes b)
{
    const struct sink refusing = {.name = "refusing", .begin = any_begin, .take = refuse, .end = any_end};
    const struct sink meddling = {.name = "meddling", .begin = any_begin, .take = change_the_file, .end = any_end};
    changing = scratch_memory();
    const char *path = changing.path;
    scratch_set(&changing, b.p, b.n);
    check_path(path, &refusing, DBN_E_SINK_FAILED, first_record(b));
    for (size_t k = 0; backends[k]; k++) {
        scratch_set(&changing, b.p, b.n);
        struct ending e = job_ending(&(struct job){backends[k], &meddling, &path, 1, 1, UINT64_MAX, defaults});
        CHECK_FOR(e.outcome == DBN_E_FILE_CHANGED && e.fault == 0, "%s: %s", backends[k]->name, ending_text(&e));
    }
    seen[DBN_E_FILE_CHANGED - DBN_E_BEGIN_] = true;
    scratch_close(&changing);
}

TEST(every_outcome)
{
    struct bytes b = generated_stream("mbo", 3, 20, false);
    check_headers(b.p);
    check_tails(b);
    check_compressed();
    check_sinks(b);
    check_path("/dev/null", judge_sink(), DBN_E_UNSUPPORTED_FILE, 0);
    free(b.p);
#define OUTCOME(name, text) CHECK_FOR(seen[DBN_E_##name - DBN_E_BEGIN_], "no file for " #name);
#define OUTCOME_IN_FILE
#include "../dbn/outcome.def"
}

TEST(outcomes_have_names_and_texts)
{
    bool in_file = false;
#define OUTCOME(name, text)                                                                                  \
    CHECK_STR(dbn_outcome_name(DBN_E_##name), #name);                                                        \
    CHECK_STR(dbn_outcome_text(DBN_E_##name), text);                                                         \
    CHECK(dbn_outcome_in_file(DBN_E_##name) == in_file && DBN_E_##name < -4095);
#define OUTCOME_IN_FILE in_file = true;
#include "../dbn/outcome.def"
    CHECK_STR(dbn_outcome_name(0), "OK");
    CHECK_STR(dbn_outcome_name(1), "OK");
    CHECK_STR(dbn_outcome_text(0), "ok");
    for (int code = -6000; code < -4095; code++)
        CHECK(dbn_outcome_name(code) && dbn_outcome_text(code));
    CHECK_STR(dbn_outcome_name(-2), "IO_ERROR");
    CHECK_STR(dbn_outcome_text(-2), "No such file or directory");
    CHECK(dbn_outcome_in_file(-5));
}

TESTS(CASE_WITHIN(300, version_1), CASE_WITHIN(300, version_2), CASE_WITHIN(300, version_3),
      CASE_WITHIN(300, version_1_compressed), CASE_WITHIN(300, version_3_compressed), CASE_WITHIN(300, fragment),
      CASE_WITHIN(300, every_byte_with_every_value), CASE_WITHIN(300, many_changes), CASE(every_outcome),
      CASE(outcomes_have_names_and_texts));
