/* Guards results on disk: what was stored comes back, whatever happened to the file, and gives the same
 * table. */
#include "../../harness/results/run.h"
#include "../../harness/view/cases.h"
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/test_store.XXXXXX";

static void make_file(const char *text)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static struct sample full_sample(uint64_t place, uint64_t round)
{
    struct sample s = {
        .key.dataset = "trades \"quoted\"",
        .key.sink = "sum",
        .key.threads = 2,
        .key.files = 3,
        .key.split = 4,
        .key.cold = true,
        .prefix = 100000,
        .records = 100000,
        .bytes = 4800360,
        .index = place,
        .round = round,
        .iterations = 3,
        .wall_ns = 123456789012345 + 1000000 * round,
        .cpu_ns = {READING_EXACT, 2},
        .user_ns = {READING_EXACT, 3},
        .system_ns = {READING_EXACT, 4},
        .minor_faults = {READING_EXACT, 5},
        .major_faults = {READING_EXACT, 6},
        .voluntary_switches = {READING_EXACT, 7},
        .involuntary_switches = {READING_EXACT, 8},
        .max_rss_bytes = {READING_EXACT, 9},
        .reads = {READING_EXACT, 11},
        .other_calls = {READING_EXACT, 12},
        .bytes_read = {READING_EXACT, 13},
        .syscr = {READING_EXACT, 14},
        .disk_bytes = {READING_SCALED, 15},
        .plan_ns = {READING_EXACT, 18},
        .wait_ns = {READING_EXACT, 19},
        .redone = {READING_EXACT, 0},
        .tally_records = 16,
        .tally_bytes = {READING_EXACT, 17},
        .tally_digest = {READING_EXACT, UINT64_MAX - 1},
    };
    snprintf(s.key.backend, sizeof s.key.backend, "%s", place ? "mmap" : "syscall");
    return s;
}

static void append(const char *type, const char *run, const char *json)
{
    struct store *store;
    json_t *object = json_loads(json, 0, NULL);
    CHECK_EQ_I64(store_open(path, &store), 0);
    CHECK_EQ_I64(store_append(store, type, run, object), 0);
    CHECK_EQ_I64(store_close(store), 0);
    json_decref(object);
}

static void append_stored(enum stored type, const char *run, const void *from)
{
    json_t *object = stored_to_json(type, from);
    char *text = json_dumps(object, 0);
    append(stored_types[type].name, run, text);
    free(text);
    json_decref(object);
}

