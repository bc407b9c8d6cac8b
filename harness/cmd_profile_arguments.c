#include "cmd_profile_arguments.h"

#include "../datasets/datasets.h"
#include "options.h"
#include "run.h"

#include <stdlib.h>
#include <sys/random.h>

enum { ROUNDS = 15, ROUNDS_MAX = 10000, SECONDS_MAX = 30 * 24 * 3600 };

enum { SAMPLES = 256, TIME, SEED, DIR };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"sink", 's', "NAME", 0, "The whole that is taken apart: rows (default), or fields, which keeps no records", 1},
    {"dataset", 'd', "LIST", 0, "Datasets, or sets of them", 1},
    {"samples", SAMPLES, "N", 0, "Samples of each case (default 15)", 1},
    {"time", TIME, "SECONDS", 0, "Begin no round that would end later, after the first 3", 1},
    {"output", 'o', "FILE", 0, "Append samples to FILE, - for standard output (default a new file in results/)", 1},
    {"seed", SEED, "S", 0, "Of the order of cases (default random)", 1},
    {"json", 'j', NULL, 0, "Print one JSON object", 1},
    {"dir", DIR, "FOLDER", 0, "Where datasets are (default " DATASETS_DIR ")", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct profile_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->input;
        return 0;
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        a->keep = strcmp(arg, "rows") == 0;
        if (!a->keep && strcmp(arg, "fields") != 0)
            argp_error(state, "--sink: %s is neither rows nor fields", arg);
        return 0;
    case 'd':
        a->datasets = arg;
        return 0;
    case SAMPLES:
        a->rounds = option_number(arg, "samples", 1, ROUNDS_MAX, state);
        return 0;
    case TIME:
        a->seconds = option_number(arg, "time", 1, SECONDS_MAX, state);
        return 0;
    case 'o':
        a->out = arg;
        return 0;
    case SEED:
        a->seed = option_number(arg, "seed", 0, UINT64_MAX, state);
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case DIR:
        a->folder = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->paths = state->argv + state->next;
        a->path_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!a->datasets && a->path_count == 0)
            argp_error(state, "no file or dataset given");
        if (a->json && a->out && strcmp(a->out, "-") == 0)
            argp_error(state, "--json and -o - cannot share standard output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void profile_arguments_parse(struct profile_arguments *a, int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc =
            "Say where the time of decoding goes: system calls and copying, page faults, parsing, allocation; and what "
            "could be gained at most by removing each."
            "\vEach part is measured by leaving the others out, in turns with the whole, and the parts are held "
            "against the whole: what they do not add up to is printed as unexplained. "
            "Times are CPU times, of all threads together.",
        .children = children,
    };
    char *unknown;
    *a = (struct profile_arguments){
        .input = INPUT_OPTIONS_DEFAULT,
        .folder = DATASETS_DIR,
        .rounds = ROUNDS,
        .keep = true,
        .argc = argc,
        .argv = argv,
    };
    if (getrandom(&a->seed, sizeof a->seed, 0) != (ssize_t)sizeof a->seed)
        a->seed = run_now_ns();
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->backends)
        a->backends = parse_backends("all", &unknown);
}

void profile_arguments_free(struct profile_arguments *a)
{
    free(a->backends);
}
