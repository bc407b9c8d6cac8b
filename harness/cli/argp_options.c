#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRAGMENT = 256, VERSION, TS_OUT, METADATA_LIMIT, WINDOW_LOG, BLOCK, ADVISE };

static const struct argp_option input_argp_options[] = {
    {NULL, 0, NULL, 0, "How files are understood and read:", 2},
    {"fragment", FRAGMENT, NULL, 0, "Files have no metadata (assumed of names with .frag)", 2},
    {"dbn-version", VERSION, "N", 0, "DBN version of a fragment, 1 to 3", 2},
    {"ts-out", TS_OUT, NULL, 0, "Records of a fragment end with a ts_out", 2},
    {"metadata-limit", METADATA_LIMIT, "SIZE", 0, "Longest metadata accepted (default 64M)", 2},
    {"window-log", WINDOW_LOG, "N", 0, "Largest zstd window accepted, log2 (default 23: 8 MiB)", 2},
    {"block", BLOCK, "SIZE", 0, "Bytes read at a time (default 64K buffered, 128K pipeline)", 2},
    {"advise", ADVISE, "WORD", 0, "Tell the kernel: sequential, willneed or populate", 2},
    {0},
};

static bool parse_advice(const char *word, enum backend_advice *advice)
{
    for (size_t i = 0; backend_advice_names[i]; i++) {
        if (strcmp(backend_advice_names[i], word) != 0)
            continue;
        *advice = (enum backend_advice)i;
        return true;
    }
    return false;
}

static error_t parse_input(int key, char *arg, struct argp_state *state)
{
    struct input_options *o = state->input;
    uint64_t n = 0;
    switch (key) {
    case FRAGMENT:
        o->fragment = true;
        return 0;
    case TS_OUT:
        o->ts_out = true;
        return 0;
    case VERSION:
        if (!parse_number(arg, 1, DBN_VERSIONS, &n))
            argp_error(state, "--dbn-version: %s is not 1, 2 or 3", arg);
        o->version = (uint8_t)n;
        return 0;
    case METADATA_LIMIT:
        if (!parse_size(arg, UINT32_MAX, &o->metadata_limit))
            argp_error(state, "--metadata-limit: %s is not a size up to 4G", arg);
        return 0;
    case WINDOW_LOG:
        if (!parse_number(arg, 10, 31, &n))
            argp_error(state, "--window-log: %s is not a number from 10 to 31", arg);
        o->window_log = (unsigned)n;
        return 0;
    case BLOCK:
        if (!parse_size(arg, 1u << 30, &n))
            argp_error(state, "--block: %s is not a size up to 1G", arg);
        o->block = (size_t)n;
        return 0;
    case ADVISE:
        if (!parse_advice(arg, &o->advice))
            argp_error(state, "--advise: %s is not sequential, willneed, populate or nothing", arg);
        return 0;
    case ARGP_KEY_END:
        if ((o->version || o->ts_out) && !o->fragment)
            argp_error(state, "--dbn-version and --ts-out are for fragments: add --fragment");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp input_argp = {.options = input_argp_options, .parser = parse_input};

/* The names in `list`, each once, or all there are. NULL if one is unknown. */
static void *pick(const char *list, const struct option_names *known, char **unknown)
{
    size_t most = strlen(list) + 2, n = 0;
    for (size_t i = 0; known->name(i); i++)
        most++;
    const void **picked = calloc(most, sizeof *picked);
    char *names = strdup(list), *rest = names, *word;
    if (!picked || !names)
        abort();
    *unknown = NULL;
    while (!*unknown && (word = strsep(&rest, ",")) != NULL) {
        bool all = strcmp(word, "all") == 0;
        const char *name = all ? known->name(0) : word;
        for (size_t i = 0; name && !*unknown; name = all ? known->name(++i) : NULL) {
            const void *found = known->find(name);
            size_t k = 0;
            while (picked[k] && picked[k] != found)
                k++;
            if (!found)
                *unknown = strdup(name);
            else if (k == n)
                picked[n++] = found;
        }
    }
    free(names);
    if (!*unknown)
        return picked;
    free(picked);
    return NULL;
}

const struct backend **parse_backends(const char *list, char **unknown)
{
    return pick(list, &known_backends, unknown);
}

const struct sink **parse_sinks(const char *list, char **unknown)
{
    return pick(list, &known_sinks, unknown);
}

uint64_t option_number(const char *arg, const char *name, uint64_t min, uint64_t max, struct argp_state *state)
{
    uint64_t value = 0;
    if (!parse_number(arg, min, max, &value))
        argp_error(state, "--%s: %s is not a number from %" PRIu64 " to %" PRIu64, name, arg, min, max);
    return value;
}

error_t option_files(int key, struct argp_state *state, struct input_options *input, char ***paths, size_t *count)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = input;
        return 0;
    case ARGP_KEY_ARGS:
        *paths = state->argv + state->next;
        *count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void option_backends(const char *list, const struct backend ***with, struct argp_state *state)
{
    char *unknown;
    free(*with);
    *with = parse_backends(list, &unknown);
    if (!*with)
        argp_error(state, "no backend is named %s; see `dbnbench list`", unknown);
}

void option_sinks(const char *list, const struct sink ***with, struct argp_state *state)
{
    char *unknown;
    free(*with);
    *with = parse_sinks(list, &unknown);
    if (!*with)
        argp_error(state, "no sink is named %s; see `dbnbench list`", unknown);
}

void option_counts(const char *list, const char *name, unsigned max, unsigned *counts, size_t most,
                   struct argp_state *state)
{
    char *copy = strdup(list), *rest = copy, *word;
    size_t n = 0;
    while ((word = strsep(&rest, ",")) != NULL) {
        uint64_t value = 0;
        size_t same = 0;
        if (n == most || !parse_number(word, 1, max, &value))
            argp_error(state, "--%s: %s is not a list of up to %zu numbers from 1 to %u", name, list, most, max);
        while (same < n && counts[same] != value)
            same++;
        counts[same] = (unsigned)value;
        n += same == n;
    }
    counts[n] = 0;
    free(copy);
}
