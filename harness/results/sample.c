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

/* Keys are the members' names. The case comes first, then the numbers that only a sample which is OK has. */
static const struct member {
    const char *key;
    size_t at;
} case_numbers[] =
    {
#define MEMBER(name)                                                                                                   \
    {                                                                                                                  \
#name, offsetof(struct sample, name)                                                                           \
    }
        MEMBER(threads), MEMBER(prefix), MEMBER(records), MEMBER(bytes), MEMBER(place), MEMBER(round), MEMBER(inner),
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
      MEMBER(copied),          MEMBER(syscr),    MEMBER(disk_bytes), MEMBER(absent_pages), MEMBER(allocations),
      MEMBER(allocated_bytes), MEMBER(steal_ns), MEMBER(stall_us),   MEMBER(plan_ns),      MEMBER(start_ns),
      MEMBER(open_ns),         MEMBER(work_ns),  MEMBER(idle_ns),    MEMBER(wait_ns),      MEMBER(merge_ns),
      MEMBER(shards),          MEMBER(redone),
};
/* The first version did not write these: then they are 1. */
static const struct member case_later[] = {MEMBER(files), MEMBER(split)};
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
    char digest[17];
    json_t *o = json_object();
    json_object_set_new(o, "dataset", json_string(s->dataset));
    json_object_set_new(o, "backend", json_string(s->backend));
    json_object_set_new(o, "sink", json_string(s->sink));
    json_object_set_new(o, "cache", json_string(s->cold ? "cold" : "warm"));
    put_numbers(o, s, case_numbers, COUNT(case_numbers));
    put_numbers(o, s, case_later, COUNT(case_later));
    json_object_set_new(o, "block", s->block ? json_integer((json_int_t)s->block) : json_null());
    json_object_set_new(o, "limit", *s->limit ? json_string(s->limit) : json_null());
    json_object_set_new(o, "outcome", json_string(sample_outcomes[s->outcome]));
    if (s->outcome != SAMPLE_OK) {
        json_object_set_new(o, "error", json_string(s->error));
        return o;
    }
    put_numbers(o, s, numbers, COUNT(numbers));
    put_readings(o, s);
    put_counters(o, s);
    snprintf(digest, sizeof digest, "%016" PRIx64, s->tally_digest);
    json_object_set_new(o, "tally_digest", json_string(digest));
    return o;
}

static bool get_numbers(const json_t *from, struct sample *s, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value;
        if (!store_get_count(from, m[i].key, &value))
            return false;
        memcpy((char *)s + m[i].at, &value, sizeof value);
    }
    return true;
}

/* A reading that is not there, or in a form that is not known, is no reading. */
static void get_readings(const json_t *from, struct sample *s)
{
    for (size_t i = 0; i < COUNT(readings); i++) {
        const json_t *value = json_object_get(from, readings[i].key), *scaled = json_object_get(value, "scaled");
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

/* What the first version did not write. */
static void get_later(const json_t *from, struct sample *s)
{
    json_int_t block = json_integer_value(json_object_get(from, "block"));
    s->block = block > 0 ? (uint64_t)block : 0;
    if (!store_get_text(from, "limit", s->limit, sizeof s->limit))
        s->limit[0] = '\0';
    for (size_t i = 0; i < COUNT(case_later); i++) {
        json_int_t number = json_integer_value(json_object_get(from, case_later[i].key));
        uint64_t value = number > 0 ? (uint64_t)number : 1;
        memcpy((char *)s + case_later[i].at, &value, sizeof value);
    }
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
    if (!store_get_text(o, "dataset", s->dataset, sizeof s->dataset) ||
        !store_get_text(o, "backend", s->backend, sizeof s->backend) ||
        !store_get_text(o, "sink", s->sink, sizeof s->sink) || !get_numbers(o, s, case_numbers, COUNT(case_numbers)) ||
        !get_outcome(o, &s->outcome) || !cache)
        return false;
    s->cold = strcmp(cache, "cold") == 0;
    get_later(o, s);
    if (s->outcome != SAMPLE_OK)
        return store_get_text(o, "error", s->error, sizeof s->error);
    get_readings(o, s);
    get_counters(json_object_get(o, "counters"), s);
    return get_numbers(o, s, numbers, COUNT(numbers)) && get_digest(o, &s->tally_digest) && s->inner > 0 &&
           s->wall_ns > 0;
}
