/* Guards the reading of files of results that were tampered with, or that hold several runs or newer ones: what can be
 * used is, and the rest is counted or refused; and lines of them that are written by calls which are interrupted. */
#include "../../harness/results/run.h"
#include "../support_interrupt.h"
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/test_store_file.XXXXXX";

static void put(const void *text, size_t n)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK(write(fd, text, n) == (ssize_t)n);
    close(fd);
}

static void make_file(const char *text)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    put(text, strlen(text));
}

static struct sample plain_sample(void)
{
    return (struct sample){.key = {.dataset = "d", .backend = "b", .sink = "s", .threads = 1, .files = 1, .split = 1},
                           .iterations = 1,
                           .wall_ns = 1};
}

static void append_object(const char *type, const char *run, json_t *object)
{
    struct store *store;
    CHECK_EQ_I64(store_open(path, &store), 0);
    CHECK_EQ_I64(store_append(store, type, run, object), 0);
    CHECK_EQ_I64(store_close(store), 0);
    json_decref(object);
}

static void append(const char *type, const char *run, const char *json)
{
    append_object(type, run, json_loads(json, 0, NULL));
}

static void append_sample(const char *run, const struct sample *s)
{
    append_object("sample", run, stored_to_json(STORED_SAMPLE, s));
}

static struct results read_back(const char *run)
{
    struct results r;
    char why[128], name[64];
    snprintf(name, sizeof name, run ? "%s#%s" : "%s", path, run);
    int rc = store_read(name, &r, why, sizeof why);
    CHECK_FOR(rc == 0, "%s", why);
    return r;
}

/* Each costs itself: the sample behind it is there. The long one costs no memory either. */
TEST(hostile_lines_are_bounded)
{
    static const char nul[] = "{\"type\":\"sample\",\"run\":\"r1\"\0}\n",
                      latin[] = "{\"type\":\"gr\xfcn\",\"run\":\"r1\"}\n",
                      nan[] = "{\"type\":\"sample\",\"run\":\"r1\",\"wall_ns\":NaN}\n",
                      huge[] = "{\"type\":\"sample\",\"run\":\"r1\",\"wall_ns\":99999999999999999999}\n",
                      surrogate[] = "{\"type\":\"sample\",\"run\":\"r1\",\"sink\":\"\\ud800\"}\n",
                      number[] = "{\"type\":\"sample\",\"run\":7}\n",
                      format[] = "{\"type\":\"run\",\"run\":\"r1\",\"format\":\"1\"}\n";
    const struct {
        const char *text;
        size_t n;
    } rows[] = {{nul, sizeof nul - 1},
                {latin, sizeof latin - 1},
                {nan, sizeof nan - 1},
                {huge, sizeof huge - 1},
                {surrogate, sizeof surrogate - 1},
                {number, sizeof number - 1},
                {format, sizeof format - 1},
                {"\0\0\0\0\n", 5}};
    enum { ROWS = sizeof rows / sizeof rows[0], LONG = 100, MIB = 1 << 20 };
    struct sample s = plain_sample();
    make_file("");
    append("run", "r1", "{\"format\":2}");
    for (size_t i = 0; i < ROWS; i++) {
        put(rows[i].text, rows[i].n);
        append_sample("r1", &s);
        s.round++;
    }
    char *mib = malloc(MIB);
    memset(mib, ' ', MIB);
    put("{\"type\":\"sample\",", 17);
    for (int i = 0; i < LONG; i++)
        put(mib, MIB);
    put("\"run\":\"r1\"}\n", 12);
    free(mib);
    append_sample("r1", &s);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    struct results r = read_back(NULL);
    getrusage(RUSAGE_SELF, &after);
    CHECK_EQ_U64(r.count, ROWS + 1);
    CHECK_EQ_U64(r.skipped, ROWS + 1);
    CHECK_FOR(after.ru_maxrss - before.ru_maxrss < 32 << 10, "%ld KiB more", after.ru_maxrss - before.ru_maxrss);
    results_free(&r);
    unlink(path);
}

