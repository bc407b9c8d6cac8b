/* dbnbench phases: a chain of optimization steps, what each was promised to gain, and what it gained. */
#include "../analysis/phases.h"
#include "../../datasets/datasets.h"
#include "../machine/machine.h"
#include "exit.h"
#include "measuring.h"

#include <errno.h>
#include <string.h>

struct arguments {
    struct measuring m;
    const char *chain_file, *many;
    struct phase_chain chain;
    const struct backend *backends[PHASES_MOST + 1]; /* of its steps, each once */
    bool needs_many;
    size_t singles;                   /* files that are decoded alone */
    const struct plan_input *at_once; /* several files; NULL: there are none */
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"chain", 0, "FILE", "A chain of your own (default the roadmap, docs/claims/roadmap.json)", set_text,
     TO(chain_file)},
    {"many", 0, "SET", "Datasets for steps that decode several files at once, compared with the first file", set_names,
     TO(many), .names = &known_datasets},
    MEASURING_SAMPLES(struct arguments, "9"),
    MEASURING_TIME(struct arguments, "0"),
    MEASURING_GROUP(struct arguments),
    MEASURING_INPUT(struct arguments),
    {0},
};

/* --- the chain --- */

static bool add_backend(struct arguments *a, const char *name)
{
    size_t i = 0;
    const struct backend *b = backend_find(name);
    while (a->backends[i] && a->backends[i] != b)
        i++;
    a->backends[i] = b;
    return b != NULL;
}

/* An exit code. */
static int set_chain(struct arguments *a)
{
    struct phase_chain *chain = &a->chain;
    const char *name = a->chain_file ? a->chain_file : "roadmap";
    char why[512];
    int rc = phase_chain_load(a->chain_file, machine_cores(), chain, why, sizeof why);
    if (rc) {
        complain("chain %s: %s", name, why);
        return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    for (const struct phase *p = chain->phase; p < chain->phase + chain->count; p++) {
        bool known = add_backend(a, p->backend);
        a->needs_many |= p->many;
        if (known && sink_find(p->sink))
            continue;
        complain("chain %s: %s: no %s is named %s", name, p->name, known ? "sink" : "backend",
                 known ? p->sink : p->backend);
        return EXIT_USAGE;
    }
    return EXIT_FINE;
}

/* --- the cases --- */

/* many: NULL, or what is decoded at once instead of the file. */
static void add_step(struct plan *p, const struct phase *step, size_t file, const struct plan_input *many)
{
    struct plan_case c = {.file = many ? many->first : file,
                          .backend = backend_find(step->backend),
                          .sink = sink_find(step->sink),
                          .key = {.files = many ? many->files : 1, .threads = step->threads, .split = step->split}};
    if (many)
        snprintf(c.key.dataset, sizeof c.key.dataset, "%s", many->name);
    plan_add_case(p, &c);
}

static int plan(struct session *s, void *arguments)
{
    struct arguments *a = arguments;
    struct plan *p = &s->plan;
    /* What is decoded at once stands behind all else. */
    const struct plan_input *last = s->o->datasets_behind ? &p->inputs[p->input_count - 1] : NULL;
    a->singles = last ? last->first : p->file_count;
    a->at_once = last && last->files > 1 ? last : NULL;
    if (a->at_once && last->apart) {
        complain("--many: some of %s are among those before it", last->name);
        return -EINVAL;
    }
    if (a->singles == 0) {
        complain("no file or dataset is left to measure");
        return -EINVAL;
    }
    for (const struct phase *step = a->chain.phase; step < a->chain.phase + a->chain.count; step++) {
        if (backend_unavailable(backend_find(step->backend)))
            continue;
        for (size_t file = 0; file < a->singles && !step->many; file++)
            add_step(p, step, file, NULL);
        if (step->many && a->at_once)
            add_step(p, step, 0, a->at_once);
    }
    return 0;
}

static json_t *facts(const struct session *s, const void *arguments)
{
    const struct arguments *a = arguments;
    json_t *names = json_array();
    for (size_t i = 0; i < a->singles; i++)
        json_array_append_new(names, json_string(s->plan.files[i].name));
    return json_pack("{s:O, s:o, s:s*}", "chain", a->chain.json, "chain_inputs", names, "chain_many",
                     a->at_once ? a->at_once->name : NULL);
}

/* --- the command --- */

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    int code = set_chain(a);
    if (code != EXIT_FINE)
        return code;
    if (a->many && strchr(a->many, ',')) {
        complain("--many: one set, and not a list");
        return EXIT_USAGE;
    }
    if (!o->datasets && line->count == 0 && !a->many)
        a->many = dataset_default("phases --many");
    measuring_inputs(&a->m, line, "phases");
    o->kind = RUN_PHASES;
    o->backends = a->backends;
    o->datasets_behind = a->needs_many ? a->many : NULL;
    o->plan = plan;
    o->arg = a;
    o->facts = facts;
    code = measuring_run(&a->m, line);
    json_decref(a->chain.json);
    return code;
}

const struct command command_phases = {
    .name = "phases",
    .summary = "measure a chain of optimization steps against what they promised",
    .operands = "[FILE...]",
    .options = options,
    .about =
        "Measure a chain of optimization steps in one session: what each was promised to gain, and what it gained. A "
        "chain is a JSON object with a `name` and `steps`. A step has a `name`, a `backend` and a `sink`. It may have "
        "`threads` and `split`: 1, or \"all\", as many as there are cores. `many`: all files at once. `against`: what "
        "it is compared with (the step before it). `low` and `high`: how many times as fast it was promised to be.",
    .examples = "phases\nphases --chain chain.json file.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
