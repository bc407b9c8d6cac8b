/* Guards records as text: the official CSV columns, strings that would break a parser or a terminal, and that nothing
 * of a record is lost. */
#include "../../dbn/tables.h"
#include "../../harness/reference/reference.h"
#include "../support.h"

#include <jansson.h>
#include <stdlib.h>

static const struct dbn_layout *layout_named(const char *name)
{
    for (size_t i = 0; i < DBN_LAYOUTS; i++)
        if (strcmp(dbn_layout[i].name, name) == 0)
            return &dbn_layout[i];
    return NULL;
}

TEST(csv_columns_are_the_official_ones)
{
    static const struct {
        const char *layout, *header;
    } rows[] = {
        {"Mbo", "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,order_id,flags,"
                "ts_in_delta,sequence\n"},
        {"Trade", "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,"
                  "sequence\n"},
        {"Bbo", "ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,sequence,bid_px_00,"
                "ask_px_00,"
                "bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00\n"},
        {"Cbbo", "ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,bid_px_00,ask_px_00,"
                 "bid_sz_00,ask_sz_00,bid_pb_00,ask_pb_00\n"},
        {"Ohlcv", "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume\n"},
        {"ErrorV2", "ts_event,rtype,publisher_id,instrument_id,err,code,is_last\n"},
        {"SymbolMappingV1", "ts_event,rtype,publisher_id,instrument_id,stype_in_symbol,stype_out_symbol,start_ts,"
                            "end_ts\n"},
    };
    char line[LINE_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        *line_csv_header(line, layout_named(rows[i].layout), false) = '\0';
        CHECK_STR(line, rows[i].header);
    }
}

/* As many columns as fields, whatever the layout, and as many in the lines below the header. */
TEST(csv_has_every_field)
{
    static const uint8_t zeros[DBN_MAX_RECORD];
    char line[LINE_SIZE];
    for (size_t i = 0; i < DBN_LAYOUTS; i++) {
        struct ref_record r = {zeros, dbn_layout[i].size + DBN_TS_OUT_SIZE, 0, &dbn_layout[i]};
        size_t fields = 4 + 1, commas = 0, lower = 0; /* four of the header, and ts_out */
        for (size_t k = 0; k < dbn_layout[i].fields; k++)
            fields += dbn_layout[i].field[k].type != DBN_TYPE_PAD;
        *line_csv_header(line, &dbn_layout[i], true) = '\0';
        for (const char *p = line; *p; p++)
            commas += *p == ',';
        *line_csv(line, &r, true) = '\0';
        for (const char *p = line; *p; p++)
            lower += *p == ',';
        CHECK_EQ_U64(commas + 1, fields);
        CHECK_EQ_U64(lower + 1, fields);
    }
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
    *line_csv(line, &r, false) = '\0';
    CHECK_STR(line, "18446744073709551615,23,0,0,"
                    "\"a,\"\"b\"\"\\\\\\x0a\\x1b[31m\\xff\xc3\xa9\\xc2\\x9b\\xe2\\x82\\x00hidden\",1\n");
    *line_json(line, &r, 3, false) = '\0';
    CHECK_STR(line, "{\"n\": 3, \"offset\": 7, \"struct\": \"SystemV2\", \"length\": 80, \"rtype\": 23, "
                    "\"publisher_id\": 0, \"instrument_id\": 0, \"ts_event\": 18446744073709551615, "
                    "\"msg\": \"a,\\\"b\\\"\\\\\\\\\\u000a\\u001b[31m\\\\xff"
                    "\xc3\xa9\\u009b\\\\xe2\\\\x82\\\\x00hidden\", \"code\": 1}\n");
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
    struct dbn_field f = {"side", 0, 1, DBN_TYPE_chr, 0};
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
                if (r.layout)
                    CHECK(line_csv(line, &r, true) - line < LINE_SIZE);
            }
    }
    free(line);
}

/* --- back to bytes --- */

/* What a text was made of: \\xNN is a byte, two backslashes are one. */
static void bytes_of_text(uint8_t *to, size_t size, const char *text)
{
    size_t n = 0;
    for (unsigned byte; *text; n++) {
        CHECK(n < size);
        if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1) {
            to[n] = (uint8_t)byte;
            text += 4;
        } else {
            to[n] = (uint8_t)*text;
            text += text[0] == '\\' && text[1] == '\\' ? 2 : 1;
        }
    }
    memset(to + n, 0, size - n);
}

static void field_from_text(uint8_t *p, const struct dbn_field *f, const char *text)
{
    uint64_t value = dbn_is_signed(f) ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
    if (f->type == DBN_TYPE_TEXT || f->type == DBN_TYPE_chr)
        bytes_of_text(p + f->offset, f->size, text);
    else
        memcpy(p + f->offset, &value, f->size);
}

