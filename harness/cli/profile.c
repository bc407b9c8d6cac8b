/* dbnbench profile: takes decoding apart, compares the parts with the whole, and says what each could give at most. */
#include "../analysis/profile.h"
#include "../measure/memory_backend.h"
#include "exit.h"
#include "measuring.h"

#include <errno.h>
#include <string.h>

/* Bytes of a file that are decoded: several times what the caches hold, so that more would change nothing. */
enum { ENOUGH = 128 << 20 };

/* The whole that is taken apart: with all records kept, or without. */
static const char *const wholes[] = {"rows", "fields", NULL};
static const enum profile_step last_step[] = {STEP_ROWS, STEP_FIELDS};

struct arguments {
    struct measuring m;
    const struct backend **backends; /* ends with NULL */
    unsigned whole;                  /* of wholes[] */
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"backend", 'b', "LIST", "Only these (default all that read through the page cache)", set_list, TO(backends),
     .names = &known_backends},
    {"sink", 's', "NAME", "The whole that is taken apart: rows, or fields, which keeps no records", set_index,
     TO(whole), .words = wholes, .preset = "rows"},
    MEASURING_SAMPLES(struct arguments, "15"),
    MEASURING_TIME(struct arguments, "0"),
    MEASURING_GROUP(struct arguments),
    MEASURING_INPUT(struct arguments),
    {0},
};

/* --- the cases of one file --- */

/* Steps, as a set. */
enum {
    FAR = 1u << STEP_NONE | 1u << STEP_FIELDS | 1u << STEP_ROWS,
    WORK = 1u << STEP_NONE | 1u << STEP_FRAME | 1u << STEP_FIELDS | 1u << STEP_ROWS,
    TOUCH = 1u << STEP_TOUCH,
    RAW = 1u << STEP_RAW,
    RAW_TOUCH = 1u << STEP_RAW_TOUCH,
};

struct adding {
    struct plan *plan;
    const struct arguments *a;
    size_t file;
    uint64_t prefix; /* of those that read in blocks */
};

/* All that are subtracted from each other decode the same part of the file, in every round. */
static void add(struct adding *to, const struct backend *b, unsigned steps, size_t follows)
{
    for (unsigned i = 0; i < PROFILE_STEPS; i++) {
        unsigned step = (i + STEP_NONE) % PROFILE_STEPS; /* files as they are come last */
        struct plan_case c = {.file = to->file,
                              .backend = b,
                              .sink = sink_find(profile_sinks[step]),
                              .key.threads = 1,
                              .prefix = b->step == DBN_STEP_BLOCK ? to->prefix : 0,
                              .raw = step < STEP_NONE,
                              .follows = follows};
        if (c.raw) /* it then is another backend wherever they are told apart */
            snprintf(c.key.backend, sizeof c.key.backend, "%.26s" PROFILE_RAW, b->name);
        if (steps & 1u << step && step <= (unsigned)last_step[to->a->whole])
            plan_add_case(to->plan, &c);
    }
}

/* What is asked of a backend itself. Whether it maps the file is not asked, so all are taken for that. */
static unsigned own_steps(const struct arguments *a, const struct backend *b, bool compressed)
{
    unsigned steps = 1u << STEP_NONE | 1u << last_step[a->whole];
    if (compressed)
        return steps | (b->attach ? 0 : RAW | RAW_TOUCH);
    return steps | (b->step == DBN_STEP_BLOCK ? TOUCH : 0);
}

/* False: no backend is usable. */
static bool add_file(struct plan *p, const struct arguments *a, size_t file)
{
    const struct plan_range *whole = &p->files[file].range[0];
    bool compressed = p->files[file].compressed, shared = false;
    size_t first[DBN_STEP_FIELD + 1] = {0}, before = p->case_count; /* case of a step, the first being 1 */
    struct adding to = {.plan = p, .a = a, .file = file};
    if (!compressed && whole->bytes > ENOUGH + ENOUGH / 4)
        to.prefix = (uint64_t)((double)whole->records * ENOUGH / (double)whole->bytes);
    for (const struct backend **with = a->backends; *with; with++) {
        const struct backend *b = *with;
        if (backend_unavailable(b))
            continue;
        first[b->step] = first[b->step] ? first[b->step] : p->case_count + 1;
        add(&to, b, own_steps(a, b, compressed), 0);
        shared |= b->attach != NULL;
    }
    if (p->case_count == before)
        return false;
    if (shared && backend_plain())
        add(&to, backend_plain(), compressed ? RAW : 1u << STEP_NONE, 0);
    add(&to, &memory_backend, compressed ? WORK | RAW | RAW_TOUCH : FAR | TOUCH, 0);
    if (first[DBN_STEP_BLOCK] && !compressed)
        add(&to, &memory_backend_cached, WORK, 0);
    if (shared && !compressed)
        add(&to, &memory_backend_handed, FAR, 0);
    for (unsigned step = 0; step <= DBN_STEP_FIELD; step++)
        if (first[step] && step != DBN_STEP_BLOCK)
            add(&to, memory_backend_stepped((enum dbn_step)step), WORK, first[step]);
    return true;
}

static int plan(struct session *s, void *arguments)
{
    for (size_t file = 0; file < s->plan.file_count; file++)
        if (!add_file(&s->plan, arguments, file)) {
            complain("no backend is left to profile; see `dbnbench list backends`");
            return -ENODATA;
        }
    return 0;
}

/* --- the command --- */

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    if (!core_decodes(a->backends, why))
        return false;
    snprintf(why, OPTION_WHY, "no file or dataset given");
    return line->count > 0 || a->m.session.datasets;
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    measuring_inputs(&a->m, line, "profile");
    measuring_backends(&options[0], &a->backends, false, true);
    o->kind = RUN_PROFILE;
    o->backends = a->backends;
    o->plan = plan;
    o->arg = a;
    return measuring_run(&a->m, line);
}

const struct command command_profile = {
    .name = "profile",
    .summary = "say where the time of decoding goes",
    .operands = "[FILE...]",
    .options = options,
    .about =
        "Say where the time of decoding goes: system calls and copying, page faults, parsing, allocation; and what "
        "could be gained at most by removing each. Each part is measured by leaving the others out, in turns with "
        "the whole. What the parts do not add up to is printed as unexplained. Times are CPU times, "
        "of all threads together.",
    .examples = "profile -d trades\nprofile -s fields -b mmap,buffered file.dbn",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