/* Each byte of a line, damaged in several ways, costs at most that line; of the newline, also the next. */
TEST(damaged_bytes_cost_their_line)
{
    static const unsigned char masks[] = {0x01, 0x10, 0x20, 0x80, 0xFF};
    struct sample s = plain_sample();
    struct stat before, after;
    make_file("");
    append("run", "r1", "{\"format\":2}");
    CHECK_EQ_I64(stat(path, &before), 0);
    append_sample("r1", &s);
    CHECK_EQ_I64(stat(path, &after), 0);
    s.round = 1;
    append_sample("r1", &s);
    s.round = 2;
    append_sample("r1", &s);
    int fd = open(path, O_RDWR);
    for (off_t at = before.st_size; at < after.st_size; at++) {
        for (size_t i = 0; i < sizeof masks; i++) {
            unsigned char byte;
            CHECK(pread(fd, &byte, 1, at) == 1);
            unsigned char bad = byte ^ masks[i];
            CHECK(pwrite(fd, &bad, 1, at) == 1);
            struct results r;
            char why[256];
            int rc = store_read(path, &r, why, sizeof why);
            if (rc == 0)
                CHECK_FOR(r.count >= (byte == '\n' ? 1 : 2) && r.count <= 3 && r.samples[r.count - 1].round == 2,
                          "byte %jd ^ %02x: %zu samples", (intmax_t)(at - before.st_size), masks[i], r.count);
            else /* it now reads as another case: that run must not be believed */
                CHECK_FOR(rc == -EEXIST && strstr(why, "cannot be told apart"), "%s", why);
            CHECK(r.skipped <= 2);
            results_free(&r);
            CHECK(pwrite(fd, &byte, 1, at) == 1);
        }
    }
    close(fd);
    unlink(path);
}

TEST(numbers_are_exact)
{
    struct sample s = plain_sample();
    make_file("");
    append("run", "r1", "{\"format\":2}");
    s.wall_ns = FIELD_MOST - 1;
    s.bytes = FIELD_MOST;
    append_sample("r1", &s);
    struct results r = read_back(NULL);
    CHECK_EQ_U64(r.count, 1);
    CHECK_EQ_U64(r.samples[0].wall_ns, s.wall_ns);
    CHECK_EQ_U64(r.samples[0].bytes, s.bytes);
    results_free(&r);
    unlink(path);
}

/* Neither a line nor the end of one that a crash cut off is lost by calls that a signal interrupts. */
TEST(interrupted_calls_lose_nothing)
{
    struct sample s = plain_sample();
    make_file("");
    interrupt_begin();
    append("run", "r1", "{\"format\":2}");
    append_sample("r1", &s);
    interrupt_end();
    put("{\"type\":", 8);
    s.round++;
    interrupt_begin();
    append_sample("r1", &s);
    interrupt_end();
    struct results r = read_back(NULL);
    CHECK_EQ_U64(r.count, 2);
    CHECK_EQ_U64(r.skipped, 1);
    results_free(&r);
    unlink(path);
}

/* What would be skipped by every reader is no success. */
TEST(a_line_that_is_too_long_is_refused)
{
    struct store *store;
    char *text = calloc(STORE_LINE_MAX + 1, 1);
    memset(text, 'x', STORE_LINE_MAX);
    make_file("");
    CHECK_EQ_I64(store_open(path, &store), 0);
    for (int cut = 46; cut < 48; cut++) { /* 47 is what is around the text */
        json_t *object = json_pack("{s:s, s:i}", "text", text + cut, "format", 1);
        struct stat before, after;
        CHECK_EQ_I64(stat(path, &before), 0);
        int rc = store_append(store, "run", "r1", object);
        CHECK_EQ_I64(stat(path, &after), 0);
        json_decref(object);
        CHECK_EQ_I64(rc, cut == 46 ? -EMSGSIZE : 0);
        CHECK((after.st_size == before.st_size) == (rc != 0));
    }
    CHECK_EQ_I64(store_close(store), 0);
    struct results r = read_back(NULL);
    CHECK_EQ_U64(r.skipped, 0);
    results_free(&r);
    free(text);
    unlink(path);
}

