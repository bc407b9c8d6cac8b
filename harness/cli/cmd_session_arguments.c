#include "cmd_session_arguments.h"

#include "../measure/clock.h"
#include "../measure/run.h"

#include <sys/random.h>

enum { ROUNDS_MAX = 10000, SECONDS_MAX = 30 * 24 * 3600 };

struct session_arguments session_arguments_default(unsigned rounds, int argc, char **argv)
{
    struct session_arguments a = {
        .input = INPUT_OPTIONS_DEFAULT,
        .folder = DATASETS_DIR,
        .rounds = rounds,
        .argc = argc,
        .argv = argv,
    };
    if (getrandom(&a.seed, sizeof a.seed, 0) != (ssize_t)sizeof a.seed)
        a.seed = clock_now_ns();
    return a;
}

error_t session_option(int key, char *arg, struct argp_state *state, struct session_arguments *a)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->input;
        return 0;
    case 'd':
        a->datasets = arg;
        return 0;
    case SESSION_SAMPLES:
        a->rounds = option_number(arg, "samples", 1, ROUNDS_MAX, state);
        return 0;
    case SESSION_TIME:
        a->seconds = option_number(arg, "time", 1, SECONDS_MAX, state);
        return 0;
    case 'o':
        a->out = arg;
        return 0;
    case SESSION_SEED:
        a->seed = option_number(arg, "seed", 0, UINT64_MAX, state);
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case SESSION_DIR:
        a->folder = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->paths = state->argv + state->next;
        a->path_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (a->json && a->out && strcmp(a->out, "-") == 0)
            argp_error(state, "--json and -o - cannot share standard output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}