static void append_sample(const char *run, const struct sample *s)
{
    append_stored(STORED_SAMPLE, run, s);
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

static void check_refused(int error, const char *reason)
{
    struct results r;
    char why[128];
    CHECK_EQ_I64(store_read(path, &r, why, sizeof why), error);
    CHECK_FOR(strstr(why, reason), "%s", why);
    CHECK(!r.run && !r.samples);
}

static char *table(const struct results *r)
{
    char *text;
    size_t size;
    struct report report;
    FILE *f = open_memstream(&text, &size);
    report_of(r, &report);
    cases_print(r, &report, 110, f);
    json_t *json = cases_json(r, &report);
    CHECK_EQ_I64(json_dumpf(json, f, JSON_INDENT(1)), 0);
    fclose(f);
    json_decref(json);
    report_free(&report);
    return text;
}

TEST(samples_come_back_unchanged)
{
    struct sample s = full_sample(1, 0), got;
    char why[STORED_WHY];
    json_t *object = stored_to_json(STORED_SAMPLE, &s);
    CHECK(stored_from_json(STORED_SAMPLE, object, &got, why));
    json_t *again = stored_to_json(STORED_SAMPLE, &got);
    CHECK(json_equal(object, again));
    CHECK_STR(got.key.dataset, s.key.dataset);
    CHECK(got.key.cold);
    CHECK_EQ_U64(got.wall_ns, s.wall_ns);
    CHECK_EQ_U64(got.bytes_read.value, 13);
    CHECK_EQ_U64(got.syscr.state, READING_EXACT);
    CHECK_EQ_U64(got.syscr.value, 14);
    CHECK_EQ_U64(got.disk_bytes.state, READING_SCALED);
    CHECK_EQ_U64(got.disk_bytes.value, 15);
    CHECK_EQ_U64(got.absent_pages.state, READING_UNSUPPORTED);
    CHECK(json_is_null(json_object_get(object, "absent_pages")));
    CHECK(got.key.files == 3 && got.key.split == 4);
    CHECK(got.plan_ns.value == 18 && got.wait_ns.value == 19);
    CHECK(got.redone.state == READING_EXACT && got.merge_ns.state == READING_UNSUPPORTED);
    CHECK_EQ_U64(got.tally_digest.value, UINT64_MAX - 1);
    CHECK_STR(json_string_value(json_object_get(object, "tally_digest")), "fffffffffffffffe");
    CHECK(json_object_del(object, "files") == 0 && json_object_del(object, "split") == 0); /* as it once was written */
    CHECK(stored_from_json(STORED_SAMPLE, object, &got, why) && got.key.files == 1 && got.key.split == 1);
    json_decref(object);
    json_decref(again);
}

TEST(every_outcome_has_a_name)
{
    for (int i = 0; i < SAMPLE_OUTCOMES; i++) {
        struct sample s = full_sample(1, 0), got;
        char why[STORED_WHY];
        s.outcome = (enum sample_outcome)i;
        snprintf(s.error, sizeof s.error, "%s", i ? "because" : "");
        json_t *object = stored_to_json(STORED_SAMPLE, &s);
        CHECK(stored_from_json(STORED_SAMPLE, object, &got, why));
        CHECK_EQ_U64(got.outcome, s.outcome);
        CHECK_STR(got.error, s.error);
        CHECK((json_object_get(object, "wall_ns") == NULL) == (i != SAMPLE_OK)); /* never a number for a failure */
        json_decref(object);
    }
}

/* As text, and what is said of it. A figure of each of them would be shown. */
TEST(invalid_samples_are_refused)
{
    static const struct {
        const char *key, *value, *why; /* value NULL: without the key. why NULL: "KEY cannot be VALUE" */
    } rows[] = {
        {"dataset", NULL, "dataset is missing"},
        {"dataset", "7", NULL},
        {"backend", "\"0123456789012345678901234567890123456789\"", NULL},
        {"wall_ns", "0", NULL},
        {"wall_ns", "-5", NULL},
        {"wall_ns", "1.5", NULL},
        {"wall_ns", "\"12\"", NULL},
        {"wall_ns", NULL, "wall_ns is missing"},
        {"wall_ns", "9007199254740993", NULL},   /* 2^53 + 1 */
        {"cpu_ns", "3155760000000000000", NULL}, /* a century */
        {"records", "9223372036854775807", NULL},
        {"tally_bytes", "9223372036854775807", NULL},
        {"steal_ns", "-1", NULL},
        {"steal_ns", "\"none\"", NULL},
        {"steal_ns", "{\"scaled\":9007199254740993}", NULL},
        {"iterations", "0", NULL},
        {"threads", "0", NULL},
        {"files", "0", NULL},
        {"split", "0", NULL},
        {"outcome", "\"fine\"", NULL},
        {"outcome", NULL, "outcome is missing"},
        {"tally_digest", "\"x\"", NULL},
        {"tally_digest", "\"000000000000000g\"", NULL},
        {"cache", NULL, "cache is missing"},
        {"cache", "\"\\u009B1m\"", NULL}, /* would be obeyed by a terminal */
        {"round", "null", NULL},
        {"outcome", "\"crashed\"", "error is missing"},
        {"counters", "{\"cycles\":-1}", NULL},
        {"counters", "{\"cycles\":{\"scaled\":1}}", NULL},
        {"counters", "{\"cycles\":{\"scaled\":1,\"ran_ppm\":1000001}}", NULL},
    };
    struct sample s = full_sample(1, 0), got;
    char why[STORED_WHY], expected[STORED_WHY];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *object = stored_to_json(STORED_SAMPLE, &s);
        if (rows[i].value)
            json_object_set_new(object, rows[i].key, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        else
            json_object_del(object, rows[i].key);
        CHECK_FOR(!stored_from_json(STORED_SAMPLE, object, &got, why), "%s: %s", rows[i].key,
                  rows[i].value ? rows[i].value : "none");
        snprintf(expected, sizeof expected, "%s cannot be %s", rows[i].key, rows[i].value ? rows[i].value : "");
        CHECK_STR(why, rows[i].why ? rows[i].why : expected);
        json_decref(object);
    }
}

TEST(text_is_cleaned)
{
    char name[] = "a\033b\nc\x7f",
         latin[] = "gr\xfc"
                   "n",
         utf8[] = "gr\xc3\xbcn";
    sample_clean_text(name);
    sample_clean_text(latin);
    sample_clean_text(utf8);
    CHECK_STR(name, "a?b?c?");
    CHECK_STR(latin, "gr?n");
    CHECK_STR(utf8, "gr\xc3\xbcn");
}

TEST(a_table_is_the_same_from_memory_and_from_the_file)
{
    struct results memory = {0};
    make_file("");
    memory.run = json_loads("{\"type\":\"run\",\"run\":\"r1\",\"format\":1,\"unavailable\":{\"x\":\"why\"},"
                            "\"notes\":[\"a note\"],\"machine\":{\"cores_online\":2}}",
                            0, NULL);
    append("run", "r1",
           "{\"format\":1,\"unavailable\":{\"x\":\"why\"},\"notes\":[\"a note\"],"
           "\"machine\":{\"cores_online\":2}}");
    for (uint64_t i = 0; i < 20; i++) {
        struct sample s = full_sample(i % 2, i / 2);
        if (i == 19) {
            s = full_sample(2, 0);
            snprintf(s.key.sink, sizeof s.key.sink, "rows");
            s.outcome = SAMPLE_CRASHED;
            snprintf(s.error, sizeof s.error, "Segmentation fault");
        }
        append_sample("r1", &s);
        results_add(&memory, STORED_SAMPLE, &s);
    }
    append("end", "r1", "{\"interrupted\":true}");
    memory.end = json_loads("{\"interrupted\":true}", 0, NULL);
    struct results file = read_back(NULL);
    CHECK_EQ_U64(file.count, 20);
    CHECK_EQ_U64(file.skipped, 0);
    char *a = table(&memory), *b = table(&file);
    CHECK_STR(b, a);
    CHECK(strstr(a, "100000") && strstr(a, "crashed") && strstr(a, "a note") && strstr(a, "unavailable: x: why"));
    free(a);
    free(b);
    results_free(&memory);
    results_free(&file);
    unlink(path);
}

/* A line cut off at every byte costs that line alone, also when more is appended. */
TEST(torn_lines_cost_themselves)
{
    struct sample s = full_sample(1, 0);
    make_file("");
    append("run", "r1", "{\"format\":1}");
    append_sample("r1", &s);
    struct stat st;
    CHECK_EQ_I64(stat(path, &st), 0);
    s.round = 1;
    append_sample("r1", &s);
    for (off_t cut = st.st_size * 2 - 40; cut > st.st_size; cut -= 37) {
        CHECK_EQ_I64(truncate(path, cut), 0);
        append_sample("r1", &s);
        struct results r = read_back(NULL);
        CHECK_FOR(r.count == 2 && r.skipped == 1, "cut at %jd: %zu samples, %zu skipped", (intmax_t)cut, r.count,
                  r.skipped);
        results_free(&r);
    }
    unlink(path);
}

TEST(rubbish_is_skipped_and_counted)
{
    char *long_line = malloc(STORE_LINE_MAX + 100), text[SKIPPED_TEXT];
    struct sample s = full_sample(1, 0);
    make_file("{\"type\":\"run\",\"run\":\"r1\",\"format\":1,\"unknown\":[1,2,{}]}\n"
              "{\n"
              "nonsense\n\n"
              "{\"type\":\"sample\",\"run\":\"r1\",\"wall_ns\":1e309}\n"
              "{\"type\":\"sample\",\"run\":\"r1\",\"dataset\":\"\\u0000\"}\n"
              "{\"type\":\"sample\",\"type\":\"end\",\"run\":\"r1\"}\n"
              "[1]\n"
              "{\"type\":\"sample\"}\n"
              "{\"type\":\"weather\",\"run\":\"r1\"}\n");
    int fd = open(path, O_WRONLY | O_APPEND);
    memset(long_line, '[', STORE_LINE_MAX + 100);
    long_line[STORE_LINE_MAX + 99] = '\n';
    CHECK(write(fd, long_line, STORE_LINE_MAX + 100) == STORE_LINE_MAX + 100);
    memset(long_line, '[', 5000); /* nested too deep */
    long_line[4999] = '\n';
    CHECK(write(fd, long_line, 5000) == 5000);
    close(fd);
    append_sample("r1", &s);
    struct results r = read_back(NULL);
    CHECK_EQ_U64(r.count, 1);
    CHECK_EQ_U64(r.skipped, 10);
    results_skipped_text(&r, text);
    CHECK_STR(text, "10 lines could not be used, the first is line 2: string or '}' expected near end of file");
    results_free(&r);
    free(long_line);
    unlink(path);
}

/* A file that somebody put together of others, or altered: no figure counts twice. */
TEST(what_is_there_twice_counts_once)
{
    struct sample s = full_sample(1, 0);
    struct limit_sample limit = {"d", "copy_4k", true, 0, 4.5e9, 4e9, ""};
    char text[SKIPPED_TEXT];
    make_file("");
    append("run", "r1", "{\"format\":2}");
    for (int i = 0; i < 2; i++) {
        append_sample("r1", &s);
        append_stored(STORED_LIMIT, "r1", &limit);
        append("instructions", "r1", "{\"index\":1,\"records\":1,\"instructions\":9}");
        append("calls", "r1", "{\"index\":1,\"missing\":\"no tracer\"}");
    }
    snprintf(limit.why, sizeof limit.why, "the file changed"); /* which takes back those of every round */
    append_stored(STORED_LIMIT, "r1", &limit);
    struct results r = read_back(NULL);
    CHECK(r.count == 1 && r.limit_count == 2 && r.instruction_count == 1 && r.call_count == 1);
    results_skipped_text(&r, text);
    CHECK_STR(text, "4 lines could not be used, the first is line 6: it says again what another line says");
    results_free(&r);
    unlink(path);
}

/* Two at once share a file: each is read on its own. */
TEST(runs_are_kept_apart)
{
    struct sample s = full_sample(1, 0);
    make_file("");
    append("run", "r1", "{\"format\":1}");
    append_sample("r1", &s);
    append("run", "r2", "{\"format\":1}");
    for (int i = 0; i < 2; i++) {
        s.round++;
        append_sample("r1", &s);
        append_sample("r2", &s);
    }
    append("end", "r1", "{\"interrupted\":false}");
    struct results r = read_back(NULL);
    CHECK_STR(json_string_value(json_object_get(r.run, "run")), "r2");
    CHECK_EQ_U64(r.count, 2);
    CHECK(!r.end);
    results_free(&r);
    r = read_back("r1");
    CHECK_EQ_U64(r.count, 3);
    CHECK(r.end);
    results_free(&r);
    unlink(path);
}

/* Every part of a case tells it from others, in comparisons and in its name. */
TEST(cases_are_told_apart)
{
    const struct case_key base = {.dataset = "d", .backend = "b", .sink = "s", .threads = 1, .files = 1, .split = 1};
    struct case_key other[11];
    char name[CASE_NAME], names[12][CASE_NAME];
    for (size_t i = 0; i < 11; i++)
        other[i] = base;
    other[0].dataset[0] = 'x';
    other[1].decoder[0] = 'x';
    other[2].backend[0] = 'x';
    other[3].sink[0] = 'x';
    other[4].threads = 2;
    other[5].files = 2;
    other[6].split = 2;
    other[7].block = 65536;
    other[8].advice[0] = 'x';
    other[9].cold = true;
    other[10].requested = 1000;
    case_name(&base, names[11]);
    CHECK_STR(names[11], "d/b/s/threads:1");
    for (size_t i = 0; i < 11; i++) {
        case_name(&other[i], names[i]);
        CHECK_FOR(!case_equal(&base, &other[i]) && case_equal(&other[i], &other[i]), "field %zu", i);
        CHECK_FOR(case_compare(&base, &other[i]) * case_compare(&other[i], &base) < 0, "field %zu", i);
        for (size_t k = 0; k < i; k++)
            CHECK_FOR(strcmp(names[i], names[k]) != 0 && strcmp(names[i], names[11]) != 0, "%s", names[i]);
    }
    other[0] = (struct case_key){.dataset = "d",
                                 .backend = "b",
                                 .sink = "s",
                                 .threads = 2,
                                 .files = 3,
                                 .split = 4,
                                 .block = 65536,
                                 .cold = true};
    other[0].requested = 10;
    case_name(&other[0], name);
    CHECK_STR(name, "d/b/s/threads:2/files:3/split:4/block:64K/records:10/cold");
}

TEST(two_cases_under_one_key_are_refused)
{
    struct results taken = {0};
    struct sample s = full_sample(1, 0);
    make_file("");
    append("run", "r1", "{\"format\":2}");
    append_sample("r1", &s);
    CHECK(results_keep(&taken, &s));
    s.round = 1;
    CHECK(results_keep(&taken, &s));
    s.index = 7;
    CHECK(!results_keep(&taken, &s));
    append_sample("r1", &s);
    check_refused(-EEXIST, "trades \"quoted\"/mmap/sum/threads:2/files:3/split:4/cold");
    append("run", "r2", "{\"format\":2}");
    append_sample("r2", &s);
    s.key.threads = 9; /* one index, two keys */
    CHECK(results_keep(&taken, &s));
    s.key.threads = 8;
    CHECK(!results_keep(&taken, &s));
    append_sample("r2", &s);
    check_refused(-EEXIST, "threads:");
    results_free(&taken);
    unlink(path);
}

/* Format 1 said neither what was asked for, nor what a run and its backends are. */
TEST(format_1_is_brought_to_this_one)
{
    static const struct {
        const char *name;
        struct run_backend is;
    } then[] = {
        {"syscall", {ASKS_FIELDS, false, false, 0}},      {"syscall-record", {ASKS_RECORDS, false, false, 0}},
        {"buffered", {ASKS_BLOCKS, false, false, 0}},     {"mmap", {ASKS_BLOCKS, false, true, 0}},
        {"pipeline", {ASKS_BLOCKS, true, false, 1}},      {"memory", {ASKS_BLOCKS, false, true, 0}},
        {"memory-cached", {ASKS_BLOCKS, false, true, 0}}, {"memory-handed", {ASKS_BLOCKS, true, false, 1}},
        {"memory-fields", {ASKS_FIELDS, false, true, 0}}, {"memory-records", {ASKS_RECORDS, false, true, 0}},
    };
    struct run_backend b;
    make_file("");
    append("run", "r1", "{\"format\":1,\"command\":[\"another name\"],\"inputs\":[]}");
    for (uint64_t i = 0; i < 3; i++) {
        struct sample s = full_sample(1 + i, 0);
        s.prefix = i * 1000;
        json_t *object = stored_to_json(STORED_SAMPLE, &s);
        json_object_set(object, "place", json_object_get(object, "index"));
        json_object_set(object, "inner", json_object_get(object, "iterations"));
        json_object_del(object, "index");
        json_object_del(object, "iterations");
        json_object_del(object, "requested");
        char *text = json_dumps(object, 0);
        append("sample", "r1", text);
        free(text);
        json_decref(object);
    }
    struct results r = read_back(NULL);
    CHECK_EQ_U64(r.count, 3);
    for (uint64_t i = 0; i < 3; i++)
        CHECK(r.samples[i].index == 1 + i && r.samples[i].iterations == 3 && r.samples[i].key.requested == i * 1000);
    CHECK(run_kind(&r) == RUN_SCALE);
    for (size_t i = 0; i < sizeof then / sizeof then[0]; i++) {
        const struct run_backend *is = &then[i].is;
        CHECK_FOR(run_backend(&r, then[i].name, &b) && b.asks == is->asks && b.shared == is->shared &&
                      b.mapped == is->mapped && b.own_threads == is->own_threads,
                  "%s", then[i].name);
    }
    CHECK(!run_backend(&r, "somebody's", &b));
    results_free(&r);
    unlink(path);
}

TEST(what_cannot_be_read_is_named)
{
    make_file("");
    check_refused(-ENODATA, "no run");
    append("run", "r1", "{\"format\":3}");
    check_refused(-EPROTONOSUPPORT, "newer version");
    unlink(path);
    check_refused(-ENOENT, "No such file");
    CHECK(mkdir(path, 0700) == 0);
    check_refused(-EISDIR, "directory");
    rmdir(path);
}

TEST(other_files_are_left_alone)
{
    struct store *store;
    make_file("DBN\003 or anything else");
    CHECK_EQ_I64(store_open(path, &store), -EEXIST);
    CHECK_EQ_I64(store_open("/tmp", &store), -EISDIR);
    CHECK_EQ_I64(store_open("/nonexistent/x", &store), -ENOENT);
    unlink(path);
}

/* Whatever the width, no line of the table is longer as long as there are columns to leave out. */
TEST(tables_fit)
{
    struct results r = {0};
    struct report report;
    for (uint64_t i = 0; i < 14; i++) {
        struct sample s = full_sample(i % 2, i / 2);
        results_add(&r, STORED_SAMPLE, &s);
    }
    report_of(&r, &report);
    for (size_t width = 70; width < 140; width += 10) {
        char *text;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        cases_print(&r, &report, width, f);
        fclose(f);
        size_t longest = 0, rows = 0;
        for (const char *line = text + 1; *line != '\n' && *line != 'l'; line = strchr(line, '\n') + 1) {
            rows += strncmp(line, "trades ", 7) == 0;
            longest = strcspn(line, "\n") > longest ? strcspn(line, "\n") : longest;
        }
        CHECK_FOR(rows == 2, "%s", text);
        CHECK_FOR(longest <= width, "%zu of %zu", longest, width);
        CHECK_FOR(!strchr(text, '\033'), "%s", text);
        free(text);
    }
    report_free(&report);
    results_free(&r);
}

TESTS(CASE(samples_come_back_unchanged), CASE(every_outcome_has_a_name), CASE(invalid_samples_are_refused),
      CASE(text_is_cleaned), CASE(a_table_is_the_same_from_memory_and_from_the_file), CASE(torn_lines_cost_themselves),
      CASE(rubbish_is_skipped_and_counted), CASE(what_is_there_twice_counts_once), CASE(runs_are_kept_apart),
      CASE(cases_are_told_apart), CASE(two_cases_under_one_key_are_refused), CASE(format_1_is_brought_to_this_one),
      CASE(what_cannot_be_read_is_named), CASE(other_files_are_left_alone), CASE(tables_fit));
