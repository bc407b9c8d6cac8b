#include "run.h"

#include <stdlib.h>
#include <string.h>

const char *const run_kinds[RUN_KINDS] = {
    [RUN_RUN] = "run",       [RUN_SCALE] = "scale",   [RUN_PROFILE] = "profile",
    [RUN_PHASES] = "phases", [RUN_LIMITS] = "limits", [RUN_PROCESS] = "process",
};
static const char *const asks_names[] = {
    [ASKS_BLOCKS] = "blocks",
    [ASKS_RECORDS] = "records",
    [ASKS_FIELDS] = "fields",
};

enum run_kind run_kind(const struct results *r)
{
    size_t kind = store_which(json_object_get(r->run, "kind"), run_kinds, RUN_KINDS);
    return kind < RUN_KINDS ? (enum run_kind)kind : RUN_UNKNOWN;
}

bool run_backend(const struct results *r, const char *name, struct run_backend *b)
{
    enum { ASKS = sizeof asks_names / sizeof asks_names[0] };
    json_t *o = json_object_get(json_object_get(r->run, "backends"), name), *asks;
    int shared = 0, mapped = 0;
    json_int_t threads = 0;
    if (json_unpack(o, "{s:o, s?b, s?b, s?I}", "asks", &asks, "shared", &shared, "mapped", &mapped, "own_threads",
                    &threads) < 0 ||
        store_which(asks, asks_names, ASKS) == ASKS || threads < 0)
        return false;
    *b = (struct run_backend){(enum run_asks)store_which(asks, asks_names, ASKS), shared, mapped, (uint64_t)threads};
    return true;
}

json_t *run_backend_json(const struct run_backend *b)
{
    return json_pack("{s:s, s:b, s:b, s:I}", "asks", asks_names[b->asks], "shared", b->shared, "mapped", b->mapped,
                     "own_threads", (json_int_t)b->own_threads);
}

bool run_decoder(const struct results *r, const struct case_key *key, struct run_decoder *d)
{
    const char *wanted = *key->decoder ? key->decoder : key->backend;
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(r->run, "decoders"), i, one)
    {
        *d = (struct run_decoder){json_string_value(json_object_get(one, "name")),
                                  json_string_value(json_object_get(one, "version")),
                                  json_string_value(json_object_get(one, "does"))};
        if (d->name && strcmp(d->name, wanted) == 0)
            return true;
    }
    *d = (struct run_decoder){0};
    return false;
}

const char *run_id(const struct results *r)
{
    const char *id = json_string_value(json_object_get(r->run, "run"));
    return id ? id : "";
}

int64_t run_unix_ms(const struct results *r)
{
    const json_t *ms = json_object_get(json_object_get(r->run, "before"), "unix_ms");
    return json_is_integer(ms) ? json_integer_value(ms) : -1;
}

bool run_is_complete(const struct results *r)
{
    return r->end && !json_is_true(json_object_get(r->end, "interrupted"));
}

bool run_has_results(const struct results *r)
{
    return r->count > 0 || r->limit_count > 0;
}

bool run_is_example(const struct results *r)
{
    return json_is_true(json_object_get(r->run, "example"));
}

const json_t *run_dataset(const struct results *r, const char *name)
{
    const json_t *dataset;
    size_t i;
    json_array_foreach(json_object_get(r->run, "datasets"), i, dataset)
    {
        const char *its = json_string_value(json_object_get(dataset, "name"));
        if (its && strcmp(its, name) == 0)
            return dataset;
    }
    return NULL;
}

/* --- format 1 --- */

/* All backends of the programs that wrote it. */
static const struct {
    const char *name;
    struct run_backend is;
} backends_then[] = {
    {"syscall", {.asks = ASKS_FIELDS}},
    {"syscall-record", {.asks = ASKS_RECORDS}},
    {"buffered", {0}},
    {"mmap", {.mapped = true}},
    {"pipeline", {.shared = true, .own_threads = 1}},
    {"memory", {.mapped = true}},
    {"memory-cached", {.mapped = true}},
    {"memory-handed", {.shared = true, .own_threads = 1}},
    {"memory-fields", {.asks = ASKS_FIELDS, .mapped = true}},
    {"memory-records", {.asks = ASKS_RECORDS, .mapped = true}},
};

static enum run_kind kind_then(const struct results *r)
{
    if (json_object_get(r->run, "inputs"))
        return RUN_SCALE;
    if (json_object_get(r->run, "chain"))
        return RUN_PHASES;
    for (size_t i = 0; i < r->count; i++) /* only a profile had bytes that were in memory already */
        if (strncmp(r->samples[i].key.backend, "memory", 6) == 0)
            return RUN_PROFILE;
    return RUN_RUN;
}

/* Then a prefix that was asked for was not told from one that calibration chose. Where several cases are the same but
 * for it, it was asked for. */
static void set_requested(struct results *r)
{
    struct sample **order = results_by_key(r);
    for (size_t first = 0, end; first < r->count; first = end) {
        for (end = first; end < r->count && case_equal(&order[end]->key, &order[first]->key);)
            end++;
        bool several = order[end - 1]->index != order[first]->index;
        while (several && first < end) {
            struct sample *s = order[first++];
            s->key.requested = s->prefix;
        }
    }
    free(order);
}

void run_upgrade_line(json_t *line)
{
    json_object_set(line, "index", json_object_get(line, "place"));
    json_object_set(line, "iterations", json_object_get(line, "inner"));
}

void run_upgrade(struct results *r)
{
    json_t *backends = json_object();
    set_requested(r);
    for (size_t i = 0; i < sizeof backends_then / sizeof backends_then[0]; i++)
        json_object_set_new(backends, backends_then[i].name, run_backend_json(&backends_then[i].is));
    if (!json_object_get(r->run, "backends")) /* somebody may have added it to the file */
        json_object_set(r->run, "backends", backends);
    json_decref(backends);
    json_object_set_new(r->run, "kind", json_string(run_kinds[kind_then(r)]));
}
