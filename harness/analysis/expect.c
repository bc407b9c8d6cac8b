#include "expect.h"

#include "phases.h"
#include "profile.h"
#include "scale.h"
#include "../results/run.h"
#include "../results/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 0.05

const char *const expect_verdicts[] = {
    [EXPECT_NOT_MEASURED] = "not measured",
    [EXPECT_HOLDS] = "holds",
    [EXPECT_BELOW] = "below",
    [EXPECT_ABOVE] = "above",
    [EXPECT_INCONCLUSIVE] = "inconclusive",
};

enum expect_verdict expect_judge(const struct stats *value, double low, double high)
{
    double slack = SLACK * fabs(high);
    if (value->n == 0 || !value->confident)
        return EXPECT_NOT_MEASURED;
    if (value->low > high + slack)
        return EXPECT_ABOVE;
    if (value->high < low - slack)
        return EXPECT_BELOW;
    return value->low >= low - slack && value->high <= high + slack ? EXPECT_HOLDS : EXPECT_INCONCLUSIVE;
}

/* --- which cases are meant --- */

/* A value, a list of which any will do, or {"least": N}. */
static bool is_value(const json_t *wanted, const json_t *value)
{
    size_t i;
    json_t *any;
    json_array_foreach((json_t *)wanted, i, any)
    {
        if (is_value(any, value))
            return true;
    }
    const json_t *least = json_object_get(wanted, "least");
    return least ? json_integer_value(value) >= json_integer_value(least) : json_equal(wanted, value);
}

static bool is_word(const json_t *wanted, const char *word)
{
    json_t *value = json_string(word);
    bool is = is_value(wanted, value);
    json_decref(value);
    return is;
}

/* Values are those that a stored line has. */
static bool is_meant(const json_t *wanted, const struct sample *s)
{
    json_t *o = json_object(), *value;
    bool meant = o != NULL;
    const char *key;
    fields_put(o, sample_fields, false, s);
    json_object_foreach((json_t *)wanted, key, value)
    {
        meant = meant && is_value(value, json_object_get(o, key));
    }
    json_decref(o);
    return meant;
}

/* --- measures --- */

struct search;
struct expect_measure {
    const char *name;
    enum run_kind kind; /* of the run that it is found in */
    void (*find)(struct search *s);
    double unit, less;                         /* figures less that are multiplied with the unit */
    const char *needs;                         /* another member of the promise, of names, or NULL */
    double (*figure)(const struct sample *of); /* for find_figure() */
    size_t at;                                 /* of the figure in a point, for find_scaled() */
};

/* What a measure finds in a run: the fastest case so far that is meant. */
struct search {
    const struct expect_measure *measure;
    const struct report *run;
    const json_t *wanted, *names; /* the cases; what the measure needs */
    double best;                  /* records/ns */
    struct expect_finding *found;
};

static double rate(const struct sample *s)
{
    return (double)s->records / sample_decode_ns(s) * 1e3;
}

static double read_calls(const struct sample *s)
{
    return reading_number(&s->reads) / (double)s->iterations / (double)s->records;
}

static void keep(struct search *s, const struct stats *value, const struct sample *of, const char *more)
{
    const struct expect_measure *m = s->measure;
    s->found->value = *value;
    s->found->value.median = m->unit * (value->median - m->less);
    s->found->value.low = m->unit * (value->low - m->less);
    s->found->value.high = m->unit * (value->high - m->less);
    case_name(&of->key, s->found->what);
    strcat(s->found->what, more);
}

/* Is it meant, and faster than what was found so far? */
static bool is_better(struct search *s, const struct report_row *row)
{
    if (row->ns.n == 0 || row->sample->records == 0 || !is_meant(s->wanted, row->sample))
        return false;
    double speed = (double)row->sample->records / row->ns.median;
    bool better = speed > s->best;
    s->best = better ? speed : s->best;
    return better;
}

