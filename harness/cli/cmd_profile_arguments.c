#include "cmd_profile_arguments.h"

#include <stdlib.h>

enum { ROUNDS = 15 }; /* by default */

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"sink", 's', "NAME", 0, "The whole that is taken apart: rows (default), or fields, which keeps no records", 1},
    SESSION_OPTIONS("", "15"),
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct profile_arguments *a = state->input;
    switch (key) {
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        a->keep = strcmp(arg, "rows") == 0;
        if (!a->keep && strcmp(arg, "fields") != 0)
            argp_error(state, "--sink: %s is neither rows nor fields", arg);
        return 0;
    case ARGP_KEY_END:
        if (!a->session.datasets && a->session.path_count == 0)
            argp_error(state, "no file or dataset given");
        return session_option(key, arg, state, &a->session);
    default:
        return session_option(key, arg, state, &a->session);
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
    *a = (struct profile_arguments){.session = session_arguments_default(ROUNDS, argc, argv), .keep = true};
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->backends)
        a->backends = parse_backends("all", &unknown);
}

void profile_arguments_free(struct profile_arguments *a)
{
    free(a->backends);
}
