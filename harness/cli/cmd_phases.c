/* dbnbench phases: a chain of optimization steps, what each was promised to gain, and what it gained. */
#include "exit.h"
#include "../machine/machine.h"
#include "../measure/run_line.h"
#include "../view/document.h"
#include "cmd_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DATASETS "trades-quick,mbo-quick,mbp-10,definition"
#define DEFAULT_MANY "parts"

struct arguments {
    struct session_arguments session;
    const char *chain, *many;
};

/* All of one invocation. */
struct phasing {
    struct session session;
    const struct arguments *a;
    struct phase_chain chain;
    size_t singles; /* files that are decoded by themselves; behind them those of `many` */
    struct plan_range many_range;
};

/* --- the command line --- */

enum { CHAIN = 256, MANY };

static const struct argp_option options[] = {
    {"chain", CHAIN, "FILE", 0, "A chain of your own (default the roadmap, docs/claims/roadmap.json)", 1},
    {"many", MANY, "SET", 0,
     "Datasets for steps that decode several files at once, held against the first file (default " DEFAULT_MANY ")", 1},
    SESSION_OPTIONS(" (default " DEFAULT_DATASETS ", unless FILEs are given)", "9"),
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case CHAIN:
        a->chain = arg;
        return 0;
    case MANY:
        a->many = arg;
        return 0;
    default:
        return session_option(key, arg, state, &a->session);
    }
}

/* --- the chain --- */

static int set_chain(struct phasing *s)
{
    char why[512];
    const char *name = s->a->chain ? s->a->chain : "roadmap";
    int rc = phase_chain_load(s->a->chain, machine_cores(), &s->chain, why, sizeof why);
    if (rc)
        complain("chain %s: %s", name, why);
    for (const struct phase *p = s->chain.phase; rc == 0 && p < s->chain.phase + s->chain.count; p++) {
        if (!backend_find(p->backend) || !sink_find(p->sink)) {
            complain("chain %s: %s: no %s is named %s", name, p->name, backend_find(p->backend) ? "sink" : "backend",
                     backend_find(p->backend) ? p->sink : p->backend);
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

static int add_files(struct phasing *s)
{
    int code = session_add_inputs(&s->session);
    s->singles = s->session.plan.file_count;
    if (code == EXIT_FINE && s->a->many && needs_many(&s->chain))
        code = session_add_datasets(&s->session.plan, s->a->many, s->session.a->folder);
    if (code == EXIT_FINE && s->singles == 0) {
        complain("no file or dataset is left to measure");
        code = EXIT_USAGE;
    }
    return code;
}

static int add_case(struct plan *p, struct plan_case c, const char *sink)
{
    c.sink = sink_find(sink);
    for (size_t i = 0; i < p->case_count; i++) {
        const struct plan_case *o = &p->cases[i];
        if (o->file == c.file && plan_files(o) == plan_files(&c) && o->backend == c.backend && o->sink == c.sink &&
            o->threads == c.threads && o->split == c.split)
            return 0;
    }
    return plan_add_case(p, &c);
}

/* The step itself, and of its backend reading alone, and decoding without keeping, from which ceilings follow. */
static int add_step(struct phasing *s, const struct phase *p, size_t file, size_t files)
{
    const struct backend *b = backend_find(p->backend);
    struct plan_case c = {.file = file, .backend = b, .threads = p->threads, .split = p->split, .inner = 1};
    if (backend_unavailable(b))
        return 0;
    if (files > 1) {
        c.files = files;
        c.dataset = s->a->many;
        c.range = &s->many_range;
        return add_case(&s->session.plan, c, p->sink);
    }
    int rc = add_case(&s->session.plan, c, p->sink);
    c.threads = c.split = 1;
    if (rc == 0 && !(b->lazy && !s->session.plan.files[file].compressed))
        rc = add_case(&s->session.plan, c, "none");
    return rc ? rc : add_case(&s->session.plan, c, "fields");
}

static int add_cases(struct phasing *s)
{
    size_t many = s->session.plan.file_count - s->singles;
    int rc = 0;
    s->session.plan.most_threads = 1; /* as no thread that was asked for is left out */
    s->many_range = plan_sum(&s->session.plan, s->singles, many);
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

static json_t *run_line(const struct phasing *s, const struct backend *const *with)
{
    json_t *line = run_line_begin(&s->session.run, RUN_PHASES, with, s->session.a->argc, s->session.a->argv);
    json_t *names = json_array();
    for (size_t i = 0; i < s->singles; i++)
        json_array_append_new(names, json_string(s->session.plan.files[i].name));
    json_object_set_new(line, "chain", phase_chain_to_json(&s->chain));
    json_object_set_new(line, "chain_inputs", names);
    if (s->session.plan.file_count > s->singles + 1)
        json_object_set_new(line, "chain_many", json_string(s->a->many));
    return line;
}

static int measure_and_store(struct phasing *s)
{
    struct session *session = &s->session;
    const struct backend **with = backends_of(&s->chain);
    int code = with ? session_open_store(session, "phases") : EXIT_FAILED;
    if (code == EXIT_FINE) {
        enum run_end end = session_close(session, session_measure(session, run_line(s, with)));
        code = EXIT_FAILED;
        if (end != RUN_NOT_STORED || session->results.count > 0)
            code =
                session_code(session, end,
                             document_run(&session->results, session->path, session->a->json, session_output(session)));
    }
    free(with);
    return code;
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
            "\vA chain is a JSON object with a `name` and `steps`. A step has a `name`, a `backend` and a `sink`, and "
            "what is not as usual: `threads` and `split` (1, or \"all\": as many as there are cores), `many` (false: "
            "one file at once), `against` (the step before it), `low` and `high`, how many times as fast it was "
            "promised to be, and `frees`: what it would do away with at best (reading, keeping, threads).",
        .children = children,
    };
    struct arguments a = {.session = session_arguments_default(RUN_ROUNDS, argc, argv)};
    struct phasing s = {.a = &a};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (!a.session.datasets && a.session.path_count == 0) {
        a.session.datasets = DEFAULT_DATASETS;
        a.many = a.many ? a.many : DEFAULT_MANY;
    }
    session_begin(&s.session, &a.session);
    int code = set_chain(&s);
    if (code == EXIT_FINE)
        code = add_files(&s);
    if (code == EXIT_FINE)
        code = session_prepare(&s.session);
    if (code == EXIT_FINE)
        code = add_cases(&s);
    if (code == EXIT_FINE)
        code = measure_and_store(&s);
    session_end(&s.session);
    return code;
}
