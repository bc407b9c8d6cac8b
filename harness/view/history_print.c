#include "history_print.h"

#include "../text/safe.h"
#include "table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

/* "2026-11-22T13:23:39Z" */
static const char *time_text(int64_t unix_ms, char text[32])
{
    struct tm utc;
    time_t seconds = (time_t)(unix_ms / 1000);
    if (!gmtime_r(&seconds, &utc) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(text, 32, "%" PRId64 " ms", unix_ms);
    return text;
}

static const char *unit(const struct history_series *s)
{
    return s->records > 0 ? "ns/record" : "ns/decode";
}

/* --- for people --- */

static const struct table_column trends[] = {
    {.key = "case"},
    {.key = "runs", .kind = TABLE_NUMBER},
    {.key = "first", .kind = TABLE_NUMBER},
    {.key = "last", .kind = TABLE_NUMBER},
    {.key = "unit"},
    {.key = "trend"},
    {.key = "data"}, /* where others of that name have other data */
    {0},
};

static void put_trend(struct table *t, const struct history *h, const struct history_series *s)
{
    size_t changes = 0, last = s->count - 1;
    char trend[80], when[32], data[120] = "";
    for (size_t i = 0; i < s->count; i++) {
        const struct history_run *to = &h->runs[s->points[i].run];
        if (!s->points[i].changed)
            continue;
        changes++;
        table_note(t, "%s: %+.1f %% in time from %s on: run %s, %s (before it %s)", s->name,
                   100 * (history_factor(s, i) - 1), time_text(to->unix_ms, when), to->id, to->version,
                   h->runs[s->points[i - 1].run].version);
    }
    if (s->count < history_needed())
        snprintf(trend, sizeof trend, "%zu runs more are needed to see a change", history_needed() - s->count);
    else
        snprintf(trend, sizeof trend, changes > 1 ? "%zu changes" : changes ? "1 change" : "no change seen", changes);
    if (s->ambiguous)
        snprintf(data, sizeof data, "%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, s->records, s->bytes,
                 s->digest);
    table_row(t, "tnddttt", s->name, (uint64_t)s->count, s->points[0].median, s->points[last].median, unit(s), trend,
              data);
}

int history_print(const struct history *h, double smallest, FILE *to)
{
    int rc = 0;
    for (size_t m = 0; m < h->machine_count && rc == 0; m++) {
        struct table *t = table_new("trend", h->machines[m], trends);
        for (size_t i = 0; i < h->count; i++)
            if (h->series[i].machine == m)
                put_trend(t, h, &h->series[i]);
        rc = table_print_text(t, table_width(to), to);
        fputc('\n', to);
        table_free(t);
    }
    fprintf(to,
            "%zu runs. Changes of at least %g %%, seen by chance in at most %g %% of the series that have none. This "
            "is a note:\nwhat else happened on the machine between two runs is in it, and a slow drift shows as "
            "steps.\n",
            h->run_count, 100 * smallest, 100 * HISTORY_LEVEL);
    return rc;
}

/* --- for programs --- */

static const struct table_column points[] = {
    {.key = "run"},
    {.key = "time"},
    {.key = "unix_ms", .kind = TABLE_COUNT},
    {.key = "version"},
    {.key = "median", .kind = TABLE_NUMBER},
    {.key = "low", .kind = TABLE_NUMBER},
    {.key = "high", .kind = TABLE_NUMBER},
    {.key = "changed", .kind = TABLE_COUNT},
    {.key = "case"},
    {.key = "unit"},
    {.key = "machine"},
    {.key = "records", .kind = TABLE_COUNT},
    {.key = "bytes", .kind = TABLE_COUNT},
    {.key = "digest"},
    {0},
};

static void put_points(struct table *t, const struct history *h, const struct history_series *s)
{
    char when[32], digest[17];
    snprintf(digest, sizeof digest, "%016" PRIx64, s->digest);
    for (const struct history_point *p = s->points; p < s->points + s->count; p++) {
        const struct history_run *run = &h->runs[p->run];
        table_row(t, "ttntdddntttnnt", run->id, time_text(run->unix_ms, when), (uint64_t)run->unix_ms, run->version,
                  p->median, p->low, p->high, (uint64_t)p->changed, s->name, unit(s), h->machines[s->machine],
                  s->records, s->bytes, digest);
    }
}

static json_t *series_json(const struct history *h, const struct history_series *s)
{
    struct table *t = table_new("points", "", points);
    put_points(t, h, s);
    json_t *all = table_json(t), *point;
    size_t i;
    table_free(t);
    json_array_foreach(all, i, point)
    {
        bool changed = s->points[i].changed;
        json_object_set_new(point, "changed", json_boolean(changed));
        json_object_set_new(point, "factor", changed ? json_value(history_factor(s, i)) : json_null());
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:b, s:o}", "case", s->name, "unit", unit(s), "machine",
                     h->machines[s->machine], "records", (json_int_t)s->records, "bytes", (json_int_t)s->bytes,
                     "digest", json_sprintf("%016" PRIx64, s->digest), "enough", (int)(s->count >= history_needed()),
                     "points", all);
}

json_t *history_json(const struct history *h, double smallest)
{
    json_t *all = json_array();
    for (size_t i = 0; i < h->count; i++)
        json_array_append_new(all, series_json(h, &h->series[i]));
    return json_pack("{s:i, s:I, s:f, s:f, s:I, s:o}", "format", 1, "runs", (json_int_t)h->run_count, "level",
                     HISTORY_LEVEL, "smallest", smallest, "needed", (json_int_t)history_needed(), "series", all);
}
