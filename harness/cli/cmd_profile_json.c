/* All that the tables have, unrounded, and every interval. Unknown is null; what cannot be is left out. */
#include "../view/cases.h"
#include "cmd_profile_show.h"

static json_t *gain_json(const struct stats *share)
{
    if (share->n == 0)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "median", json_value(profile_gain(share->median)), "low",
                     json_value(profile_gain(share->low)), "high", json_value(profile_gain(share->high)));
}

static json_t *parts_json(const struct profile_row *row)
{
    json_t *parts = json_object();
    for (size_t i = 0; i < PROFILE_PARTS; i++) {
        if (!profile_has(&row->kind, (enum profile_part)i))
            continue;
        json_t *part =
            json_pack("{s:o, s:o}", "ns", json_stats(&row->part[i], 1), "share", json_stats(&row->share[i], 1));
        if (i != PART_UNEXPLAINED)
            json_object_set_new(part, "at_most_times_as_fast", gain_json(&row->share[i]));
        json_object_set_new(parts, profile_part_names[i], part);
    }
    return parts;
}

static json_t *ladder_json(const struct profile_row *row)
{
    static const enum profile_part steps[] = {PART_CALLS, PART_INFLATE, PART_FRAMING, PART_FIELDS, PART_ALLOCATION};
    json_t *ladder = json_object();
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (profile_has(&row->kind, steps[i]))
            json_object_set_new(ladder, profile_part_names[steps[i]], json_stats(&row->step[steps[i]], 1));
    return ladder;
}

static json_t *row_json(const struct profile_row *row, const struct profile_units *units)
{
    const struct sample *s = row->sample;
    json_t *o = json_pack("{s:s, s:s, s:s}", "dataset", row->dataset, "backend", row->backend, "outcome",
                          sample_outcomes[s->outcome]);
    if (s->outcome != SAMPLE_OK) {
        json_object_set_new(o, "error", json_string(s->error));
        return o;
    }
    json_object_set_new(o, "prefix", s->prefix ? json_integer((json_int_t)s->prefix) : json_null());
    json_object_set_new(o, "records", json_integer((json_int_t)s->records));
    json_object_set_new(o, "cpu_ns", json_stats(&row->cpu, 1));
    json_object_set_new(o, "wall_ns", json_stats(&row->wall, 1));
    json_object_set_new(o, "parts", parts_json(row));
    json_object_set_new(o, "ladder", ladder_json(row));
    json_object_set_new(o, "verdict", json_string(row->cpu.n ? profile_verdicts[row->verdict] : "n/a"));
    json_object_set_new(o, "kernel_share_sampled", json_stats(&row->kernel, 1));
    json_object_set_new(o, "reads", json_value(row->reads));
    json_object_set_new(o, "bytes_read", json_value(row->bytes_read));
    json_object_set_new(o, "faults", json_value(row->faults));
    json_object_set_new(o, "moved", json_value(row->moved));
    json_object_set_new(o, "by_count_ns", json_value(profile_by_count(row, units)));
    return o;
}

json_t *profile_json(const struct profile_row *rows, size_t n, const struct profile_units *units)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, row_json(&rows[i], units));
    return list;
}
