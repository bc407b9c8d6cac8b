/* dbnbench scale: how decoding scales over threads, files, shards of one file, and its length. */
#include "../machine/machine.h"
#include "exit.h"
#include "measuring.h"

#include <errno.h>
#include <string.h>

enum { THREADS_MAX = 256, FILES_MAX = 65536, RECORDS_TO = 1000000000 };

struct arguments {
    struct measuring m;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    /* These end with 0; none: the numbers of threads up to the cores, doubled each time; all files. */
    unsigned threads[MEASURING_LIST], files[MEASURING_LIST], records[MEASURING_LIST];
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"backend", 'b', "LIST", "Only these (default all that read in blocks, through the page cache)", set_list,
     TO(backends), .names = &known_backends},
    {"sink", 's', "LIST", "Workloads", set_list, TO(sinks), .names = &known_sinks, .preset = "sum"},
    {"threads", 't', "LIST", "Numbers of threads (default 1,2,4,... up to the cores)", set_numbers, TO(threads),
     .min = 1, .max = THREADS_MAX},
    {"files", 0, "LIST", "How many files of a set, or of the FILEs, to decode at once (default all)", set_numbers,
     TO(files), .min = 1, .max = FILES_MAX},
    {"records", 0, "LIST", "Lengths of file, in records, as far as it goes", set_numbers, TO(records), .min = 1,
     .max = RECORDS_TO, .preset = "10000,100000,1000000,10000000,100000000"},
    MEASURING_SAMPLES(struct arguments, "15"),
    MEASURING_TIME(struct arguments, "0"),
    MEASURING_GROUP(struct arguments),
    MEASURING_INPUT(struct arguments),
    {0},
};

/* --- the cases --- */

/* Several files as they are. One is in one piece for one thread, and for a backend that shares blocks; else in as many
 * shards as threads. */
static void add_threads(struct plan *p, const struct arguments *a, const struct plan_input *in, size_t files,
                        const struct backend *b)
{
    struct plan_case like = {.file = in->first, .backend = b, .key.files = files};
    snprintf(like.key.dataset, sizeof like.key.dataset, "%s", in->name);
    for (const unsigned *t = a->threads; *t; t++) {
        like.key.threads = *t;
        like.key.split = files > 1 || b->attach ? 1 : *t;
        plan_add_sinks(p, like, a->sinks);
    }
}

/* Files that are compressed cannot be read in part, and a record at a time takes as long wherever it is. */
static void add_lengths(struct plan *p, const struct arguments *a, size_t file, const struct backend *b)
{
    const struct plan_file *f = &p->files[file];
    struct plan_case like = {.file = file, .backend = b, .key.threads = 1};
    for (const unsigned *n = a->records; *n && !f->compressed && b->step == DBN_STEP_BLOCK; n++) {
        like.key.requested = *n;
        if (*n < f->range[0].records)
            plan_add_sinks(p, like, a->sinks);
    }
}

static void add_input(struct plan *p, const struct arguments *a, const struct plan_input *in, const struct backend *b)
{
    const unsigned all[] = {(unsigned)in->files, 0}, *files = in->files > 1 && a->files[0] ? a->files : all;
    if (in->files == 1)
        add_lengths(p, a, in->first, b);
    for (; *files; files++)
        if (*files <= in->files && (*files > 1 || in->files == 1))
            add_threads(p, a, in, *files, b);
}

static int plan(struct session *s, void *arguments)
{
    const struct arguments *a = arguments;
    struct plan *p = &s->plan;
    for (size_t i = 0; i < p->input_count; i++) {
        if (p->inputs[i].apart) {
            complain("-d: some of %s are among those before it; name the larger set first, or alone",
                     p->inputs[i].name);
            return -EINVAL;
        }
        for (const struct backend **b = a->backends; *b; b++)
            if (!backend_unavailable(*b))
                add_input(p, a, &p->inputs[i], *b);
    }
    if (p->case_count > 0)
        return 0;
    complain("nothing is left to measure; see `dbnbench list backends`");
    return -ENODATA;
}

/* Which of the run's files are decoded together. */
static json_t *facts(const struct session *s, const void *arguments)
{
    (void)arguments;
    json_t *inputs = json_array();
    for (const struct plan_input *in = s->plan.inputs; in < s->plan.inputs + s->plan.input_count; in++)
        if (in->files > 1)
            json_array_append_new(inputs, json_pack("{s:s, s:I, s:I}", "name", in->name, "first", (json_int_t)in->first,
                                                    "files", (json_int_t)in->files));
    return json_pack("{s:o}", "inputs", inputs);
}

/* --- the command --- */

/* 1 is always among them: everything is said as a ratio to it. */
static void set_threads(unsigned threads[MEASURING_LIST])
{
    unsigned all = machine_cores(), n = 0;
    bool one = false;
    for (; threads[n]; n++)
        one |= threads[n] == 1;
    if (n > 0 && !one && n < MEASURING_LIST - 1)
        threads[n] = 1;
    if (n > 0)
        return;
    for (unsigned t = 1; t < all && n < MEASURING_LIST - 2; t *= 2)
        threads[n++] = t;
    threads[n] = all;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    (void)line;
    return core_decodes(((const struct arguments *)arguments)->backends, why);
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    if (!a->backends) {
        measuring_backends(&options[0], &a->backends, false, false);
        const struct backend **to = a->backends;
        for (const struct backend **b = a->backends; *b; b++)
            if ((*b)->step == DBN_STEP_BLOCK)
                *to++ = *b;
        *to = NULL;
    }
    set_threads(a->threads);
    measuring_inputs(&a->m, line, "scale");
    o->kind = RUN_SCALE;
    o->backends = a->backends;
    o->limits = true;
    o->capacity = a->threads;
    o->plan = plan;
    o->arg = a;
    o->facts = facts;
    return measuring_run(&a->m, line);
}

const struct command command_scale = {
    .name = "scale",
    .summary = "measure scaling over threads, files and shards of one file",
    .operands = "[FILE...]",
    .options = options,
    .about =
        "Measure how decoding scales over threads: with many files, and with one file that is cut into shards; and "
        "with the length of a file. A dataset is split, a set is decoded as many files at once. Speed-ups are over "
        "1 thread with the file in one piece, in the same round. Next to them stands what the machine gave as many "
        "threads that share nothing, and where the time of the threads went.",
    .examples = "scale\nscale -b mmap,pipeline -t 1,2,4 a.dbn b.dbn",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
