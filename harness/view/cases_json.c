/* Everything the text table has, unrounded and with intervals. Unknown is null. */
#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *integer(struct reading r)
{
    return r.state == READING_UNSUPPORTED ? json_null() : json_integer((json_int_t)r.value);
}

static json_t *case_json(const struct sample *s)
{
    json_t *block = s->key.block ? json_integer((json_int_t)s->key.block) : json_null();
    json_t *prefix = s->prefix ? json_integer((json_int_t)s->prefix) : json_null();
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:o, s:I, s:I, s:s}", "dataset", s->key.dataset, "backend",
                     s->key.backend, "sink", s->key.sink, "block", block, "threads", (json_int_t)s->key.threads,
                     "cache", s->key.cold ? "cold" : "warm", "prefix", prefix, "records", (json_int_t)s->records,
                     "bytes", (json_int_t)s->bytes, "outcome", sample_outcomes[s->outcome]);
}

/* Medians over samples, for one decode. A reading that a sample does not have makes it unknown. */
static json_t *facts_json(const struct report *report, const struct report_row *row)
{
    static const struct {
        const char *key;
        size_t number, reading; /* where it is in a sample: one of them */
    } facts[] = {
#define NUMBER(name) {#name, offsetof(struct sample, name), 0}
#define READING(name)                                                                                                  \
    {                                                                                                                  \
#name, 0, offsetof(struct sample, name)                                                                        \
    }
        NUMBER(cpu_ns),
        NUMBER(minor_faults),
        NUMBER(major_faults),
        NUMBER(voluntary_switches),
        NUMBER(involuntary_switches),
        NUMBER(bytes_read),
        NUMBER(other_calls),
        READING(copied),
        READING(allocations),
        READING(allocated_bytes),
        READING(disk_bytes),
        READING(steal_ns),
        READING(stall_us),
    };
    json_t *o = json_object();
    double *values = calloc(row->samples, sizeof *values);
    for (size_t f = 0; f < sizeof facts / sizeof facts[0] && values; f++) {
        bool known = true;
        for (size_t i = 0; i < row->samples; i++) {
            const struct sample *s = report->order[row->first + i];
            struct reading r = {READING_EXACT, 0};
            if (facts[f].number)
                memcpy(&r.value, (const char *)s + facts[f].number, sizeof r.value);
            else
                memcpy(&r, (const char *)s + facts[f].reading, sizeof r);
            known &= r.state == READING_EXACT;
            values[i] = (double)r.value / (double)s->iterations;
        }
        json_object_set_new(o, facts[f].key, json_value(known ? stats_of(values, row->samples).median : NAN));
    }
    free(values);
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

static json_t *row_json(const struct report *report, const struct report_row *row)
{
    const struct sample *s = row->sample;
    json_t *o = case_json(s);
    if (s->outcome != SAMPLE_OK) {
        json_object_set_new(o, "error", json_string(s->error));
        return o;
    }
    double records = (double)s->records, ns = row->ns.median;
    struct stats per_record = s->records > 0 ? row->ns : (struct stats){0};
    json_object_set_new(o, "records_per_second", json_value(s->records > 0 ? records * 1e9 / ns : NAN));
    json_object_set_new(o, "bytes_per_second", json_real((double)s->bytes * 1e9 / ns));
    json_object_set_new(o, "decode_ns", json_stats(&row->ns, 1));
    json_object_set_new(o, "record_ns", json_stats(&per_record, 1 / records));
    json_object_set_new(o, "of_none", json_stats(&row->of_none, 1));
    json_object_set_new(o, "of_touch", json_stats(&row->of_touch, 1));
    json_object_set_new(o, "limit", *s->limit ? json_string(s->limit) : json_null());
    json_object_set_new(o, "of_limit", json_stats(&row->of_limit, 1));
    json_object_set_new(o, "times_syscall", json_stats(&row->of_baseline, 1));
    json_object_set_new(o, "reads", json_integer((json_int_t)row->reads));
    json_object_set_new(o, "reads_vary", json_boolean(row->reads_vary));
    json_object_set_new(o, "reads_miscounted", json_integer((json_int_t)row->miscounted));
    json_object_set_new(o, "read_from_disk", json_integer((json_int_t)row->from_disk));
    json_object_set_new(o, "counters", counters_json(report, row));
    json_object_set_new(o, "instructions_per_record", json_value(row->instructions));
    json_object_set_new(o, "per_decode", facts_json(report, row));
    json_object_set_new(o, "peak_bytes", json_integer((json_int_t)row->peak_bytes));
    return o;
}

static json_t *noise_json(const struct report_noise *n)
{
    json_t *o = json_object();
    json_object_set_new(o, "cores", json_integer((json_int_t)n->seen.cores));
    json_object_set_new(o, "load_before_milli", integer(n->seen.load_before_milli));
    json_object_set_new(o, "load_after_milli", integer(n->seen.load_after_milli));
    json_object_set_new(o, "steal_ppm", integer(n->seen.steal_ppm));
    json_object_set_new(o, "others_ppm", integer(n->seen.others_ppm));
    json_object_set_new(o, "pressure_ppm", integer(n->seen.pressure_ppm));
    json_object_set_new(o, "involuntary_switches_per_second", integer(n->seen.switches));
    json_object_set_new(o, "spread", json_value(n->seen.spread >= 0 ? n->seen.spread : NAN));
    json_object_set_new(o, "widest_spread", json_value(n->widest ? n->widest_spread : NAN));
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
    json_t *o = json_object(), *rows = json_array(), *limits = json_array();
    json_object_set_new(o, "format", json_integer(1));
    json_object_set(o, "run", json_object_get(r->run, "run"));
    json_object_set(o, "machine", json_object_get(r->run, "machine"));
    json_object_set(o, "unavailable", json_object_get(r->run, "unavailable"));
    json_object_set_new(o, "complete", json_boolean(r->end && !json_is_true(json_object_get(r->end, "interrupted"))));
    json_object_set(o, "notes", json_object_get(r->run, "notes"));
    json_object_set(o, "missing", json_object_get(r->run, "missing"));
    for (size_t i = 0; i < s->count; i++)
        json_array_append_new(rows, row_json(s, &s->rows[i]));
    json_object_set_new(o, "rows", rows);
    for (size_t i = 0; i < s->limit_count; i++)
        json_array_append_new(limits, limit_json(&s->limits[i]));
    json_object_set_new(o, "limits", limits);
    json_object_set_new(o, "noise", noise_json(&s->noise));
    return o;
}
