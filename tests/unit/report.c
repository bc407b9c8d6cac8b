/* Guards what a report makes of limits, block sizes and counts of instructions, and that their lines come
 * back from the file: every expected figure here was worked out by hand. */
#include "../../harness/measure/limits.h"
#include "../../harness/view/cases.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK_NEAR(actual, expected) CHECK_FOR(fabs((actual) - (expected)) < 1e-9, "it is %.12g", (double)(actual))

static struct results results;

static struct sample sample(uint64_t place, const char *limit, uint64_t round, uint64_t wall_ns)
{
    struct sample s = {
        .key.dataset = "d",
        .key.backend = "mmap",
        .key.sink = "sum",
        .key.threads = 1,
        .key.files = 1,
        .key.split = 1,
        .records = 100,
        .bytes = 4000,
        .index = place,
        .round = round,
        .iterations = 2,
        .wall_ns = wall_ns,
        .reads = {READING_EXACT, 20},
    };
    snprintf(s.limit, sizeof s.limit, "%s", limit);
    return s;
}

static void add(uint64_t place, const char *limit, uint64_t round, uint64_t wall_ns)
{
    struct sample s = sample(place, limit, round, wall_ns);
    results_add(&results, STORED_SAMPLE, &s);
}

static void add_limit(const char *dataset, const char *limit, uint64_t round, double wall_value, const char *why)
{
    struct limit_sample s = {
        .per_second = strstr(limit, "_ns") == NULL, .round = round, .value = 2 * wall_value, .wall_value = wall_value};
    snprintf(s.dataset, sizeof s.dataset, "%s", dataset);
    snprintf(s.limit, sizeof s.limit, "%s", limit);
    snprintf(s.why, sizeof s.why, "%s", why);
    results_add(&results, STORED_LIMIT, &s);
}

static struct report report(void)
{
    struct report r;
    report_of(&results, &r);
    return r;
}

static void done(struct report *r)
{
    report_free(r);
    results_free(&results);
}

static char *text_of(const struct report *r)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    cases_print(&results, r, 110, f);
    fclose(f);
    return text;
}

/* 4000 bytes at 4, 8 and 2 GB/s take 1000, 500 and 2000 ns; decodes took 2000, 2000 and 2500. Round 3 has
 * no limit and round 4 no sample. */
TEST(limits_are_of_the_same_round)
{
    static const uint64_t wall_ns[] = {4000, 4000, 5000, 1000};
    for (uint64_t round = 0; round < 4; round++)
        add(0, "map_touch", round, wall_ns[round]);
    add_limit("d", "map_touch", 2, 2e9, "");
    add_limit("d", "map_touch", 0, 4e9, "");
    add_limit("d", "map_touch", 1, 8e9, "");
    add_limit("d", "map_touch", 4, 1e9, "");
    add_limit("another", "map_touch", 3, 1e9, "");
    add_limit("d", "copy_64k", 3, 1e9, "");
    struct report r = report();
    CHECK_EQ_U64(r.rows[0].of_limit.n, 3); /* 0.5, 0.25, 0.8 */
    CHECK_NEAR(r.rows[0].of_limit.median, 0.5);
    CHECK_NEAR(r.rows[0].of_limit.low, 0.25);
    CHECK_NEAR(r.rows[0].of_limit.high, 0.8);
    CHECK_EQ_U64(r.limit_count, 3);
    CHECK_STR(r.limits[2].sample->limit, "map_touch");
    CHECK_EQ_U64(r.limits[2].wall.n, 4);
    CHECK_NEAR(r.limits[2].wall.median, 3e9);
    char *text = text_of(&r);
    CHECK(strstr(text, "% limit"));
    CHECK_FOR(strstr(text, "\nd       copy_64k ") && strstr(text, "\nd       map_touch ") && strstr(text, " 3.00 ["),
              "%s", text);
    free(text);
    done(&r);
}

/* 20 reads in 2 decodes of 2000 ns each: 10 of 100 ns are 1000. */
TEST(limits_of_calls_count_reads)
{
    add(0, "read_16_ns", 0, 4000);
    add_limit("d", "read_16_ns", 0, 100, "");
    struct report r = report();
    CHECK_NEAR(r.rows[0].of_limit.median, 0.5);
    done(&r);
}

/* A file of 1000 bytes that inflates to 4000: 1000 at 1 GB/s take 1000 ns of the decode's 2000. */
TEST(devices_give_bytes_of_files)
{
    struct sample cold = sample(0, "device", 0, 4000);
    cold.key.cold = true;
    results_add(&results, STORED_SAMPLE, &cold);
    add_limit("d", "device", 0, 1e9, "");
    results.run = json_pack("{s:[{s:s, s:i, s:i}]}", "datasets", "name", "d", "size", 1000, "bytes", 4000);
    struct report r = report();
    CHECK_NEAR(r.rows[0].of_limit.median, 0.5);
    done(&r);
}

