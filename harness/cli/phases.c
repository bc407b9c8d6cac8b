/* dbnbench phases: a chain of optimization steps, what each was promised to gain, and what it gained. */
#include "../../datasets/datasets.h"
#include "../machine/machine.h"
#include "../view/document.h"
#include "exit.h"
#include "measuring.h"

#include <errno.h>
#include <string.h>

struct arguments {
    struct measuring m;
    const char *chain_file, *many;
    struct phase_chain chain;
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"chain", 0, "FILE", "A chain of your own (default the roadmap, docs/claims/roadmap.json)", set_text,
     TO(chain_file)},
    {"many", 0, "SET", "Datasets for steps that decode several files at once, compared with the first file", set_names,
     TO(many), .names = &known_datasets},
    MEASURING_SAMPLES(struct arguments, "9"),
    MEASURING_GROUP(struct arguments),
    MEASURING_INPUT(struct arguments),
    {0},
};

/* --- the chain --- */

static bool set_chain(struct arguments *a)
{
    struct phase_chain *chain = &a->chain;
    const char *name = a->chain_file ? a->chain_file : "roadmap";
    char why[512];
    if (phase_chain_load(a->chain_file, machine_cores(), chain, why, sizeof why) < 0) {
        complain("chain %s: %s", name, why);
        return false;
    }
    for (const struct phase *p = chain->phase; p < chain->phase + chain->count; p++) {
        bool known = backend_find(p->backend) != NULL;
        if (known && sink_find(p->sink))
            continue;
        complain("chain %s: %s: no %s is named %s", name, p->name, known ? "sink" : "backend",
                 known ? p->sink : p->backend);
        return false;
    }
    sample_clean_text(chain->name);
    return true;
}

static bool needs_many(const struct phase_chain *chain)
{
    bool needs = false;
    for (size_t i = 0; i < chain->count; i++)
        needs |= chain->phase[i].many;
    return needs;
}

/* --- the cases --- */

/* many: NULL, or what is decoded at once instead of the file. */
static int add_step(struct plan *p, const struct phase *step, size_t file, const struct plan_input *many)
{
    struct plan_case c = {.file = many ? many->first : file,
                          .backend = backend_find(step->backend),
                          .sink = sink_find(step->sink),
                          .key = {.files = many ? many->files : 1, .threads = step->threads, .split = step->split}};
    if (many)
        snprintf(c.key.dataset, sizeof c.key.dataset, "%s", many->name);
    return plan_add_case(p, &c);
}

/* What is decoded at once stands behind all else. */
static const struct plan_input *many_of(const struct plan *p, const struct session_options *o)
{
    const struct plan_input *many = o->datasets_behind ? &p->inputs[p->input_count - 1] : NULL;
    return many && many->files > 1 ? many : NULL;
}

static size_t singles(const struct plan *p, const struct session_options *o)
{
    return o->datasets_behind ? p->inputs[p->input_count - 1].first : p->file_count;
}

static int plan(struct session *s, void *arguments)
{
    const struct phase_chain *chain = &((const struct arguments *)arguments)->chain;
    struct plan *p = &s->plan;
    const struct plan_input *many = many_of(p, s->o);
    if (many && many->apart) {
        complain("--many: some of %s are among those before it", many->name);
        return -EINVAL;
    }
    if (singles(p, s->o) == 0) {
        complain("no file or dataset is left to measure");
        return -EINVAL;
    }
    int rc = 0;
    for (const struct phase *step = chain->phase; step < chain->phase + chain->count && rc == 0; step++) {
        if (backend_unavailable(backend_find(step->backend)))
            continue;
        for (size_t file = 0; file < singles(p, s->o) && rc == 0 && !step->many; file++)
            rc = add_step(p, step, file, NULL);
        if (step->many && many)
            rc = add_step(p, step, 0, many);
    }
    if (rc)
        complain("%s", strerror(-rc));
    return rc;
}

static json_t *facts(const struct session *s, const void *arguments)
{
    const struct plan_input *many = many_of(&s->plan, s->o);
    json_t *names = json_array();
    for (size_t i = 0; i < singles(&s->plan, s->o); i++)
        json_array_append_new(names, json_string(s->plan.files[i].name));
    json_t *o = json_pack("{s:o, s:o}", "chain", phase_chain_to_json(&((const struct arguments *)arguments)->chain),
                          "chain_inputs", names);
    if (many)
        json_object_set_new(o, "chain_many", json_string(many->name));
    return o;
}

/* --- the command --- */

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    const struct backend *with[PHASES_MOST + 1] = {NULL};
    if (!set_chain(a))
        return EXIT_USAGE;
    if (a->many && strchr(a->many, ',')) {
        complain("--many: one set, and not a list");
        return EXIT_USAGE;
    }
    if (!o->datasets && line->count == 0 && !a->many)
        a->many = dataset_default("phases --many");
    measuring_inputs(&a->m, line, "phases");
    for (size_t i = 0, n = 0; i < a->chain.count; i++) {
        size_t k = 0;
        with[n] = backend_find(a->chain.phase[i].backend);
        while (with[k] != with[n])
            k++;
        n += k == n;
        with[n] = NULL;
    }
    o->kind = RUN_PHASES;
    o->backends = with;
    o->datasets_behind = needs_many(&a->chain) ? a->many : NULL;
    o->plan = plan;
    o->arg = a;
    o->facts = facts;
    return measuring_run(&a->m, line, document_run);
}

const struct command command_phases = {
    .name = "phases",
    .summary = "measure a chain of optimization steps against what they promised",
    .operands = "[FILE...]",
    .options = options,
    .about =
        "Measure a chain of optimization steps in one session: what each was promised to gain, and what it gained. A "
        "chain is a JSON object with a `name` and `steps`. A step has a `name`, a `backend` and a `sink`, and what is "
        "not as usual: `threads` and `split` (1, or \"all\": as many as there are cores), `many` (false: one file at "
        "once), `against` (the step before it), `low` and `high`, how many times as fast it was promised to be.",
    .examples = "phases\nphases --chain chain.json file.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
