/* Guards the limits: each has a value or a reason, and their kernels touch what they say. (also: tsan) */
#include "../../dbn/inflate.h"
#include "../../harness/measure/limits.h"
#include "../support_interrupt.h"
#include "../test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

enum { PAGE = 4096, SMALL = 100000 };

static uint8_t bytes[SMALL];

static void fill_bytes(void)
{
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i >> 7);
}

static void write_file(char *path, const void *p, size_t n)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, p, n) == (ssize_t)n && close(fd) == 0);
}

/* A file of SMALL bytes, compressed. */
static void write_zstd(char *path, size_t cut_off)
{
    static uint8_t packed[2 * SMALL];
    fill_bytes();
    size_t n = ZSTD_compress(packed, sizeof packed, bytes, sizeof bytes, 1);
    CHECK(!ZSTD_isError(n));
    write_file(path, packed, n - cut_off);
}

enum { ROUNDS_MAX = 8 };

/* What keep() got, by limit. */
static struct kept {
    size_t n;
    double value[ROUNDS_MAX];
    uint64_t round[ROUNDS_MAX];
    char why[LIMIT_WHY];
} kept[LIMITS_COUNT];

static int keep(void *arg, const struct limit_sample *s)
{
    size_t i = limits_find(s->limit);
    CHECK(arg == kept && i < LIMITS_COUNT);
    struct kept *k = &kept[i];
    CHECK_STR(s->dataset, "d");
    CHECK_FOR(!k->why[0], "%s: a sample behind the reason why there is none", s->limit);
    CHECK(s->per_second == limits_table[i].per_second && k->n < ROUNDS_MAX);
    memcpy(k->why, s->why, sizeof k->why);
    if (*s->why)
        return 0;
    k->value[k->n] = s->value;
    k->round[k->n++] = s->round;
    return 0;
}

static size_t index_of(const char *name)
{
    CHECK_FOR(limits_find(name) < LIMITS_COUNT, "%s", name);
    return limits_find(name);
}

/* NULL names: all. */
static int try_limits(struct limits *l, const char *path, const char *const *names)
{
    *l = (struct limits){.path = path, .dataset = "d", .window_log = DBN_ZSTD_WINDOW_LOG, .random = 1};
    memset(kept, 0, sizeof kept);
    memset(l->wanted, !names, sizeof l->wanted);
    for (; names && *names; names++)
        l->wanted[index_of(*names)] = true;
    return limits_open(l);
}

static void open_limits(struct limits *l, const char *path, const char *const *names)
{
    CHECK_EQ_I64(try_limits(l, path, names), 0);
}
#define ONLY(...) ((const char *const[]){__VA_ARGS__, NULL})

static void run_rounds(struct limits *l, uint64_t n)
{
    for (uint64_t round = 0; round < n; round++)
        for (size_t i = 0; i < LIMITS_COUNT; i++)
            CHECK_EQ_I64(limits_take(l, i, round, keep, kept), 0);
}

static const struct kept *result(const char *name)
{
    return &kept[index_of(name)];
}

/* Each wanted limit has a plausible value of each round, or a reason. */
static void check_results(const struct limits *l, size_t rounds)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const struct kept *k = &kept[i];
        const char *name = limits_table[i].name;
        CHECK_FOR(l->wanted[i] || (k->n == 0 && !k->why[0]), "%s", name);
        CHECK_FOR(!l->wanted[i] || (k->why[0] != '\0') != (k->n == rounds), "%s: %zu samples, %s", name, k->n, k->why);
        for (size_t n = 0; n < k->n; n++)
            CHECK_FOR(k->value[n] > 0 && isfinite(k->value[n]) && k->round[n] == n, "%s", name);
    }
}

static void close_limits(struct limits *l)
{
    CHECK_EQ_I64(limits_close(l, keep, kept), 0);
}

TEST(table_is_sound)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const struct limit *limit = &limits_table[i];
        CHECK_FOR(limit->name && limit->what && limit->measure, "row %zu", i);
        CHECK_FOR(limits_find(limit->name) == i, "%s is there twice", limit->name);
        size_t n = strlen(limit->name);
        bool in_ns = n > 3 && strcmp(limit->name + n - 3, "_ns") == 0;
        CHECK_FOR(in_ns == !limit->per_second, "%s", limit->name);
    }
    CHECK_EQ_U64(limits_find("nothing"), LIMITS_COUNT);
}

