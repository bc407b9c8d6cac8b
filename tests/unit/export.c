/* Guards what other tools are given of a run: figures worked out by hand, the same as those of the run's own JSON, and
 * no figure where there is none; names that are unique, and harmless wherever they end up. */
#include "../../harness/view/formats.h"
#include "../../harness/view/save.h"
#include "../../harness/view/cases.h"
#include "../test.h"

#include <signal.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct results results;
static struct report report;

/* Samples of 2 decodes each, that take so many ns; half of it CPU time. */
static void add_case(struct sample s, uint64_t place, const uint64_t *ns, size_t n)
{
    s.index = place;
    s.key.sink[0] = 's';
    s.key.threads = s.key.threads ? s.key.threads : 1;
    s.key.files = 1;
    s.key.split = 1;
    s.iterations = 2;
    for (s.round = 0; s.round < n; s.round++) {
        s.wall_ns = 2 * ns[s.round];
        s.cpu_ns = reading_exactly(ns[s.round]);
        s.user_ns = reading_exactly(2);
        s.system_ns = reading_exactly(4);
        s.reads = reading_exactly(20);
        s.max_rss_bytes = reading_exactly(0);
        results_add(&results, STORED_SAMPLE, &s);
    }
}

static void prepare(void)
{
    static const uint64_t three[] = {3000, 1000, 2000}, six[] = {900, 100, 500, 200, 400, 300};
    struct sample crashed = {.key.dataset = "x|y",
                             .key.backend = "bad",
                             .records = 10,
                             .outcome = SAMPLE_CRASHED,
                             .error = "Segmentation fault, \"really\""};
    add_case(
        (struct sample){.key.dataset = "a", .key.backend = "b", .records = 1000, .bytes = 48000, .key.block = 65536}, 0,
        three, 3);
    add_case((struct sample){.key.dataset = "=a,\"b",
                             .key.backend = "b",
                             .key.threads = 2,
                             .records = 10,
                             .bytes = 480,
                             .key.cold = true,
                             .prefix = 10},
             1, six, 6);
    add_case(crashed, 2, three, 1);
    add_case((struct sample){.key.dataset = "none", .key.backend = "b", .bytes = 40}, 3, six, 1);
    results.run = json_loads("{\"type\":\"run\",\"run\":\"r_1\",\"format\":1,\"before\":{\"unix_ms\":1000,"
                             "\"load_milli\":1500},\"machine\":{\"cores_online\":2}}",
                             0, NULL);
    report_of(&results, &report);
    CHECK_EQ_U64(report.count, 4);
}

static void clean_up(void)
{
    report_free(&report);
    results_free(&results);
}

#define A "a/b/s/threads:1/block:64K"
#define B "=a,\"b/b/s/threads:2/cold"

/* To be freed. */
static char *written(const char *format)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    format_find(format)->write(&results, &report, f);
    fclose(f);
    return text;
}

/* What gnuplot gets; to be freed. */
static char *tsv_of_cases(void)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    struct table *t = cases_table(&report);
    table_print_tsv(t, f);
    table_free(t);
    fclose(f);
    return text;
}

/* JSON must survive a strict reader. */
static json_t *json_of(const char *format)
{
    char *text = written(format);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json);
    CHECK(!strcasestr(text, "nan") && !strcasestr(text, "inf"));
    free(text);
    return json;
}

static double number(const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const json_t *named(const json_t *list, const char *key, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), key)), name) == 0)
            return json_array_get(list, i);
    return NULL;
}

#define CHECK_NEAR(actual, expected)                                                                                   \
    do {                                                                                                               \
        double near_actual = actual, near_expected = expected;                                                         \
        CHECK_FOR(fabs(near_actual - near_expected) <= 1e-12 * fabs(near_expected), "%.17g, expected %.17g",           \
                  near_actual, near_expected);                                                                         \
    } while (0)

