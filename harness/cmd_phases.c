/* dbnbench phases: a chain of optimization steps, what each was promised to gain, and what it gained. */
#include "../datasets/datasets.h"
#include "child.h"
#include "cmd_phases_show.h"
#include "cmd_session.h"
#include "exit.h"
#include "options.h"
#include "progress.h"
#include "run_line.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DEFAULT_CHAIN "roadmap"
#define DEFAULT_DATASETS "trades-quick,mbo-quick,mbp-10,definition"
#define DEFAULT_MANY "parts"

enum { ROUNDS = 9, ROUNDS_MAX = 10000, SECONDS_MAX = 30 * 24 * 3600, CHAIN_BYTES = 64 << 10 };

struct arguments {
    struct input_options input;
    const char *chain, *datasets, *many, *folder, *out;
    char **paths;
    int path_count;
    uint64_t rounds, seconds, seed;
    bool json;
};

/* All of one invocation. */
struct session {
    const struct arguments *a;
    struct phase_chain chain;
    struct plan plan;
    size_t singles; /* files that are decoded by themselves; behind them those of `many` */
    struct plan_range many_range;
    struct run run;
    char path[4096]; /* of the store */
};

/* --- the command line --- */

enum { CHAIN = 256, MANY, SAMPLES, TIME, SEED, DIR };