TEST(every_limit_has_a_value_or_a_reason)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, NULL);
    run_rounds(&l, 2);
    check_results(&l, 2);
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const char *name = limits_table[i].name;
        CHECK_FOR(limits_table[i].inflates || !kept[i].why[0], "%s: %s", name, kept[i].why);
    }
    CHECK_STR(result("inflate")->why, "the file is not compressed");
    close_limits(&l);
    unlink(path);
}

TEST(only_what_is_wanted_is_measured)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    write_zstd(path, 0);
    open_limits(&l, path, ONLY("inflate", "read_16_ns"));
    run_rounds(&l, 1);
    check_results(&l, 1);
    CHECK_EQ_U64(result("inflate")->n, 1);
    CHECK_EQ_U64(result("read_16_ns")->n, 1);
    json_t *o = limits_json(&l, 1);
    CHECK_EQ_U64(json_object_size(o), 2);
    CHECK_STR(json_string_value(json_object_get(o, "read_16_ns")), "read call of 16 bytes");
    json_decref(o);
    close_limits(&l);
    unlink(path);
}

/* The reason that a file gives, for the limit. */
static void check_reason(const char *path, const char *name, const char *reason)
{
    struct limits l;
    open_limits(&l, path, ONLY(name));
    run_rounds(&l, 2);
    CHECK_STR(result(name)->why, reason);
    check_results(&l, 2);
    close_limits(&l);
}

TEST(bad_files_are_reasons)
{
    static const uint8_t skippable[] = {0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 'x'};
    char cut[] = "/tmp/test_limits.XXXXXX", empty[] = "/tmp/test_limits.XXXXXX";
    char none[] = "/tmp/test_limits.XXXXXX";
    write_zstd(cut, 1);
    check_reason(cut, "inflate", dbn_outcome_text(DBN_E_ZSTD_TRUNCATED));
    write_file(empty, "", 0);
    check_reason(empty, "copy_64k", "the file is empty");
    check_reason(empty, "map_touch", "the file is empty");
    write_file(none, skippable, sizeof skippable);
    check_reason(none, "inflate", "nothing was counted");
    unlink(cut);
    unlink(empty);
    unlink(none);
}

/* It is said, and is the reason as well. */
TEST(no_such_file_is_an_error)
{
    static const char *const paths[] = {"/nonexistent/x", "/dev/null"};
    static const char *const reasons[] = {"No such file or directory", "not a regular file with a size"};
    for (size_t i = 0; i < 2; i++) {
        struct limits l;
        CHECK_STR(dbn_outcome_text(try_limits(&l, paths[i], ONLY("copy_64k"))), reasons[i]);
        run_rounds(&l, 2);
        CHECK_STR(result("copy_64k")->why, reasons[i]);
        close_limits(&l);
    }
}

/* It once was taken for one that is not compressed. */
TEST(file_that_cannot_be_peeked_at_is_an_error)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    write_zstd(path, 0);
    pread_fails(EIO);
    CHECK_EQ_I64(try_limits(&l, path, NULL), -EIO);
    pread_fails(0);
    run_rounds(&l, 1);
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        CHECK_STR(kept[i].why, "Input/output error");
    close_limits(&l);
    unlink(path);
}

TEST(shrinking_file_is_a_reason)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, ONLY("copy_64k", "read_16_ns", "map_fault_ns"));
    CHECK(truncate(path, 0) == 0);
    run_rounds(&l, 1);
    check_results(&l, 1);
    CHECK_STR(result("copy_64k")->why, dbn_outcome_text(DBN_E_FILE_CHANGED));
    CHECK_STR(result("read_16_ns")->why, dbn_outcome_text(DBN_E_FILE_CHANGED));
    CHECK(result("map_fault_ns")->why[0] != '\0');
    close_limits(&l);
    unlink(path);
}

/* Values are no good after all if the file changes behind them. */
TEST(changed_file_takes_values_back)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, ONLY("copy_64k"));
    run_rounds(&l, 1);
    CHECK_STR(result("copy_64k")->why, "");
    CHECK(truncate(path, 10) == 0);
    close_limits(&l);
    CHECK_STR(result("copy_64k")->why, dbn_outcome_text(DBN_E_FILE_CHANGED));
    unlink(path);
}