TEST(google_benchmark)
{
    prepare();
    json_t *json = json_of("gbench");
    const json_t *list = json_object_get(json, "benchmarks"), *context = json_object_get(json, "context");
    CHECK_EQ_U64(json_array_size(list), 3 + 4 + 6 + 4 + 1); /* one sample has no aggregates, a failed case nothing */
    const json_t *first = json_array_get(list, 0), *median = named(list, "name", A "_median");
    CHECK_STR(json_string_value(json_object_get(first, "name")), A);
    CHECK_STR(json_string_value(json_object_get(first, "run_type")), "iteration");
    CHECK_STR(json_string_value(json_object_get(first, "time_unit")), "ns");
    CHECK_NEAR(number(first, "real_time"), 3000);
    CHECK_NEAR(number(first, "cpu_time"), 1500);
    CHECK_NEAR(number(first, "iterations"), 2);
    CHECK_NEAR(number(first, "items_per_second"), 1e12 / 3000);
    CHECK_NEAR(number(first, "bytes_per_second"), 48e12 / 3000);
    CHECK_NEAR(number(json_array_get(list, 2), "repetition_index"), 2);
    CHECK_NEAR(number(median, "real_time"), 2000);
    CHECK_NEAR(number(median, "cpu_time"), 1000);
    CHECK_STR(json_string_value(json_object_get(median, "run_name")), A);
    CHECK_NEAR(number(named(list, "name", A "_mean"), "real_time"), 2000);
    CHECK_NEAR(number(named(list, "name", A "_stddev"), "real_time"), 1000);
    CHECK_NEAR(number(named(list, "name", A "_cv"), "real_time"), 0.5);
    CHECK_NEAR(number(named(list, "name", B "_median"), "real_time"), 350);
    CHECK_NEAR(number(named(list, "name", B "_mean"), "real_time"), 400);
    CHECK(!json_object_get(named(list, "name", "none/b/s/threads:1"), "items_per_second"));
    CHECK_STR(json_string_value(json_object_get(context, "date")), "1970-01-01 00:00:01 UTC");
    CHECK_STR(json_string_value(json_object_get(context, "x|y/bad/s/threads:1")),
              "crashed: Segmentation fault, \"really\"");
    json_decref(json);
    clean_up();
}

TEST(github_action_benchmark)
{
    prepare();
    json_t *json = json_of("github-action-benchmark");
    const json_t *a = named(json, "name", A), *b = named(json, "name", B);
    CHECK_EQ_U64(json_array_size(json), 2); /* no records, no figure */
    CHECK_NEAR(number(a, "value"), 2);
    CHECK_STR(json_string_value(json_object_get(a, "unit")), "ns/record");
    CHECK(!json_object_get(a, "range")); /* of 3 samples none is known */
    CHECK_NEAR(number(b, "value"), 35);
    CHECK_STR(json_string_value(json_object_get(b, "range")), "\u00b1 40"); /* 10 to 90 */
    CHECK_STR(json_string_value(json_object_get(b, "extra")), "6 samples, median; 96.88 % interval 10 .. 90");
    json_decref(json);
    clean_up();
}

/* Bit by bit: nobody should have to wonder which of two figures is right. */
TEST(figures_are_those_of_the_run)
{
    prepare();
    json_t *json = cases_json(&results, &report), *exported = json_of("github-action-benchmark");
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(json_object_get(json, "rows"), i);
        CHECK(number(json_array_get(exported, i), "value") == number(json_object_get(row, "record_ns"), "median"));
    }
    json_decref(json);
    json_decref(exported);
    clean_up();
}

TEST(csv_and_tsv)
{
    prepare();
    char *csv = written("csv"), *tsv = tsv_of_cases(), *samples = written("csv-samples");
    CHECK_FOR(strncmp(csv,
                      "case,dataset,decoder,backend,sink,threads,files,split,block,depth,advice,cache,requested,prefix,"
                      "records,bytes,outcome,error,samples,level,times_best,times_best_low,times_best_high,"
                      "records_per_second,bytes_per_second,decode_ns,decode_ns_low,decode_ns_high,record_ns,"
                      "record_ns_low,record_ns_high,spread,of_limit,",
                      200) == 0,
              "%s", csv);
    CHECK_FOR(strstr(csv,
                     "\n" A ",a,,b,s,1,1,1,65536,,,warm,,,1000,48000,ok,,3,0.75,1,1,1,500000000,24000000000,2000,1000,"
                     "3000,2,1,3,,"),
              "%s", csv);
    CHECK_FOR(strstr(csv, "\n\"'=a,\"\"b/b/s/threads:2/cold\",\"'=a,\"\"b\",,b,s,2,"), "%s", csv);
    CHECK_FOR(strstr(csv, ",crashed,\"Segmentation fault, \"\"really\"\"\",,,,,,,,,,,,"), "%s", csv);
    CHECK_FOR(strstr(csv, "\nnone/b/s/threads:1,none,,b,s,1,1,1,,,,warm,,,0,40,ok,,1,0,,,,,44444444.44444445"), "%s",
              csv);
    CHECK_FOR(strstr(tsv, "\n'=a,\\042b/b/s/threads:2/cold\t'=a,\\042b\t\tb\ts\t2\t"), "%s", tsv);
    CHECK_FOR(strncmp(samples, "case,dataset,decoder,backend,sink,", 34) == 0, "%s", samples);
    CHECK_FOR(strstr(samples, "\n" A ",a,,b,s,1,1,1,65536,,,warm,,0,1000,48000,0,,1,2,2000,1000,2,4,"), "%s", samples);
    CHECK_FOR(strstr(samples, ",,,,,,,,crashed,\"Segmentation fault, \"\"really\"\"\"\n"), "%s", samples);
    free(csv);
    free(tsv);
    free(samples);
    clean_up();
}

