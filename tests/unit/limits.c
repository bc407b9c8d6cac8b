/* Guards the limits: each has a value or a reason, and their kernels touch what they say. (also: tsan) */
#include "../../dbn/zstd.h"
#include "../../harness/measure/limits_measure.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

enum { PAGE = 4096, SMALL = 100000, MEMORY = 1 << 20 };

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

/* Small memory, so that a round is quick with sanitizers too. */
static void open_limits(struct limits *l, const char *path, const bool *wanted)
{
    const struct limits_options options = {path, DBN_ZSTD_WINDOW_LOG, 1, wanted};
    char why[400];
    CHECK_EQ_I64(limits_open(l, &options, why, sizeof why), 0);
    l->in.memory = MEMORY;
    l->in.caches = 0;
}

static const struct limits_result *result(const struct limits *l, const char *name)
{
    const struct limit *limit = limits_find(name);
    CHECK_FOR(limit, "%s", name);
    return &l->results[limit - limits_table];
}

/* Each wanted limit has one plausible value, or a reason. */
static void check_results(const struct limits *l, size_t rounds)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const struct limits_result *r = &l->results[i];
        const char *name = limits_table[i].name;
        if (!r->wanted) {
            CHECK_FOR(r->n == 0, "%s", name);
            continue;
        }
        CHECK_FOR((r->why[0] != '\0') != (r->n == rounds), "%s: %zu samples, %s", name, r->n, r->why);
        CHECK_EQ_U64(limits_stats(r).n, r->why[0] ? 0 : rounds);
        for (size_t k = 0; k < r->n; k++)
            CHECK_FOR(r->samples[k].value > 0 && isfinite(r->samples[k].value), "%s", name);
    }
}

TEST(table_is_sound)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const struct limit *limit = &limits_table[i];
        CHECK_FOR(limit->name && limit->what && limit->measure, "row %zu", i);
        CHECK_FOR(limits_find(limit->name) == limit, "%s is there twice", limit->name);
        size_t n = strlen(limit->name);
        bool in_ns = n > 3 && strcmp(limit->name + n - 3, "_ns") == 0;
        CHECK_FOR(in_ns == (limit->unit == LIMITS_NS), "%s", limit->name);
    }
    CHECK_STR(limits_units[LIMITS_NS], "ns");
    CHECK_STR(limits_units[LIMITS_BYTES_PER_S], "bytes/s");
    CHECK(limits_find("nothing") == NULL);
}

TEST(every_limit_has_a_value_or_a_reason)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, NULL);
    CHECK(limits_round(&l) && limits_round(&l));
    check_results(&l, 2);
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const char *name = limits_table[i].name;
        bool may_be_missing = strcmp(name, "inflate") == 0 || strcmp(name, "cached_read") == 0;
        CHECK_FOR(may_be_missing || !l.results[i].why[0], "%s: %s", name, l.results[i].why);
    }
    CHECK_STR(result(&l, "inflate")->why, "the file is not compressed");
    CHECK_EQ_I64(limits_close(&l), 0);
    unlink(path);
}

TEST(only_what_is_wanted_is_measured)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    write_zstd(path, 0);
    wanted[limits_find("inflate") - limits_table] = true;
    wanted[limits_find("syscall_ns") - limits_table] = true;
    open_limits(&l, path, wanted);
    CHECK(limits_round(&l));
    check_results(&l, 1);
    CHECK_EQ_U64(result(&l, "inflate")->n, 1);
    CHECK_EQ_U64(result(&l, "syscall_ns")->n, 1);
    CHECK_EQ_I64(limits_close(&l), 0);
    unlink(path);
}

/* The reason that a file gives, for the limit. */
static void check_reason(const char *path, const char *name, const char *reason)
{
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    wanted[limits_find(name) - limits_table] = true;
    open_limits(&l, path, wanted);
    CHECK(limits_round(&l) && limits_round(&l));
    CHECK_STR(result(&l, name)->why, reason);
    check_results(&l, 2);
    limits_close(&l);
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
    check_reason(NULL, "inflate", "no compressed file was given");
    unlink(cut);
    unlink(empty);
    unlink(none);
}

