/* The trend of stored runs, for people and for programs. */
#include "../text/terminal.h"
#include "compared.h"

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

static const char *unit(const struct history_point *p)
{
    return p->records > 0 ? "ns/record" : "ns/decode";
}

/* --- for people --- */

static const struct table_column trends[] = {
    {.key = "case"},
    {.key = "runs", .kind = TABLE_NUMBER},
    {.key = "first", .kind = TABLE_NUMBER},
    {.key = "last", .kind = TABLE_NUMBER},
    {.key = "unit"},
    {.key = "trend", .verdict = true},
    {.key = "data"}, /* where others of that name have other data */
    {0},
};

static void put_trend(struct table *t, const struct history *h, const struct history_point *first,
                      const struct history_point *end)
{
    size_t runs = (size_t)(end - first), needed = HISTORY_LEVEL + HISTORY_IN_A_ROW, changes = 0;
    char name[CASE_NAME], trend[80], when[32], data[120] = "";
    case_name(&first->key, name);
    for (const struct history_point *p = first; p < end; p++) {
        const struct history_run *to = &h->runs[p->run];
        if (isnan(p->factor))
            continue;
        changes++;
        table_note(t, "%s: %+.1f %% in time from %s on: run %s, %s (before it %s)", name, 100 * (p->factor - 1),
                   time_text(to->unix_ms, when), to->id, to->version, h->runs[p[-1].run].version);
    }
    if (runs < needed)
        snprintf(trend, sizeof trend, "%zu more run%s needed to see a change", needed - runs,
                 needed - runs == 1 ? " is" : "s are");
    else
        snprintf(trend, sizeof trend, changes > 1 ? "%zu changes" : changes ? "1 change" : "no change seen", changes);
    if ((first > h->points && history_same_case(h, first - 1, first)) ||
        (end < h->points + h->count && history_same_case(h, first, end)))
        snprintf(data, sizeof data, "%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, first->records,
                 first->bytes, first->digest);
    table_row(t, "tnddttt", name, (uint64_t)runs, first->median, end[-1].median, unit(first), trend, data);
}

void history_print(const struct history *h, double smallest, FILE *to)
{
    for (const struct history_point *p = h->points, *last = p + h->count; p < last;) {
        const char *machine = h->runs[p->run].machine;
        struct table *t = table_new("trend", machine, trends);
        while (p < last && strcmp(h->runs[p->run].machine, machine) == 0) {
            const struct history_point *end = history_series_end(h, p);
            put_trend(t, h, p, end);
            p = end;
        }
        table_print_text(t, terminal_width(to), to);
        fputc('\n', to);
        table_free(t);
    }
    char text[400];
    snprintf(
        text, sizeof text,
        "%zu run%s. A change: %d runs in a row are slower, or faster, than the level before by more than %g %%, and "
        "by more than %d times the distance of its quartiles. A level is what its first %d to %d runs say. What "
        "else happened on the machine is in it, and a slow drift shows as steps.",
        h->run_count, table_plural(h->run_count), HISTORY_IN_A_ROW, 100 * smallest, HISTORY_FENCE, HISTORY_LEVEL,
        HISTORY_FIRST);
    terminal_prose(text, terminal_width(to), to);
}

/* --- for programs --- */

static const struct table_column points[] = {
    {.key = "run"},
    {.key = "time"},
    {.key = "version"},
    {.key = "median", .kind = TABLE_NUMBER},
    {.key = "low", .kind = TABLE_NUMBER},
    {.key = "high", .kind = TABLE_NUMBER},
    {.key = "factor", .kind = TABLE_NUMBER}, /* of those that begin a level */
    {.key = "case"},
    {.key = "unit"},
    {.key = "machine"},
    {.key = "records", .kind = TABLE_COUNT},
    {.key = "bytes", .kind = TABLE_COUNT},
    {.key = "digest"},
    {0},
};

struct table *history_points(const struct history *h)
{
    struct table *t = table_new("points", "", points);
    for (const struct history_point *p = h->points; p < h->points + h->count; p++) {
        const struct history_run *run = &h->runs[p->run];
        char when[32], digest[17], name[CASE_NAME];
        case_name(&p->key, name);
        snprintf(digest, sizeof digest, "%016" PRIx64, p->digest);
        table_row(t, "tttddddtttnnt", run->id, time_text(run->unix_ms, when), run->version, p->median, p->low, p->high,
                  p->factor, name, unit(p), run->machine, p->records, p->bytes, digest);
    }
    return t;
}
