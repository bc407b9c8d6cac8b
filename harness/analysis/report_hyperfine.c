#include "report_hyperfine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- hyperfine's part --- */

/* The next part of the name, up to a slash, moving *from behind that. */
static bool take_part(const char **from, char *to, size_t size)
{
    const char *slash = strchr(*from, '/');
    if (!slash || slash == *from || (size_t)(slash - *from) >= size)
        return false;
    memcpy(to, *from, (size_t)(slash - *from));
    to[slash - *from] = '\0';
    *from = slash + 1;
    return true;
}

/* The parts of BACKEND/SINK/CACHE/DATASET; the last one may have slashes of its own. */
static bool parse_name(const char *name, struct second_opinions *o, char backend[32])
{
    char cache[8];
    if (!take_part(&name, backend, 32) || !take_part(&name, o->sink, sizeof o->sink) ||
        !take_part(&name, cache, sizeof cache))
        return false;
    o->cold = strcmp(cache, "cold") == 0;
    if ((!o->cold && strcmp(cache, "warm") != 0) || *name == '\0')
        return false;
    snprintf(o->dataset, sizeof o->dataset, "%s", name);
    sample_clean_text(o->dataset); /* as the run did */
    return true;
}

static bool is_same(const struct second_opinions *a, const struct second_opinions *b)
{
    return strcmp(a->dataset, b->dataset) == 0 && strcmp(a->sink, b->sink) == 0 && a->cold == b->cold;
}

/* Seconds in an array to the statistics of nanoseconds. */
static int process_stats(const json_t *times, struct stats *s)
{
    size_t n = json_array_size(times);
    double *values = calloc(n + 1, sizeof *values);
    int rc = values ? 0 : -ENOMEM;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const json_t *time = json_array_get(times, i);
        values[i] = json_number_value(time) * 1e9; /* 0 for what is no number */
        rc = values[i] > 0 && isfinite(values[i]) ? 0 : -EINVAL;
    }
    if (rc == 0 && n == 0)
        rc = -EINVAL;
    if (rc == 0)
        *s = stats_of(values, n);
    free(values);
    return rc;
}

static bool all_succeeded(const json_t *codes)
{
    for (size_t i = 0; i < json_array_size(codes); i++) {
        const json_t *code = json_array_get(codes, i); /* null: killed by a signal */
        if (!json_is_integer(code) || json_integer_value(code) != 0)
            return false;
    }
    return true;
}

/* Adds one of hyperfine's results. 0, or < 0 with the reason in why. */
static int add(struct second_opinions *o, const json_t *result, char *why, size_t size)
{
    const char *name = json_string_value(json_object_get(result, "command"));
    struct second_opinion *to = &o->of[o->count];
    struct second_opinions like = {0};
    if (!name || !parse_name(name, &like, to->backend)) {
        snprintf(why, size, "\"%.200s\" is not named BACKEND/SINK/warm/DATASET or BACKEND/SINK/cold/DATASET",
                 name ? name : "");
        return -EINVAL;
    }
    if (o->count == 0) {
        like.of = o->of;
        *o = like;
    } else if (!is_same(o, &like)) {
        snprintf(why, size, "\"%.200s\" is not the same job as the commands before it", name);
        return -EINVAL;
    }
    if (!all_succeeded(json_object_get(result, "exit_codes"))) {
        snprintf(why, size, "\"%.200s\" failed in some of its runs", name);
        return -EINVAL;
    }
    int rc = process_stats(json_object_get(result, "times"), &to->process);
    if (rc)
        snprintf(why, size, "\"%.200s\" has no list of times that can be used", name);
    o->count += rc == 0;
    return rc;
}

/* --- the run's part --- */

/* Records in the whole file, by the run's line; 0 if it does not tell. */
static double records_of(const struct results *r, const char *dataset)
{
    const json_t *files = json_object_get(r->run, "datasets");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = json_string_value(json_object_get(file, "name"));
        if (name && strcmp(name, dataset) == 0)
            return (double)json_integer_value(json_object_get(file, "records"));
    }
    return 0;
}

