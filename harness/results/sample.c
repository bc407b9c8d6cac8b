/* What was measured: as JSON objects and back, and in memory. */
#include "sample.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const sample_outcomes[SAMPLE_OUTCOMES] = {
    [SAMPLE_OK] = "ok",           [SAMPLE_MISMATCH] = "mismatch",   [SAMPLE_FAILED] = "failed",
    [SAMPLE_CRASHED] = "crashed", [SAMPLE_TIMED_OUT] = "timed-out", [SAMPLE_UNAVAILABLE] = "unavailable",
};

void capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME])
{
    snprintf(name, LIMIT_NAME, "%s x%" PRIu64, kernel == CAPACITY_MEMORY ? "memory" : "arithmetic", threads);
}

#define TYPE(name, of, reason, why, list, count)                                                                       \
    {                                                                                                                  \
#name, name##_fields, sizeof(struct of), reason, offsetof(struct of, why), sizeof(((struct of *)0)->why),      \
            offsetof(struct results, list), offsetof(struct results, count)                                            \
    }
const struct stored_type stored_types[STORED_TYPES] = {
    [STORED_SAMPLE] = TYPE(sample, sample, "error", error, samples, count),
    [STORED_LIMIT] = TYPE(limit, limit_sample, "missing", why, limits, limit_count),
    [STORED_INSTRUCTIONS] = TYPE(instructions, instruction_count, "missing", why, instructions, instruction_count),
    [STORED_CALLS] = TYPE(calls, call_count, "missing", why, calls, call_count),
};

/* {"cycles": 123, "branches": {"scaled": 456, "ran_ppm": 500000}, "cache-misses": null} */
static json_t *counters_json(const struct sample *s)
{
    json_t *all = json_object();
    for (uint64_t i = 0; i < s->counters; i++) {
        const struct counter_reading *c = &s->counter[i].count;
        json_t *value = reading_to_json(&c->reading);
        if (c->reading.state == READING_SCALED)
            json_object_set_new(value, "ran_ppm", json_integer((json_int_t)c->ran_ppm));
        json_object_set_new(all, s->counter[i].name, value);
    }
    return all;
}

/* What cannot be understood is left out. */
static void get_counters(json_t *all, struct sample *s)
{
    const char *name;
    json_t *value;
    json_object_foreach(all, name, value)
    {
        struct sample_counter *c = &s->counter[s->counters];
        if (s->counters == COUNTERS_MAX || strlen(name) >= sizeof c->name)
            continue;
        strcpy(c->name, name);
        s->counters++;
        c->count.reading = reading_from_json(value);
        c->count.ran_ppm = c->count.reading.state == READING_EXACT ? 1000000 : 0;
        if (c->count.reading.state == READING_SCALED)
            c->count.ran_ppm = (uint32_t)json_integer_value(json_object_get(value, "ran_ppm"));
    }
}

/* {"read": 123, "openat": 1}; null if nobody counted them. */
static json_t *named_json(const struct call_count *c)
{
    json_t *o = c->calls.state == READING_EXACT ? json_object() : json_null();
    for (size_t i = 0; i < c->names; i++)
        json_object_set_new(o, c->named[i].name, json_integer((json_int_t)c->named[i].calls));
    return o;
}

