#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const compare_verdicts[COMPARE_VERDICTS] = {
    [COMPARE_ALIKE] = "no difference seen", [COMPARE_FASTER] = "faster", [COMPARE_SLOWER] = "slower",
    [COMPARE_TOO_FEW] = "too few samples",  [COMPARE_FAILED] = "failed",
};

/* --- cases --- */

static bool is_same_case(const struct sample *a, const struct sample *b)
{
    return strcmp(a->key.dataset, b->key.dataset) == 0 && strcmp(a->key.backend, b->key.backend) == 0 &&
           strcmp(a->key.sink, b->key.sink) == 0 && a->key.threads == b->key.threads && a->key.block == b->key.block &&
           a->key.cold == b->key.cold;
}

static const struct report_row *find(const struct report *s, const struct report_row *like)
{
    for (size_t i = 0; i < s->count; i++)
        if (is_same_case(s->rows[i].sample, like->sample))
            return &s->rows[i];
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct interval {
    double median, low, high, level;
    bool reached; /* the level that was wanted */
};

/* The time of a decode. Two such levels multiplied are STATS_LEVEL. */
static struct interval interval_of(const struct report *s, const struct report_row *row, double *values)
{
    struct interval v;
    size_t n = row->samples;
    for (size_t i = 0; i < n; i++) {
        const struct sample *of = s->order[row->first + i];
        values[i] = sample_decode_ns(of);
    }
    qsort(values, n, sizeof *values, ascending);
    size_t rank = stats_rank_for(n, sqrt(STATS_LEVEL), &v.level);
    v.reached = rank > 0;
    if (!v.reached) {
        rank = 1;
        v.level = 1 - 2 * exp2(-(double)n);
    }
    v.median = stats_median(values, n);
    v.low = values[rank - 1];
    v.high = values[n - rank];
    return v;
}

/* What both decoded, in the same unit: records if there are any, else bytes. */
static double amount_ratio(const struct sample *a, const struct sample *b)
{
    if (a->records > 0 && b->records > 0)
        return (double)b->records / (double)a->records;
    return a->bytes > 0 && b->bytes > 0 ? (double)b->bytes / (double)a->bytes : 1;
}

static void judge(struct compare_case *c, const struct interval *a, const struct interval *b)
{
    double amount = amount_ratio(c->a->sample, c->b->sample);
    c->ratio = amount * a->median / b->median;
    c->low = amount * a->low / b->high;
    c->high = amount * a->high / b->low;
    c->level = a->level * b->level;
    c->smallest = fmax(c->ratio / c->low - 1, 1 - c->ratio / c->high);
    c->parts_differ = c->a->sample->prefix != c->b->sample->prefix;
    if (!a->reached || !b->reached)
        c->verdict = COMPARE_TOO_FEW;
    else if (c->low > 1)
        c->verdict = COMPARE_FASTER;
    else if (c->high < 1)
        c->verdict = COMPARE_SLOWER;
    else
        c->verdict = COMPARE_ALIKE;
}

int compare_reports(const struct report *a, const struct report *b, struct comparison *c)
{
    size_t most = 1;
    for (size_t i = 0; i < a->count; i++)
        most = a->rows[i].samples > most ? a->rows[i].samples : most;
    for (size_t i = 0; i < b->count; i++)
        most = b->rows[i].samples > most ? b->rows[i].samples : most;
    *c = (struct comparison){.cases = calloc(a->count + b->count + 1, sizeof *c->cases)};
    double *values = calloc(most, sizeof *values);
    if (!values || !c->cases) {
        free(values);
        compare_free(c);
        return -ENOMEM;
    }
    for (size_t i = 0; i < a->count; i++) {
        struct compare_case *new = &c->cases[c->count++];
        *new = (struct compare_case){.a = &a->rows[i], .b = find(b, &a->rows[i]), .verdict = COMPARE_FAILED};
        if (new->b &&new->a->ns.n > 0 && new->b->ns.n > 0) {
            struct interval of_a = interval_of(a, new->a, values), of_b = interval_of(b, new->b, values);
            judge(new, &of_a, &of_b);
        }
        if (new->b)
            c->with[new->verdict]++;
    }
    for (size_t i = 0; i < b->count; i++)
        if (!find(a, &b->rows[i]))
            c->cases[c->count++] = (struct compare_case){.b = &b->rows[i]};
    free(values);
    return 0;
}

void compare_free(struct comparison *c)
{
    free(c->cases);
    *c = (struct comparison){0};
}

/* --- data --- */

static const json_t *dataset_named(const json_t *run, const char *name)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(json_object_get(run, "datasets"), i, dataset)
    {
        const char *of = json_string_value(json_object_get(dataset, "name"));
        if (of && strcmp(of, name) == 0)
            return dataset;
    }
    return NULL;
}

