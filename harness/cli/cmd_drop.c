/* dbnbench drop: makes the next read of a file a cold one, for whatever times that: `hyperfine --prepare`. */
#include "exit.h"
#include "../machine/page_cache.h"
#include "options.h"

#include <stdio.h>

struct arguments {
    char **files;
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no file given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_drop(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "FILE...",
        .doc = "Drop files, and nothing else, from the page cache: next time they are read from the disk."
               "\vOnly who owns a file, or may write to it, can do that.",
    };
    struct arguments a = {0};
    int code = EXIT_FINE;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    for (int i = 0; i < a.count; i++) {
        char why[256];
        if (page_cache_drop(a.files[i], why, sizeof why) == 0)
            continue;
        complain("%s: %s", a.files[i], why);
        code = EXIT_FAILED;
    }
    return code;
}
