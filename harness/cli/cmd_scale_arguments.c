#include "cmd_scale_arguments.h"

#include "../measure/job.h"
#include "../machine/machine.h"

#include <stdlib.h>

#define DEFAULT_DATASETS "parts,trades,mixed,trades-frames"

enum { ROUNDS = 15 /* by default */, THREADS_MAX = 256, FILES_MAX = 65536 };
enum { RECORDS_FROM = 10000, RECORDS_TO = 1000000000 };

enum { FILES = 256, SPLIT, RECORDS };

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all that read in blocks)", 1},
    {"sink", 's', "LIST", 0, "Workloads (default sum)", 1},
    {"threads", 't', "LIST", 0, "Numbers of threads (default 1,2,4,... up to the cores)", 1},
    {"files", FILES, "LIST", 0, "How many files of a set, or of the FILEs, to decode at once (default all)", 1},
    {"split", SPLIT, "LIST", 0, "Shards that one file is cut into (default as many as threads)", 1},
    {"records", RECORDS, "LIST", 0, "Lengths of file, in records (default 10000,100000,... as far as the file goes)",
     1},
    SESSION_OPTIONS(": a dataset is split, a set decoded as many files at once (default " DEFAULT_DATASETS
                    ", unless FILEs are given)",
                    "15"),
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct scale_arguments *a = state->input;
    switch (key) {
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        option_sinks(arg, &a->sinks, state);
        return 0;
    case 't':
        option_counts(arg, "threads", THREADS_MAX, a->threads, SCALE_COUNTS, state);
        return 0;
    case FILES:
        option_counts(arg, "files", FILES_MAX, a->files, SCALE_COUNTS, state);
        return 0;
    case SPLIT:
        option_counts(arg, "split", MAX_SPLIT, a->split, SCALE_COUNTS, state);
        return 0;
    case RECORDS:
        option_counts(arg, "records", RECORDS_TO, a->records, SCALE_COUNTS, state);
        return 0;
    default:
        return session_option(key, arg, state, &a->session);
    }
}

/* 1 is always among them: everything is said in parts of it. */
static void set_threads(struct scale_arguments *a)
{
    unsigned all = machine_cores(), n = 0;
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
    *a = (struct scale_arguments){.session = session_arguments_default(ROUNDS, argc, argv)};
    argp_parse(&argp, argc, argv, 0, NULL, a);
    if (!a->session.datasets && a->session.path_count == 0)
        a->session.datasets = DEFAULT_DATASETS;
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
