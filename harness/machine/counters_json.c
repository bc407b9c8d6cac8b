#include "counters_json.h"

json_t *counters_json(const struct counter_set *set, json_t *missing)
{
    json_t *all = json_object();
    for (size_t i = 0; i < set->count; i++) {
        const struct counter_spec *spec = &set->spec[i];
        json_t *one = json_pack("{s:s, s:b}", "event", spec->resolved, "user_only", (int)spec->user_only);
        if (*spec->why) {
            json_object_set_new(missing, spec->name, json_string(spec->why));
            json_decref(one);
            one = json_null();
        }
        json_object_set_new(all, spec->name, one);
    }
    return all;
}

json_t *counters_all(json_t *missing)
{
    json_t *all = json_object();
    for (size_t i = 0; counters_generic(i); i++) {
        struct counter_set set;
        char why[COUNTER_TEXT];
        counters_choose(&set, counters_generic(i), why, sizeof why);
        counters_try(&set);
        json_t *one = counters_json(&set, missing);
        json_object_update(all, one);
        json_decref(one);
    }
    const char *why = allocations_why();
    json_object_set_new(all, "allocations",
                        why ? json_null() : json_pack("{s:s, s:b}", "event", "malloc", "user_only", 0));
    if (why)
        json_object_set_new(missing, "allocations", json_string(why));
    return all;
}