/* The newer run is refused, by name or as the last one, and only that. */
TEST(a_newer_run_hides_no_other)
{
    struct sample s = plain_sample();
    struct results r;
    char why[128], name[64];
    make_file("");
    append("run", "new", "{\"format\":3}");
    append("sample", "new", "{\"of\":\"another kind\"}");
    append("run", "old", "{\"format\":2}");
    append_sample("old", &s);
    append("sample", "new", "{\"of\":\"another kind\"}");
    r = read_back(NULL);
    CHECK_STR(run_id(&r), "old");
    CHECK(r.count == 1 && r.skipped == 0);
    results_free(&r);
    snprintf(name, sizeof name, "%s#new", path);
    CHECK_EQ_I64(store_read(name, &r, why, sizeof why), -EPROTONOSUPPORT);
    CHECK_STR(why, "written by a newer version (format 3; this one knows 2)");
    snprintf(name, sizeof name, "%s#none", path);
    CHECK_EQ_I64(store_read(name, &r, why, sizeof why), -ENODATA);
    CHECK_STR(why, "no run none in it");
    unlink(path);
}

TEST(runs_are_listed)
{
    struct sample s = plain_sample();
    struct store_list list;
    struct results r;
    char why[128];
    make_file("{\"type\":\n");
    append("sample", "r0", "{\"of\":\"no run\"}");
    append("run", "r1", "{\"format\":2}");
    append("run", "r2", "{\"format\":1}");
    append_sample("r1", &s);
    append_sample("r2", &s);
    append("run", "r3", "{\"format\":1}");
    s.round = 1;
    append_sample("r1", &s);
    append("run", "r3", "{\"format\":1,\"again\":true}");
    CHECK_EQ_I64(store_list(path, &list, why, sizeof why), 0);
    CHECK_EQ_U64(list.count, 3);
    for (size_t i = 0; i < list.count; i++) {
        struct results whole = read_back(list.runs[i].id);
        CHECK_EQ_I64(store_read_listed(path, &list.runs[i], &r, why, sizeof why), 0);
        CHECK(json_equal(r.run, whole.run));
        CHECK_EQ_U64(r.count, whole.count);
        CHECK_EQ_U64(r.count, 2 - i);
        CHECK_EQ_U64(r.skipped, 0); /* what is before it is not read */
        results_free(&r);
        results_free(&whole);
    }
    CHECK(list.runs[2].begin > list.runs[1].end);
    store_list_free(&list);
    CHECK_EQ_I64(store_list("/nonexistent/x", &list, why, sizeof why), -ENOENT);
    CHECK_EQ_I64(store_list("/tmp", &list, why, sizeof why), -EISDIR);
    unlink(path);
}

TEST(a_run_has_a_name)
{
    struct results r;
    char why[128], name[64];
    make_file("");
    append("run", "r1", "{\"format\":2}");
    append("run", "r2", "{\"format\":1}");
    snprintf(name, sizeof name, "%s#r1", path);
    CHECK_EQ_I64(store_read(name, &r, why, sizeof why), 0);
    CHECK_STR(run_id(&r), "r1");
    results_free(&r);
    CHECK_EQ_I64(store_read(path, &r, why, sizeof why), 0);
    CHECK_STR(run_id(&r), "r2");
    results_free(&r);
    snprintf(name, sizeof name, "%s#", path);
    CHECK_EQ_I64(store_read(name, &r, why, sizeof why), -ENOENT);
    CHECK_EQ_I64(link(path, name), 0); /* a file of that very name */
    CHECK_EQ_I64(store_read(name, &r, why, sizeof why), 0);
    results_free(&r);
    unlink(name);
    unlink(path);
}

TESTS(CASE(interrupted_calls_lose_nothing), CASE(a_line_that_is_too_long_is_refused), CASE(hostile_lines_are_bounded),
      CASE(damaged_bytes_cost_their_line), CASE(numbers_are_exact), CASE(a_newer_run_hides_no_other),
      CASE(runs_are_listed), CASE(a_run_has_a_name));
