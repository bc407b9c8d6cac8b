/* Guards records as text: strings that would break a parser or a terminal. */
#include "../../harness/reference/reference.h"
#include "../test.h"

#include <jansson.h>
#include <stdlib.h>

static const struct dbn_layout *layout_named(const char *name)
{
    for (size_t i = 0; i < DBN_LAYOUTS; i++)
        if (strcmp(dbn_layout[i].name, name) == 0)
            return &dbn_layout[i];
    return NULL;
}

static struct dbn_system_v2 message(const char *text, size_t n)
{
    struct dbn_system_v2 m = {.hd = {.length = sizeof m / 4, .rtype = 0x17, .ts_event = UINT64_MAX}, .code = 1};
    memcpy(m.msg, text, n);
    return m;
}

TEST(strings_stay_harmless)
{
    static const char text[] = "a,\"b\"\\\n\x1b[31m\xff\xc3\xa9\xc2\x9b\xe2\x82\0hidden";
    struct dbn_system_v2 m = message(text, sizeof text);
    struct ref_record r = {(const uint8_t *)&m, sizeof m, 7, layout_named("SystemV2")};
    char line[LINE_SIZE];
    *line_json(line, &r, 3, false) = '\0';
    CHECK_STR(line,
              "{\"n\": 3, \"offset\": 7, \"struct\": \"SystemV2\", \"length\": 80, \"rtype\": 23, "
              "\"publisher_id\": 0, \"instrument_id\": 0, \"ts_event\": 18446744073709551615, "
              "\"msg\": \"a,\\\"b\\\"\\\\\\u000a\\u001b[31m\\ufffd\xc3\xa9\\u009b\\ufffd\\ufffd\", \"code\": 1}\n");
}

/* Whatever a string begins with, its JSON can be parsed, and a terminal sees no control character. */
TEST(json_is_always_valid)
{
    char line[LINE_SIZE];
    for (unsigned i = 0; i < 0x10000; i++) {
        char text[3] = {(char)(i >> 8), (char)i, 'x'};
        json_error_t error;
        char *end = escape_json(line, text, sizeof text);
        json_t *value = json_loadb(line, (size_t)(end - line), JSON_DECODE_ANY, &error);
        CHECK_FOR(value, "%04x: %s", i, error.text);
        json_decref(value);
        for (char *p = line; p < end; p++)
            CHECK_FOR((unsigned char)*p >= 0x20 && *p != 0x7F, "%04x", i);
    }
}

TEST(characters_that_are_none)
{
    static const struct {
        char c;
        const char *json;
    } rows[] = {{'A', "\"A\""},          {'~', "\"~\""},    {'\0', "\"\\\\x00\""}, {'\n', "\"\\\\x0a\""},
                {'\x80', "\"\\\\x80\""}, {'"', "\"\\\"\""}, {'\\', "\"\\\\\""}};
    struct dbn_field f = {"side", 0, 1, DBN_TYPE_chr};
    char line[LINE_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        *line_value(line, (const uint8_t *)&rows[i].c, &f) = '\0';
        CHECK_STR(line, rows[i].json);
    }
}

/* The longest lines there can be fit: records of all lengths, of every byte that needs an escape. */
TEST(longest_lines_fit)
{
    uint8_t record[DBN_MAX_RECORD];
    char *line = malloc(LINE_SIZE); /* its own block, so that a sanitizer sees its end */
    CHECK(line);
    static const uint8_t fill[] = {0xFF, 0x01, '"', ','};
    for (size_t k = 0; k < sizeof fill; k++) {
        memset(record, fill[k], sizeof record);
        for (unsigned rtype = 0; rtype < 256; rtype++)
            for (size_t size = DBN_HEADER_SIZE; size <= DBN_MAX_RECORD; size += 4) {
                record[1] = (uint8_t)rtype;
                struct ref_record r = {record, size, UINT64_MAX, dbn_layout_of(record[1], size)};
                CHECK(line_json(line, &r, UINT64_MAX, true) - line < LINE_SIZE);
            }
    }
    free(line);
}

TESTS(CASE(strings_stay_harmless),
      CASE(json_is_always_valid), CASE(characters_that_are_none), CASE(longest_lines_fit));