static void field_from_json(uint8_t *p, const struct dbn_field *f, const json_t *value)
{
    unsigned byte;
    char number[32];
    CHECK_FOR(value, "%s", f->name);
    if (f->type == DBN_TYPE_PAD) {
        const char *hex = json_string_value(value);
        for (size_t i = 0; i < f->size; i++) {
            CHECK(sscanf(hex + 2 * i, "%2x", &byte) == 1);
            p[f->offset + i] = (uint8_t)byte;
        }
        return;
    }
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    field_from_text(p, f, json_is_string(value) ? json_string_value(value) : number);
}

/* jansson knows no integers above 2^63, so the ones of the record have none. */
static void random_record(uint8_t *p, const struct dbn_layout *layout, uint64_t *seed)
{
    static const char *const odd[] = {"",     "\\",       "\\x41",        "\"",   ",",   "\n",
                                      "\xff", "\xc2\x85", "\xe2\x80\xae", "\xc3", "=1+1"};
    for (size_t i = 0; i < layout->size; i++)
        p[i] = (uint8_t)stats_random(seed);
    p[0] = (uint8_t)(layout->size / 4);
    for (int i = 0; i < DBN_HEADER_FIELDS + layout->fields; i++) {
        const struct dbn_field *f =
            i < DBN_HEADER_FIELDS ? &dbn_header_field[i] : &layout->field[i - DBN_HEADER_FIELDS];
        if (f->size == 8)
            p[f->offset + 7] &= 0x7F;
        const char *text = odd[stats_random(seed) % LENGTH(odd)];
        if (f->type == DBN_TYPE_TEXT && strlen(text) < f->size && stats_random(seed) % 2)
            strcpy((char *)p + f->offset + stats_random(seed) % (f->size - strlen(text)), text);
    }
}

TEST(json_loses_nothing)
{
    static char line[LINE_SIZE];
    uint64_t seed = 1;
    for (unsigned i = 0; i < 40 * DBN_LAYOUTS; i++) {
        const struct dbn_layout *layout = &dbn_layout[i % DBN_LAYOUTS];
        uint8_t p[DBN_MAX_RECORD], again[DBN_MAX_RECORD] = {0};
        random_record(p, layout, &seed);
        struct ref_record r = {p, layout->size, 0, layout};
        *line_json(line, &r, 0, false) = '\0';
        json_t *o = json_loads(line, JSON_ALLOW_NUL, NULL);
        CHECK_FOR(o, "%s", line);
        for (size_t k = 0; k < DBN_HEADER_FIELDS; k++)
            field_from_json(again, &dbn_header_field[k], json_object_get(o, dbn_header_field[k].name));
        again[0] = p[0];
        for (size_t k = 0; k < layout->fields; k++)
            field_from_json(again, &layout->field[k], json_object_get(o, layout->field[k].name));
        CHECK_FOR(memcmp(p, again, layout->size) == 0, "%s", line);
        json_decref(o);
    }
}

/* The next field of a line, without its quotes. */
static const char *next_field(char **at)
{
    char *begin = *at, *to = begin, *p = begin;
    bool quoted = *p == '"';
    for (p += quoted; quoted ? *p != '"' || p[1] == '"' : *p != ',' && *p != '\n'; p++) {
        p += quoted && *p == '"';
        *to++ = *p;
    }
    *at = p + quoted + 1;
    *to = '\0';
    return begin;
}

static const struct dbn_field *field_named(const struct dbn_layout *layout, const char *name)
{
    for (size_t i = 0; i < DBN_HEADER_FIELDS; i++)
        if (strcmp(dbn_header_field[i].name, name) == 0)
            return &dbn_header_field[i];
    return dbn_find_field(layout, name);
}

/* But reserved bytes, which are in no column. */
TEST(csv_loses_nothing)
{
    static char header[LINE_SIZE], line[LINE_SIZE];
    uint64_t seed = 2;
    for (unsigned i = 0; i < 40 * DBN_LAYOUTS; i++) {
        const struct dbn_layout *layout = &dbn_layout[i % DBN_LAYOUTS];
        uint8_t p[DBN_MAX_RECORD], again[DBN_MAX_RECORD];
        random_record(p, layout, &seed);
        memcpy(again, p, sizeof again);
        struct ref_record r = {p, layout->size, 0, layout};
        char *names = header, *values = line, *end = line_csv_header(header, layout, false);
        *line_csv(line, &r, false) = '\0';
        while (names < end) {
            const struct dbn_field *f = field_named(layout, next_field(&names));
            CHECK(f);
            memset(again + f->offset, 0x55, f->size);
            field_from_text(again, f, next_field(&values));
        }
        CHECK(*values == 0);
        CHECK_FOR(memcmp(p, again, layout->size) == 0, "%s %u", layout->name, i);
    }
}

TESTS(CASE(csv_columns_are_the_official_ones), CASE(csv_has_every_field), CASE(strings_stay_harmless),
      CASE(json_is_always_valid), CASE(characters_that_are_none), CASE(longest_lines_fit), CASE(json_loses_nothing),
      CASE(csv_loses_nothing));