TEST(limits_without_a_value_give_none)
{
    add(0, "map_touch", 0, 4000);
    add(1, "", 0, 4000);
    add(2, "copy_64k", 0, 4000);
    add_limit("d", "map_touch", 0, 4e9, "");
    add_limit("d", "map_touch", 1, 0, "the file changed");
    add_limit("d", "copy_4k", 0, 4e9, "");
    struct report r = report();
    for (size_t i = 0; i < 3; i++)
        CHECK_EQ_U64(r.rows[i].of_limit.n, 0);
    char *text = text_of(&r);
    CHECK_FOR(strstr(text, " n/a                 n/a GB/s the file changed\n"), "%s", text);
    free(text);
    done(&r);
}

TEST(without_limits_there_is_no_column)
{
    add(0, "map_touch", 0, 4000);
    struct report r = report();
    char *text = text_of(&r);
    CHECK_FOR(strstr(text, "n/a: % limit, ") && !strstr(text, "block") && !strstr(text, "callgrind"), "%s", text);
    free(text);
    done(&r);
}

/* Rows of a sweep are told apart, and compared with their own kind. */
TEST(blocks_are_part_of_the_case)
{
    static const char *const sinks[] = {"touch", "sum"};
    for (uint64_t i = 0; i < 4; i++) {
        struct sample s = sample(i, "", 0, i == 0 ? 100 : i == 1 ? 200 : i == 2 ? 600 : 1800);
        s.key.block = i < 2 ? 4096 : 3 << 20;
        snprintf(s.key.sink, sizeof s.key.sink, "%s", sinks[i % 2]);
        results_add(&results, STORED_SAMPLE, &s);
    }
    struct report r = report();
    CHECK(r.blocks_differ);
    CHECK_NEAR(r.rows[1].of_touch.median, 100.0 / 200);
    CHECK_NEAR(r.rows[3].of_touch.median, 600.0 / 1800);
    char *text = text_of(&r);
    CHECK_FOR(strstr(text, " block ") && strstr(text, " 4K ") && strstr(text, " 3M "), "%s", text);
    free(text);
    done(&r);
}

TEST(one_block_for_each_backend_is_no_sweep)
{
    struct sample s = sample(0, "", 0, 100);
    s.key.block = 4096;
    results_add(&results, STORED_SAMPLE, &s);
    s.index = 1;
    s.key.block = 8192;
    snprintf(s.key.backend, sizeof s.key.backend, "pipeline");
    results_add(&results, STORED_SAMPLE, &s);
    struct report r = report();
    CHECK(!r.blocks_differ);
    done(&r);
}

TEST(instructions_are_by_record)
{
    struct instruction_count known = {.index = 7, .records = 100, .instructions = 1234},
                             unknown = {.index = 8, .why = "valgrind: none"};
    struct sample two = sample(8, "", 0, 100);
    two.key.threads = 2;
    add(7, "", 0, 100);
    results_add(&results, STORED_SAMPLE, &two);
    results_add(&results, STORED_INSTRUCTIONS, &known);
    results_add(&results, STORED_INSTRUCTIONS, &unknown);
    struct report r = report();
    CHECK_NEAR(r.rows[0].instructions, 12.34);
    CHECK(isnan(r.rows[1].instructions));
    char *text = text_of(&r);
    CHECK_FOR(strstr(text, " 12.3\n") && strstr(text, " n/a\n") && strstr(text, "instructions: n/a: valgrind: none\n"),
              "%s", text);
    free(text);
    done(&r);
}

/* 4000 cycles in 200 records of 2 decodes are 20 each, and 0.5 for each of 4000 bytes. */
TEST(counters_are_by_record)
{
    struct sample s = sample(0, "", 0, 100);
    s.counters = 2;
    s.counter[0] = (struct sample_counter){"cycles", {{READING_EXACT, 4000}, 1000000}};
    s.counter[1] = (struct sample_counter){"cache-misses", {{READING_SCALED, 100}, 400000}};
    results_add(&results, STORED_SAMPLE, &s);
    results.run = json_loads("{\"counters\": {\"cycles\": {}, \"cache-misses\": {}, \"mine\": null},"
                             " \"missing\": {\"mine\": \"no such event\"}}",
                             0, NULL);
    struct report r = report();
    char *text = text_of(&r);
    CHECK_FOR(strstr(text, "cycles/record cache-misses/record\n"), "%s", text);
    CHECK_FOR(strstr(text, "         20.0              ~0.500\n"), "%s", text);
    CHECK_FOR(strstr(text, "mine: n/a: no such event\n") && strstr(text, "~: scaled"), "%s", text);
    free(text);
    done(&r);
}

/* --- lines --- */

static bool limit_is_valid(const char *json)
{
    struct limit_sample s;
    char why[STORED_WHY];
    json_t *o = json_loads(json, 0, NULL);
    bool valid = stored_from_json(STORED_LIMIT, o, &s, why);
    json_decref(o);
    return valid;
}

