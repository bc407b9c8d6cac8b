/* Samples, and what is stored beside them, as JSON objects and back. */
#include "fields.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

const char *const sample_outcomes[SAMPLE_OUTCOMES] = {
    [SAMPLE_OK] = "ok",           [SAMPLE_MISMATCH] = "mismatch",   [SAMPLE_FAILED] = "failed",
    [SAMPLE_CRASHED] = "crashed", [SAMPLE_TIMED_OUT] = "timed-out", [SAMPLE_UNAVAILABLE] = "unavailable",
};

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

json_t *sample_to_json(const struct sample *s)
{
    json_t *o = json_object();
    bool ok = s->outcome == SAMPLE_OK;
    fields_put(o, sample_fields, ok, s);
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
    if (!fields_get(o, sample_fields, ok, s))
        return false;
    if (!ok)
        return store_get_text(o, "error", s->error, sizeof s->error);
    get_counters(json_object_get(o, "counters"), s);
    return s->iterations > 0 && s->wall_ns > 0;
}

/* What is stored beside samples has its fields, or the reason why there is no measurement. */
static json_t *beside_json(const struct stored_field *rows, const void *from, const char *why)
{
    json_t *o = json_object();
    fields_put(o, rows, !*why, from);
    if (*why)
        json_object_set_new(o, "missing", json_string(why));
    return o;
}

static bool beside_from_json(const json_t *o, const struct stored_field *rows, void *to, char *why)
{
    bool missing = json_object_get(o, "missing") != NULL;
    return fields_get(o, rows, !missing, to) && (!missing || (store_get_text(o, "missing", why, LIMIT_WHY) && *why));
}

json_t *limit_to_json(const struct limit_sample *s)
{
    return beside_json(limit_fields, s, s->why);
}

bool limit_from_json(const json_t *o, struct limit_sample *s)
{
    *s = (struct limit_sample){0};
    return beside_from_json(o, limit_fields, s, s->why);
}

json_t *instructions_to_json(const struct instruction_count *c)
{
    return beside_json(instructions_fields, c, c->why);
}

/* {"read": 123, "openat": 1}; null if nobody counted them. */
static json_t *named_json(const struct call_count *c)
{
    json_t *o = c->calls.state == READING_EXACT ? json_object() : json_null();
    for (size_t i = 0; i < c->names; i++)
        json_object_set_new(o, c->named[i].name, json_integer((json_int_t)c->named[i].calls));
    return o;
}

json_t *calls_to_json(const struct call_count *c)
{
    json_t *o = beside_json(calls_fields, c, c->why);
    if (!*c->why)
        json_object_set_new(o, "calls_by_name", named_json(c));
    return o;
}

bool calls_from_json(const json_t *o, struct call_count *c)
{
    const char *name;
    json_t *calls;
    *c = (struct call_count){0};
    if (!beside_from_json(o, calls_fields, c, c->why))
        return false;
    json_object_foreach(json_object_get(o, "calls_by_name"), name, calls)
    {
        struct named_calls *to = &c->named[c->names];
        if (c->names == CALLS_NAMED || strlen(name) >= sizeof to->name || !json_is_integer(calls))
            return false;
        strcpy(to->name, name);
        sample_clean_text(to->name);
        to->calls = (uint64_t)json_integer_value(calls);
        c->names++;
    }
    return true;
}

bool instructions_from_json(const json_t *o, struct instruction_count *c)
{
    *c = (struct instruction_count){0};
    return beside_from_json(o, instructions_fields, c, c->why) && (*c->why || c->records > 0);
}
