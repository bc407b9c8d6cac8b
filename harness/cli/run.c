/* dbnbench run: measures backends on files, stores every sample, and prints what they say. */
#include "../text/safe.h"
#include "exit.h"
#include "measuring.h"

#include <errno.h>
#include <string.h>

enum { THREADS_MAX = 256 };

struct arguments {
    struct measuring m;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    unsigned threads[MEASURING_LIST]; /* end with 0 */
    size_t blocks[MEASURING_LIST];    /* none: each backend's own choice */
    bool no_limits;
};

static const char *nth_counter(const void *names, size_t i)
{
    (void)names;
    return counters_generic(i);
}

/* Of a name that nobody knows there can be no count anywhere. One that is refused here is n/a. */
static bool set_counters(const struct option_row *o, const char *value, void *to, char *why)
{
    struct counter_set *set = to;
    char near[128];
    (void)o;
    if (counters_choose(set, value, why, OPTION_WHY) < 0)
        return false;
    for (const struct counter_spec *spec = set->spec; spec < set->spec + set->count; spec++) {
        if (!*spec->why)
            continue;
        suggest(spec->name, nth_counter, NULL, "", near, sizeof near);
        snprintf(why, OPTION_WHY, "unknown counter '%s'%s (%s; list: dbnbench list counters)", spec->name, near,
                 spec->why);
        return false;
    }
    return true;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"backend", 'b', "LIST", BACKEND_HELP " (default all that fit the cache and the threads)", set_list, TO(backends),
     .names = &known_backends},
    {"sink", 's', "LIST", "Workloads", set_list, TO(sinks), .names = &known_sinks, .preset = "touch,sum"},
    {"threads", 't', "LIST", "Numbers of threads", set_numbers, TO(threads), .min = 1, .max = THREADS_MAX,
     .preset = "1"},
    MEASURING_SAMPLES(struct arguments, "9"),
    MEASURING_TIME(struct arguments, "110"),
    {"cold", 0, NULL, "Drop the file from the page cache before each sample", set_flag, TO(m.session.cold)},
    {"no-limits", 0, NULL, "Do not measure what the machine allows", set_flag, TO(no_limits)},
    {"counters", 0, "LIST", "Count these events as well; see `dbnbench list counters`", set_counters,
     TO(m.session.counters)},
    {"instructions", 0, NULL, "Count instructions a record as well, by valgrind, after the timing", set_flag,
     TO(m.session.instructions)},
    {"syscalls", 0, NULL, "Count system calls and page faults as well, exactly, after the timing", set_flag,
     TO(m.session.calls)},
    MEASURING_GROUP(struct arguments),
    MEASURING_INPUT(struct arguments),
    {"block", 0, "LIST", "Bytes read at a time, as in 4K,64K,1M (default: the backend's choice)", set_sizes, TO(blocks),
     .max = 1u << 30},
    {0},
};

/* What was asked for and cannot be measured. */
static void complain_of_missing(const struct arguments *a, const struct plan *p)
{
    size_t usable = 0;
    for (const struct sink **with = a->sinks; *with; with++) {
        const char *why = sink_unavailable(*with);
        if (why)
            complain("sink %s is left out: n/a, %s", (*with)->name, why);
        usable += why == NULL;
    }
    for (const struct backend **b = a->backends; *b && p->case_count == 0 && usable > 0; b++) {
        const char *why = backend_unavailable(*b);
        bool idle = a->sinks[0]->looks == SINK_LOOKS_AWAY && (*b)->lazy;
        complain("backend %s: %s", (*b)->name,
                 why    ? why
                 : idle ? "with a sink that looks at no byte it moves nothing"
                        : "decodes a file with 1 thread only");
    }
}

static int plan(struct session *s, void *arguments)
{
    const struct arguments *a = arguments;
    plan_cross(&s->plan, a->backends, a->sinks, a->blocks, a->threads);
    complain_of_missing(a, &s->plan);
    return s->plan.case_count == 0 ? -ENODATA : 0;
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    measuring_inputs(&a->m, line, "run");
    measuring_backends(&options[0], &a->backends, o->cold, a->threads[0] == 1 && a->threads[1] == 0);
    o->kind = RUN_RUN;
    o->backends = a->backends;
    o->limits = !a->no_limits;
    o->plan = plan;
    o->arg = a;
    return measuring_run(&a->m, line);
}

const struct command command_run = {
    .name = "run",
    .summary = "measure backends, and store every sample",
    .operands = "[FILE...]",
    .options = options,
    .about = "Measure backends on datasets or other files, round by round, and store every sample. Each sample is a "
             "process of its own. Its result is compared with that of the reference decoder: a wrong one is an "
             "error (exit status 4), never a number.",
    .examples = "run -d quick -b mmap,buffered\nrun -s sum -t 1,2,4 file.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
