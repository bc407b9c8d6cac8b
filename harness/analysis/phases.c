/* Chains are JSON, in a file as in the run line of a stored run. Steps are told apart by what was decoded and how.
 * Times are a record's, since slow steps read less of the file. */
#include "phases.h"

#include "../text/embed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { THREADS_MOST = 1024 };
#define WORTH 0.02 /* less than this can be how code happens to lie */
#define WIDE 0.10

EMBED(phases_roadmap, "docs/claims/roadmap.json");

/* --- the chain --- */

static bool get_text(const char *text, char *to, size_t size)
{
    if (!text || strlen(text) >= size)
        return false;
    strcpy(to, text);
    return true;
}

/* A number, or "all": as many as there are cores. NULL: it stays as it is. */
static bool get_number(const json_t *value, unsigned cores, double *to)
{
    const char *word = json_string_value(value);
    if (value)
        *to = json_is_number(value) ? json_number_value(value) : cores;
    return !value || json_is_number(value) || (word && strcmp(word, "all") == 0);
}

static bool get_count(const json_t *value, unsigned cores, unsigned *to)
{
    double number = 1;
    bool right = get_number(value, cores, &number) && number >= 1 && number <= THREADS_MOST;
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
    const char *name, *backend, *sink, *ignored; /* "frees", of which older runs say what a step did away with */
    const char *against = chain->count > 0 ? chain->phase[chain->count - 1].name : "";
    json_t *threads = NULL, *split = NULL, *low = NULL, *high = NULL;
    int many = 0;
    if (json_unpack_ex(step, error, JSON_STRICT, "{s:s, s:s, s:s, s?o, s?o, s?b, s?s, s?o, s?o, s?s}", "name", &name,
                       "backend", &backend, "sink", &sink, "threads", &threads, "split", &split, "many", &many,
                       "against", &against, "low", &low, "high", &high, "frees", &ignored) < 0)
        return error->text;
    *p = (struct phase){.many = many};
    if (!get_text(name, p->name, sizeof p->name) || !*name || step_named(chain, name))
        return "name: it is empty, too long, or another step's";
    if (!get_text(backend, p->backend, sizeof p->backend) || !get_text(sink, p->sink, sizeof p->sink))
        return "backend, sink: too long for a name";
    if (!get_count(threads, cores, &p->threads) || !get_count(split, cores, &p->split))
        return "threads, split: a number from 1 to 1024, or \"all\"";
    if (!get_text(against, p->against, sizeof p->against) || (*against && !step_named(chain, against)))
        return "against: no such step stands before it";
    if (!get_number(low, cores, &p->low) || !get_number(high, cores, &p->high) || p->low < 0 || p->high < p->low)
        return "low, high: numbers of which high is not the lower one, or \"all\"";
    return NULL;
}

int phase_chain_read(const json_t *o, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    json_error_t error = {.text = ""};
    json_t *steps = json_object_get(o, "steps"), *step;
    size_t i;
    *chain = (struct phase_chain){0};
    if (!get_text(json_string_value(json_object_get(o, "name")), chain->name, sizeof chain->name)) {
        snprintf(why, size, "a chain is an object with a name and steps");
        return -EINVAL;
    }
    json_array_foreach(steps, i, step)
    {
        const char *wrong = i < PHASES_MOST ? read_step(chain, step, cores, &chain->phase[i], &error) : "too many";
        if (wrong) {
            snprintf(why, size, "step %zu: %s", i + 1, wrong);
            return -EINVAL;
        }
        chain->count++;
    }
    if (chain->count == 0)
        snprintf(why, size, "there is no step in it");
    return chain->count > 0 ? 0 : -EINVAL;
}

int phase_chain_load(const char *path, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    json_error_t error;
    json_t *o = path ? json_load_file(path, 0, &error) : json_loads(phases_roadmap, 0, &error);
    if (!o)
        snprintf(why, size, "%s (line %d)", error.text, error.line);
    int rc = o ? phase_chain_read(o, cores, chain, why, size) : -EINVAL;
    json_decref(o);
    return rc;
}

json_t *phase_chain_to_json(const struct phase_chain *chain)
{
    json_t *steps = json_array();
    for (const struct phase *p = chain->phase; p < chain->phase + chain->count; p++)
        json_array_append_new(steps,
                              json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:f, s:f}", "name", p->name, "backend",
                                        p->backend, "sink", p->sink, "threads", (int)p->threads, "split", (int)p->split,
                                        "many", p->many, "against", p->against, "low", p->low, "high", p->high));
    return json_pack("{s:s, s:o}", "name", chain->name, "steps", steps);
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
