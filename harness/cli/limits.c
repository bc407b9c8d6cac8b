/* dbnbench limits: what this machine allows at most, to compare results with. */
#include "../machine/machine.h"
#include "exit.h"
#include "measuring.h"

#include <string.h>

static const char *nth_limit(size_t i)
{
    return i < LIMITS_COUNT ? limits_table[i].name : NULL;
}

static const void *a_limit(const char *name)
{
    size_t i = limits_find(name);
    return i < LIMITS_COUNT ? &limits_table[i] : NULL;
}

static const struct option_names known_limits = {"limit", "dbnbench limits --samples 1", nth_limit, a_limit, NULL};

struct arguments {
    struct measuring m;
    const struct limit **only;
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"only", 0, "LIST", "Only these limits", set_list, TO(only), .names = &known_limits, .preset = "all"},
    MEASURING_SAMPLES(struct arguments, "9"),
    MEASURING_TIME(struct arguments, "0"),
    MEASURING_GROUP(struct arguments),
    {0},
};

static int run(void *arguments, const struct command_line *line)
{
    static const struct backend *const none[] = {NULL};
    struct arguments *a = arguments;
    struct session_options *o = &a->m.session;
    measuring_inputs(&a->m, line, "limits");
    o->kind = RUN_LIMITS;
    o->backends = none;
    o->input.window_log = DBN_ZSTD_WINDOW_LOG;
    const unsigned threads[] = {1, machine_cores() > 1 ? machine_cores() : 0, 0};
    if (!is_given(line, "only"))
        o->capacity = threads;
    for (const struct limit **limit = a->only; *limit; limit++)
        o->wanted[*limit - limits_table] = true;
    return measuring_run(&a->m, line);
}

const struct command command_limits = {
    .name = "limits",
    .summary = "measure what this machine allows at most",
    .operands = "[FILE...]",
    .options = options,
    .about = "Measure what this machine allows at most, in each of the ways a reader of files spends its time. Without "
             "--only, also measure what all of its cores come to at once. Each FILE has limits of its own.",
    .examples = "limits\nlimits --only copy_64k,map_touch file.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
