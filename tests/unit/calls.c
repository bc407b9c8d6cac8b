/* Guards the counts of system calls as they are stored: they come back unchanged, and what is none is refused. */
#include "../../harness/results/store.h"
#include "../test.h"

#include <stdio.h>
#include <string.h>

static struct call_count some(void)
{
    return (struct call_count){
        .index = 3,
        .records = 1000,
        .minor_faults = 50,
        .reads = {READING_EXACT, 13002},
        .kernel_reads = {READING_EXACT, 13002},
        .calls = {READING_EXACT, 13005},
        .names = 2,
        .named = {{"read", 13002}, {"openat", 3}},
    };
}

TEST(counts_come_back_unchanged)
{
    struct call_count c = some(), back;
    char why[STORED_WHY];
    json_t *o = stored_to_json(STORED_CALLS, &c);
    CHECK(json_is_null(json_object_get(o, "proc_reads")));
    CHECK(stored_from_json(STORED_CALLS, o, &back, why));
    CHECK(memcmp(&c, &back, sizeof c) == 0);
    json_decref(o);
}

TEST(without_a_count_there_is_a_reason)
{
    struct call_count c = {.index = 3, .why = "ptrace: not permitted"}, back;
    char why[STORED_WHY];
    json_t *o = stored_to_json(STORED_CALLS, &c);
    CHECK(!json_object_get(o, "reads"));
    CHECK(stored_from_json(STORED_CALLS, o, &back, why));
    CHECK_STR(back.why, c.why);
    json_decref(o);
}

TEST(what_is_no_count_is_refused)
{
    struct call_count c = some(), back;
    char why[STORED_WHY];
    json_t *o = stored_to_json(STORED_CALLS, &c), *names = json_object_get(o, "calls_by_name");
    for (int i = 0; i < CALLS_NAMED - 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "call %d", i);
        json_object_set_new(names, name, json_integer(1));
    }
    CHECK(stored_from_json(STORED_CALLS, o, &back, why));
    CHECK_EQ_U64(back.names, CALLS_NAMED);
    json_object_set_new(names, "one more", json_integer(1));
    CHECK(!stored_from_json(STORED_CALLS, o, &back, why));
    CHECK(strstr(why, "calls_by_name cannot be {"));
    json_decref(o);
    o = stored_to_json(STORED_CALLS, &c);
    json_object_set_new(o, "minor_faults", json_integer(-1));
    CHECK(!stored_from_json(STORED_CALLS, o, &back, why));
    json_decref(o);
}

TESTS(CASE(counts_come_back_unchanged), CASE(without_a_count_there_is_a_reason), CASE(what_is_no_count_is_refused));
