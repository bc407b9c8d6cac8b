/* What github-action-benchmark and Bencher read: one figure for each case. */
#include "formats.h"

#include "../text/safe.h"

#include <math.h>

/* For one record; n = 0 if there are none, or the case failed. */
static struct stats record_ns(const struct report_row *row)
{
    struct stats s = row->ns;
    double scale = 1 / (double)row->sample->records;
    if (s.n == 0 || row->sample->records == 0)
        return (struct stats){0};
    s.median *= scale;
    s.low *= scale;
    s.high *= scale;
    return s;
}

/* Records per second: of the longest time the lowest rate. */
static struct stats rate(const struct report_row *row)
{
    struct stats s = row->ns;
    double records = (double)row->sample->records, low = records * 1e9 / s.high;
    if (s.n == 0 || records == 0)
        return (struct stats){0};
    s.high = records * 1e9 / s.low;
    s.low = low;
    s.median = records * 1e9 / s.median;
    return s;
}

static int put_better(const struct report *report, struct stats (*of)(const struct report_row *row), const char *unit,
                      FILE *to)
{
    json_t *all = json_array();
    for (size_t i = 0; i < report->count; i++) {
        struct stats s = of(&report->rows[i]);
        char name[CASE_NAME];
        if (s.n == 0)
            continue;
        case_name(&report->rows[i].sample->key, name);
        json_t *one = json_pack("{s:s, s:s, s:f}", "name", name, "unit", unit, "value", s.median);
        if (s.confident)
            json_object_set_new(one, "range", json_sprintf("\u00b1 %.3g", (s.high - s.low) / 2));
        json_object_set_new(
            one, "extra",
            json_sprintf("%zu samples, median; %.4g %% interval %.6g .. %.6g", s.n, 100 * s.level, s.low, s.high));
        json_array_append_new(all, one);
    }
    return put_json(all, JSON_INDENT(2), to);
}

int format_action(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return put_better(s, record_ns, "ns/record", to);
}

int format_action_rate(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return put_better(s, rate, "records/s", to);
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

int format_bencher(const struct results *r, const struct report *s, FILE *to)
{
    json_t *all = json_object();
    (void)r;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        struct stats ns = record_ns(row), per_second = rate(row);
        char name[CASE_NAME];
        if (ns.n == 0)
            continue;
        case_name(&row->sample->key, name);
        json_t *measures = json_pack("{s:o, s:o}", "latency", measure(&ns), "throughput", measure(&per_second));
        if (!row->reads_vary)
            json_object_set_new(measures, "reads-per-record",
                                json_pack("{s:f}", "value", (double)row->reads / (double)row->sample->records));
        json_object_set_new(all, name, measures);
    }
    return put_json(all, JSON_INDENT(2), to);
}
