/* Guards the outcomes: for each there is a file that ends so, at a known place, in every backend; and each has a name
 * and a text. */
#include "../support.h"

#include <unistd.h>

static const struct sink *judge_sink(void)
{
    return sink_find("fields");
}

static bool seen[DBN_E_END_ - DBN_E_BEGIN_];

static void check_path(const char *path, const struct sink *sink, int outcome, uint64_t fault)
{
    for (size_t k = 0; backends[k]; k++)
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            if (backend_unavailable(backends[k]))
                continue;
            struct ending e =
                job_ending(&(struct job){backends[k], sink, &path, 1, threads, UINT64_MAX, defaults, 1, NULL});
            CHECK_FOR(e.outcome == outcome && e.fault == fault, "%s: %s instead of %s at %ju", backends[k]->name,
                      ending_text(&e), dbn_outcome_name(outcome), (uintmax_t)fault);
        }
    seen[outcome - DBN_E_BEGIN_] = true;
}

static void check_bytes(const void *bytes, size_t n, int outcome, uint64_t fault)
{
    struct scratch s = scratch_memory();
    struct ref_result r;
    scratch_set(&s, bytes, n);
    ref_decode(s.path, &defaults, UINT64_MAX, &r);
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

static size_t refuse(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)n, (void)offset;
    return 0;
}

static struct scratch changing;

static size_t change_the_file(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)offset;
    CHECK(pwrite(changing.fd, "", 1, 1 << 20) == 1);
    return n;
}

static void any_end(void *self, struct tally *t)
{
    free(self);
    *t = (struct tally){0};
}

static void check_sinks(struct bytes b)
{
    const struct sink refusing = {.name = "refusing", .size = 1, .take = refuse, .end = any_end};
    const struct sink meddling = {.name = "meddling", .size = 1, .take = change_the_file, .end = any_end};
    changing = scratch_memory();
    const char *path = changing.path;
    scratch_set(&changing, b.p, b.n);
    check_path(path, &refusing, DBN_E_SINK_FAILED, first_record(b));
    for (size_t k = 0; backends[k]; k++) {
        if (backend_unavailable(backends[k]))
            continue;
        scratch_set(&changing, b.p, b.n);
        struct ending e = job_ending(&(struct job){backends[k], &meddling, &path, 1, 1, UINT64_MAX, defaults, 1, NULL});
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
    seen[DBN_E_BAD_SPAN - DBN_E_BEGIN_] = true; /* of a plug-in alone: tests/cli/plugins.sh */
    free(b.p);
#define OUTCOME(name, text) CHECK_FOR(seen[DBN_E_##name - DBN_E_BEGIN_], "no file for " #name);
#define OUTCOME_IN_FILE
#include "../../dbn/outcome.def"
}

TEST(outcomes_have_names_and_texts)
{
    bool in_file = false;
#define OUTCOME(name, text)                                                                                            \
    CHECK_STR(dbn_outcome_name(DBN_E_##name), #name);                                                                  \
    CHECK_STR(dbn_outcome_text(DBN_E_##name), text);                                                                   \
    CHECK(dbn_outcome_in_file(DBN_E_##name) == in_file && DBN_E_##name < -4095);
#define OUTCOME_IN_FILE in_file = true;
#include "../../dbn/outcome.def"
    CHECK_STR(dbn_outcome_name(0), "OK");
    CHECK_STR(dbn_outcome_name(1), "OK");
    CHECK_STR(dbn_outcome_text(0), "ok");
    for (int code = -6000; code < -4095; code++)
        CHECK(dbn_outcome_name(code) && dbn_outcome_text(code));
    CHECK_STR(dbn_outcome_name(-2), "IO_ERROR");
    CHECK_STR(dbn_outcome_text(-2), "No such file or directory");
    CHECK(dbn_outcome_in_file(-5));
}

TESTS(CASE(every_outcome), CASE(outcomes_have_names_and_texts));
