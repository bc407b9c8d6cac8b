#include "compare.h"

#include "../results/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const compare_verdicts[COMPARE_VERDICTS] = {
    [COMPARE_ALIKE] = "no difference seen", [COMPARE_FASTER] = "faster", [COMPARE_SLOWER] = "slower",
    [COMPARE_TOO_FEW] = "too few samples",  [COMPARE_FAILED] = "failed",
};

/* --- surroundings --- */

/* Member by member, those of a first. */
static void add_differences(json_t *list, const char *path, const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b)) {
        json_t *all = json_copy((json_t *)a), *value;
        const char *key;
        json_object_update_missing(all, (json_t *)b);
        json_object_foreach(all, key, value)
        {
            char name[256];
            snprintf(name, sizeof name, "%s.%s", path, key);
            sample_clean_text(name);
            add_differences(list, name, json_object_get(a, key), json_object_get(b, key));
        }
        json_decref(all);
    } else if (!json_equal(a, b) && (a || b))
        json_array_append_new(list, json_pack("{s:s, s:O?, s:O?}", "field", path, "a", a, "b", b));
}

/* --- cases --- */

/* The time of a decode. Two such levels multiplied are STATS_LEVEL. */
static struct stats interval_of(const struct report *s, const struct report_row *row)
{
    for (size_t i = 0; i < row->samples; i++)
        s->values[i] = sample_decode_ns(s->order[row->first + i]);
    return stats_at(s->values, row->samples, sqrt(STATS_LEVEL));
}

/* The interval holds the ratio with the levels of both together: at least as probably. */
static void judge(struct compare_case *c, const struct stats *a, const struct stats *b)
{
    double amount = report_amount_ratio(c->a->sample, c->b->sample);
    struct stats *r = &c->ratio;
    amount = isnan(amount) ? 1 : amount;
    *r = (struct stats){.n = a->n < b->n ? a->n : b->n,
                        .median = amount * a->median / b->median,
                        .low = amount * a->low / b->high,
                        .high = amount * a->high / b->low,
                        .level = a->level * b->level,
                        .confident = a->confident && b->confident};
    c->smallest = fmax(r->median / r->low - 1, 1 - r->median / r->high);
    c->verdict = !r->confident ? COMPARE_TOO_FEW
                 : r->low > 1  ? COMPARE_FASTER
                 : r->high < 1 ? COMPARE_SLOWER
                               : COMPARE_ALIKE;
}

void compare_reports(const struct report *a, const struct report *b, struct comparison *c)
{
    const json_t *run_a = a->results->run, *run_b = b->results->run;
    *c = (struct comparison){.cases = calloc(a->count + b->count + 1, sizeof *c->cases), .differences = json_array()};
    for (size_t i = 0; i < a->count; i++) {
        struct compare_case *new = &c->cases[c->count++];
        const struct report_row *row = &a->rows[i];
        *new = (struct compare_case){.a = row, .b = report_find(b, &row->sample->key), .verdict = COMPARE_FAILED};
        if (!new->b)
            continue;
        if (row->ns.n > 0 && new->b->ns.n > 0) {
            struct stats of_a = interval_of(a, row), of_b = interval_of(b, new->b);
            judge(new, &of_a, &of_b);
        }
        c->with[new->verdict]++;
    }
    for (size_t i = 0; i < b->count; i++)
        if (!report_find(a, &b->rows[i].sample->key))
            c->cases[c->count++] = (struct compare_case){.b = &b->rows[i]};
    add_differences(c->differences, "machine", json_object_get(run_a, "machine"), json_object_get(run_b, "machine"));
    add_differences(c->differences, "build", json_object_get(run_a, "build"), json_object_get(run_b, "build"));
}

void compare_free(struct comparison *c)
{
    json_decref(c->differences);
    free(c->cases);
    *c = (struct comparison){0};
}

/* --- order --- */

/* < 0: the first is faster; 0: their intervals overlap. */
static int faster(const struct report_row *x, const struct report_row *y)
{
    double amount = report_amount_ratio(x->sample, y->sample);
    if (x->ns.high * amount < y->ns.low)
        return -1;
    return y->ns.high < x->ns.low * amount;
}

struct compare_order compare_order(const struct comparison *c)
{
    struct compare_order order = {0};
    for (const struct compare_case *x = c->cases; x < c->cases + c->count; x++)
        for (const struct compare_case *y = c->cases; y < x; y++) {
            if (x->ratio.n == 0 || y->ratio.n == 0)
                continue;
            struct case_key like = x->a->sample->key;
            const struct case_key *other = &y->a->sample->key;
            memcpy(like.backend, other->backend, sizeof like.backend);
            memcpy(like.advice, other->advice, sizeof like.advice);
            like.block = other->block;
            like.depth = other->depth;
            if (!case_equal(&like, other))
                continue;
            int in_a = faster(x->a, y->a), in_b = faster(x->b, y->b);
            order.tied += in_a == 0 || in_b == 0;
            order.alike += in_a != 0 && in_a == in_b;
            order.opposite += in_a != 0 && in_a == -in_b;
        }
    return order;
}

/* --- data --- */

static bool lines_agree(const json_t *a, const json_t *b, const char *key, char *why, size_t size)
{
    const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
    if (!x || !y || json_equal(x, y))
        return true;
    snprintf(why, size,
             "%s is not the same data: %" JSON_INTEGER_FORMAT " %s in the first run, %" JSON_INTEGER_FORMAT
             " in the second",
             json_string_value(json_object_get(a, "name")), json_integer_value(x), key, json_integer_value(y));
    return false;
}

/* Of the same case, if it is in the same part of the file. All its samples that are OK have the same tally. */
static bool tallies_agree(const struct sample *a, const struct sample *b, char *why, size_t size)
{
    char name[CASE_NAME];
    bool one_version = a->digest_version.value == b->digest_version.value;
    if (a->outcome != SAMPLE_OK || b->outcome != SAMPLE_OK || a->prefix != b->prefix ||
        (a->tally_records == b->tally_records && a->tally_bytes.value == b->tally_bytes.value &&
         (!one_version || a->tally_digest.value == b->tally_digest.value)))
        return true;
    case_name(&a->key, name);
    snprintf(why, size,
             "%s is not the same data: other values were found in %s (digest %016" PRIx64
             " in the first run, %016" PRIx64 " in the second)",
             a->key.dataset, name, a->tally_digest.value, b->tally_digest.value);
    return false;
}

bool compare_datasets(const struct report *a, const struct report *b, char *why, size_t size)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(a->results->run, "datasets"), i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        const json_t *other = name ? run_dataset(b->results, name) : NULL;
        if (!lines_agree(one, other, "records", why, size) || !lines_agree(one, other, "bytes", why, size))
            return false;
    }
    for (i = 0; i < a->count; i++) {
        const struct report_row *other = report_find(b, &a->rows[i].sample->key);
        if (other && !tallies_agree(a->rows[i].sample, other->sample, why, size))
            return false;
    }
    return true;
}