static void find_figure(struct search *s)
{
    for (const struct report_row *row = s->run->rows; row < s->run->rows + s->run->count; row++) {
        struct stats value = report_over(s->run, row, s->measure->figure);
        if (is_better(s, row))
            keep(s, &value, row->sample, "");
    }
}

static void find_limit(struct search *s)
{
    for (const struct report_limit *l = s->run->limits; l < s->run->limits + s->run->limit_count; l++) {
        const struct limit_sample *of = l->sample;
        struct sample like = {0};
        memcpy(like.key.dataset, of->dataset, sizeof like.key.dataset);
        if (l->wall.n == 0 || !is_word(s->names, of->limit) || !is_meant(s->wanted, &like))
            continue;
        for (size_t i = 0; i < l->samples; i++)
            s->run->values[i] = s->run->limit_order[l->first + i]->value;
        s->found->value = stats_of(s->run->values, l->samples);
        snprintf(s->found->what, sizeof s->found->what, "%s, %s", of->dataset, of->limit);
    }
}

/* The sum of shares: of medians, and the widest that intervals let it be. */
static struct stats sum_of_shares(const struct profile_row *row, const json_t *parts)
{
    struct stats sum = {.confident = true};
    for (size_t k = 0; k < PROFILE_PARTS; k++) {
        const struct stats *share = &row->share[k];
        if (share->n == 0 || !is_word(parts, profile_part_names[k]))
            continue;
        sum.n = share->n;
        sum.level = share->level;
        sum.confident &= share->confident;
        sum.median += share->median;
        sum.low += share->low;
        sum.high += share->high;
    }
    return sum;
}

static void find_share(struct search *s)
{
    struct profile p;
    profile_of(s->run, &p);
    for (const struct profile_row *row = p.rows; row < p.rows + p.count; row++) {
        struct stats value = sum_of_shares(row, s->names);
        if (row->cpu.n > 0 && value.n > 0 && is_meant(s->wanted, row->sample))
            keep(s, &value, row->sample, "");
    }
    profile_free(&p);
}

static void find_gain(struct search *s)
{
    const json_t *run = s->run->results->run;
    struct phase_row rows[PHASES_MOST];
    struct phase_chain chain;
    char why[256], over[PHASE_NAME + 32];
    size_t i;
    json_t *input;
    if (phase_chain_read(json_object_get(run, "chain"), 1, &chain, why, sizeof why) < 0)
        return;
    json_array_foreach(json_object_get(run, "chain_inputs"), i, input)
    {
        const char *name = json_string_value(input);
        phases_of(s->run, &chain, name ? name : "", NULL, rows);
        for (const struct phase_row *row = rows; row < rows + chain.count; row++) {
            if (row->gain.n == 0 || !is_word(s->names, row->phase->name) || !is_meant(s->wanted, row->sample))
                continue;
            snprintf(over, sizeof over, ", over \"%s\"", row->phase->against);
            keep(s, &row->gain, row->sample, over);
        }
    }
    json_decref(chain.json);
}

static void find_scaled(struct search *s)
{
    struct scale scale;
    scale_of(s->run, &scale);
    for (size_t i = 0; i < scale.point_count; i++) {
        const struct scale_point *p = &scale.points[i];
        const struct stats *value = (const struct stats *)(const void *)((const char *)p + s->measure->at);
        if (value->n > 0 && !p->oversubscribed && is_better(s, p->row))
            keep(s, value, p->sample, "");
    }
    scale_free(&scale);
}

static const struct expect_measure measures[] = {
    {"read_calls", RUN_RUN, find_figure, 1, .figure = read_calls},
    {"rate", RUN_RUN, find_figure, 1, .figure = rate},
    {"limit", RUN_RUN, find_limit, 1, .needs = "limit"},
    {"share", RUN_PROFILE, find_share, 100, .needs = "parts"},
    {"gain", RUN_PHASES, find_gain, 100, .less = 1, .needs = "step"},
    {"speedup", RUN_SCALE, find_scaled, 1, .at = offsetof(struct scale_point, speedup)},
    {"of_capacity", RUN_SCALE, find_scaled, 100, .at = offsetof(struct scale_point, of_capacity)},
    {"serial", RUN_SCALE, find_scaled, 100, .at = offsetof(struct scale_point, serial)},
};