static const struct argp_option options[] = {
    {"chain", CHAIN, "NAME", 0, "A chain of its own, or a file that has one (default " DEFAULT_CHAIN ")", 1},
    {"dataset", 'd', "LIST", 0, "Datasets, or sets of them (default " DEFAULT_DATASETS ", unless FILEs are given)", 1},
    {"many", MANY, "SET", 0,
     "Datasets for steps that decode several files at once, held against the first file (default " DEFAULT_MANY ")", 1},
    {"samples", SAMPLES, "N", 0, "Samples of each case (default 9)", 1},
    {"time", TIME, "SECONDS", 0, "Begin no round that would end later, after the first 3", 1},
    {"output", 'o', "FILE", 0, "Append samples to FILE, - for standard output (default a new file in results/)", 1},
    {"seed", SEED, "S", 0, "Of the order of cases (default random)", 1},
    {"json", 'j', NULL, 0, "Print one JSON object", 1},
    {"dir", DIR, "FOLDER", 0, "Where datasets are (default " DATASETS_DIR ")", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->input;
        return 0;
    case CHAIN:
        a->chain = arg;
        return 0;
    case 'd':
        a->datasets = arg;
        return 0;
    case MANY:
        a->many = arg;
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

/* --- the chain --- */

static unsigned cores(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;
}

static char *read_text(const char *path, char *why, size_t size)
{
    char *text = calloc(1, CHAIN_BYTES + 1);
    FILE *f = fopen(path, "re");
    size_t n = f && text ? fread(text, 1, CHAIN_BYTES + 1, f) : 0;
    if (!f || !text || ferror(f) || n > CHAIN_BYTES || memchr(text, '\0', n)) {
        snprintf(why, size, "%s", !f || !text || ferror(f) ? strerror(errno) : "is no chain: too long, or not text");
        free(text);
        text = NULL;
    }
    if (f)
        fclose(f);
    return text;
}

/* A name of the table, or else a file. */
static int set_chain(struct session *s)
{
    char why[512];
    if (phase_chain_find(s->a->chain, cores(), &s->chain))
        return EXIT_FINE;
    char *text = read_text(s->a->chain, why, sizeof why);
    int rc = text ? phase_chain_parse(s->a->chain, text, cores(), &s->chain, why, sizeof why) : -EINVAL;
    free(text);
    if (rc)
        complain("chain %s: %s", s->a->chain, why);
    for (const struct phase *p = s->chain.phase; rc == 0 && p < s->chain.phase + s->chain.count; p++) {
        if (!backend_find(p->backend) || !sink_find(p->sink)) {
            complain("chain %s: %s: no %s is named %s", s->a->chain, p->name,
                     backend_find(p->backend) ? "sink" : "backend", backend_find(p->backend) ? p->sink : p->backend);
            rc = -EINVAL;
        }
    }
    sample_clean_text(s->chain.name);
    return rc ? EXIT_USAGE : EXIT_FINE;
}

/* --- the cases --- */

static bool needs_many(const struct phase_chain *chain)
{
    bool needs = false;
    for (size_t i = 0; i < chain->count; i++)
        needs |= chain->phase[i].many;
    return needs;
}

static int add_files(struct session *s)
{
    s->plan.input = s->a->input;
    int code = session_add_datasets(&s->plan, s->a->datasets, s->a->folder);
    if (code == EXIT_FINE)
        code = session_add_files(&s->plan, s->a->paths, s->a->path_count);
    s->singles = s->plan.file_count;
    if (code == EXIT_FINE && s->a->many && needs_many(&s->chain))
        code = session_add_datasets(&s->plan, s->a->many, s->a->folder);
    if (code == EXIT_FINE && s->singles == 0) {
        complain("no file or dataset is left to measure");
        code = EXIT_USAGE;
    }
    return code;
}

static int add_case(struct plan *p, struct plan_case c, const char *sink)
{
    c.sink = sink_index(sink_find(sink));
    for (size_t i = 0; i < p->case_count; i++) {
        const struct plan_case *o = &p->cases[i];
        if (o->file == c.file && plan_files(o) == plan_files(&c) && o->backend == c.backend && o->sink == c.sink &&
            o->threads == c.threads && o->split == c.split)
            return 0;
    }
    return plan_add_case(p, &c);
}

/* The step itself, and of its backend reading alone, and decoding without keeping, from which ceilings follow. */
static int add_step(struct session *s, const struct phase *p, size_t file, size_t files)
{
    const struct backend *b = backend_find(p->backend);
    struct plan_case c = {.file = file, .backend = b, .threads = p->threads, .split = p->split, .inner = 1};
    if (backend_unavailable(b))
        return 0;
    if (files > 1) {
        c.files = files;
        c.dataset = s->a->many;
        c.range = &s->many_range;
        return add_case(&s->plan, c, p->sink);
    }
    int rc = add_case(&s->plan, c, p->sink);
    c.threads = c.split = 1;
    if (rc == 0 && !(b->untouched && !s->plan.files[file].compressed))
        rc = add_case(&s->plan, c, "none");
    return rc ? rc : add_case(&s->plan, c, "fields");
}

static int add_cases(struct session *s)
{
    size_t many = s->plan.file_count - s->singles;
    int rc = 0;
    s->plan.most_threads = 1; /* as no thread that was asked for is left out */
    s->many_range = plan_sum(&s->plan, s->singles, many);
    for (size_t i = 0; i < s->chain.count && rc == 0; i++) {
        const struct phase *p = &s->chain.phase[i];
        for (size_t file = 0; file < s->singles && rc == 0 && !p->many; file++)
            rc = add_step(s, p, file, 1);
        if (p->many && many > 1)
            rc = add_step(s, p, s->singles, many);
    }
    if (rc)
        complain("%s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* --- the run --- */

static const struct backend **backends_of(const struct phase_chain *chain)
{
    const struct backend **with = calloc(chain->count + 1, sizeof *with);
    size_t n = 0;
    for (size_t i = 0; with && i < chain->count; i++) {
        const struct backend *b = backend_find(chain->phase[i].backend);
        bool listed = false;
        for (size_t k = 0; k < n; k++)
            listed |= with[k] == b;
        if (!listed)
            with[n++] = b;
    }
    return with;
}

static json_t *run_line(const struct session *s, const struct backend *const *with, int argc, char **argv)
{
    json_t *line = run_line_begin(&s->run, with, argc, argv);
    json_t *names = json_array();
    for (size_t i = 0; i < s->singles; i++)
        json_array_append_new(names, json_string(s->plan.files[i].name));
    json_object_set_new(line, "chain", phase_chain_to_json(&s->chain));
    json_object_set_new(line, "chain_inputs", names);
    if (s->plan.file_count > s->singles + 1)
        json_object_set_new(line, "chain_many", json_string(s->a->many));
    return line;
}

static int measure_and_store(struct session *s, int argc, char **argv)
{
    struct run *r = &s->run;
    const struct backend **with = backends_of(&s->chain);
    int code = with ? session_open_store(r, s->a->out, "phases", s->path, sizeof s->path) : EXIT_FAILED;
    if (code == EXIT_FINE) {
        enum run_end end = session_append(r, "run", run_line(s, with, argc, argv));
        if (end == RUN_DONE)
            end = run_calibrate(r);
        if (end == RUN_DONE)
            end = run_measure(r);
        end = session_close(r, end, s->path);
        if (end == RUN_NOT_STORED && r->results->count == 0) {
            code = EXIT_FAILED;
        } else {
            int rc = phases_show(r->results, s->path, s->a->json,
                                 s->a->out && strcmp(s->a->out, "-") == 0 ? stderr : stdout);
            if (rc)
                complain("the table: %s", strerror(-rc));
            code = rc ? EXIT_FAILED : session_code(r->results, end);
        }
    }
    free(with);
    return code;
}

static int prepare(struct session *s)
{
    enum run_end end = run_prepare(&s->run);
    progress_end(s->run.progress_arg);
    if (end == RUN_NOT_EXPECTED)
        complain("%s", s->run.why);
    return end == RUN_STOPPED ? EXIT_INTERRUPTED : end ? EXIT_FAILED : add_cases(s);
}

int cmd_phases(int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc =
            "Measure a chain of optimization steps in one session: what each was promised to gain, what it gained, and "
            "what it could have gained at most."
            "\vA chain in a file has a step a line, of 10 fields separated by tabs: name, backend, sink, threads, "
            "split (numbers, or all), files (one or many), the step it is held against (- for the one before it), "
            "the least and the most it was promised to be faster (as in 1.4; - for nothing), and what it would do "
            "away with at best (reading, keeping, threads, or -).",
        .children = children,
    };
    struct arguments a = {
        .input = INPUT_OPTIONS_DEFAULT, .chain = DEFAULT_CHAIN, .folder = DATASETS_DIR, .rounds = ROUNDS};
    struct results results = {0};
    struct progress progress;
    char id[SESSION_ID];
    if (getrandom(&a.seed, sizeof a.seed, 0) != (ssize_t)sizeof a.seed)
        a.seed = run_now_ns();
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (!a.datasets && a.path_count == 0) {
        a.datasets = DEFAULT_DATASETS;
        a.many = a.many ? a.many : DEFAULT_MANY;
    }
    session_id(id);
    struct session s = {.a = &a};
    s.run = (struct run){
        .plan = &s.plan,
        .id = id,
        .results = &results,
        .rounds = (unsigned)a.rounds,
        .seed = a.seed,
        .begin_ns = run_now_ns(),
        .limit_ns = a.seconds * 1000000000u,
        .progress = progress_show,
        .progress_arg = &progress,
    };
    progress_begin(&progress, stderr);
    int code = set_chain(&s);
    if (code == EXIT_FINE)
        code = add_files(&s);
    if (code == EXIT_FINE) {
        child_watch_signals();
        code = prepare(&s);
    }
    if (code == EXIT_FINE)
        code = measure_and_store(&s, argc, argv);
    results_free(&results);
    plan_free(&s.plan);
    return code;
}
