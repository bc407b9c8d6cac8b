#include "cmd_history_show.h"

#include "../view/cases.h"
#include "../view/export.h"
#include "../text/safe.h"

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

static void print_change(const struct history *h, const struct history_series *s, size_t point)
{
    const struct history_run *to = &h->runs[s->points[point].run], *from = &h->runs[s->points[point - 1].run];
    char text[32];
    double factor = history_factor(s, point);
    printf("    %+.1f %% in time from %s on: run ", 100 * (factor - 1), time_text(to->unix_ms, text));
    print_plain(stdout, to->id, strlen(to->id));
    fputs(", ", stdout);
    print_plain(stdout, to->version, strlen(to->version));
    fputs(" (before it ", stdout);
    print_plain(stdout, from->version, strlen(from->version));
    puts(")");
}

static void print_series(const struct history *h, const struct history_series *s, int width)
{
    size_t changes = 0, last = s->count - 1;
    for (size_t i = 0; i < s->count; i++)
        changes += s->points[i].changed;
    printf("  %-*s %5zu %10.4g %10.4g %s  ", width, s->name, s->count, s->points[0].median, s->points[last].median,
           unit(s));
    if (s->count < history_needed())
        printf("%zu runs more are needed to see a change\n", history_needed() - s->count);
    else if (changes == 0)
        puts("no change seen");
    else
        printf("%zu change%s\n", changes, changes == 1 ? "" : "s");
    if (s->ambiguous)
        printf("    of the data with %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64 "\n", s->records,
               s->bytes, s->digest);
    for (size_t i = 0; i < s->count; i++)
        if (s->points[i].changed)
            print_change(h, s, i);
}

void history_print(const struct history *h, double smallest)
{
    int width = 4;
    for (size_t i = 0; i < h->count; i++)
        if ((int)strlen(h->series[i].name) > width)
            width = (int)strlen(h->series[i].name);
    for (size_t m = 0; m < h->machine_count; m++) {
        print_plain(stdout, h->machines[m], strlen(h->machines[m]));
        printf("\n  %-*s %5s %10s %10s\n", width, "case", "runs", "first", "last");
        for (size_t i = 0; i < h->count; i++)
            if (h->series[i].machine == m)
                print_series(h, &h->series[i], width);
    }
    printf(
        "%zu runs. Changes of at least %g %%, seen by chance in at most %g %% of the series that have none. This is a "
        "note:\nwhat else happened on the machine between two runs is in it, and a slow drift shows as steps.\n",
        h->run_count, 100 * smallest, 100 * HISTORY_LEVEL);
}

/* --- for programs --- */

/* In the order of columns. */
static void put_point(json_t *to, const struct history *h, const struct history_series *s, size_t i)
{
    const struct history_point *p = &s->points[i];
    const struct history_run *run = &h->runs[p->run];
    char text[32];
    json_object_set_new(to, "run", json_string(run->id));
    json_object_set_new(to, "time", json_string(time_text(run->unix_ms, text)));
    json_object_set_new(to, "unix_ms", json_integer(run->unix_ms));
    json_object_set_new(to, "version", json_string(run->version));
    json_object_set_new(to, "median", json_real(p->median));
    json_object_set_new(to, "low", json_value(p->low));
    json_object_set_new(to, "high", json_value(p->high));
}

static void put_series(json_t *to, const struct history *h, const struct history_series *s)
{
    json_object_set_new(to, "case", json_string(s->name));
    json_object_set_new(to, "unit", json_string(unit(s)));
    json_object_set_new(to, "machine", json_string(h->machines[s->machine]));
    json_object_set_new(to, "records", json_integer((json_int_t)s->records));
    json_object_set_new(to, "bytes", json_integer((json_int_t)s->bytes));
    json_object_set_new(to, "digest", json_sprintf("%016" PRIx64, s->digest));
}

int history_print_tsv(const struct history *h)
{
    json_t *rows = json_array();
    for (size_t k = 0; k < h->count; k++)
        for (size_t i = 0; i < h->series[k].count; i++) {
            json_t *row = json_object();
            put_point(row, h, &h->series[k], i);
            json_object_set_new(row, "changed", json_integer(h->series[k].points[i].changed));
            put_series(row, h, &h->series[k]);
            json_array_append_new(rows, row);
        }
    return export_rows(rows, '\t', stdout);
}

int history_print_json(const struct history *h, double smallest)
{
    json_t *all = json_array();
    for (size_t k = 0; k < h->count; k++) {
        const struct history_series *s = &h->series[k];
        json_t *series = json_object(), *points = json_array();
        put_series(series, h, s);
        json_object_set_new(series, "enough", json_boolean(s->count >= history_needed()));
        for (size_t i = 0; i < s->count; i++) {
            json_t *point = json_object();
            put_point(point, h, s, i);
            json_object_set_new(point, "changed", json_boolean(s->points[i].changed));
            json_object_set_new(point, "factor", s->points[i].changed ? json_value(history_factor(s, i)) : json_null());
            json_array_append_new(points, point);
        }
        json_object_set_new(series, "points", points);
        json_array_append_new(all, series);
    }
    json_t *o = json_pack("{s:i, s:I, s:f, s:f, s:I, s:o}", "format", 1, "runs", (json_int_t)h->run_count, "level",
                          HISTORY_LEVEL, "smallest", smallest, "needed", (json_int_t)history_needed(), "series", all);
    int rc = o && json_dumpf(o, stdout, JSON_INDENT(2)) == 0 ? 0 : -ENOMEM;
    putchar('\n');
    json_decref(o);
    return rc;
}
