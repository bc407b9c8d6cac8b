/* Samples as JSON objects and back. */
#include "store.h"
#include "store_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sample_outcomes[SAMPLE_OUTCOMES] = {
    [SAMPLE_OK] = "ok",           [SAMPLE_MISMATCH] = "mismatch",   [SAMPLE_FAILED] = "failed",
    [SAMPLE_CRASHED] = "crashed", [SAMPLE_TIMED_OUT] = "timed-out", [SAMPLE_UNAVAILABLE] = "unavailable",
};

#define AT(member) offsetof(struct sample, member), sizeof(((struct sample *)0)->member)
const struct sample_field sample_fields[] = {
#define CASE_TEXT(key_, size, absent, meaning) {#key_, "", meaning, FIELD_TEXT, PART_CASE, AT(key.key_), absent, {0}},
#define CASE_COUNT(key_, absent, unit, meaning)                                                                        \
    {#key_, unit, meaning, FIELD_COUNT, PART_CASE, AT(key.key_), absent, {0}},
#define CASE_FLAG(member, key_, no, yes, meaning)                                                                      \
    {#key_, "", meaning, FIELD_FLAG, PART_CASE, AT(key.member), FIELD_REQUIRED, {no, yes}},
#define SAMPLE_COUNT(key, absent, unit, meaning) {#key, unit, meaning, FIELD_COUNT, PART_SAMPLE, AT(key), absent, {0}},
#define SAMPLE_TEXT(key, size, absent, meaning) {#key, "", meaning, FIELD_TEXT, PART_SAMPLE, AT(key), absent, {0}},
#define MEASURED_COUNT(key, unit, meaning)                                                                             \
    {#key, unit, meaning, FIELD_COUNT, PART_MEASURED, AT(key), FIELD_REQUIRED, {0}},
#define MEASURED_HEX(key, unit, meaning) {#key, unit, meaning, FIELD_HEX, PART_MEASURED, AT(key), FIELD_REQUIRED, {0}},
#define READING(key, unit, meaning) {#key, unit, meaning, FIELD_READING, PART_MEASURED, AT(key), 0, {0}},
#include "fields.def"
    {0},
};

static const char *old_key(const char *key)
{
#define OLD_KEY(new, old)                                                                                              \
    if (strcmp(key, #new) == 0)                                                                                        \
        return old;
#include "fields.def"
    return NULL;
}

/* NULL for what is not there and for null. */
static const json_t *find(const json_t *o, const struct sample_field *f)
{
    const char *old = old_key(f->key);
    const json_t *value = json_object_get(o, f->key);
    value = value || !old ? value : json_object_get(o, old);
    return json_is_null(value) ? NULL : value;
}

static json_t *reading_json(const struct reading *r)
{
    if (r->state == READING_UNSUPPORTED)
        return json_null();
    json_t *value = json_integer((json_int_t)r->value);
    return r->state == READING_SCALED ? json_pack("{s:o}", "scaled", value) : value;
}

static json_t *field_json(const struct sample *s, const struct sample_field *f)
{
    const char *at = (const char *)s + f->offset;
    uint64_t value = 0;
    switch (f->type) {
    case FIELD_TEXT:
        return *at || f->absent ? json_string(at) : json_null();
    case FIELD_COUNT:
        memcpy(&value, at, sizeof value);
        return value || f->absent ? json_integer((json_int_t)value) : json_null();
    case FIELD_HEX:
        memcpy(&value, at, sizeof value);
        return json_sprintf("%016" PRIx64, value);
    case FIELD_FLAG:
        return json_string(f->flag[*(const bool *)at]);
    case FIELD_READING:
        return reading_json((const struct reading *)(const void *)at);
    }
    return NULL;
}

static bool get_hex(const json_t *from, uint64_t *to)
{
    const char *hex = json_string_value(from);
    if (!hex || strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16)
        return false;
    *to = strtoull(hex, NULL, 16);
    return true;
}

/* A reading that is not there, or in a form that is not known, is no reading. */
static void get_reading(const json_t *value, struct reading *r)
{
    const json_t *scaled = json_object_get(value, "scaled"), *number = scaled ? scaled : value;
    if (json_is_integer(number))
        *r = (struct reading){scaled ? READING_SCALED : READING_EXACT, (uint64_t)json_integer_value(number)};
}

static bool get_field(const json_t *o, const struct sample_field *f, struct sample *s)
{
    char *at = (char *)s + f->offset;
    const json_t *from = find(o, f);
    const char *text = json_string_value(from);
    uint64_t value = f->absent;
    if (f->type == FIELD_READING) {
        get_reading(from, (struct reading *)(void *)at);
        return true;
    }
    if (!from && f->absent == FIELD_REQUIRED)
        return false;
    switch (f->type) {
    case FIELD_TEXT:
        return !from || store_get_text(o, f->key, at, f->size);
    case FIELD_FLAG:
        *(bool *)at = text && strcmp(text, f->flag[1]) == 0;
        return text != NULL;
    case FIELD_HEX:
        return get_hex(from, (uint64_t *)(void *)at);
    default:
        if (from && (!json_is_integer(from) || json_integer_value(from) < 0))
            return false;
        value = from ? (uint64_t)json_integer_value(from) : value;
        memcpy(at, &value, sizeof value);
        return true;
    }
}

/* {"cycles": 123, "branches": {"scaled": 456, "ran_ppm": 500000}, "cache-misses": null} */
static void put_counters(json_t *to, const struct sample *s)
{
    json_t *all = json_object();
    for (uint64_t i = 0; i < s->counters; i++) {
        const struct counter_reading *c = &s->counter[i].count;
        json_t *value = json_null();
        if (c->reading.state != READING_UNSUPPORTED)
            value = json_integer((json_int_t)c->reading.value);
        if (c->reading.state == READING_SCALED)
            value = json_pack("{s:o, s:I}", "scaled", value, "ran_ppm", (json_int_t)c->ran_ppm);
        json_object_set_new(all, s->counter[i].name, value);
    }
    json_object_set_new(to, "counters", all);
}

/* What cannot be understood is left out. */
static void get_counters(json_t *all, struct sample *s)
{
    const char *name;
    json_t *value;
    json_object_foreach(all, name, value)
    {
        struct sample_counter *c = &s->counter[s->counters];
        const json_t *scaled = json_object_get(value, "scaled"), *number = scaled ? scaled : value;
        if (s->counters == COUNTERS_MAX || strlen(name) >= sizeof c->name)
            continue;
        strcpy(c->name, name);
        s->counters++;
        if (!json_is_integer(number))
            continue;
        c->count.reading.state = scaled ? READING_SCALED : READING_EXACT;
        c->count.reading.value = (uint64_t)json_integer_value(number);
        c->count.ran_ppm = scaled ? (uint32_t)json_integer_value(json_object_get(value, "ran_ppm")) : 1000000;
    }
}

void sample_clean_text(char *s)
{
    json_t *string = json_string(s);
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7F || (!string && (unsigned char)*s >= 0x80))
            *s = '?';
    json_decref(string);
}

json_t *sample_to_json(const struct sample *s)
{
    json_t *o = json_object();
    bool ok = s->outcome == SAMPLE_OK;
    for (const struct sample_field *f = sample_fields; f->key; f++)
        if (ok || f->part != PART_MEASURED)
            json_object_set_new(o, f->key, field_json(s, f));
    json_object_set_new(o, "outcome", json_string(sample_outcomes[s->outcome]));
    if (ok)
        put_counters(o, s);
    else
        json_object_set_new(o, "error", json_string(s->error));
    return o;
}

static bool get_outcome(const json_t *from, enum sample_outcome *outcome)
{
    const char *name = json_string_value(json_object_get(from, "outcome"));
    for (size_t i = 0; name && i < SAMPLE_OUTCOMES; i++) {
        if (strcmp(name, sample_outcomes[i]) != 0)
            continue;
        *outcome = (enum sample_outcome)i;
        return true;
    }
    return false;
}

bool sample_from_json(const json_t *o, struct sample *s)
{
    *s = (struct sample){0};
    if (!get_outcome(o, &s->outcome))
        return false;
    bool ok = s->outcome == SAMPLE_OK;
    for (const struct sample_field *f = sample_fields; f->key; f++)
        if ((ok || f->part != PART_MEASURED) && !get_field(o, f, s))
            return false;
    if (!ok)
        return store_get_text(o, "error", s->error, sizeof s->error);
    get_counters(json_object_get(o, "counters"), s);
    return s->iterations > 0 && s->wall_ns > 0;
}
