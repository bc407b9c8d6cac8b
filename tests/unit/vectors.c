/* Guards what is said about a file: `info`, `cat` and the plain decode against what an independent decoder
 * found in the test vectors, and every backend against the plain decode, whatever is cut off or changed. */
#include "../../harness/reference/info.h"
#include "../../harness/measure/job.h"
#include "../../harness/reference/line.h"
#include "../../harness/reference/lockstep.h"
#include "../test.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#define VECTORS "../shared/vectors/"
enum { EXPECTED_FILES = 29, EXPECTED_LINES = 22 };

static const struct input_options defaults = INPUT_OPTIONS_DEFAULT;

static char *read_whole(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *text = calloc(1, (size_t)n + 1);
    CHECK(text && fread(text, 1, (size_t)n, f) == (size_t)n);
    fclose(f);
    *size = (size_t)n;
    return text;
}

static char *need_vector(const char *name, size_t *size)
{
    char path[512];
    snprintf(path, sizeof path, VECTORS "%s", name);
    char *text = read_whole(path, size);
    if (!text)
        SKIP("no " VECTORS " beside the source tree");
    return text;
}

/* Jansson's integers have 63 bits, so numbers become strings before it sees them. */
static json_t *parse_exactly(const char *text)
{
    char *quoted = malloc(strlen(text) * 3 + 1), *to = quoted;
    CHECK(quoted);
    for (bool string = false; *text; text++) {
        string ^= *text == '"' && text[-1] != '\\';
        bool digit = !string && strchr("-0123456789", *text);
        if (digit)
            *to++ = '"';
        for (; digit && strchr("-0123456789", text[1]); text++)
            *to++ = *text;
        *to++ = *text;
        if (digit)
            *to++ = '"';
    }
    *to = '\0';
    json_error_t error;
    json_t *value = json_loads(quoted, JSON_REJECT_DUPLICATES, &error);
    CHECK_FOR(value, "%s in %s", error.text, quoted);
    free(quoted);
    return value;
}

static json_t *info_of(const char *path, const struct input_options *options)
{
    struct info info;
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    CHECK(f);
    info_read(path, options, &info);
    info_json(&info, true, f);
    info_free(&info);
    fclose(f);
    json_t *value = parse_exactly(text);
    free(text);
    return value;
}

TEST(info_equals_expected)
{
    size_t size, compared = 0;
    char *text = need_vector("expected.json", &size), path[512];
    json_t *all = parse_exactly(text), *expected, *value;
    const char *name, *key;
    json_object_foreach(all, name, expected)
    {
        snprintf(path, sizeof path, VECTORS "%s", name);
        json_t *info = info_of(path, &defaults);
        bool dbz = strcmp(json_string_value(json_object_get(info, "container")), "dbz") == 0;
        CHECK_STR(json_string_value(json_object_get(json_object_get(info, "error"), "outcome")),
                  dbz ? "LEGACY_DBZ" : NULL);
        json_object_foreach(expected, key, value)
        {
            json_t *actual = json_object_get(info, key);
            CHECK_FOR(json_equal(actual, value) || (dbz && !actual), "%s of %s", key, name);
        }
        json_decref(info);
        compared++;
    }
    CHECK(compared >= EXPECTED_FILES);
    json_decref(all);
    free(text);
}

/* The first `most` records of a file as `cat` prints them. */
static char *lines_of(const char *path, uint64_t most)
{
    static char line[LINE_SIZE];
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    struct plain *p;
    struct plain_record r;
    uint64_t fault;
    CHECK_EQ_I64(plain_open(path, &defaults, &p), 0);
    CHECK_EQ_I64(plain_start(p, &fault), 0);
    for (uint64_t n = 0; n < most && plain_next(p, &r, &fault) > 0; n++)
        fwrite(line, 1, (size_t)(line_json(line, &r, n, plain_facts(p).ts_out) - line), f);
    CHECK_EQ_I64(plain_close(p), 0);
    fclose(f);
    return text;
}

TEST(cat_equals_records)
{
    size_t size, compared = 0;
    char path[512], name[300];
    DIR *dir = opendir(VECTORS "records");
    if (!dir)
        SKIP("no " VECTORS "records");
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char *end = strstr(e->d_name, ".jsonl");
        if (!end || strstr(e->d_name, ".dbz"))
            continue;
        snprintf(path, sizeof path, VECTORS "records/%s", e->d_name);
        char *expected = read_whole(path, &size), *first = strstr(e->d_name, ".first40");
        snprintf(name, sizeof name, "%.*s", (int)((first ? first : end) - e->d_name), e->d_name);
        snprintf(path, sizeof path, VECTORS "%s", name);
        char *actual = lines_of(path, first ? 40 : UINT64_MAX);
        CHECK_STR(actual, expected);
        free(actual);
        free(expected);
        compared++;
    }
    closedir(dir);
    CHECK(compared >= EXPECTED_LINES);
}

