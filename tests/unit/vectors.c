/* Guards what is said about a file: `info`, `cat`, the reference decoder and every backend, against what an independent
 * decoder found in files of an independent generator. Those are in tests/golden/vectors; the official ones are in
 * $VECTORS, a checkout of databento/dbn's tests/data, or in ../shared/vectors. (also: clang) */
#include "../../harness/reference/reference.h"
#include "../support.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

enum { OWN_FILES = 6, OWN_LINES = 1, OFFICIAL_FILES = 3 };

static const char *need_official(void)
{
    if (!official_vectors())
        SKIP("no VECTORS=FOLDER was given: a checkout of databento/dbn's tests/data");
    return official_vectors();
}

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
    char *text;
    size_t size;
    uint64_t fault;
    FILE *f = open_memstream(&text, &size);
    CHECK(f);
    info_print(path, options, true, true, "", f, &fault);
    fclose(f);
    json_t *value = parse_exactly(text);
    free(text);
    return value;
}

/* Every backend with every sink, with one worker and, if it shares its blocks, with three. */
static void check_backends(const char *path)
{
    struct ref_result reference;
    ref_decode(path, &defaults, UINT64_MAX, &reference);
    for (const struct backend *const *b = backends; *b; b++)
        for (size_t i = 0; tested_sink(i) && !backend_unavailable(*b); i++)
            for (unsigned threads = 1; threads <= ((*b)->attach ? 3 : 1); threads += 2) {
                struct ending expected = reference_ending(&reference, tested_sink(i));
                struct ending actual =
                    job_ending(&(struct job){*b, tested_sink(i), &path, 1, threads, UINT64_MAX, defaults, 1, NULL});
                CHECK_FOR(ending_equal(&actual, &expected, tested_sink(i)), "%s: %s, sink %s: %s instead of %s", path,
                          (*b)->name, tested_sink(i)->name, ending_text(&actual), ending_text(&expected));
            }
}

/* All files of the folder that expected.json tells of: what `info` says, and how backends decode them. */
static size_t check_expected(const char *folder)
{
    size_t size, compared = 0;
    char *text = read_whole(VECTORS "/expected.json", &size), path[512];
    CHECK(text);
    json_t *all = parse_exactly(text), *expected, *value;
    const char *name, *key;
    json_object_foreach(all, name, expected)
    {
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (access(path, R_OK) != 0)
            continue;
        json_t *info = info_of(path, &defaults);
        bool dbz = strcmp(json_string_value(json_object_get(info, "container")), "dbz") == 0;
        CHECK_STR(json_string_value(json_object_get(json_object_get(info, "error"), "outcome")),
                  dbz ? "LEGACY_DBZ" : NULL);
        json_object_foreach(expected, key, value)
        {
            json_t *actual = json_object_get(info, key);
            CHECK_FOR(json_equal(actual, value) || (dbz && !actual), "%s of %s", key, path);
        }
        json_decref(info);
        check_backends(path);
        compared++;
    }
    json_decref(all);
    free(text);
    printf("%zu files in %s\n", compared, folder);
    return compared;
}

struct lines {
    FILE *to;
    uint64_t n;
};

static bool write_line(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    static char line[LINE_SIZE];
    struct lines *lines = arg;
    fwrite(line, 1, (size_t)(line_json(line, r, lines->n++, file->ts_out) - line), lines->to);
    return true;
}

/* The first `most` records of a file as `cat` prints them. */
static char *lines_of(const char *path, uint64_t most)
{
    char *text;
    size_t size;
    struct lines lines = {.to = open_memstream(&text, &size)};
    struct ref_file file;
    ref_read(path, &defaults, most, &file, write_line, &lines);
    CHECK_EQ_I64(file.outcome, 0);
    dbn_metadata_free(&file.metadata);
    fclose(lines.to);
    return text;
}

static size_t check_lines(const char *folder)
{
    size_t size, compared = 0;
    char path[512], name[300];
    snprintf(path, sizeof path, "%s/records", folder);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        char *end = strstr(e->d_name, ".jsonl");
        if (!end || strstr(e->d_name, ".dbz"))
            continue;
        snprintf(path, sizeof path, "%s/records/%s", folder, e->d_name);
        char *expected = read_whole(path, &size), *first = strstr(e->d_name, ".first40");
        snprintf(name, sizeof name, "%.*s", (int)((first ? first : end) - e->d_name), e->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        char *actual = lines_of(path, first ? 40 : UINT64_MAX);
        CHECK_STR(actual, expected);
        free(actual);
        free(expected);
        compared++;
    }
    if (dir)
        closedir(dir);
    return compared;
}

TEST(files_equal_expected)
{
    CHECK_EQ_U64(check_expected(VECTORS), OWN_FILES);
}

TEST(lines_equal_expected)
{
    CHECK_EQ_U64(check_lines(VECTORS), OWN_LINES);
}

TEST(official_files_equal_expected)
{
    CHECK(check_expected(need_official()) >= OFFICIAL_FILES);
}

TEST(official_lines_equal_expected)
{
    if (check_lines(need_official()) == 0)
        SKIP("%s has no records/NAME.jsonl", official_vectors());
}

TEST(info_says_how_far_it_came)
{
    struct bytes b = generated_stream("mbo", 3, 2, false);
    size_t from = first_record(b);
    struct scratch s = scratch_memory();
    char at[32];
    snprintf(at, sizeof at, "%zu", b.n - 56);
    scratch_set(&s, b.p, b.n - 1);
    json_t *info = info_of(s.path, &defaults), *error = json_object_get(info, "error");
    CHECK_STR(json_string_value(json_object_get(info, "record_count")), "1");
    CHECK_STR(json_string_value(json_object_get(info, "trailing_bytes")), "55");
    CHECK_STR(json_string_value(json_object_get(error, "outcome")), "TRUNCATED_RECORD");
    CHECK_STR(json_string_value(json_object_get(error, "offset")), at);
    json_decref(info);

    b.p[from] = 3; /* the first record's length */
    scratch_set(&s, b.p, b.n);
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
    free(b.p);
    scratch_close(&s);
}

TESTS(CASE(files_equal_expected), CASE(lines_equal_expected), CASE(official_files_equal_expected),
      CASE(official_lines_equal_expected), CASE(info_says_how_far_it_came));
