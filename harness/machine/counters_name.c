/* The names of events. The kernel's generic ones stand here, by the names that perf uses, so that they mean
 * the same with and without libpfm4, and on processors that it does not know; all others are asked of it. */
#include "counters.h"

#include <errno.h>
#include <string.h>

#define CACHE(which, op, result)                                                                                       \
    (PERF_COUNT_HW_CACHE_##which | PERF_COUNT_HW_CACHE_OP_##op << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)
#define HARDWARE(event) PERF_TYPE_HARDWARE, PERF_COUNT_HW_##event, "PERF_COUNT_HW_" #event
#define SOFTWARE(event) PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##event, "PERF_COUNT_SW_" #event
#define CACHED(which, op, result)                                                                                      \
    PERF_TYPE_HW_CACHE, CACHE(which, op, result), "PERF_COUNT_HW_CACHE_" #which ":" #op ":" #result

static const struct generic {
    const char *name;
    uint32_t type;
    uint64_t config;
    const char *resolved;
    enum counter_known known;
    bool kernel_only;
} generics[] = {
    {"cycles", HARDWARE(CPU_CYCLES), KNOWN_SOME, false},
    {"instructions", HARDWARE(INSTRUCTIONS), KNOWN_MILLION, false},
    {"branches", HARDWARE(BRANCH_INSTRUCTIONS), KNOWN_SOME, false},
    {"branch-misses", HARDWARE(BRANCH_MISSES), KNOWN_NOTHING, false},
    {"cache-references", HARDWARE(CACHE_REFERENCES), KNOWN_SOME, false},
    {"cache-misses", HARDWARE(CACHE_MISSES), KNOWN_NOTHING, false},
    {"L1-dcache-load-misses", CACHED(L1D, READ, MISS), KNOWN_SOME, false},
    {"LLC-load-misses", CACHED(LL, READ, MISS), KNOWN_NOTHING, false},
    {"dTLB-load-misses", CACHED(DTLB, READ, MISS), KNOWN_NOTHING, false},
    {"task-clock", SOFTWARE(TASK_CLOCK), KNOWN_SOME, false},
    {"cpu-clock", SOFTWARE(CPU_CLOCK), KNOWN_SOME, false},
    {"page-faults", SOFTWARE(PAGE_FAULTS), KNOWN_PAGES, false},
    {"minor-faults", SOFTWARE(PAGE_FAULTS_MIN), KNOWN_PAGES, false},
    {"major-faults", SOFTWARE(PAGE_FAULTS_MAJ), KNOWN_NOTHING, false},
    {"context-switches", SOFTWARE(CONTEXT_SWITCHES), KNOWN_SOME, true},
    {"cpu-migrations", SOFTWARE(CPU_MIGRATIONS), KNOWN_NOTHING, true},
};
enum { GENERICS = sizeof generics / sizeof generics[0] };

const char *counters_generic(size_t i)
{
    return i < GENERICS ? generics[i].name : NULL;
}

/* What is known of an event does not depend on which name it was given by. */
static void set_known(struct counter_spec *spec)
{
    for (size_t i = 0; i < GENERICS; i++) {
        if (spec->attr.type != generics[i].type || spec->attr.config != generics[i].config)
            continue;
        spec->known = generics[i].known;
        spec->kernel_only = generics[i].kernel_only;
    }
}

static void resolve(struct counter_spec *spec)
{
    for (size_t i = 0; i < GENERICS; i++) {
        if (strcmp(spec->name, generics[i].name) != 0)
            continue;
        spec->attr =
            (struct perf_event_attr){.type = generics[i].type, .size = sizeof spec->attr, .config = generics[i].config};
        snprintf(spec->resolved, sizeof spec->resolved, "%s", generics[i].resolved);
    }
    if (!*spec->resolved)
        counters_pfm_resolve(spec);
    if (!*spec->why)
        set_known(spec);
}

int counters_choose(struct counter_set *set, const char *list, char *why, size_t size)
{
    *set = (struct counter_set){0};
    for (const char *next; list; list = next) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        next = comma ? comma + 1 : NULL;
        struct counter_spec *spec = &set->spec[set->count];
        if (n == 0)
            snprintf(why, size, "a name in the list is empty");
        else if (n >= sizeof spec->name)
            snprintf(why, size, "%.20s...: a name has up to %d characters", list, COUNTER_NAME - 1);
        else if (set->count == COUNTERS_MAX)
            snprintf(why, size, "%.*s: one too many, %d are possible", (int)n, list, COUNTERS_MAX);
        if (n == 0 || n >= sizeof spec->name || set->count == COUNTERS_MAX)
            return -EINVAL;
        memcpy(spec->name, list, n);
        resolve(spec);
        set->count++;
    }
    return 0;
}
