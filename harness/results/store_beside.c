/* What is stored beside samples: samples of limits, and counts of instructions. */
#include "store.h"
#include "store_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A rate or a time: there is none of 0 or less. */
static bool get_value(const json_t *from, const char *key, double *to)
{
    const json_t *number = json_object_get(from, key);
    *to = json_number_value(number);
    return json_is_number(number) && isfinite(*to) && *to > 0;
}

json_t *limit_to_json(const struct limit_sample *s)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:I}", "dataset", s->dataset, "limit", s->limit, "unit",
                          s->per_second ? "bytes/s" : "ns", "round", (json_int_t)s->round);
    if (*s->why) {
        json_object_set_new(o, "missing", json_string(s->why));
        return o;
    }
    json_object_set_new(o, "value", json_real(s->value));
    json_object_set_new(o, "wall_value", json_real(s->wall_value));
    return o;
}

bool limit_from_json(const json_t *o, struct limit_sample *s)
{
    const char *unit = json_string_value(json_object_get(o, "unit"));
    *s = (struct limit_sample){0};
    if (!store_get_text(o, "dataset", s->dataset, sizeof s->dataset) ||
        !store_get_text(o, "limit", s->limit, sizeof s->limit) || !store_get_count(o, "round", &s->round) || !unit)
        return false;
    s->per_second = strcmp(unit, "bytes/s") == 0;
    if (!s->per_second && strcmp(unit, "ns") != 0)
        return false;
    if (json_object_get(o, "missing"))
        return store_get_text(o, "missing", s->why, sizeof s->why) && *s->why;
    return get_value(o, "value", &s->value) && get_value(o, "wall_value", &s->wall_value);
}

json_t *instructions_to_json(const struct instruction_count *c)
{
    json_t *o = json_pack("{s:I}", "place", (json_int_t)c->index);
    if (*c->why) {
        json_object_set_new(o, "missing", json_string(c->why));
        return o;
    }
    json_object_set_new(o, "records", json_integer((json_int_t)c->records));
    json_object_set_new(o, "instructions", json_integer((json_int_t)c->instructions));
    return o;
}

bool instructions_from_json(const json_t *o, struct instruction_count *c)
{
    *c = (struct instruction_count){0};
    if (!store_get_count(o, "place", &c->index))
        return false;
    if (json_object_get(o, "missing"))
        return store_get_text(o, "missing", c->why, sizeof c->why) && *c->why;
    return store_get_count(o, "records", &c->records) && store_get_count(o, "instructions", &c->instructions) &&
           c->records > 0;
}
