/* Guards what the gate reads from programs, none of which it may trust: only a whole and sound answer
 * to the question that was asked counts. */
#include "../../harness/gate/gate.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- what the arms are started with --- */

TEST(arms_inherit_little)
{
    static char *around[] = {"LC_ALL=de",          "HOMES=x", "TMPDIR=/t", "SECRET=1",
                             "LD_LIBRARY_PATH=/l", "PATH=/p", "HOME=/h",   NULL};
    static const char *const expected[] = {"LC_ALL=C", "PATH=/p",   "LD_LIBRARY_PATH=/l",
                                           "HOME=/h",  "TMPDIR=/t", "PADDING=00000"};
    struct plan_file file = {.path = "f.dbn"};
    struct plan_range range = {.end = 1000};
    struct gate_case c = {.key = {.backend = "mmap", .threads = 2}, .file = &file, .range = &range};
    struct gate_arm arm = {.program = "base", .shifted = "moved"};
    struct gate_command command;
    char line[200] = "";
    environ = around;
    gate_decode_command(&arm, &c, &(struct gate_decode){.sink = "sum", .decodes = 3, .padding = 5, .shifted = true},
                        &command);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        CHECK_STR(command.environment[i], expected[i]);
    CHECK(!command.environment[sizeof expected / sizeof expected[0]]);
    for (size_t i = 0; command.argv[i]; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s ", command.argv[i]);
    CHECK_STR(line, "moved decode --json --backend=mmap --sink=sum --threads=2 --end=1000 -- f.dbn f.dbn f.dbn ");
    environ = (char *[]){"PATHS=/x", NULL};
    range.end = UINT64_MAX;
    c.word = "./m.so";
    gate_decode_command(&arm, &c, &(struct gate_decode){.sink = "none", .decodes = 1}, &command);
    CHECK_STR(command.environment[0], "LC_ALL=C");
    CHECK_STR(command.environment[1], "PADDING=0");
    CHECK(!command.environment[2]);
    CHECK_STR(command.argv[0], "base");
    CHECK_STR(command.argv[3], "--backend=./m.so");
    CHECK_STR(command.argv[6], "--");
}

/* --- what decodes print --- */

#define GOOD                                                                                                           \
    "\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20, \"bytes\": 960, "   \
    "\"digest\": \"00000000000000ff\""

TEST(a_good_answer)
{
    struct gate_reading r;
    char why[GATE_WHY] = "";
    enum gate_verdict v = gate_reading_parse("{" GOOD ", \"reads\": 7, \"bytes_read\": 1000, \"copied\": 0, "
                                             "\"allocations\": null}\n",
                                             "mmap", "sum", 2, &r, why);
    CHECK_EQ_U64(v, GATE_OK);
    CHECK_EQ_U64(r.found.records, 20);
    CHECK_EQ_U64(r.found.bytes, 960);
    CHECK_EQ_U64(r.found.digest, 255);
    CHECK_EQ_U64(r.digest_version, 1);
    CHECK_EQ_I64(gate_reading_parse("{" GOOD ", \"digest_version\": 2}", "mmap", "sum", 2, &r, why), GATE_OK);
    CHECK_EQ_U64(r.digest_version, 2);
    gate_reading_parse("{" GOOD ", \"reads\": 7, \"bytes_read\": 1000, \"copied\": 0}", "mmap", "sum", 2, &r, why);
    CHECK(r.count[0].known && r.count[0].value == 7);
    CHECK(r.count[1].known && r.count[1].value == 1000);
    CHECK(r.count[2].known && r.count[2].value == 0);
    CHECK(!r.count[3].known && !r.count[4].known);
}

#define SAYS(text, verdict)                                                                                            \
    {                                                                                                                  \
        text, verdict                                                                                                  \
    }

TEST(answers_that_are_none)
{
    static const struct {
        const char *out;
        enum gate_verdict verdict;
    } table[] = {
        SAYS("", GATE_COULD_NOT_RUN),
        SAYS("\n", GATE_COULD_NOT_RUN),
        SAYS("20 records, 960 bytes, digest 00000000000000ff\n", GATE_COULD_NOT_RUN),
        SAYS("[]", GATE_COULD_NOT_RUN),
        SAYS("null", GATE_COULD_NOT_RUN),
        SAYS("{}", GATE_COULD_NOT_RUN),
        SAYS("{" GOOD, GATE_COULD_NOT_RUN),
        SAYS("{" GOOD "} {" GOOD "}", GATE_COULD_NOT_RUN),
        SAYS("{" GOOD "} and more", GATE_COULD_NOT_RUN),
        SAYS("{" GOOD ", \"records\": 21}", GATE_COULD_NOT_RUN),
        SAYS("{" GOOD ", \"reads\": NaN}", GATE_COULD_NOT_RUN),
        SAYS("{" GOOD ", \"reads\": 1e309}", GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"buffered\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20, "
             "\"bytes\": 960, \"digest\": \"00000000000000ff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"fields\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20, "
             "\"bytes\": 960, \"digest\": \"00000000000000ff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 1, \"outcome\": \"OK\", \"records\": 20, "
             "\"bytes\": 960, \"digest\": \"00000000000000ff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": -20, "
             "\"bytes\": 960, \"digest\": \"00000000000000ff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20.5, "
             "\"bytes\": 960, \"digest\": \"00000000000000ff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20, "
             "\"bytes\": 960, \"digest\": \"0xff\"}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"OK\", \"records\": 20, "
             "\"bytes\": 960}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"records\": 20, \"bytes\": 960}",
             GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"IO_ERROR\"}", GATE_COULD_NOT_RUN),
        SAYS("{\"backend\": \"mmap\", \"sink\": \"sum\", \"files\": 2, \"outcome\": \"TRUNCATED_RECORD\"}", GATE_WRONG),
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct gate_reading r;
        char why[GATE_WHY] = "";
        enum gate_verdict v = gate_reading_parse(table[i].out, "mmap", "sum", 2, &r, why);
        CHECK_FOR(v == table[i].verdict, "row %zu: %s", i, gate_verdicts[v]);
        CHECK_FOR(*why, "row %zu: no reason", i);
    }
}

/* --- what the gate prints --- */

static const struct case_key key = {.dataset = "a|b&<c>\"\n*d*", .backend = "mmap", .sink = "sum", .threads = 1};

static void print_all(struct gate *g, bool markdown, char *text, size_t size)
{
    g->verdict = GATE_REGRESSED;
    FILE *to = fmemopen(text, size, "w");
    CHECK(to != NULL);
    gate_print(g, markdown, to);
    fclose(to);
}

TEST(outputs_escape_what_files_made_up)
{
    static struct gate_case c;
    static struct gate g;
    char text[8192] = "";
    c = (struct gate_case){.key = key, .verdict = GATE_REGRESSED};
    snprintf(c.why, sizeof c.why, "it is \x1b[31m<slow> & \"bad\"");
    g.cases = &c;
    g.count = 1;
    print_all(&g, false, text, sizeof text);
    CHECK(!strchr(text, '\x1b') && strstr(text, "regressed"));
    print_all(&g, true, text, sizeof text);
    CHECK(!strchr(text, '\x1b') && strstr(text, "a\\|b&#38;&#60;c&#62;") && strstr(text, "\\*d\\*"));
}

/* Nothing infinite is written down. */
TEST(blocks_in_json)
{
    static struct gate_case c;
    static struct gate g;
    c = (struct gate_case){.key = key, .by_wall = true};
    c.timing.n = 2;
    c.timing.block[0] = (struct gate_block){0.25, -0.5, 1};
    c.timing.block[1] = (struct gate_block){NAN, INFINITY, 2};
    g.cases = &c;
    g.count = 1;
    json_t *o = gate_json(&g);
    const json_t *timing = json_object_get(json_array_get(json_object_get(o, "cases"), 0), "timing");
    CHECK_STR(json_string_value(json_object_get(timing, "clock")), "wall");
    char *text = json_dumps(json_object_get(timing, "log_cpu"), JSON_COMPACT);
    CHECK_STR(text, "[0.25,null]");
    free(text);
    text = json_dumps(json_object_get(timing, "log_wall"), JSON_COMPACT);
    CHECK_STR(text, "[-0.5,null]");
    free(text);
    text = json_dumps(json_object_get(timing, "log_waits"), JSON_COMPACT);
    CHECK_STR(text, "[1.0,2.0]");
    free(text);
    json_decref(o);
}

/* A gate that could not be set up is written down as such, whatever reads it. */
TEST(what_could_not_run_says_so)
{
    static struct gate g;
    char text[4096] = "";
    g.verdict = GATE_COULD_NOT_RUN;
    snprintf(g.why, sizeof g.why, "base, a&b: it has no backends");
    FILE *to = fmemopen(text, sizeof text, "w");
    gate_print(&g, true, to);
    fclose(to);
    CHECK_FOR(strstr(text, "gate: could not run\n\nbase, a&#38;b: it has no backends\n"), "%s", text);
    json_t *o = gate_json(&g);
    CHECK_STR(json_string_value(json_object_get(o, "why")), "base, a&b: it has no backends");
    json_decref(o);
}

TESTS(CASE(arms_inherit_little), CASE(a_good_answer), CASE(answers_that_are_none),
      CASE(outputs_escape_what_files_made_up), CASE(blocks_in_json), CASE(what_could_not_run_says_so));
