#include "history.h"

#include "../results/run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- adding --- */

static int add_run(struct history *h, const struct results *r)
{
    const json_t *machine = json_object_get(r->run, "machine");
    const char *version = json_string_value(json_object_get(json_object_get(r->run, "build"), "version"));
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    json_int_t cores = json_integer_value(json_object_get(machine, "cores_online"));
    json_int_t memory = json_integer_value(json_object_get(machine, "memory_bytes"));
    if (run_unix_ms(r) < 0 || !*run_id(r))
        return -ENODATA;
    for (size_t i = 0; i < h->run_count; i++)
        if (strcmp(h->runs[i].id, run_id(r)) == 0)
            return 1;
    h->runs = reallocarray(h->runs, h->run_count + 1, sizeof *h->runs);
    struct history_run *to = &h->runs[h->run_count++];
    *to = (struct history_run){.id = strdup(run_id(r)), .unix_ms = run_unix_ms(r)};
    to->version = strdup(version ? version : "unknown version");
    snprintf(to->machine, sizeof to->machine, "%s, %lld cores, %.0f GiB", cpu ? cpu : "unknown processor",
             (long long)cores, (double)memory / (1 << 30));
    return 0;
}

static struct history_point point_of(size_t run, const struct report_row *row)
{
    const struct sample *of = row->sample;
    const struct stats *ns = &row->ns;
    double scale = of->records > 0 ? 1 / (double)of->records : 1;
    return (struct history_point){
        .run = run,
        .key = of->key,
        .records = of->records,
        .bytes = of->bytes,
        .digest = of->tally_digest.value,
        .median = ns->median * scale,
        .low = ns->confident ? ns->low * scale : (double)NAN,
        .high = ns->confident ? ns->high * scale : (double)NAN,
        .factor = NAN,
    };
}

int history_add(struct history *h, const struct report *s)
{
    int rc = add_run(h, s->results);
    if (rc)
        return rc;
    h->points = reallocarray(h->points, h->count + s->count + 1, sizeof *h->points);
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++)
        if (row->ns.n > 0)
            h->points[h->count++] = point_of(h->run_count - 1, row);
    return 0;
}

/* Returns 0, or < 0 if it could not be read; both have been said. */
static int read_run(struct history *h, const char *path, const struct store_run *run, history_say *say)
{
    struct results results;
    struct report report;
    char why[SAMPLE_ERROR], skipped[SKIPPED_TEXT];
    size_t without = 0;
    int rc = store_read_listed(path, run, &results, why, sizeof why);
    if (rc) {
        say("%s: run %s: %s", path, run->id, why);
        return rc;
    }
    results_skipped_text(&results, skipped);
    if (*skipped)
        say("%s: run %s: %s", path, run->id, skipped);
    report_of(&results, &report);
    rc = history_add(h, &report);
    for (size_t i = 0; i < report.count && rc == 0; i++)
        without += report.rows[i].ns.n == 0;
    report_free(&report);
    results_free(&results);
    if (without > 0)
        say("%s: run %s: %zu cases without figures", path, run->id, without);
    if (rc == 1)
        say("%s: run %s: it was read before, and counts once", path, run->id);
    else if (rc)
        say("%s: run %s: %s", path, run->id, rc == -ENODATA ? "it does not say when it was" : strerror(-rc));
    return rc < 0 ? rc : 0;
}

int history_read(struct history *h, const char *path, history_say *say)
{
    struct store_list list;
    char why[SAMPLE_ERROR];
    int rc = store_list(path, &list, why, sizeof why);
    if (rc) {
        say("%s: %s", path, why);
        return rc;
    }
    if (list.count == 0)
        say("%s: no run in it", path);
    for (size_t i = 0; i < list.count; i++) {
        int added = read_run(h, path, &list.runs[i], say);
        rc = rc ? rc : added;
    }
    store_list_free(&list);
    return rc;
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->run_count; i++) {
        free(h->runs[i].id);
        free(h->runs[i].version);
    }
    free(h->runs);
    free(h->points);
    *h = (struct history){0};
}

/* --- series --- */

static int compare_case(const struct history *h, const struct history_point *a, const struct history_point *b)
{
    int by_machine = strcmp(h->runs[a->run].machine, h->runs[b->run].machine);
    return by_machine ? by_machine : case_compare(&a->key, &b->key);
}

static int compare_series(const struct history *h, const struct history_point *a, const struct history_point *b)
{
    const uint64_t x[] = {a->records, a->bytes, a->digest}, y[] = {b->records, b->bytes, b->digest};
    int order = compare_case(h, a, b);
    for (size_t i = 0; i < sizeof x / sizeof x[0] && order == 0; i++)
        order = (x[i] > y[i]) - (x[i] < y[i]);
    return order;
}

static int by_series_and_time(const void *a, const void *b, void *history)
{
    const struct history *h = history;
    const struct history_point *x = a, *y = b;
    const struct history_run *of = &h->runs[x->run], *other = &h->runs[y->run];
    int order = compare_series(h, x, y);
    order = order ? order : (of->unix_ms > other->unix_ms) - (of->unix_ms < other->unix_ms);
    return order ? order : strcmp(of->id, other->id);
}

const struct history_point *history_series_end(const struct history *h, const struct history_point *first)
{
    const struct history_point *end = first;
    while (end < h->points + h->count && compare_series(h, first, end) == 0)
        end++;
    return end;
}

bool history_same_case(const struct history *h, const struct history_point *a, const struct history_point *b)
{
    return compare_case(h, a, b) == 0;
}

/* --- changes --- */

/* Of a level: its median, and Tukey's fences, beyond which are what is out of the ordinary. */
struct level {
    double median, low, high;
};

static struct level level_of(const struct history_point *first, size_t n)
{
    double values[HISTORY_FIRST];
    n = n < HISTORY_FIRST ? n : HISTORY_FIRST;
    for (size_t i = 0; i < n; i++)
        values[i] = first[i].median;
    stats_sort(values, n);
    double lower = values[n / 4], upper = values[n - 1 - n / 4], fence = HISTORY_FENCE * (upper - lower);
    return (struct level){stats_median(values, n), lower - fence, upper + fence};
}

/* Are all of these points beyond it, on the same side? */
static bool ends(const struct level *level, const struct history_point *p, double smallest)
{
    double low = fmin(level->low, level->median / (1 + smallest));
    double high = fmax(level->high, level->median * (1 + smallest));
    size_t below = 0, above = 0;
    for (size_t i = 0; i < HISTORY_IN_A_ROW; i++) {
        below += p[i].median < low;
        above += p[i].median > high;
    }
    return below == HISTORY_IN_A_ROW || above == HISTORY_IN_A_ROW;
}

static void find_changes(struct history_point *p, size_t n, double smallest)
{
    size_t begin = 0;
    double before = NAN; /* the median of the level before */
    for (size_t i = HISTORY_LEVEL; i + HISTORY_IN_A_ROW <= n; i++) {
        if (i < begin + HISTORY_LEVEL)
            continue;
        struct level level = level_of(p + begin, i - begin);
        if (!ends(&level, p + i, smallest))
            continue;
        p[begin].factor = level.median / before;
        before = level.median;
        begin = i;
    }
    p[begin].factor = level_of(p + begin, n - begin).median / before;
}

void history_finish(struct history *h, double smallest)
{
    if (h->count > 0)
        qsort_r(h->points, h->count, sizeof *h->points, by_series_and_time, h);
    for (size_t first = 0, end; first < h->count; first = end) {
        end = (size_t)(history_series_end(h, h->points + first) - h->points);
        find_changes(h->points + first, end - first, smallest);
    }
}