TEST(lines_come_back_unchanged)
{
    char why[STORED_WHY];
    static const char *const rows[] = {"", "no file"};
    for (size_t i = 0; i < 2; i++) {
        struct limit_sample s = {"d", "copy_4k", true, 3, 4.5e9, 4e9, ""}, got;
        snprintf(s.why, sizeof s.why, "%s", rows[i]);
        json_t *o = stored_to_json(STORED_LIMIT, &s);
        CHECK(stored_from_json(STORED_LIMIT, o, &got, why));
        CHECK_STR(got.dataset, "d");
        CHECK_STR(got.limit, "copy_4k");
        CHECK_STR(got.why, rows[i]);
        CHECK(got.per_second && got.round == 3);
        CHECK_NEAR(got.wall_value, i ? 0 : 4e9); /* never a number beside a reason */
        json_decref(o);

        struct instruction_count c = {7, 10, 1234, ""}, back;
        snprintf(c.why, sizeof c.why, "%s", rows[i]);
        o = stored_to_json(STORED_INSTRUCTIONS, &c);
        CHECK(stored_from_json(STORED_INSTRUCTIONS, o, &back, why));
        CHECK_EQ_U64(back.index, 7);
        CHECK_EQ_U64(back.instructions, i ? 0 : 1234);
        CHECK_STR(back.why, rows[i]);
        json_decref(o);
    }
}

TEST(invalid_lines_are_refused)
{
#define LIMIT "{\"dataset\": \"d\", \"limit\": \"l\", \"round\": 1, \"unit\": "
    CHECK(limit_is_valid(LIMIT "\"ns\", \"value\": 1, \"wall_value\": 2.5}"));
    CHECK(!limit_is_valid(LIMIT "\"ns\", \"value\": 1, \"wall_value\": 0}"));
    CHECK(!limit_is_valid(LIMIT "\"ns\", \"value\": 1}"));
    CHECK(!limit_is_valid(LIMIT "\"ns\", \"value\": -1, \"wall_value\": 2}"));
    CHECK(!limit_is_valid(LIMIT "\"ns\", \"value\": 1, \"wall_value\": 1e300}"));
    CHECK(!limit_is_valid(LIMIT "\"ms\", \"value\": 1, \"wall_value\": 2}"));
    CHECK(!limit_is_valid(LIMIT "\"ns\", \"missing\": \"\"}"));
    CHECK(!limit_is_valid("{\"limit\": \"l\", \"round\": 1, \"unit\": \"ns\", \"value\": 1, \"wall_value\": 2}"));
    struct instruction_count c;
    char why[STORED_WHY];
    json_t *o = json_pack("{s:i, s:i, s:i}", "index", 1, "records", 0, "instructions", 5);
    CHECK(!stored_from_json(STORED_INSTRUCTIONS, o, &c, why));
    CHECK_STR(why, "records cannot be 0");
    json_decref(o);
}

/* Lines from the file make the same report; files from before there were limits make one without. */
TEST(files_hold_them)
{
    char path[] = "/tmp/test_report.XXXXXX", why[128];
    FILE *f = fdopen(mkstemp(path), "w");
    struct sample s = sample(0, "map_touch", 0, 4000);
    json_t *line = stored_to_json(STORED_SAMPLE, &s);
    json_object_set_new(line, "type", json_string("sample"));
    json_object_set_new(line, "run", json_string("r"));
    fputs("{\"type\": \"run\", \"run\": \"r\", \"format\": 1}\n", f);
    json_dumpf(line, f, JSON_COMPACT);
    fputs("\n{\"type\": \"limit\", \"run\": \"r\", \"dataset\": \"d\", \"limit\": \"map_touch\", \"round\": 0,"
          " \"unit\": \"bytes/s\", \"value\": 9e9, \"wall_value\": 4e9}\n"
          "{\"type\": \"limit\", \"run\": \"r\"}\n"
          "{\"type\": \"instructions\", \"run\": \"r\", \"place\": 0, \"records\": 2, \"instructions\": 9}\n",
          f);
    json_object_set_new(line, "round", json_integer(1));
    json_object_del(line, "block");
    json_object_del(line, "limit");
    json_object_del(line, "steal_ns");
    json_dumpf(line, f, JSON_COMPACT);
    fputc('\n', f);
    fclose(f);
    json_decref(line);
    CHECK_EQ_I64(store_read(path, &results, why, sizeof why), 0);
    CHECK_EQ_U64(results.count, 2);
    CHECK_EQ_U64(results.skipped, 1);
    CHECK_STR(results.samples[1].limit, "");
    CHECK_EQ_U64(results.samples[1].steal_ns.state, READING_UNSUPPORTED);
    results.count = 1;
    struct report r = report();
    CHECK_NEAR(r.rows[0].of_limit.median, 0.5);
    CHECK_NEAR(r.rows[0].instructions, 4.5);
    done(&r);
    unlink(path);
}

TESTS(CASE(limits_are_of_the_same_round), CASE(limits_of_calls_count_reads), CASE(devices_give_bytes_of_files),
      CASE(limits_without_a_value_give_none), CASE(without_limits_there_is_no_column),
      CASE(blocks_are_part_of_the_case), CASE(one_block_for_each_backend_is_no_sweep), CASE(instructions_are_by_record),
      CASE(counters_are_by_record), CASE(lines_come_back_unchanged), CASE(invalid_lines_are_refused),
      CASE(files_hold_them));
