#include "hyperfine.h"

#include "../results/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

bool hyperfine_is(const json_t *o)
{
    return json_is_array(json_object_get(o, "results")) && !json_object_get(o, "type");
}

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

/* Sets what the name of a command says; the data set, which stands last, may have slashes of its own. */
static bool parse_name(const char *name, struct case_key *key)
{
    char cache[8];
    if (!name || !take_part(&name, key->backend, sizeof key->backend) ||
        !take_part(&name, key->sink, sizeof key->sink) || !take_part(&name, cache, sizeof cache))
        return false;
    key->cold = strcmp(cache, "cold") == 0;
    snprintf(key->dataset, sizeof key->dataset, "%s", name);
    sample_clean_text(key->dataset); /* as the run did */
    return (key->cold || strcmp(cache, "warm") == 0) && *name;
}

static const struct report_row *find(const struct report *s, const struct case_key *like)
{
    for (size_t i = 0; i < s->count; i++) {
        struct case_key key = s->rows[i].sample->key;
        key.block = 0; /* one of several sizes: the process took the usual one, which comes first */
        key.advice[0] = '\0';
        if (case_equal(&key, like))
            return &s->rows[i];
    }
    return NULL;
}

/* A sample of the whole file without a time. What the run found in a part of the file is no tally of it. */
static struct sample sample_of(const struct report *s, const struct case_key *key, size_t index)
{
    const struct report_row *row = find(s, key);
    const json_t *file = run_dataset(s->results, key->dataset);
    struct sample sample = {.key = row ? row->sample->key : *key, .index = index, .iterations = 1};
    if (row && row->sample->prefix == 0) {
        sample.tally_records = row->sample->tally_records;
        sample.tally_bytes = row->sample->tally_bytes;
        sample.tally_digest = row->sample->tally_digest;
    }
    sample.records = (uint64_t)json_integer_value(json_object_get(file, "records"));
    sample.bytes = (uint64_t)json_integer_value(json_object_get(file, "bytes"));
    if (sample.records == 0 && row) {
        sample.records = row->sample->records;
        sample.bytes = row->sample->bytes;
    }
    return sample;
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

/* One of hyperfine's results. */
static int add(struct results *r, const json_t *result, const struct report *like, size_t index, char *why, size_t size)
{
    const json_t *times = json_object_get(result, "times");
    const char *name = json_string_value(json_object_get(result, "command"));
    struct case_key key = {.threads = 1, .files = 1, .split = 1};
    if (!parse_name(name, &key)) {
        snprintf(why, size, "\"%.200s\" is not named BACKEND/SINK/warm/DATASET or BACKEND/SINK/cold/DATASET",
                 name ? name : "");
        return -EINVAL;
    }
    if (!all_succeeded(json_object_get(result, "exit_codes"))) {
        snprintf(why, size, "\"%.200s\" failed in some of its runs", name);
        return -EINVAL;
    }
    struct sample s = sample_of(like, &key, index);
    int rc = json_array_size(times) > 0 ? 0 : -EINVAL;
    for (s.round = 0; s.round < json_array_size(times) && rc == 0; s.round++) {
        double ns = json_number_value(json_array_get(times, s.round)) * 1e9; /* 0 for what is no number */
        s.wall_ns = ns >= 1 && ns < 1e18 ? (uint64_t)ns : 0;
        rc = s.wall_ns > 0 ? results_add(r, &s) : -EINVAL;
    }
    if (rc)
        snprintf(why, size, "\"%.200s\" has no list of times that can be used", name);
    return rc;
}

int hyperfine_read(const json_t *hyperfine, const struct report *like, struct results *r, char *why, size_t size)
{
    static const char *const same[] = {"datasets", "machine", "build"};
    const json_t *all = json_object_get(hyperfine, "results"), *result;
    size_t i;
    int rc = 0;
    *r = (struct results){0};
    r->run = json_pack("{s:s, s:s}", "run", "hyperfine", "kind", run_kinds[RUN_PROCESS]);
    for (size_t k = 0; k < sizeof same / sizeof same[0]; k++)
        json_object_set(r->run, same[k], json_object_get(like->results->run, same[k]));
    json_array_foreach(all, i, result)
    {
        if (rc == 0)
            rc = add(r, result, like, i, why, size);
    }
    if (json_array_size(all) == 0)
        snprintf(why, size, "no results of hyperfine are in it");
    if (rc == 0)
        rc = json_array_size(all) == 0 ? -EINVAL : results_check_cases(r, why, size);
    if (rc)
        results_free(r);
    return rc;
}