/* Every backend with every sink, with one worker and, if it shares its blocks, with three. */
static void check_backends(const char *path, const char *what)
{
    struct plain_result plain;
    plain_decode(path, &defaults, UINT64_MAX, &plain);
    for (const struct backend *const *b = backends; *b; b++) {
        if (backend_unavailable(*b))
            continue;
        for (size_t i = 0; i < plain.sinks; i++) {
            if (plain.outcome && !plain_counts_records(sinks[i]))
                continue; /* it does not see that a record is cut */
            for (unsigned threads = 1; threads <= ((*b)->attach ? 3 : 1); threads += 2) {
                struct job_result r;
                job_run(&(struct job){*b, sinks[i], &path, 1, threads, UINT64_MAX, defaults, 1}, &r);
                CHECK_FOR(r.outcome == plain.outcome && (!r.outcome || r.fault == plain.fault),
                          "%s: %s gives %s at %ju, the plain decode %s at %ju", what, (*b)->name,
                          dbn_outcome_name(r.outcome), (uintmax_t)r.fault, dbn_outcome_name(plain.outcome),
                          (uintmax_t)plain.fault);
                CHECK_FOR(tally_equal(&r.tally, &plain.tally[i]), "%s: tally of %s, %s", what, (*b)->name,
                          sinks[i]->name);
            }
        }
    }
}

TEST(backends_equal_plain)
{
    size_t size, compared = 0;
    char *text = need_vector("expected.json", &size), path[512];
    json_t *all = parse_exactly(text), *expected;
    const char *name;
    json_object_foreach(all, name, expected)
    {
        snprintf(path, sizeof path, VECTORS "%s", name);
        check_backends(path, name);
        compared++;
    }
    CHECK(compared >= EXPECTED_FILES);
    json_decref(all);
    free(text);
}

struct scratch {
    char path[64];
    FILE *file;
};

static struct scratch scratch_open(void)
{
    struct scratch s = {.path = "/tmp/test_vectors.XXXXXX"};
    int fd = mkstemp(s.path);
    CHECK(fd >= 0);
    s.file = fdopen(fd, "wb");
    return s;
}

static void scratch_set(struct scratch *s, const void *bytes, size_t n)
{
    rewind(s->file);
    CHECK(fwrite(bytes, 1, n, s->file) == n && fflush(s->file) == 0 && ftruncate(fileno(s->file), (off_t)n) == 0);
}

static void scratch_close(struct scratch *s)
{
    fclose(s->file);
    unlink(s->path);
}

static const char *const small[] = {"test_data.mbo.v1.dbn", "test_data.statistics.v3.dbn.zst"};

TEST(prefixes_equal_plain)
{
    struct scratch s = scratch_open();
    for (size_t k = 0; k < sizeof small / sizeof small[0]; k++) {
        size_t size;
        char *bytes = need_vector(small[k], &size), what[100];
        for (size_t n = 0; n < size; n++) {
            snprintf(what, sizeof what, "the first %zu bytes of %s", n, small[k]);
            scratch_set(&s, bytes, n);
            check_backends(s.path, what);
        }
        free(bytes);
    }
    scratch_close(&s);
}

TEST(changed_bytes_equal_plain)
{
    struct scratch s = scratch_open();
    for (size_t k = 0; k < sizeof small / sizeof small[0]; k++) {
        size_t size;
        char *bytes = need_vector(small[k], &size), what[100];
        for (size_t i = 0; i < size; i++) {
            snprintf(what, sizeof what, "byte %zu of %s inverted", i, small[k]);
            bytes[i] = (char)~bytes[i];
            scratch_set(&s, bytes, size);
            check_backends(s.path, what);
            bytes[i] = (char)~bytes[i];
        }
        free(bytes);
    }
    scratch_close(&s);
}

TEST(info_says_how_far_it_came)
{
    struct scratch s = scratch_open();
    size_t size;
    char *bytes = need_vector("test_data.mbo.v3.dbn", &size);
    scratch_set(&s, bytes, size - 1);
    json_t *info = info_of(s.path, &defaults), *error = json_object_get(info, "error");
    CHECK_STR(json_string_value(json_object_get(info, "record_count")), "1");
    CHECK_STR(json_string_value(json_object_get(info, "trailing_bytes")), "55");
    CHECK_STR(json_string_value(json_object_get(error, "outcome")), "TRUNCATED_RECORD");
    CHECK_STR(json_string_value(json_object_get(error, "offset")), "416");
    json_decref(info);

    bytes[360] = 3; /* the first record's length */
    scratch_set(&s, bytes, size);
    info = info_of(s.path, &defaults);
    error = json_object_get(info, "error");
    CHECK_STR(json_string_value(json_object_get(info, "record_count")), "0");
    CHECK_STR(json_string_value(json_object_get(info, "trailing_bytes")), "112");
    CHECK_STR(json_string_value(json_object_get(error, "outcome")), "BAD_RECORD_LENGTH");
    json_decref(info);

    scratch_set(&s, "DBX", 3);
    info = info_of(s.path, &defaults);
    CHECK_STR(json_string_value(json_object_get(json_object_get(info, "error"), "outcome")), "TRUNCATED_HEADER");
    CHECK(!json_object_get(info, "record_count"));
    json_decref(info);
    free(bytes);
    scratch_close(&s);
}

TESTS(CASE(info_equals_expected), CASE(cat_equals_records), CASE(backends_equal_plain),
      CASE_WITHIN(300, prefixes_equal_plain), CASE_WITHIN(300, changed_bytes_equal_plain),
      CASE(info_says_how_far_it_came));
