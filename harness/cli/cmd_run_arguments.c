/* Lists are parsed as they come; what was not given is filled in at the end. */
#include "cmd_run_arguments.h"

#include "../measure/run.h"

#include <stdlib.h>

enum { THREADS_MAX = 256 };

enum { COLD = 256, COUNTERS, BLOCK, NO_LIMITS, INSTRUCTIONS };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"sink", 's', "LIST", 0, "Workloads (default touch,sum)", 1},
    {"threads", 't', "LIST", 0, "Numbers of threads (default 1)", 1},
    {"cold", COLD, NULL, 0, "Drop the file from the page cache before each sample", 1},
    {"counters", COUNTERS, "LIST", 0, "Count these events as well; see `dbnbench list counters`", 1},
    {"instructions", INSTRUCTIONS, NULL, 0, "Count instructions a record as well, by valgrind, after the timing", 1},
    {"no-limits", NO_LIMITS, NULL, 0, "Do not measure what the machine allows", 1},
    SESSION_OPTIONS(" (default bench, unless FILEs are given)", "9"),
    {"block", BLOCK, "LIST", 0, "Bytes read at a time, as in 4K,64K,1M (default 64K buffered, 128K pipeline)", 2},
    {0},
};

static void parse_blocks(const char *list, struct argp_state *state, size_t *blocks)
{
    char *copy = strdup(list), *rest = copy, *word;
    size_t n = 0;
    while ((word = strsep(&rest, ",")) != NULL) {
        uint64_t value = 0;
        if (n == RUN_BLOCKS || !parse_size(word, 1u << 30, &value))
            argp_error(state, "--block: %s is not a size up to 1G, or a list of up to %d of them", list, RUN_BLOCKS);
        blocks[n++] = (size_t)value;
    }
    blocks[n] = 0;
    free(copy);
}

/* The options of input_argp but for --block, which is a list here. */
static void set_input_argp(struct argp *argp, struct argp_option *others, size_t room)
{
    const struct argp_option *o = input_argp.options;
    size_t n = 0;
    for (; (o->name || o->doc) && n + 1 < room; o++)
        if (!o->name || strcmp(o->name, "block") != 0)
            others[n++] = *o;
    others[n] = (struct argp_option){0};
    *argp = input_argp;
    argp->options = others;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_arguments *a = state->input;
    switch (key) {
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        option_sinks(arg, &a->sinks, state);
        return 0;
    case 't':
        option_counts(arg, "threads", THREADS_MAX, a->threads, RUN_THREAD_COUNTS, state);
        return 0;
    case BLOCK:
        parse_blocks(arg, state, a->blocks);
        return 0;
    case NO_LIMITS:
        a->no_limits = true;
        return 0;
    case INSTRUCTIONS:
        a->instructions = true;
        return 0;
    case COLD:
        a->cold = true;
        return 0;
    case COUNTERS:
        a->counters = arg;
        return 0;
    default:
        return session_option(key, arg, state, &a->session);
    }
}

void run_arguments_parse(struct run_arguments *a, int argc, char **argv)
{
    struct argp_option input_options[16];
    struct argp input;
    const struct argp_child children[] = {{&input, 0, NULL, 0}, {0}};
    const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc = "Measure backends on datasets or other files, round by round, and store every sample."
               "\vEach sample is a process of its own, and its result is compared with that of a reference decode: "
               "a wrong one is an error (exit status 4), never a number.",
        .children = children,
    };
    char *unknown;
    set_input_argp(&input, input_options, sizeof input_options / sizeof input_options[0]);
    *a = (struct run_arguments){.session = session_arguments_default(RUN_ROUNDS, argc, argv), .threads = {1}};
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->session.datasets && a->session.path_count == 0)
        a->session.datasets = "bench";
    if (!a->backends)
        a->backends = parse_backends("all", &unknown);
    if (!a->sinks)
        a->sinks = parse_sinks("touch,sum", &unknown);
}

void run_arguments_free(struct run_arguments *a)
{
    free(a->sinks);
    free(a->backends);
}