TEST(no_such_file_is_an_error)
{
    struct limits l;
    char why[400];
    CHECK(limits_open(&l, &(struct limits_options){.path = "/nonexistent/x"}, why, sizeof why) < 0);
    CHECK_STR(why, "/nonexistent/x: No such file or directory");
    CHECK(limits_open(&l, &(struct limits_options){.path = "/dev/null"}, why, sizeof why) < 0);
    CHECK_STR(why, "/dev/null: not a regular file with a size");
}

/* A file made for it has no name any more when it is used; where none can be made, that is the reason. */
TEST(own_file_leaves_nothing_behind)
{
    char folder[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    wanted[limits_find("copy_64k") - limits_table] = true;
    wanted[limits_find("map_fault_ns") - limits_table] = true;
    CHECK(mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0);
    open_limits(&l, NULL, wanted);
    CHECK_EQ_I64(rmdir(folder), 0);
    CHECK(l.in.file.size >= MEMORY);
    CHECK(limits_round(&l));
    check_results(&l, 1);
    CHECK_EQ_U64(result(&l, "copy_64k")->n, 1);
    CHECK_EQ_U64(result(&l, "map_fault_ns")->n, 1);
    CHECK_EQ_I64(limits_close(&l), 0);

    wanted[limits_find("syscall_ns") - limits_table] = true;
    open_limits(&l, NULL, wanted);
    CHECK(limits_round(&l));
    CHECK(strstr(result(&l, "copy_64k")->why, "No such file or directory") != NULL);
    CHECK_EQ_U64(result(&l, "syscall_ns")->n, 1);
    CHECK_EQ_I64(limits_close(&l), 0);
}

TEST(shrinking_file_is_a_reason)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    wanted[limits_find("copy_64k") - limits_table] = true;
    wanted[limits_find("read_16_ns") - limits_table] = true;
    wanted[limits_find("map_page_ns") - limits_table] = true;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, wanted);
    CHECK(truncate(path, 0) == 0);
    CHECK(limits_round(&l));
    check_results(&l, 1);
    CHECK_STR(result(&l, "copy_64k")->why, dbn_outcome_text(DBN_E_FILE_CHANGED));
    CHECK_STR(result(&l, "read_16_ns")->why, dbn_outcome_text(DBN_E_FILE_CHANGED));
    CHECK(result(&l, "map_page_ns")->why[0] != '\0');
    CHECK_EQ_I64(limits_close(&l), DBN_E_FILE_CHANGED);
    unlink(path);
}

/* Fewer bytes than fit in the caches are no measure of memory. */
TEST(caches_are_not_taken_for_memory)
{
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    wanted[limits_find("mem_read_1") - limits_table] = true;
    wanted[limits_find("cached_read") - limits_table] = true;
    open_limits(&l, NULL, wanted);
    l.in.caches = MEMORY;
    l.in.l2 = 0;
    CHECK(limits_round(&l));
    CHECK_STR(result(&l, "mem_read_1")->why, "there is too little memory for getting past 1 MiB of caches");
    CHECK_STR(result(&l, "cached_read")->why, "the size of the L2 cache is not known");
    limits_close(&l);
}

