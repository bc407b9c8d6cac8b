/* Chains are JSON, in a file as in the run line of a stored run. */
#include "../text/embed.h"
#include "phases.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { THREADS_MOST = 1024 };

EMBED(phases_roadmap, "docs/claims/roadmap.json");

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
    if (json_is_number(value))
        *to = json_number_value(value);
    else if (value && strcmp(json_is_string(value) ? json_string_value(value) : "", "all") == 0)
        *to = cores;
    else
        return value == NULL;
    return true;
}

static bool get_count(const json_t *value, unsigned cores, unsigned *to)
{
    double number = 1;
    bool right = get_number(value, cores, &number) && number >= 1 && number <= THREADS_MOST;
    *to = right ? (unsigned)number : 0;
    return right && *to == number;
}

static const struct phase *find(const struct phase_chain *chain, const char *name)
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
    if (!get_text(name, p->name, sizeof p->name) || !*name || find(chain, name))
        return "name: it is empty, too long, or another step's";
    if (!get_text(backend, p->backend, sizeof p->backend) || !get_text(sink, p->sink, sizeof p->sink))
        return "backend, sink: too long for a name";
    if (!get_count(threads, cores, &p->threads) || !get_count(split, cores, &p->split))
        return "threads, split: a number from 1 to 1024, or \"all\"";
    if (!get_text(against, p->against, sizeof p->against) || (*against && !find(chain, against)))
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
