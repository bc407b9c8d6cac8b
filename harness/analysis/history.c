#include "history.h"

#include "../results/run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; full if the count is a power of two, and then that is doubled. NULL: there is none. */
static void *grow(void *array, size_t count, size_t size)
{
    return (count & (count - 1)) ? array : reallocarray(array, count ? 2 * count : 1, size);
}

/* --- adding --- */

/* What does not change with a new kernel or a busy neighbour. */
static char *machine_name(const json_t *run)
{
    const json_t *machine = json_object_get(run, "machine");
    const char *cpu = json_string_value(json_object_get(machine, "cpu"));
    json_int_t cores = json_integer_value(json_object_get(machine, "cores_online"));
    json_int_t memory = json_integer_value(json_object_get(machine, "memory_bytes"));
    char *name;
    int rc = asprintf(&name, "%s, %lld cores, %.0f GiB", cpu ? cpu : "unknown processor", (long long)cores,
                      (double)memory / (1 << 30));
    return rc < 0 ? NULL : name;
}

static int add_machine(struct history *h, const json_t *run, size_t *machine)
{
    char *name = machine_name(run);
    *machine = 0;
    while (name && *machine < h->machine_count && strcmp(h->machines[*machine], name) != 0)
        ++*machine;
    bool is_new = name && *machine == h->machine_count;
    char **more = is_new ? grow(h->machines, h->machine_count, sizeof *more) : h->machines;
    if (!name || !more) {
        free(name);
        return -ENOMEM;
    }
    h->machines = more;
    if (is_new)
        h->machines[h->machine_count++] = name;
    else
        free(name);
    return 0;
}

static int add_run(struct history *h, const struct results *r)
{
    const char *version = json_string_value(json_object_get(json_object_get(r->run, "build"), "version"));
    int64_t at = run_unix_ms(r);
    if (at < 0 || !*run_id(r))
        return -ENODATA;
    for (size_t i = 0; i < h->run_count; i++)
        if (strcmp(h->runs[i].id, run_id(r)) == 0)
            return 1;
    struct history_run *more = grow(h->runs, h->run_count, sizeof *more);
    if (!more)
        return -ENOMEM;
    h->runs = more;
    struct history_run *to = &h->runs[h->run_count++];
    *to = (struct history_run){strdup(run_id(r)), strdup(version ? version : "unknown version"), at};
    return to->id && to->version ? 0 : -ENOMEM;
}

static struct history_series *series_of(struct history *h, const struct sample *s, size_t machine)
{
    for (struct history_series *of = h->series; of < h->series + h->count; of++)
        if (of->machine == machine && of->records == s->records && of->bytes == s->bytes &&
            of->digest == s->tally_digest && case_equal(&of->key, &s->key))
            return of;
    struct history_series *more = grow(h->series, h->count, sizeof *more);
    if (!more)
        return NULL;
    h->series = more;
    more = &h->series[h->count++];
    *more = (struct history_series){
        .key = s->key, .machine = machine, .records = s->records, .bytes = s->bytes, .digest = s->tally_digest};
    case_name(&s->key, more->name);
    return more;
}

static int add_point(struct history *h, const struct report_row *row, size_t machine)
{
    const struct stats *ns = &row->ns;
    double scale = row->sample->records > 0 ? 1 / (double)row->sample->records : 1;
    struct history_series *s = series_of(h, row->sample, machine);
    struct history_point *more = s ? grow(s->points, s->count, sizeof *more) : NULL;
    if (!more)
        return -ENOMEM;
    s->points = more;
    s->points[s->count++] = (struct history_point){
        .run = h->run_count - 1,
        .median = ns->median * scale,
        .low = ns->confident ? ns->low * scale : (double)NAN,
        .high = ns->confident ? ns->high * scale : (double)NAN,
    };
    return 0;
}

int history_add(struct history *h, const struct report *s)
{
    size_t machine;
    int rc = add_run(h, s->results);
    if (rc == 0)
        rc = add_machine(h, s->results->run, &machine);
    for (size_t i = 0; i < s->count && rc == 0; i++)
        if (s->rows[i].ns.n > 0)
            rc = add_point(h, &s->rows[i], machine);
    return rc;
}

/* --- finishing --- */

static int by_time(const struct history_run *x, const struct history_run *y)
{
    int order = (x->unix_ms > y->unix_ms) - (x->unix_ms < y->unix_ms);
    return order ? order : strcmp(x->id, y->id);
}

static int by_run(const void *a, const void *b, void *runs)
{
    const struct history_run *of = runs;
    return by_time(of + ((const struct history_point *)a)->run, of + ((const struct history_point *)b)->run);
}

/* Runs were added in any order, and stay where they are. */
static int set_changes(struct history *h, struct history_series *s, double smallest, uint64_t seed)
{
    double *values = calloc(s->count + 1, sizeof *values);
    bool *changed = calloc(s->count + 1, sizeof *changed);
    int rc = values && changed ? 0 : -ENOMEM;
    qsort_r(s->points, s->count, sizeof *s->points, by_run, h->runs);
    for (size_t i = 0; i < s->count && rc == 0; i++)
        values[i] = s->points[i].median;
    if (rc == 0)
        rc = history_changes(values, s->count, smallest, seed, changed);
    for (size_t i = 0; i < s->count && rc > 0; i++)
        s->points[i].changed = changed[i];
    free(values);
    free(changed);
    return rc < 0 ? rc : 0;
}

int history_finish(struct history *h, double smallest, uint64_t seed)
{
    int rc = 0;
    for (struct history_series *s = h->series; s < h->series + h->count && rc == 0; s++) {
        for (const struct history_series *o = h->series; o < h->series + h->count; o++)
            s->ambiguous |= o != s && o->machine == s->machine && case_equal(&o->key, &s->key);
        rc = set_changes(h, s, smallest, seed);
    }
    return rc;
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->run_count; i++) {
        free(h->runs[i].id);
        free(h->runs[i].version);
    }
    for (size_t i = 0; i < h->machine_count; i++)
        free(h->machines[i]);
    for (size_t i = 0; i < h->count; i++)
        free(h->series[i].points);
    free(h->runs);
    free(h->machines);
    free(h->series);
    *h = (struct history){0};
}

/* Up to the next change, from one on. */
static double level_from(const struct history_series *s, size_t begin)
{
    size_t end = begin + 1;
    while (end < s->count && !s->points[end].changed)
        end++;
    double *values = calloc(end - begin, sizeof *values);
    for (size_t i = begin; i < end && values; i++)
        values[i - begin] = s->points[i].median;
    double median = values ? stats_of(values, end - begin).median : (double)NAN;
    free(values);
    return median;
}

double history_factor(const struct history_series *s, size_t point)
{
    size_t before = point;
    while (before > 0 && !s->points[--before].changed)
        ;
    return level_from(s, point) / level_from(s, before);
}
