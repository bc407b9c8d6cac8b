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