/* Names as readers do not let through, should one come from elsewhere; and counters, whose names users choose. */
TEST(hostile_text_stays_in_its_field)
{
    static const char *const names[] = {"=1+1", "+1",     "-1", "@SUM(A1)", "\tx",
                                        "a\nb", "a\r\nb", "\"", ",",        "|`<b>*_[x](y)\\"};
    static const char *const in_csv[] = {"\"'=1+1/",  "\"'+1/",         "\"'-1/", "\"'@SUM(A1)/", "\"'\\x09x/",
                                         "\"a\\x0ab", "\"a\\x0d\\x0ab", "\"\"\"", "\",",          "|`<b>*_[x](y)\\"};
    static const uint64_t one[] = {1};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sample s = {.key.backend = "b", .records = 1, .counters = 1};
        snprintf(s.key.dataset, sizeof s.key.dataset, "%s", names[i]);
        snprintf(s.counter[0].name, sizeof s.counter[0].name, "=1,2");
        s.counter[0].count = (struct counter_reading){{READING_SCALED, 7}, 500000};
        add_case(s, 0, one, 1);
        report_of(&results, &report);
        char *csv = written("csv"), *tsv = tsv_of_cases(), *counters = written("csv-samples"),
             *markdown = written("markdown");
        CHECK_FOR(strncmp(strchr(csv, '\n') + 1, in_csv[i], strlen(in_csv[i])) == 0, "%s", csv);
        size_t lines = 0, tabs = 0;
        for (const char *p = tsv; *p; p++) {
            lines += *p == '\n' || *p == '\r';
            tabs += *p == '\t';
        }
        CHECK_FOR(lines == 2 && tabs == 2 * 52, "%zu lines, %zu tabs: %s", lines, tabs, tsv);
        CHECK_FOR(strstr(counters, "\"counters.=1,2\",\"counters.=1,2.ran_ppm\""), "%s", counters);
        CHECK_FOR(!strstr(markdown, "a\nb") && !strstr(markdown, "<b>") && !strstr(markdown, "| |"), "%s", markdown);
        free(csv);
        free(tsv);
        free(counters);
        free(markdown);
        clean_up();
    }
}

TEST(markdown)
{
    prepare();
    char *text = written("markdown");
    CHECK_FOR(strstr(text, "\n| a | b | 1 | 64K | warm | - | ok | 1.00 | 500 | 24.0 | 2.00 "
                           "| few | 0.01 | 0 |\n"),
              "%s", text);
    CHECK_FOR(strstr(text, " | 28.6 | 1.37 | 35.0 | noisy | "), "%s", text);
    CHECK_FOR(strstr(text, "\n| x\\|y | bad | 1 | - | warm | - | crashed | n/a | n/a | n/a | n/a | "), "%s", text);
    CHECK_FOR(strstr(text, "\n| none | b | 1 | - | warm | - | ok | n/a | "), "%s", text);
    CHECK_FOR(strstr(text, "\ncrashed: x\\|y bad s: Segmentation fault, \\\"really\\\"\n"), "%s", text);
    CHECK_FOR(strstr(text, "\nrun r\\_1\n"), "%s", text);
    free(text);
    clean_up();
}

TEST(files_appear_whole_or_not_at_all)
{
    char dir[] = "/tmp/test_export.XXXXXX", path[64], link[64], text[64] = "";
    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(link, sizeof link, "%s/link", dir);
    CHECK_EQ_I64(save_file(path, "old\n", 4), 0);
    CHECK(symlink("file", link) == 0);
    CHECK_EQ_I64(save_file(link, "new\n", 4), 0);
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN); /* as main() has it */
    CHECK_EQ_I64(getrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_EQ_I64(setrlimit(RLIMIT_FSIZE, &(struct rlimit){2, limit.rlim_max}), 0);
    CHECK_EQ_I64(save_file(path, "broken\n", 7), -EFBIG);
    CHECK_EQ_I64(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int fd = open(path, O_RDONLY);
    CHECK(read(fd, text, sizeof text) == 4);
    CHECK_STR(text, "new\n");
    close(fd);
    CHECK_EQ_I64(save_file(dir, "x", 1), -EISDIR);
    CHECK_EQ_I64(save_file("/dev/full", "x", 1), -ENOSPC);
    CHECK_EQ_I64(save_file("/dev/null", "x", 1), 0);
    CHECK_EQ_I64(save_file("/nonexistent/x", "x", 1), -ENOENT);
    CHECK(unlink(link) == 0 && unlink(path) == 0);
    CHECK(rmdir(dir) == 0); /* nothing else is left in it */
}

TESTS(CASE(google_benchmark), CASE(github_action_benchmark), CASE(figures_are_those_of_the_run), CASE(csv_and_tsv),
      CASE(hostile_text_stays_in_its_field), CASE(markdown), CASE(files_appear_whole_or_not_at_all));
