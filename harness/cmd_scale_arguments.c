#include "cmd_scale_arguments.h"

#include "../datasets/datasets.h"
#include "options.h"
#include "run.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>

#define DEFAULT_DATASETS "parts,trades,mixed,trades-frames"

enum { ROUNDS = 15, ROUNDS_MAX = 10000, SECONDS_MAX = 30 * 24 * 3600, THREADS_MAX = 256, FILES_MAX = 65536 };
enum { RECORDS_FROM = 10000, RECORDS_TO = 1000000000 };

enum { SAMPLES = 256, TIME, SEED, DIR, FILES, SPLIT, RECORDS };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all that read in blocks)", 1},
    {"sink", 's', "LIST", 0, "Workloads (default sum)", 1},
    {"dataset", 'd', "LIST", 0,
     "Datasets, each of them split; and sets of them, each decoded as many files at once (default " DEFAULT_DATASETS
     ", unless FILEs are given)",
     1},
    {"threads", 't', "LIST", 0, "Numbers of threads (default 1,2,4,... up to the cores)", 1},
    {"files", FILES, "LIST", 0, "How many files of a set, or of the FILEs, to decode at once (default all)", 1},
    {"split", SPLIT, "LIST", 0, "Shards that one file is cut into (default as many as threads)", 1},
    {"records", RECORDS, "LIST", 0, "Lengths of file, in records (default 10000,100000,... as far as the file goes)",
     1},
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
    struct scale_arguments *a = state->input;
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
        option_counts(arg, "threads", THREADS_MAX, a->threads, SCALE_COUNTS, state);
        return 0;
    case FILES:
        option_counts(arg, "files", FILES_MAX, a->files, SCALE_COUNTS, state);
        return 0;
    case SPLIT:
        option_counts(arg, "split", MAX_THREADS, a->split, SCALE_COUNTS, state);
        return 0;
    case RECORDS:
        option_counts(arg, "records", RECORDS_TO, a->records, SCALE_COUNTS, state);
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
        if (a->json && a->out && strcmp(a->out, "-") == 0)
            argp_error(state, "--json and -o - cannot share standard output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static unsigned cores(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;
}

/* 1 is always among them: everything is said in parts of it. */
static void set_threads(struct scale_arguments *a)
{
    unsigned all = cores(), n = 0;
    bool one = false;
    for (; a->threads[n]; n++)
        one |= a->threads[n] == 1;
    if (n > 0 && !one && n < SCALE_COUNTS)
        a->threads[n] = 1;
    if (n > 0)
        return;
    for (unsigned t = 1; t < all && n < SCALE_COUNTS - 1; t *= 2)
        a->threads[n++] = t;
    a->threads[n] = all;
}

static const struct backend **block_backends(void)
{
    size_t n = 0, kept = 0;
    while (backends[n])
        n++;
    const struct backend **with = calloc(n + 1, sizeof *with);
    for (size_t i = 0; with && i < n; i++)
        if (backends[i]->step == DBN_STEP_BLOCK)
            with[kept++] = backends[i];
    return with;
}

void scale_arguments_parse(struct scale_arguments *a, int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc =
            "Measure how decoding scales over threads: with many files, and with one file that is cut into shards; and "
            "with the length of a file."
            "\vSpeed-ups are over 1 thread with the file in one piece, in the same round. Beside them stands what the "
            "machine gave as many threads that share nothing, and where the time of the threads went.",
        .children = children,
    };
    char *unknown;
    *a = (struct scale_arguments){
        .input = INPUT_OPTIONS_DEFAULT,
        .folder = DATASETS_DIR,
        .rounds = ROUNDS,
        .argc = argc,
        .argv = argv,
    };
    if (getrandom(&a->seed, sizeof a->seed, 0) != (ssize_t)sizeof a->seed)
        a->seed = run_now_ns();
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->datasets && a->path_count == 0)
        a->datasets = DEFAULT_DATASETS;
    if (!a->backends)
        a->backends = block_backends();
    if (!a->sinks)
        a->sinks = parse_sinks("sum", &unknown);
    set_threads(a);
    bool chosen = a->records[0] > 0;
    for (unsigned n = 0, records = RECORDS_FROM; !chosen && records <= RECORDS_TO / 10; records *= 10)
        a->records[n++] = records;
}

void scale_arguments_free(struct scale_arguments *a)
{
    free(a->sinks);
    free(a->backends);
}