static bool get_named(json_t *all, struct call_count *c)
{
    const char *name;
    json_t *calls;
    json_object_foreach(all, name, calls)
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

json_t *stored_to_json(enum stored type, const void *from)
{
    const struct stored_type *t = &stored_types[type];
    const struct sample *s = type == STORED_SAMPLE ? from : NULL;
    const char *why = (const char *)from + t->why;
    bool measured = s ? s->outcome == SAMPLE_OK : !*why;
    json_t *o = json_object();
    fields_put(o, t->fields, measured, from);
    if (s)
        json_object_set_new(o, "outcome", json_string(sample_outcomes[s->outcome]));
    if (!measured)
        json_object_set_new(o, t->reason, json_string(why));
    else if (s)
        json_object_set_new(o, "counters", counters_json(s));
    else if (type == STORED_CALLS)
        json_object_set_new(o, "calls_by_name", named_json(from));
    return o;
}

bool stored_from_json(enum stored type, const json_t *o, void *to)
{
    const struct stored_type *t = &stored_types[type];
    struct sample *s = type == STORED_SAMPLE ? to : NULL;
    memset(to, 0, t->size);
    if (s)
        s->outcome = (enum sample_outcome)store_which(json_object_get(o, "outcome"), sample_outcomes, SAMPLE_OUTCOMES);
    if (s && s->outcome == SAMPLE_OUTCOMES)
        return false;
    bool measured = s ? s->outcome == SAMPLE_OK : !json_object_get(o, t->reason);
    if (!fields_get(o, t->fields, measured, to))
        return false;
    char *why = (char *)to + t->why;
    if (!measured)
        return store_get_text(o, t->reason, why, t->room) && (s || *why);
    if (type == STORED_INSTRUCTIONS)
        return ((const struct instruction_count *)to)->records > 0;
    if (type == STORED_CALLS)
        return get_named(json_object_get(o, "calls_by_name"), to);
    if (s)
        get_counters(json_object_get(o, "counters"), s);
    return !s || (s->iterations > 0 && s->wall_ns > 0);
}

/* --- a run --- */

void results_add(struct results *r, enum stored type, const void *one)
{
    const struct stored_type *t = &stored_types[type];
    size_t *count = (size_t *)(void *)((char *)r + t->count);
    char *list;
    memcpy(&list, (char *)r + t->list, sizeof list);
    if ((*count & (*count - 1)) == 0) { /* it is full, and doubled */
        list = reallocarray(list, *count ? 2 * *count : 1, t->size);
        memcpy((char *)r + t->list, &list, sizeof list);
    }
    memcpy(list + (*count)++ * t->size, one, t->size);
}

/* The newest sample of its index comes first; of a case that is new all others are compared. */
bool results_keep(struct results *r, const struct sample *s)
{
    for (size_t i = r->count; i-- > 0;) {
        bool same_index = r->samples[i].index == s->index;
        if (same_index != case_equal(&r->samples[i].key, &s->key))
            return false;
        if (same_index)
            break;
    }
    results_add(r, STORED_SAMPLE, s);
    return true;
}

static int by_index(const void *a, const void *b)
{
    const struct sample *x = *(struct sample *const *)a, *y = *(struct sample *const *)b;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_key(const void *a, const void *b)
{
    const struct sample *x = *(struct sample *const *)a, *y = *(struct sample *const *)b;
    int order = case_compare(&x->key, &y->key);
    return order ? order : by_index(a, b);
}

struct sample **results_by_key(const struct results *r)
{
    struct sample **order = calloc(r->count + 1, sizeof *order);
    for (size_t i = 0; i < r->count; i++)
        order[i] = &r->samples[i];
    qsort(order, r->count, sizeof *order, by_key);
    return order;
}

static const struct sample *find_clash(const struct results *r, struct sample *const *order)
{
    for (size_t i = 1; i < r->count; i++)
        if ((order[i]->index == order[i - 1]->index) != case_equal(&order[i]->key, &order[i - 1]->key))
            return order[i];
    return NULL;
}

int results_check_cases(const struct results *r, char *why, size_t size)
{
    struct sample **order = results_by_key(r);
    const struct sample *clash = find_clash(r, order);
    if (!clash) {
        qsort(order, r->count, sizeof *order, by_index); /* then all of an index have one key */
        clash = find_clash(r, order);
    }
    if (clash) {
        char name[CASE_NAME];
        case_name(&clash->key, name);
        snprintf(why, size, "it has different cases that cannot be told apart: %s", name);
    }
    free(order);
    return clash ? -EEXIST : 0;
}

void results_free(struct results *r)
{
    json_decref(r->run);
    json_decref(r->end);
    free(r->samples);
    free(r->limits);
    free(r->instructions);
    free(r->calls);
    *r = (struct results){0};
}
