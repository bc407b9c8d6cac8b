/* What limits came out as, from their samples. */
#include "limits.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct stats limits_stats(const struct limits_result *r)
{
    double *sorted = r->n && !r->why[0] ? malloc(r->n * sizeof *sorted) : NULL;
    if (!sorted)
        return (struct stats){0};
    for (size_t i = 0; i < r->n; i++)
        sorted[i] = r->samples[i].value;
    struct stats s = stats_of(sorted, r->n);
    free(sorted);
    return s;
}

/* One value of all samples: the one that lies `offset` bytes into each. */
static json_t *values_json(const struct limits_result *r, size_t offset)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->n; i++) {
        double value;
        memcpy(&value, (const char *)&r->samples[i] + offset, sizeof value);
        json_array_append_new(list, json_real(value));
    }
    return list;
}

static json_t *limit_json(const struct limit *limit, const struct limits_result *r)
{
    struct stats s = limits_stats(r);
    json_t *o =
        json_pack("{s:s, s:s, s:s}", "name", limit->name, "what", limit->what, "unit", limits_units[limit->unit]);
    if (s.n == 0) {
        json_object_set_new(o, "median", json_null());
        json_object_set_new(o, "missing", json_string(r->why[0] ? r->why : "no sample was taken"));
        return o;
    }
    json_object_set_new(o, "median", json_real(s.median));
    json_object_set_new(o, "low", json_real(s.low));
    json_object_set_new(o, "high", json_real(s.high));
    json_object_set_new(o, "level", json_real(s.level));
    json_object_set_new(o, "samples", values_json(r, offsetof(struct limits_sample, value)));
    json_object_set_new(o, "wall_samples", values_json(r, offsetof(struct limits_sample, wall_value)));
    return o;
}

json_t *limits_json(const struct limits *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        if (l->results[i].wanted)
            json_array_append_new(list, limit_json(&limits_table[i], &l->results[i]));
    return json_pack("{s:i, s:I, s:I, s:o}", "cores", (int)l->in.cores, "cache_bytes", (json_int_t)l->in.caches,
                     "memory_bytes", (json_int_t)l->in.memory, "limits", list);
}
