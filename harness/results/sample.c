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

/* What there is no room for is left out. */
static bool get_counters(json_t *all, struct sample *s)
{
    uint64_t ran_ppm;
    const char *name;
    json_t *value;
    json_object_foreach(all, name, value)
    {
        struct sample_counter *c = &s->counter[s->counters];
        if (s->counters == COUNTERS_MAX || strlen(name) >= sizeof c->name)
            continue;
        strcpy(c->name, name);
        s->counters++;
        if (!reading_from_json(value, &c->count.reading))
            return false;
        c->count.ran_ppm = c->count.reading.state == READING_EXACT ? 1000000 : 0;
        if (c->count.reading.state != READING_SCALED)
            continue;
        if (!store_get_count(value, "ran_ppm", &ran_ppm) || ran_ppm > 1000000)
            return false;
        c->count.ran_ppm = (uint32_t)ran_ppm;
    }
    return true;
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
        if (c->names == CALLS_NAMED || strlen(name) >= sizeof to->name || !store_get_count(all, name, &to->calls))
            return false;
        strcpy(to->name, name);
        sample_clean_text(to->name);
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

bool stored_from_json(enum stored type, const json_t *o, void *to, char why[STORED_WHY])
{
    const struct stored_type *t = &stored_types[type];
    struct sample *s = type == STORED_SAMPLE ? to : NULL;
    const char *refused = NULL;
    memset(to, 0, t->size);
    if (s)
        s->outcome = (enum sample_outcome)store_which(json_object_get(o, "outcome"), sample_outcomes, SAMPLE_OUTCOMES);
    bool measured = s ? s->outcome == SAMPLE_OK : !json_object_get(o, t->reason);
    char *reason = (char *)to + t->why;
    if (s && s->outcome == SAMPLE_OUTCOMES)
        refused = "outcome";
    else if (!fields_get(o, t->fields, measured, to, why))
        return false;
    else if (!measured)
        refused = store_get_text(o, t->reason, reason, t->room) && (s || *reason) ? NULL : t->reason;
    else if (type == STORED_CALLS)
        refused = get_named(json_object_get(o, "calls_by_name"), to) ? NULL : "calls_by_name";
    else if (s)
        refused = get_counters(json_object_get(o, "counters"), s) ? NULL : "counters";
    if (refused)
        fields_refuse(o, refused, why);
    return !refused;
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

void results_skipped_text(const struct results *r, char text[SKIPPED_TEXT])
{
    *text = '\0';
    if (r->skipped > 0)
        snprintf(text, SKIPPED_TEXT, "%zu line%s could not be used, the first is line %zu: %s", r->skipped,
                 r->skipped == 1 ? "" : "s", r->skipped_line, r->skipped_why);
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