static bool lines_agree(const json_t *a, const json_t *b, const char *name, char *why, size_t size)
{
    static const char *const keys[] = {"records", "bytes"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        const json_t *x = json_object_get(a, keys[k]), *y = json_object_get(b, keys[k]);
        if (!json_is_integer(x) || !json_is_integer(y) || json_equal(x, y))
            continue;
        snprintf(why, size,
                 "%s is not the same data: %" JSON_INTEGER_FORMAT " %s in the first run, %" JSON_INTEGER_FORMAT
                 " in the second",
                 name, json_integer_value(x), keys[k], json_integer_value(y));
        return false;
    }
    return true;
}

/* Of the same case, if it is in the same part of the file. All its samples that are OK have the same tally. */
static bool tallies_agree(const struct sample *a, const struct sample *b, char *why, size_t size)
{
    if (a->outcome != SAMPLE_OK || b->outcome != SAMPLE_OK || a->prefix != b->prefix ||
        (a->tally_records == b->tally_records && a->tally_bytes == b->tally_bytes &&
         a->tally_digest == b->tally_digest))
        return true;
    snprintf(why, size,
             "%s is not the same data: %s found other values with %s (digest %016" PRIx64
             " in the first run, %016" PRIx64 " in the second)",
             a->key.dataset, a->key.backend, a->key.sink, a->tally_digest, b->tally_digest);
    return false;
}

bool compare_datasets(const json_t *run_a, const json_t *run_b, const struct report *a, const struct report *b,
                      char *why, size_t size)
{
    size_t i;
    json_t *dataset;
    json_array_foreach(json_object_get(run_a, "datasets"), i, dataset)
    {
        const char *name = json_string_value(json_object_get(dataset, "name"));
        if (name && !lines_agree(dataset, dataset_named(run_b, name), name, why, size))
            return false;
    }
    for (i = 0; i < a->count; i++) {
        const struct report_row *other = find(b, &a->rows[i]);
        if (other && !tallies_agree(a->rows[i].sample, other->sample, why, size))
            return false;
    }
    return true;
}

/* --- surroundings --- */

static int add_differences(json_t *list, const char *path, const json_t *a, const json_t *b);

/* Of the members of a; of those of b only what a does not have. */
static int add_members(json_t *list, const char *path, const json_t *a, const json_t *b, bool only_missing)
{
    const char *key;
    json_t *value;
    int rc = 0;
    json_object_foreach((json_t *)(only_missing ? b : a), key, value)
    {
        char name[256];
        snprintf(name, sizeof name, "%s.%s", path, key);
        sample_clean_text(name);
        if (rc == 0 && !(only_missing && json_object_get(a, key)))
            rc = add_differences(list, name, only_missing ? NULL : value,
                                 only_missing ? value : json_object_get(b, key));
    }
    return rc;
}

static int add_differences(json_t *list, const char *path, const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b)) {
        int rc = add_members(list, path, a, b, false);
        return rc ? rc : add_members(list, path, a, b, true);
    }
    if (a && b && json_equal(a, b))
        return 0;
    json_t *one = json_pack("{s:s, s:O?, s:O?}", "field", path, "a", a, "b", b);
    return json_array_append_new(list, one) < 0 ? -ENOMEM : 0;
}

json_t *compare_surroundings(const json_t *run_a, const json_t *run_b)
{
    static const char *const parts[] = {"machine", "build"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && list; i++) {
        const json_t *a = json_object_get(run_a, parts[i]), *b = json_object_get(run_b, parts[i]);
        if ((a || b) && add_differences(list, parts[i], a, b) < 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}
