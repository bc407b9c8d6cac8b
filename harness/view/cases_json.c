/* Everything the text table has, unrounded and with intervals. Unknown is null. */
#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *integer(struct reading r)
{
    return r.state == READING_UNSUPPORTED ? json_null() : json_integer((json_int_t)r.value);
}

/* Medians over samples, for one decode. A reading that a sample does not have makes it unknown. */
static json_t *facts_json(const struct report *report, const struct report_row *row)
{
    static const char *const keys[] = {
        "cpu_ns",     "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches",
        "bytes_read", "other_calls",  "copied",       "allocations",        "allocated_bytes",
        "disk_bytes", "steal_ns",     "stall_us"};
    json_t *o = json_object();
    double *values = report->values;
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        const struct stored_field *f = sample_fields;
        bool known = true;
        while (strcmp(f->key, keys[k]) != 0)
            f++;
        for (size_t i = 0; i < row->samples; i++) {
            const struct sample *s = report->order[row->first + i];
            struct reading r = {.state = READING_EXACT};
            if (f->type == FIELD_READING)
                memcpy(&r, (const char *)s + f->offset, sizeof r);
            else
                memcpy(&r.value, (const char *)s + f->offset, sizeof r.value);
            known &= r.state == READING_EXACT;
            values[i] = (double)r.value / (double)s->iterations;
        }
        json_object_set_new(o, f->key, json_value(known ? stats_of(values, row->samples).median : NAN));
    }
    return o;
}

static json_t *counters_json(const struct report *s, const struct report_row *row)
{
    struct report_ratio ratios[COUNTERS_MAX + 1];
    size_t n = report_counters(s, row, ratios);
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++)
        json_object_set_new(
            o, ratios[i].name,
            json_pack("{s:f, s:I}", "median", ratios[i].value, "ran_ppm", (json_int_t)ratios[i].ran_ppm));
    return o;
}

static json_t *noise_json(const struct noise *n)
{
    json_t *o = json_object();
    json_object_set_new(o, "cores", json_integer((json_int_t)n->cores));
    json_object_set_new(o, "load_before_milli", integer(n->load_before_milli));
    json_object_set_new(o, "load_after_milli", integer(n->load_after_milli));
    json_object_set_new(o, "steal_ppm", integer(n->steal_ppm));
    json_object_set_new(o, "others_ppm", integer(n->others_ppm));
    json_object_set_new(o, "pressure_ppm", integer(n->pressure_ppm));
    json_object_set_new(o, "involuntary_switches_per_second", integer(n->switches));
    json_object_set_new(o, "spread", json_value(n->spread >= 0 ? n->spread : NAN));
    json_object_set_new(o, "verdict", json_string(n->quiet ? "quiet" : "noisy"));
    json_object_set_new(o, "why", json_string(n->why));
    return o;
}

static json_t *limit_json(const struct report_limit *limit)
{
    const struct limit_sample *s = limit->sample;
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "dataset", s->dataset, "limit", s->limit, "unit",
                     s->per_second ? "bytes/s" : "ns", "wall_value", json_stats(&limit->wall, 1), "missing",
                     *s->why ? json_string(s->why) : json_null());
}

json_t *cases_json(const struct results *r, const struct report *s)
{
    struct table *t = cases_table(s);
    json_t *o = json_object(), *rows = table_json(t), *limits = json_array();
    table_free(t);
    if (!rows) {
        json_decref(o);
        json_decref(limits);
        return NULL;
    }
    json_object_set_new(o, "format", json_integer(1));
    json_object_set(o, "run", json_object_get(r->run, "run"));
    json_object_set(o, "machine", json_object_get(r->run, "machine"));
    json_object_set(o, "unavailable", json_object_get(r->run, "unavailable"));
    json_object_set_new(o, "complete", json_boolean(r->end && !json_is_true(json_object_get(r->end, "interrupted"))));
    json_object_set(o, "notes", json_object_get(r->run, "notes"));
    json_object_set(o, "missing", json_object_get(r->run, "missing"));
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        json_t *one = json_array_get(rows, i);
        json_object_set_new(one, "counters", row->ns.n ? counters_json(s, row) : json_null());
        json_object_set_new(one, "per_decode", row->ns.n ? facts_json(s, row) : json_null());
    }
    json_object_set_new(o, "rows", rows);
    for (size_t i = 0; i < s->limit_count; i++)
        json_array_append_new(limits, limit_json(&s->limits[i]));
    json_object_set_new(o, "limits", limits);
    json_object_set_new(o, "noise", noise_json(&s->noise));
    return o;
}
