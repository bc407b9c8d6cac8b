/* Lists are parsed as they come; what was not given is filled in at the end. */
#include "cmd_run_arguments.h"

#include "../datasets/datasets.h"
#include "options.h"
#include "run.h"

#include <stdlib.h>
#include <sys/random.h>

enum { THREADS_MAX = 256, ROUNDS_MAX = 10000, SECONDS_MAX = 30 * 24 * 3600 };

enum { SAMPLES = 256, TIME, COLD, SEED, JSON, DIR, COUNTERS, BLOCK, NO_LIMITS, INSTRUCTIONS };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"dataset", 'd', "LIST", 0, "Datasets, or sets of them (default bench, unless FILEs are given)", 1},
    {"sink", 's', "LIST", 0, "Workloads (default touch,sum)", 1},
    {"threads", 't', "LIST", 0, "Numbers of threads (default 1)", 1},
    {"samples", SAMPLES, "N", 0, "Samples of each case (default 9)", 1},
    {"time", TIME, "SECONDS", 0, "Begin no round that would end later, after the first 3", 1},
    {"cold", COLD, NULL, 0, "Drop the file from the page cache before each sample", 1},
    {"output", 'o', "FILE", 0, "Append samples to FILE, - for standard output (default a new file in results/)", 1},
    {"counters", COUNTERS, "LIST", 0, "Count these events as well; see `dbnbench list counters`", 1},
    {"instructions", INSTRUCTIONS, NULL, 0, "Count instructions a record as well, by valgrind, after the timing", 1},
    {"no-limits", NO_LIMITS, NULL, 0, "Do not measure what the machine allows", 1},
    {"seed", SEED, "S", 0, "Of the order of cases (default random)", 1},
    {"json", JSON, NULL, 0, "Print the table as JSON", 1},
    {"dir", DIR, "FOLDER", 0, "Where datasets are (default " DATASETS_DIR ")", 1},
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
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->input;
        return 0;
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        option_sinks(arg, &a->sinks, state);
        return 0;
    case 'd':
        a->datasets = arg;
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
    case SAMPLES:
        a->rounds = option_number(arg, "samples", 1, ROUNDS_MAX, state);
        return 0;
    case TIME:
        a->seconds = option_number(arg, "time", 1, SECONDS_MAX, state);
        return 0;
    case COLD:
        a->cold = true;
        return 0;
    case 'o':
        a->out = arg;
        return 0;
    case SEED:
        a->seed = option_number(arg, "seed", 0, UINT64_MAX, state);
        return 0;
    case JSON:
        a->json = true;
        return 0;
    case COUNTERS:
        a->counters = arg;
        return 0;
    case DIR:
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
               "\vEach sample is a process of its own, and its result is held against that of a plain decode: "
               "a wrong one is an error (exit status 4), never a number.",
        .children = children,
    };
    char *unknown;
    set_input_argp(&input, input_options, sizeof input_options / sizeof input_options[0]);
    *a = (struct run_arguments){
        .input = INPUT_OPTIONS_DEFAULT,
        .threads = {1},
        .folder = DATASETS_DIR,
        .rounds = RUN_ROUNDS,
        .argc = argc,
        .argv = argv,
    };
    if (getrandom(&a->seed, sizeof a->seed, 0) != (ssize_t)sizeof a->seed)
        a->seed = run_now_ns();
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->datasets && a->path_count == 0)
        a->datasets = "bench";
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
