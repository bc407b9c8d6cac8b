/* hyperfine's times of whole processes, as a run. */
#include "compare.h"

#include "../results/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

bool hyperfine_is(const json_t *o)
{
    return json_is_array(json_object_get(o, "results")) && !json_object_get(o, "type");
}

/* The row of the case with this name, which leaves out block, depth and advice: the process took the usual ones, which
 * come first. */
static const struct report_row *find(const struct report *s, const char *command)
{
    char wanted[CASE_NAME], name[CASE_NAME];
    snprintf(wanted, sizeof wanted, "%s", command);
    sample_clean_text(wanted); /* as the run did */
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        struct case_key key = row->sample->key;
        key.block = key.depth = 0;
        key.advice[0] = '\0';
        case_name(&key, name);
        if (strcmp(wanted, name) == 0)
            return row;
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

/* One of hyperfine's results. NULL, or what is wrong with it. */
static const char *add(struct results *r, const json_t *result, const char *name, const struct report *like,
                       size_t index)
{
    const json_t *codes = json_object_get(result, "exit_codes"), *times = json_object_get(result, "times"), *one;
    const struct report_row *row = find(like, name);
    size_t i;
    if (!row)
        return "is not the name of a case of the run, as in DATASET/BACKEND/SINK/threads:1";
    json_array_foreach(codes, i, one)
    {
        if (!json_is_integer(one) || json_integer_value(one) != 0) /* null: killed by a signal */
            return "failed in some of its runs";
    }
    struct sample s = sample_of(like, row->sample, index);
    json_array_foreach(times, s.round, one)
    {
        double ns = json_number_value(one) * 1e9; /* 0 for what is no number */
        if (!(ns >= 1 && ns < 1e18))
            return "has no list of times that can be used";
        s.wall_ns = (uint64_t)ns;
        results_add(r, STORED_SAMPLE, &s);
    }
    return s.round > 0 ? NULL : "has no list of times that can be used";
}

int hyperfine_read(const json_t *hyperfine, const struct report *like, struct results *r, char *why, size_t size)
{
    static const char *const same[] = {"datasets", "machine", "build"};
    const json_t *all = json_object_get(hyperfine, "results"), *result;
    const char *wrong = NULL;
    size_t i;
    *r = (struct results){0};
    r->run = json_pack("{s:s, s:s}", "run", "hyperfine", "kind", run_kinds[RUN_PROCESS]);
    for (size_t k = 0; k < sizeof same / sizeof same[0]; k++)
        json_object_set(r->run, same[k], json_object_get(like->results->run, same[k]));
    json_array_foreach(all, i, result)
    {
        const char *name = json_string_value(json_object_get(result, "command"));
        wrong = add(r, result, name ? name : "", like, i);
        if (wrong) {
            snprintf(why, size, "\"%.200s\" %s", name ? name : "", wrong);
            break;
        }
    }
    if (json_array_size(all) == 0)
        snprintf(why, size, "no results of hyperfine are in it");
    int rc = wrong || json_array_size(all) == 0 ? -EINVAL : results_check_cases(r, why, size);
    if (rc)
        results_free(r);
    return rc;
}
