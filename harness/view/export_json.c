/* What github-action-benchmark and Bencher read: one figure for each case. */
#include "export.h"

#include <math.h>

/* For one record; n = 0 if there are none, or the case failed. */
static struct stats record_ns(const struct exported_case *c)
{
    struct stats s = c->row->ns;
    double scale = 1 / (double)c->row->sample->records;
    if (s.n == 0 || c->row->sample->records == 0)
        return (struct stats){0};
    s.median *= scale;
    s.mad *= scale;
    s.low *= scale;
    s.high *= scale;
    return s;
}

/* Records per second: of the longest time the lowest rate. */
static struct stats rate(const struct exported_case *c)
{
    struct stats s = c->row->ns;
    double records = (double)c->row->sample->records, low = records * 1e9 / s.high;
    if (s.n == 0 || records == 0)
        return (struct stats){0};
    s.high = records * 1e9 / s.low;
    s.low = low;
    s.median = records * 1e9 / s.median;
    return s;
}

static json_t *better(const struct export *e, struct stats (*of)(const struct exported_case *c), const char *unit)
{
    json_t *all = json_array();
    for (size_t i = 0; i < e->count; i++) {
        const struct exported_case *c = &e->cases[i];
        struct stats s = of(c);
        if (s.n == 0)
            continue;
        json_t *extra =
            json_sprintf("%zu samples, median; %.4g %% interval %.6g .. %.6g", s.n, 100 * s.level, s.low, s.high);
        json_t *range = json_sprintf("\u00b1 %.3g", (s.high - s.low) / 2);
        json_t *one = json_pack("{s:s, s:s, s:f}", "name", c->name, "unit", unit, "value", s.median);
        if (s.confident)
            json_object_set(one, "range", range);
        json_object_set(one, "extra", extra);
        json_decref(range);
        json_decref(extra);
        json_array_append_new(all, one);
    }
    return all;
}

json_t *export_smaller_is_better(const struct export *e)
{
    return better(e, record_ns, "ns/record");
}

json_t *export_bigger_is_better(const struct export *e)
{
    return better(e, rate, "records/s");
}

static json_t *measure(const struct stats *s)
{
    json_t *o = json_pack("{s:f}", "value", s->median);
    if (s->confident) {
        json_object_set_new(o, "lower_value", json_real(s->low));
        json_object_set_new(o, "upper_value", json_real(s->high));
    }
    return o;
}

json_t *export_bencher(const struct export *e)
{
    json_t *all = json_object();
    for (size_t i = 0; i < e->count; i++) {
        const struct exported_case *c = &e->cases[i];
        struct stats ns = record_ns(c), per_second = rate(c);
        if (ns.n == 0)
            continue;
        json_t *measures = json_object();
        json_object_set_new(measures, "latency", measure(&ns));
        json_object_set_new(measures, "throughput", measure(&per_second));
        if (!c->row->reads_vary)
            json_object_set_new(measures, "reads-per-record",
                                json_pack("{s:f}", "value", (double)c->row->reads / (double)c->row->sample->records));
        json_object_set_new(all, c->name, measures);
    }
    return all;
}