/* Exact sums, up against pages that cannot be read; what lies between the touched words is poison. */
TEST(kernels_touch_what_they_say)
{
    uint8_t *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED && mprotect(map + 3 * PAGE, PAGE, PROT_NONE) == 0);
    uint8_t *end = map + 3 * PAGE;
    uint64_t sum = 0, word;
    for (size_t i = 0; i < 3 * PAGE; i += 8) {
        word = i * UINT64_C(0x9E3779B97F4A7C15);
        memcpy(map + i, &word, 8);
        sum += word;
    }
    CHECK_EQ_U64(limits_sum(map, 3 * PAGE), sum);
    CHECK_EQ_U64(limits_sum(end - 64, 0), 0);

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
    struct limits_sample s;
    struct limits_steps t = {.n = 5, .ns = 5400};
    const uint64_t ns[] = {100, 5000, 80, 120, 100};
    for (size_t i = 0; i < 5; i++)
        t.step[i] = (struct limits_step){ns[i], 10};
    limits_finish(&t, LIMITS_NS, &s);
    CHECK(s.value == 10 && s.wall_value == 108);
    limits_finish(&t, LIMITS_BYTES_PER_S, &s);
    CHECK(fabs(s.value - 1e8) < 1 && fabs(s.wall_value - 50e9 / 5400) < 1);
    t.n = 1;
    t.ns = 100;
    limits_finish(&t, LIMITS_NS, &s);
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
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = limits_for(backend_find(rows[i].backend), rows[i].compressed, rows[i].block);
        CHECK_STR(name, rows[i].limit);
        CHECK(!name || limits_find(name));
    }
    static const struct backend others[] = {{.name = "unknown"}, {.name = "misspelt", .limit = "read_17_ns"}};
    CHECK(!limits_for(&others[0], false, 0) && !limits_for(&others[1], false, 0));
    CHECK_STR(limits_for(&others[0], true, 0), "inflate");
}

TEST(least_time_follows_from_the_limit)
{
    CHECK(limits_least_ns(limits_find("copy_64k"), 2e9, 1000, 77) == 500);
    CHECK(limits_least_ns(limits_find("read_16_ns"), 250, 1000, 8) == 2000);
}

TEST(json_keeps_every_sample)
{
    char path[] = "/tmp/test_limits.XXXXXX";
    struct limits l;
    bool wanted[LIMITS_COUNT] = {false};
    wanted[limits_find("syscall_ns") - limits_table] = true;
    wanted[limits_find("inflate") - limits_table] = true;
    fill_bytes();
    write_file(path, bytes, sizeof bytes);
    open_limits(&l, path, wanted);
    for (int i = 0; i < 3; i++)
        CHECK(limits_round(&l));
    json_t *o = limits_json(&l), *list = json_object_get(o, "limits"), *call = json_array_get(list, 0);
    CHECK_EQ_U64(json_array_size(list), 2);
    CHECK_STR(json_string_value(json_object_get(call, "name")), "syscall_ns");
    CHECK_STR(json_string_value(json_object_get(call, "unit")), "ns");
    json_t *samples = json_object_get(call, "samples");
    CHECK_EQ_U64(json_array_size(samples), 3);
    CHECK_EQ_U64(json_array_size(json_object_get(call, "wall_samples")), 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(json_real_value(json_array_get(samples, i)) == result(&l, "syscall_ns")->samples[i].value);
    CHECK(json_real_value(json_object_get(call, "median")) == limits_stats(result(&l, "syscall_ns")).median);
    json_t *missing = json_array_get(list, 1);
    CHECK(json_is_null(json_object_get(missing, "median")));
    CHECK_STR(json_string_value(json_object_get(missing, "missing")), "the file is not compressed");
    json_decref(o);
    limits_close(&l);
    unlink(path);
}

TESTS(CASE(table_is_sound), CASE(every_limit_has_a_value_or_a_reason), CASE(only_what_is_wanted_is_measured),
      CASE(bad_files_are_reasons), CASE(no_such_file_is_an_error), CASE(own_file_leaves_nothing_behind),
      CASE(shrinking_file_is_a_reason), CASE(caches_are_not_taken_for_memory), CASE(kernels_touch_what_they_say),
      CASE(interrupted_steps_do_not_count), CASE(limits_are_named_for_backends),
      CASE(least_time_follows_from_the_limit), CASE(json_keeps_every_sample));
