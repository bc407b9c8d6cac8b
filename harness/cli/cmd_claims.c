/* dbnbench claims: holds what was said of decoders against stored runs. */
#include "exit.h"
#include "../analysis/claims.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *out;
    char **paths;
    size_t count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->out = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->paths = state->argv + state->next;
        a->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which stored runs?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print(const struct claims_input *in, const char *out)
{
    FILE *to = out ? fopen(out, "we") : stdout;
    if (!to) {
        complain("%s: %s", out, strerror(errno));
        return EXIT_FAILED;
    }
    int rc = claims_print(in, to);
    if (rc == 0 && ferror(to))
        rc = -EIO;
    if (out && fclose(to) != 0 && rc == 0)
        rc = -errno;
    if (rc)
        complain("%s: %s", out ? out : "the page", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

int cmd_claims(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"output", 'o', "FILE", 0, "Write the page there (default standard output)", 1},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN...",
        .doc =
            "Hold each number that was claimed of decoders against what stored runs found, as a Markdown page. Runs of "
            "any commands count: run, profile, scale and phases; of each file the last one.",
    };
    struct arguments a = {0};
    char why[512];
    int code = EXIT_FINE;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct results *runs = calloc(a.count, sizeof *runs);
    size_t n = 0;
    for (; n < a.count && runs && code == EXIT_FINE; n++) {
        if (store_read(a.paths[n], NULL, &runs[n], why, sizeof why) == 0)
            continue;
        complain("%s: %s", a.paths[n], why);
        code = EXIT_FAILED;
    }
    if (runs && code == EXIT_FINE)
        code = print(&(struct claims_input){runs, n}, a.out);
    for (size_t i = 0; i < n; i++)
        results_free(&runs[i]);
    free(runs);
    return code;
}
