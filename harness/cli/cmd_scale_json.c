/* All that the tables have, unrounded. Unknown is null. */
#include "cmd_scale_show.h"

#include "../view/cases.h"

static json_t *point_json(const struct scale_row *row, const struct scale_point *p)
{
    const struct sample *s = p->sample;
    json_t *o =
        json_pack("{s:I, s:I, s:b, s:s}", "threads", (json_int_t)s->key.threads, "split", (json_int_t)s->key.split,
                  "oversubscribed", p->oversubscribed, "outcome", sample_outcomes[s->outcome]);
    if (p->samples == 0) {
        json_object_set_new(o, "error", json_string(s->error));
        return o;
    }
    json_t *capacity = json_object(), *parts = json_object();
    for (size_t i = 0; i < CAPACITY_KERNELS; i++)
        json_object_set_new(capacity, capacity_names[i], json_stats(&p->capacity[i], 1));
    for (size_t i = 0; i < SCALE_PARTS; i++)
        json_object_set_new(parts, scale_part_names[i], json_stats(&p->part[i], 1));
    json_object_set_new(o, s->records ? "records_per_s" : "bytes_per_s", json_stats(&p->rate, 1));
    json_object_set_new(o, "speedup", json_stats(&p->speedup, 1));
    json_object_set_new(o, "capacity", capacity);
    json_object_set_new(o, "capacity_used", json_string(capacity_names[row->kernel]));
    json_object_set_new(o, "of_capacity", json_stats(&p->of_capacity, 1));
    json_object_set_new(o, "serial_karp_flatt", json_stats(&p->serial, 1));
    json_object_set_new(o, "shares", parts);
    json_object_set_new(o, "work_growth", json_stats(&p->growth, 1));
    json_object_set_new(o, "redone", json_integer((json_int_t)p->redone));
    return o;
}

static json_t *value_json(const struct fit_value *v)
{
    return json_pack("{s:o, s:o, s:o}", "value", json_value(v->value), "low", json_value(v->low), "high",
                     json_value(v->high));
}

static json_t *law_json(const struct fit_law *law)
{
    if (*law->why)
        return json_pack("{s:s}", "missing", law->why);
    return json_pack("{s:o, s:o, s:o, s:f, s:I}", "sigma", value_json(&law->sigma), "kappa", value_json(&law->kappa),
                     "peak_threads", value_json(&law->peak), "rms", law->rms, "points", (json_int_t)law->points);
}

/* Points of threads: measured, and by models, as they are called. */
static json_t *curve_json(const struct scale *s, const struct scale_row *row)
{
    struct scale_curve curve;
    json_t *points = json_array();
    int rc = scale_curve_of(s, row, SCALE_SEED, &curve);
    for (size_t i = 0; rc == 0 && i < curve.count; i++) {
        const struct scale_curve_point *c = &curve.point[i];
        json_array_append_new(points,
                              json_pack("{s:I, s:o, s:o, s:o, s:o}", "threads", (json_int_t)c->threads, "measured",
                                        json_value(c->measured), "simulated", json_value(c->simulated), "amdahl",
                                        json_value(c->amdahl), "usl", json_value(c->usl)));
    }
    return points;
}

json_t *scale_json(const struct scale *s)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < s->count; i++) {
        const struct scale_row *row = &s->rows[i];
        json_t *points = json_array();
        for (size_t k = row->first; k < row->first + row->points; k++)
            json_array_append_new(points, point_json(row, &s->points[k]));
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "dataset", row->dataset, "backend",
                            row->backend, "sink", row->sink, "files", (json_int_t)row->files, "points", points,
                            "amdahl", law_json(&row->amdahl), "usl", law_json(&row->usl), "curve", curve_json(s, row)));
    }
    return rows;
}
