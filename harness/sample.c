/* Samples as JSON objects and back. */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sample_outcomes[SAMPLE_OUTCOMES] = {
    [SAMPLE_OK] = "ok",           [SAMPLE_MISMATCH] = "mismatch",   [SAMPLE_FAILED] = "failed",
    [SAMPLE_CRASHED] = "crashed", [SAMPLE_TIMED_OUT] = "timed-out", [SAMPLE_UNAVAILABLE] = "unavailable",
};

/* Keys are the members' names. The case comes first, then the numbers that only a sample which is OK has. */
static const struct member {
    const char *key;
    size_t at;
} case_numbers[] =
    {
#define MEMBER(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct sample, name)                                                                 \
    }
        MEMBER(threads), MEMBER(prefix), MEMBER(records), MEMBER(bytes),
        MEMBER(place),   MEMBER(round),  MEMBER(inner),
},
  numbers[] =
      {
          MEMBER(wall_ns),
          MEMBER(cpu_ns),
          MEMBER(user_ns),
          MEMBER(system_ns),
          MEMBER(minor_faults),
          MEMBER(major_faults),
          MEMBER(voluntary_switches),
          MEMBER(involuntary_switches),
          MEMBER(max_rss_bytes),
          MEMBER(reads),
          MEMBER(other_calls),
          MEMBER(bytes_read),
          MEMBER(tally_records),
          MEMBER(tally_bytes),
},
  readings[] = {
      MEMBER(syscr),
      MEMBER(disk_bytes),
      MEMBER(absent_pages),
};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void put_numbers(json_t *to, const struct sample *s, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value;
        memcpy(&value, (const char *)s + m[i].at, sizeof value);
        json_object_set_new(to, m[i].key, json_integer((json_int_t)value));
    }
}

static void put_readings(json_t *to, const struct sample *s)
{
    for (size_t i = 0; i < COUNT(readings); i++) {
        struct reading r;
        memcpy(&r, (const char *)s + readings[i].at, sizeof r);
        json_t *value = json_null();
        if (r.state != READING_UNSUPPORTED)
            value = json_integer((json_int_t)r.value);
        if (r.state == READING_SCALED)
            value = json_pack("{s:o}", "scaled", value);
        json_object_set_new(to, readings[i].key, value);
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
    char digest[17];
    json_t *o = json_object();
    json_object_set_new(o, "dataset", json_string(s->dataset));
    json_object_set_new(o, "backend", json_string(s->backend));
    json_object_set_new(o, "sink", json_string(s->sink));
    json_object_set_new(o, "cache", json_string(s->cold ? "cold" : "warm"));
    put_numbers(o, s, case_numbers, COUNT(case_numbers));
    json_object_set_new(o, "outcome", json_string(sample_outcomes[s->outcome]));
    if (s->outcome != SAMPLE_OK) {
        json_object_set_new(o, "error", json_string(s->error));
        return o;
    }
    put_numbers(o, s, numbers, COUNT(numbers));
    put_readings(o, s);
    snprintf(digest, sizeof digest, "%016" PRIx64, s->tally_digest);
    json_object_set_new(o, "tally_digest", json_string(digest));
    return o;
}

static bool get_text(const json_t *from, const char *key, char *to, size_t size)
{
    const char *s = json_string_value(json_object_get(from, key));
    if (!s || strlen(s) >= size)
        return false;
    snprintf(to, size, "%s", s);
    sample_clean_text(to);
    return true;
}

static bool get_numbers(const json_t *from, struct sample *s, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *number = json_object_get(from, m[i].key);
        uint64_t value = (uint64_t)json_integer_value(number);
        if (!json_is_integer(number) || json_integer_value(number) < 0)
            return false;
        memcpy((char *)s + m[i].at, &value, sizeof value);
    }
    return true;
}

/* A reading that is not there, or in a form that is not known, is no reading. */
static void get_readings(const json_t *from, struct sample *s)
{
    for (size_t i = 0; i < COUNT(readings); i++) {
        const json_t *value = json_object_get(from, readings[i].key),
                     *scaled = json_object_get(value, "scaled");
        struct reading r = {scaled ? READING_SCALED : READING_EXACT, 0};
        value = scaled ? scaled : value;
        if (!json_is_integer(value))
            continue;
        r.value = (uint64_t)json_integer_value(value);
        memcpy((char *)s + readings[i].at, &r, sizeof r);
    }
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

static bool get_digest(const json_t *from, uint64_t *digest)
{
    const char *hex = json_string_value(json_object_get(from, "tally_digest"));
    if (!hex || strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16)
        return false;
    *digest = strtoull(hex, NULL, 16);
    return true;
}

bool sample_from_json(const json_t *o, struct sample *s)
{
    const char *cache = json_string_value(json_object_get(o, "cache"));
    *s = (struct sample){0};
    if (!get_text(o, "dataset", s->dataset, sizeof s->dataset) ||
        !get_text(o, "backend", s->backend, sizeof s->backend) ||
        !get_text(o, "sink", s->sink, sizeof s->sink) ||
        !get_numbers(o, s, case_numbers, COUNT(case_numbers)) || !get_outcome(o, &s->outcome) || !cache)
        return false;
    s->cold = strcmp(cache, "cold") == 0;
    if (s->outcome != SAMPLE_OK)
        return get_text(o, "error", s->error, sizeof s->error);
    get_readings(o, s);
    return get_numbers(o, s, numbers, COUNT(numbers)) && get_digest(o, &s->tally_digest) && s->inner > 0 &&
           s->wall_ns > 0;
}
