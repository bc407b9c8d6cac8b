#include "fields.h"

#include "sample.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED FIELD_REQUIRED
#define POSITIVE FIELD_POSITIVE
#define KEY_TEXT(member, size) #member
#define KEY_COUNT(member, none) #member
#define KEY_HEX(member, none) #member
#define KEY_REAL(member, none) #member
#define KEY_READING(member, none) #member
#define KEY_FLAG(member, key) key
#define ROW(of, at, type, member, extra, part, absent, unit, meaning)                                                  \
    {KEY_##type(member, extra),    unit,  meaning, FIELD_##type, PART_##part, offsetof(struct of, at),                 \
     sizeof(((struct of *)0)->at), absent},

const struct stored_field sample_fields[] = {
#define CASE(type, member, ...) ROW(sample, key.member, type, member, __VA_ARGS__)
#define SAMPLE(type, member, ...) ROW(sample, member, type, member, __VA_ARGS__)
#include "fields.def"
    {0},
};
const struct stored_field limit_fields[] = {
#define LIMIT(type, member, ...) ROW(limit_sample, member, type, member, __VA_ARGS__)
#include "fields.def"
    {0},
};
const struct stored_field instructions_fields[] = {
#define INSTRUCTIONS(type, member, ...) ROW(instruction_count, member, type, member, __VA_ARGS__)
#include "fields.def"
    {0},
};
const struct stored_field calls_fields[] = {
#define CALLS(type, member, ...) ROW(call_count, member, type, member, __VA_ARGS__)
#include "fields.def"
    {0},
};

json_t *reading_to_json(const struct reading *r)
{
    if (r->state == READING_UNSUPPORTED)
        return json_null();
    json_t *value = json_integer((json_int_t)r->value);
    return r->state == READING_SCALED ? json_pack("{s:o}", "scaled", value) : value;
}

static json_t *flag_json(const struct stored_field *f, bool value)
{
    const char *yes = strchr(f->unit, '|') + 1;
    return value ? json_string(yes) : json_stringn(f->unit, (size_t)(yes - 1 - f->unit));
}

static bool get_flag(const struct stored_field *f, const char *text, bool *to)
{
    const char *yes = strchr(f->unit, '|') + 1;
    size_t no = (size_t)(yes - 1 - f->unit);
    *to = text && strcmp(text, yes) == 0;
    return *to || (text && strlen(text) == no && strncmp(text, f->unit, no) == 0);
}

static json_t *field_json(const void *from, const struct stored_field *f)
{
    const void *at = (const char *)from + f->offset;
    const struct reading *reading = at;
    uint64_t count;
    switch (f->type) {
    case FIELD_TEXT:
        return *(const char *)at || f->absent ? json_string(at) : json_null();
    case FIELD_COUNT:
        count = *(const uint64_t *)at;
        return count || f->absent ? json_integer((json_int_t)count) : json_null();
    case FIELD_HEX:
        return reading->state ? json_sprintf("%016" PRIx64, reading->value) : json_null();
    case FIELD_FLAG:
        return flag_json(f, *(const bool *)at);
    case FIELD_REAL:
        return json_real(*(const double *)at);
    case FIELD_READING:
        return reading_to_json(reading);
    }
    return NULL;
}

static bool get_hex(const json_t *from, struct reading *to)
{
    const char *hex = json_string_value(from);
    if (!hex || strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16)
        return false;
    *to = reading_exactly(strtoull(hex, NULL, 16));
    return true;
}

/* A rate or a time: there is none of 0 or less. */
static bool get_real(const json_t *from, double *to)
{
    *to = json_number_value(from);
    return json_is_number(from) && *to > 0 && *to <= (double)FIELD_MOST;
}

static bool get_count(const json_t *from, uint64_t *to)
{
    *to = (uint64_t)json_integer_value(from);
    return json_is_integer(from) && *to <= FIELD_MOST;
}

bool reading_from_json(const json_t *value, struct reading *to)
{
    const json_t *scaled = json_object_get(value, "scaled");
    *to = (struct reading){0};
    if (!value || json_is_null(value))
        return true;
    uint64_t count;
    bool known = get_count(scaled ? scaled : value, &count);
    if (known)
        *to = (struct reading){scaled ? READING_SCALED : READING_EXACT, count};
    return known;
}

static bool get_field(const json_t *o, const struct stored_field *f, void *to)
{
    void *at = (char *)to + f->offset;
    const json_t *from = json_object_get(o, f->key);
    if ((!from || json_is_null(from)) && !field_is_required(f)) {
        if (f->type == FIELD_COUNT)
            *(uint64_t *)at = f->absent;
        return true;
    }
    switch (f->type) {
    case FIELD_TEXT:
        return store_get_text(o, f->key, at, f->size);
    case FIELD_FLAG:
        return get_flag(f, json_string_value(from), at);
    case FIELD_REAL:
        return get_real(from, at);
    case FIELD_HEX:
        return get_hex(from, at);
    case FIELD_COUNT: /* what would be 1 if it were absent is never 0 either */
        return get_count(from, at) && (*(uint64_t *)at > 0 || (f->absent != FIELD_POSITIVE && f->absent != 1));
    case FIELD_READING:
        return reading_from_json(from, at);
    }
    return false;
}

void fields_put(json_t *object, const struct stored_field *rows, bool measured, const void *from)
{
    for (; rows->key; rows++)
        if (measured || rows->part != PART_MEASURED)
            json_object_set_new(object, rows->key, field_json(from, rows));
}

void fields_refuse(const json_t *object, const char *key, char why[STORED_WHY])
{
    const json_t *is = json_object_get(object, key);
    char *text = is ? json_dumps(is, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    snprintf(why, STORED_WHY, "%s %s%.60s", key, text ? "cannot be " : "is missing", text ? text : "");
    free(text);
}

bool fields_get(const json_t *object, const struct stored_field *rows, bool measured, void *to, char why[STORED_WHY])
{
    for (; rows->key; rows++) {
        if ((!measured && rows->part == PART_MEASURED) || get_field(object, rows, to))
            continue;
        fields_refuse(object, rows->key, why);
        return false;
    }
    return true;
}

/* --- values --- */

void sample_clean_text(char *s)
{
    json_t *string = json_string(s);
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7F || (!string && (unsigned char)*s >= 0x80))
            *s = '?';
    json_decref(string);
}

bool store_get_text(const json_t *from, const char *key, char *to, size_t size)
{
    const char *s = json_string_value(json_object_get(from, key));
    if (!s || strlen(s) >= size)
        return false;
    snprintf(to, size, "%s", s);
    sample_clean_text(to);
    return true;
}

bool store_get_count(const json_t *from, const char *key, uint64_t *to)
{
    return get_count(json_object_get(from, key), to);
}

size_t store_which(const json_t *text, const char *const *names, size_t n)
{
    const char *name = json_string_value(text);
    size_t i = 0;
    while (i < n && !(name && names[i] && strcmp(name, names[i]) == 0))
        i++;
    return i;
}