/* A slow backend may have been given only a part of the file. */
static struct stats whole_decode(const struct results *r, const struct report_row *row)
{
    struct stats s = row->ns;
    double scale = 1;
    if (row->sample->prefix)
        scale = records_of(r, row->sample->key.dataset) / (double)row->sample->records;
    s.median *= scale;
    s.mad *= scale;
    s.low *= scale;
    s.high *= scale;
    return scale > 0 ? s : (struct stats){0};
}

static void set_decode(struct second_opinions *o, const struct results *r, const struct report *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *a = s->rows[i].sample;
        if (s->rows[i].ns.n == 0 || a->key.threads != 1 || a->key.cold != o->cold ||
            strcmp(a->key.sink, o->sink) != 0 || strcmp(a->key.dataset, o->dataset) != 0)
            continue;
        for (size_t k = 0; k < o->count; k++)
            if (strcmp(a->key.backend, o->of[k].backend) == 0)
                o->of[k].decode = whole_decode(r, &s->rows[i]);
    }
}

int second_opinions_of(const json_t *hyperfine, const struct results *r, const struct report *s,
                       struct second_opinions *o, char *why, size_t size)
{
    const json_t *list = json_object_get(hyperfine, "results");
    int rc = 0;
    *o = (struct second_opinions){0};
    if (json_array_size(list) == 0) {
        snprintf(why, size, "no results of hyperfine in it");
        return -EINVAL;
    }
    o->of = calloc(json_array_size(list), sizeof *o->of);
    if (!o->of) {
        snprintf(why, size, "out of memory");
        return -ENOMEM;
    }
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++)
        rc = add(o, json_array_get(list, i), why, size);
    if (rc == 0)
        set_decode(o, r, s);
    else
        second_opinions_free(o);
    return rc;
}

void second_opinions_free(struct second_opinions *o)
{
    free(o->of);
    *o = (struct second_opinions){0};
}

/* --- comparing --- */

/* -1: a is the faster one, 1: b is, 0: it cannot be told. */
static int order(const struct stats *a, const struct stats *b)
{
    return (a->low > b->high) - (a->high < b->low);
}

struct second_pairs second_opinions_compare(const struct second_opinions *o)
{
    struct second_pairs pairs = {0};
    for (size_t i = 0; i < o->count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct second_opinion *a = &o->of[i], *b = &o->of[k];
            if (a->decode.n == 0 || b->decode.n == 0)
                continue;
            int product = order(&a->decode, &b->decode) * order(&a->process, &b->process);
            pairs.all++;
            pairs.alike += product > 0;
            pairs.opposite += product < 0;
            pairs.tied += product == 0;
        }
    }
    return pairs;
}

static const struct stats *stats_for(const struct second_opinion *o, bool process)
{
    return process ? &o->process : &o->decode;
}

/* The fastest of those slower than `last`, or of all if that is NULL; of equals the one that stands first. */
static const struct second_opinion *next_after(const struct second_opinions *o, const struct second_opinion *last,
                                               bool process)
{
    const struct second_opinion *best = NULL;
    for (const struct second_opinion *p = o->of; p < o->of + o->count; p++) {
        double median = stats_for(p, process)->median, from = last ? stats_for(last, process)->median : -1;
        if (p->decode.n > 0 && (median > from || (median == from && p > last)) &&
            (!best || median < stats_for(best, process)->median))
            best = p;
    }
    return best;
}

void second_opinions_order(const struct second_opinions *o, bool process, char *text, size_t size)
{
    const struct second_opinion *last = NULL, *p;
    size_t used = 0;
    text[0] = '\0';
    while ((p = next_after(o, last, process)) != NULL && used < size) {
        const char *sign = !last ? "" : order(stats_for(last, process), stats_for(p, process)) ? " < " : " ~ ";
        int n = snprintf(text + used, size - used, "%s%s", sign, p->backend);
        used += n > 0 ? (size_t)n : 0;
        last = p;
    }
}
