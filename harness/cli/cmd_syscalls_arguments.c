#include "cmd_syscalls_arguments.h"

#include "../measure/job.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 256, METHOD };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"threads", 't', "N", 0, "Threads (default 1)", 1},
    {"method", METHOD, "WORD", 0, "tracepoint, ptrace or auto: the first that can be used (default)", 1},
    {"records", RECORDS, "N", 0,
     "Only the first N records, 0: all (default, but 1000000, or 10000 with ptrace, where every record takes calls)",
     1},
    {"json", 'j', NULL, 0, "Print one JSON object", 1},
    {0},
};

static bool parse_method(const char *word, enum syscount_method *method)
{
    *method = SYSCOUNT_NONE;
    if (strcmp(word, "auto") == 0)
        return true;
    for (int i = 0; i < SYSCOUNT_NONE; i++) {
        if (strcmp(word, syscount_methods[i]) != 0)
            continue;
        *method = (enum syscount_method)i;
        return true;
    }
    return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct syscalls_arguments *a = state->input;
    uint64_t n;
    switch (key) {
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 't':
        if (!parse_number(arg, 1, MAX_THREADS, &n))
            argp_error(state, "-t: %s is not a number from 1 to %d", arg, MAX_THREADS);
        a->threads = (unsigned)n;
        return 0;
    case METHOD:
        if (!parse_method(arg, &a->method))
            argp_error(state, "--method: %s is not tracepoint, ptrace or auto", arg);
        return 0;
    case RECORDS:
        if (!parse_number(arg, 0, UINT64_MAX - 1, &a->records))
            argp_error(state, "--records: %s is not a number", arg);
        a->limited = true;
        return 0;
    case 'j':
        a->json = true;
        return 0;
    default:
        return option_files(key, state, &a->input, &a->paths, &a->files);
    }
}

void syscalls_arguments_parse(struct syscalls_arguments *a, int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 2}, {0}};
    static const struct argp argp = {
        options,  parse, "FILE...", "Count the system calls and page faults of decoding files, exactly.",
        children, NULL,  NULL};
    char *unknown;
    *a = (struct syscalls_arguments){.input = INPUT_OPTIONS_DEFAULT, .method = SYSCOUNT_NONE, .threads = 1};
    a->backends = parse_backends("all", &unknown);
    argp_parse(&argp, argc, argv, 0, NULL, a);
}

void syscalls_arguments_free(struct syscalls_arguments *a)
{
    free(a->backends);
}
