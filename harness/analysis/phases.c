/* Chains are JSON, in a file as in the run line of a stored run. Steps are told apart by what was decoded and how.
 * Times are a record's, since slow steps read less of the file. */
#include "phases.h"

#include "../results/store.h"
#include "../text/embed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { THREADS_MOST = 1024 };
#define WORTH 0.02 /* less than this can be how code happens to lie */
#define WIDE 0.10

EMBED(phases_roadmap, "docs/claims/roadmap.json");

/* --- the chain --- */

/* A number, or "all", in whose place the number of cores is put. What is missing stays as it is. */
static bool get_number(json_t *step, const char *key, unsigned cores, double *to)
{
    const char *word = json_string_value(json_object_get(step, key));
    if (word && strcmp(word, "all") == 0)
        json_object_set_new(step, key, json_integer(cores));
    const json_t *value = json_object_get(step, key);
    *to = value ? json_number_value(value) : *to;
    return !value || json_is_number(value);
}

static bool get_count(json_t *step, const char *key, unsigned cores, unsigned *to)
{
    double number = 1;
    bool right = get_number(step, key, cores, &number) && number >= 1 && number <= THREADS_MOST;
    *to = right ? (unsigned)number : 0;
    return right && *to == number;
}

static const struct phase *step_named(const struct phase_chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->phase[i].name, name) == 0)
            return &chain->phase[i];
    return NULL;
}

/* What is wrong with a step, or NULL. */
static const char *read_step(const struct phase_chain *chain, json_t *step, unsigned cores, struct phase *p,
                             json_error_t *error)
{
    json_t *number;      /* taken below */
    const char *ignored; /* "frees", of which older runs say what a step did away with */
    int many = 0;
    *p = (struct phase){.against = chain->count > 0 ? chain->phase[chain->count - 1].name : ""};
    if (json_unpack_ex(step, error, JSON_STRICT, "{s:s, s:s, s:s, s?o, s?o, s?b, s?s, s?o, s?o, s?s}", "name", &p->name,
                       "backend", &p->backend, "sink", &p->sink, "threads", &number, "split", &number, "many", &many,
                       "against", &p->against, "low", &number, "high", &number, "frees", &ignored) < 0)
        return error->text;
    p->many = many;
    if (!*p->name || step_named(chain, p->name))
        return "name: it is empty, or another step's";
    if (!get_count(step, "threads", cores, &p->threads) || !get_count(step, "split", cores, &p->split))
        return "threads, split: a number from 1 to 1024, or \"all\"";
    if (*p->against && !step_named(chain, p->against))
        return "against: no such step stands before it";
    if (!get_number(step, "low", cores, &p->low) || !get_number(step, "high", cores, &p->high) || p->low < 0 ||
        p->high < p->low)
        return "low, high: numbers of which high is not the lower one, or \"all\"";
    return NULL;
}

int phase_chain_read(json_t *o, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    json_error_t error = {.text = ""};
    json_t *steps = json_object_get(o, "steps"), *step;
    size_t i;
    *chain = (struct phase_chain){.name = json_string_value(json_object_get(o, "name"))};
    snprintf(why, size, chain->name ? "there is no step in it" : "a chain is an object with a name and steps");
    json_array_foreach(steps, i, step)
    {
        const char *wrong = i < PHASES_MOST ? read_step(chain, step, cores, &chain->phase[i], &error) : "too many";
        if (wrong) {
            snprintf(why, size, "step %zu: %s", i + 1, wrong);
            return -EINVAL;
        }
        chain->count++;
    }
    if (!chain->name || chain->count == 0)
        return -EINVAL;
    chain->json = json_incref(o);
    return 0;
}

int phase_chain_load(const char *path, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    json_t *o = path ? NULL : json_loads(phases_roadmap, 0, NULL);
    int rc = path ? store_load_json(path, &o, why, size) : 0;
    if (rc == 0)
        rc = phase_chain_read(o, cores, chain, why, size);
    json_decref(o);
    return rc;
}

/* --- what its steps gained --- */

const char *const phase_verdicts[] = {
    [PHASE_UNKNOWN] = "n/a",   [PHASE_FIRST] = "-",     [PHASE_HOLDS] = "holds",
    [PHASE_BETTER] = "better", [PHASE_WORSE] = "worse", [PHASE_NOTHING] = "no difference",
    [PHASE_LOSS] = "slower",   [PHASE_GAIN] = "faster", [PHASE_INCONCLUSIVE] = "inconclusive",
};

enum phase_verdict phase_judge(const struct stats *gain, double low, double high)
{
    bool promised = low > 0;
    if (gain->n == 0 || !gain->confident)
        return PHASE_UNKNOWN;
    bool wide = gain->high - gain->low > 2 * WIDE * gain->median;
    bool nothing = gain->low <= 1 && gain->high >= 1, overlaps = gain->low <= high && gain->high >= low;
    nothing |= gain->low > 1 - WORTH && gain->high < 1 + WORTH;
    if (promised && overlaps)
        return wide || (nothing && low > 1) ? PHASE_INCONCLUSIVE : PHASE_HOLDS;
    if (nothing)
        return wide && !promised ? PHASE_INCONCLUSIVE : PHASE_NOTHING;
    if (gain->high < 1)
        return PHASE_LOSS;
    return !promised ? PHASE_GAIN : gain->low > high ? PHASE_BETTER : PHASE_WORSE;
}

static const struct report_row *find(const struct report *s, const struct phase *p, const char *one, const char *many)
{
    const char *dataset = p->many ? many : one;
    for (size_t i = 0; i < s->count && dataset; i++) {
        const struct case_key *k = &s->rows[i].sample->key;
        if (strcmp(k->dataset, dataset) == 0 && strcmp(k->backend, p->backend) == 0 && strcmp(k->sink, p->sink) == 0 &&
            k->threads == p->threads && k->split == p->split)
            return &s->rows[i];
    }
    return NULL;
}

void phases_of(const struct report *s, const struct phase_chain *chain, const char *one, const char *many,
               struct phase_row *rows)
{
    const struct report_row *first = find(s, &chain->phase[0], one, many);
    for (size_t i = 0; i < chain->count; i++) {
        const struct phase *p = &chain->phase[i], *before = step_named(chain, p->against);
        const struct report_row *own = find(s, p, one, many), *against = before ? find(s, before, one, many) : NULL;
        struct phase_row *row = &rows[i];
        *row = (struct phase_row){
            .phase = p, .sample = own ? own->sample : NULL, .record_ns = report_over(s, own, report_record_ns)};
        if (row->record_ns.n == 0)
            continue;
        row->cumulative = report_by_round(s, first, own, report_times_faster);
        row->gain = report_by_round(s, against, own, report_times_faster);
        row->verdict = before ? phase_judge(&row->gain, p->low, p->high) : PHASE_FIRST;
    }
}
