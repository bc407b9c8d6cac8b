#include "hyperfine.h"

#include "../results/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

bool hyperfine_is(const json_t *o)
{
    return json_is_array(json_object_get(o, "results")) && !json_object_get(o, "type");
}

/* The row of the case with this name. It may leave out block and advice: the process took the usual ones, which come
 * first. */
static const struct report_row *find(const struct report *s, const char *command)
{
    char wanted[CASE_NAME], full[CASE_NAME], name[CASE_NAME];
    snprintf(wanted, sizeof wanted, "%s", command);
    sample_clean_text(wanted); /* as the run did */
    for (size_t i = 0; i < s->count; i++) {
        struct case_key key = s->rows[i].sample->key;
        case_name(&key, full);
        key.block = 0;
        key.advice[0] = '\0';
        case_name(&key, name);
        if (strcmp(wanted, full) == 0 || strcmp(wanted, name) == 0)
            return &s->rows[i];
    }
    return NULL;
}

/* A sample of the whole file without a time. What the run found in a part of the file is no tally of it. */
static struct sample sample_of(const struct report *s, const struct sample *like, size_t index)
{
    const json_t *file = run_dataset(s->results, like->key.dataset);
    json_int_t records = json_integer_value(json_object_get(file, "records"));
    struct sample sample = {
        .key = like->key, .index = index, .iterations = 1, .records = like->records, .bytes = like->bytes};
    if (like->prefix == 0) {
        sample.tally_records = like->tally_records;
        sample.tally_bytes = like->tally_bytes;
        sample.tally_digest = like->tally_digest;
    } else if (records > 0) {
        sample.records = (uint64_t)records;
        sample.bytes = (uint64_t)json_integer_value(json_object_get(file, "bytes"));
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
    const struct report_row *row = name ? find(like, name) : NULL;
    if (!row) {
        snprintf(why, size, "\"%.200s\" is not the name of a case of the run, as in DATASET/BACKEND/SINK/threads:1",
                 name ? name : "");
        return -EINVAL;
    }
    if (!all_succeeded(json_object_get(result, "exit_codes"))) {
        snprintf(why, size, "\"%.200s\" failed in some of its runs", name);
        return -EINVAL;
    }
    struct sample s = sample_of(like, row->sample, index);
    int rc = json_array_size(times) > 0 ? 0 : -EINVAL;
    for (s.round = 0; s.round < json_array_size(times) && rc == 0; s.round++) {
        double ns = json_number_value(json_array_get(times, s.round)) * 1e9; /* 0 for what is no number */
        s.wall_ns = ns >= 1 && ns < 1e18 ? (uint64_t)ns : 0;
        if (s.wall_ns == 0)
            rc = -EINVAL;
        else
            results_add(r, STORED_SAMPLE, &s);
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