/* --- a file --- */

static bool is_of_case(const char *key)
{
    const struct stored_field *f = sample_fields;
    while (f->key && (f->part != PART_CASE || strcmp(f->key, key) != 0))
        f++;
    return f->key;
}

/* What is wrong with a promise, or NULL. */
static const char *read_promise(json_t *promise, struct expectation *e, json_error_t *error)
{
    const char *measure, *key;
    json_t *wanted, *value;
    e->promise = promise;
    if (json_unpack_ex(promise, error, 0, "{s:s, s:F, s:F, s:s, s:s, s:o}", "says", &e->says, "low", &e->low, "high",
                       &e->high, "unit", &e->unit, "measure", &measure, "case", &wanted) < 0)
        return error->text;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (strcmp(measures[i].name, measure) == 0)
            e->measure = &measures[i];
    if (!e->measure)
        return "its measure is not known";
    if (!json_is_object(wanted))
        return "its case is no object";
    json_object_foreach(wanted, key, value)
    {
        if (!is_of_case(key))
            return "its case has something that makes no case";
        if (json_is_object(value) &&
            (json_object_size(value) != 1 || !json_is_integer(json_object_get(value, "least"))))
            return "a value of its case is none of: a number, a text, a list of them, {\"least\": N}";
    }
    const json_t *names = json_object_get(promise, e->measure->needs);
    if (e->measure->needs && !json_is_string(names) && !json_is_string(json_array_get(names, 0)))
        return "its measure needs more, see expect.h";
    return e->low <= e->high ? NULL : "high is the lower one";
}

int expect_read(const char *path, struct expectations *e, char *why, size_t size)
{
    json_error_t error;
    json_t *file;
    *e = (struct expectations){0};
    int rc = store_load_json(path, &file, why, size);
    if (rc)
        return rc;
    json_t *promises = json_object_get(file, "promises");
    *e = (struct expectations){.file = file,
                               .title = json_string_value(json_object_get(file, "title")),
                               .about = json_object_get(file, "about"),
                               .notes = json_object_get(file, "notes"),
                               .of = calloc(json_array_size(promises) + 1, sizeof *e->of)};
    const char *wrong = !e->title || json_array_size(promises) == 0 ? "a title and promises are needed" : NULL;
    snprintf(why, size, "%s", wrong ? wrong : "");
    for (size_t i = 0; i < json_array_size(promises) && !wrong; i++) {
        wrong = read_promise(json_array_get(promises, i), &e->of[e->count++], &error);
        if (wrong)
            snprintf(why, size, "promise %zu: %s", i + 1, wrong);
    }
    if (wrong)
        expect_free(e);
    return wrong ? -EINVAL : 0;
}

void expect_free(struct expectations *e)
{
    free(e->of);
    json_decref(e->file);
    *e = (struct expectations){0};
}

void expect_find(const struct expectation *e, const struct stored_run *runs, size_t count, struct expect_finding *f)
{
    const struct expect_measure *m = e->measure;
    const json_t *wanted = json_object_get(e->promise, "case"), *names = json_object_get(e->promise, m->needs);
    char *text = json_dumps(wanted, JSON_COMPACT);
    *f = (struct expect_finding){0};
    snprintf(f->what, sizeof f->what, "needs a run of `dbnbench %s` with %s", run_kinds[m->kind], text);
    for (size_t i = 0; i < count; i++) {
        struct search s = {.measure = m, .run = &runs[i].report, .wanted = wanted, .names = names, .found = f};
        if (run_kind(&runs[i].results) == m->kind)
            m->find(&s);
    }
    free(text);
}