/* Exact sums, up against pages that cannot be read; what lies between the touched words is poison. */
TEST(kernels_touch_what_they_say)
{
    uint8_t *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && mprotect(map + 3 * PAGE, PAGE, PROT_NONE) == 0);
    uint8_t *end = map + 3 * PAGE;
    uint64_t word;
    memset(map, 0xFF, 3 * PAGE);
    for (size_t n = 1; n <= 20; n++) {
        uint8_t *p = end - 8 - (n - 1) * 64; /* the last touched word ends where the unreadable page begins */
        for (size_t i = 0; i < n; i++) {
            word = i + 1;
            memcpy(p + i * 64, &word, 8);
        }
        CHECK_EQ_U64(limits_touch(p, (size_t)(end - p), 64), n * (n + 1) / 2);
        CHECK_EQ_U64(limits_touch(p, (size_t)(end - p) - 1, 64), n * (n - 1) / 2);
        memset(map, 0xFF, 3 * PAGE);
    }
    word = 5;
    for (size_t i = 0; i < 3; i++)
        memcpy(map + i * PAGE, &word, 8);
    CHECK_EQ_U64(limits_touch(map, 3 * PAGE, PAGE), 15);
    CHECK_EQ_U64(limits_touch(map, 2 * PAGE + 7, PAGE), 10);
    munmap(map, 4 * PAGE);
}

TEST(interrupted_steps_do_not_count)
{
    struct limit_sample s = {.per_second = false};
    struct limits_steps t = {.n = 5, .ns = 5400};
    const uint64_t ns[] = {100, 5000, 80, 120, 100};
    for (size_t i = 0; i < 5; i++)
        t.step[i] = (struct limits_step){ns[i], 10};
    limits_finish(&t, &s);
    CHECK(s.value == 10 && s.wall_value == 108);
    s.per_second = true;
    limits_finish(&t, &s);
    CHECK(fabs(s.value - 1e8) < 1 && fabs(s.wall_value - 50e9 / 5400) < 1);
    s.per_second = false;
    t.n = 1;
    t.step[0].ns = t.ns = 100;
    limits_finish(&t, &s);
    CHECK(s.value == 10 && s.wall_value == 10);
}

TEST(limits_are_named_for_backends)
{
    static const struct {
        const char *backend;
        bool compressed;
        size_t block;
        const char *limit;
    } rows[] = {
        {"syscall", false, 0, "read_16_ns"},     {"syscall-record", false, 0, "read_16_ns"},
        {"buffered", false, 0, "copy_64k"},      {"buffered", false, 4096, "copy_4k"},
        {"buffered", false, 1, "copy_4k"},       {"buffered", false, 100000, "copy_128k"},
        {"buffered", false, 1 << 30, "copy_4m"}, {"pipeline", false, 0, "copy_128k"},
        {"pipeline", false, 1 << 20, "copy_1m"}, {"mmap", false, 0, "map_touch"},
        {"mmap", false, 4096, "map_touch"},      {"mmap", true, 0, "inflate"},
        {"syscall", true, 0, "inflate"},         {"buffered", true, 4096, "inflate"},
        {"direct", false, 4096, "device"},       {"uring", true, 0, "device"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = limits_for(backend_find(rows[i].backend), rows[i].compressed, rows[i].block, false);
        CHECK_STR(name, rows[i].limit);
        CHECK(!name || limits_find(name) < LIMITS_COUNT);
        CHECK_STR(limits_for(backend_find(rows[i].backend), rows[i].compressed, rows[i].block, true), "device");
    }
    for (size_t i = 0; backends[i]; i++)
        CHECK_FOR(!backends[i]->limit || limits_for(backends[i], false, 0, false), "%s", backends[i]->name);
    static const struct backend others[] = {{.name = "unknown"}, {.name = "misspelt", .limit = "read_17_ns"}};
    CHECK(!limits_for(&others[0], false, 0, false) && !limits_for(&others[1], false, 0, false));
    CHECK_STR(limits_for(&others[0], true, 0, false), "inflate");
}

TESTS(CASE(table_is_sound), CASE(every_limit_has_a_value_or_a_reason), CASE(only_what_is_wanted_is_measured),
      CASE(bad_files_are_reasons), CASE(no_such_file_is_an_error), CASE(shrinking_file_is_a_reason),
      CASE(kernels_touch_what_they_say), CASE(interrupted_steps_do_not_count), CASE(limits_are_named_for_backends),
      CASE(changed_file_takes_values_back), CASE(file_that_cannot_be_peeked_at_is_an_error));
