/* The names of events. The kernel's generic ones stand here, by the names that perf uses, so that they mean the same
 * with and without libpfm4, and on processors that it does not know; all others are asked of it. That it encodes one
 * does not mean that it can be counted: it looks at the processor, and not at what a hypervisor lets through. */
#include "counters.h"

/* In this order: the library's header redeclares what the kernel's declares, unless it came first. */
#ifdef HAVE_LIBPFM
#include <perfmon/pfmlib_perf_event.h>
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENT(kind, text, event)                                                                                       \
    .resolved = text, .attr.type = PERF_TYPE_##kind, .attr.size = sizeof(struct perf_event_attr), .attr.config = (event)
#define HARDWARE(event) EVENT(HARDWARE, "PERF_COUNT_HW_" #event, PERF_COUNT_HW_##event)
#define SOFTWARE(event) EVENT(SOFTWARE, "PERF_COUNT_SW_" #event, PERF_COUNT_SW_##event)
#define CACHED(which, op, result)                                                                                      \
    EVENT(HW_CACHE, "PERF_COUNT_HW_CACHE_" #which ":" #op ":" #result,                                                 \
          PERF_COUNT_HW_CACHE_##which | PERF_COUNT_HW_CACHE_OP_##op << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)

static const struct counter_spec generics[] = {
    {"cycles", HARDWARE(CPU_CYCLES), .least = 1},
    {"instructions", HARDWARE(INSTRUCTIONS), .least = COUNTER_ADDITIONS},
    {"branches", HARDWARE(BRANCH_INSTRUCTIONS), .least = 1},
    {"branch-misses", HARDWARE(BRANCH_MISSES)},
    {"cache-references", HARDWARE(CACHE_REFERENCES), .least = 1},
    {"cache-misses", HARDWARE(CACHE_MISSES)},
    {"L1-dcache-load-misses", CACHED(L1D, READ, MISS), .least = 1},
    {"LLC-load-misses", CACHED(LL, READ, MISS)},
    {"dTLB-load-misses", CACHED(DTLB, READ, MISS)},
    {"task-clock", SOFTWARE(TASK_CLOCK), .least = 1},
    {"cpu-clock", SOFTWARE(CPU_CLOCK), .least = 1},
    {"page-faults", SOFTWARE(PAGE_FAULTS), .least = COUNTER_PAGES},
    {"minor-faults", SOFTWARE(PAGE_FAULTS_MIN), .least = COUNTER_PAGES},
    {"major-faults", SOFTWARE(PAGE_FAULTS_MAJ)},
    {"context-switches", SOFTWARE(CONTEXT_SWITCHES), .least = 1, .kernel_only = true},
    {"cpu-migrations", SOFTWARE(CPU_MIGRATIONS), .kernel_only = true},
};
enum { GENERICS = sizeof generics / sizeof generics[0] };

const char *counters_generic(size_t i)
{
    return i < GENERICS ? generics[i].name : NULL;
}

/* --- libpfm4 --- */

#ifdef HAVE_LIBPFM

void counters_pfm_resolve(struct counter_spec *spec)
{
    char *resolved = NULL;
    pfm_perf_encode_arg_t arg = {.attr = &spec->attr, .fstr = &resolved, .size = sizeof arg};
    spec->attr = (struct perf_event_attr){0};
    int rc = pfm_initialize();
    if (rc == PFM_SUCCESS)
        rc = pfm_get_os_event_encoding(spec->name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &arg);
    spec->attr.size = sizeof spec->attr;
    if (rc == PFM_SUCCESS)
        snprintf(spec->resolved, sizeof spec->resolved, "%s", resolved);
    else
        snprintf(spec->why, sizeof spec->why, "libpfm4: %s", pfm_strerror(rc));
    free(resolved);
}

const char *counters_pfm_version(void)
{
    static char text[16];
    int version = pfm_get_version();
    snprintf(text, sizeof text, "%d.%d", PFM_MAJ_VERSION(version), PFM_MIN_VERSION(version));
    return text;
}

#else

void counters_pfm_resolve(struct counter_spec *spec)
{
    snprintf(spec->why, sizeof spec->why, "not one of the kernel's own names, and libpfm4 is not built in");
}

const char *counters_pfm_version(void)
{
    return NULL;
}

#endif

static void resolve(struct counter_spec *spec)
{
    const struct counter_spec *g = generics, *end = generics + GENERICS;
    while (g < end && strcmp(spec->name, g->name) != 0)
        g++;
    if (g < end) {
        *spec = *g;
        return;
    }
    counters_pfm_resolve(spec);
    for (g = generics; g < end && !*spec->why; g++) /* what is known of an event, whatever it is called */
        if (spec->attr.type == g->attr.type && spec->attr.config == g->attr.config) {
            spec->least = g->least;
            spec->kernel_only = g->kernel_only;
        }
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

/* --- what can be counted here --- */

/* NULL: nothing can be said. */
static const char *advice(const struct counter_spec *spec)
{
    switch (spec->error) {
    case EACCES:
    case EPERM:
    case ENOSYS:
        return "What is refused may be seen after: sudo sysctl kernel.perf_event_paranoid=1; in a container: docker "
               "run --cap-add=PERFMON";
    case ENOENT:
    case EOPNOTSUPP:
        return "The kernel sees no performance counters in this processor; in a virtual machine only its host can pass "
               "them on.";
    default:
        return spec->user_only ? "The kernel's side is seen after: sudo sysctl kernel.perf_event_paranoid=1" : NULL;
    }
}

/* One after the other, so that none is missing because of another. */
void counters_list(FILE *to)
{
    const char *says[2] = {NULL}, *why = allocations_why();
    for (size_t i = 0; i < GENERICS; i++) {
        struct counter_set set;
        const struct counter_spec *spec = set.spec;
        char unused[COUNTER_TEXT];
        counters_choose(&set, generics[i].name, unused, sizeof unused);
        counters_try(&set);
        if (*spec->why)
            fprintf(to, "%-22s n/a: %s\n", spec->name, spec->why);
        else
            fprintf(to, "%-22s counts%s\n", spec->name, spec->user_only ? ", the user's side only" : "");
        if (advice(spec))
            says[spec->attr.type == PERF_TYPE_SOFTWARE] = advice(spec);
    }
    fprintf(to, "%-22s %s%s\n\n", "(allocations)", why ? "n/a: " : "always counted", why ? why : "");
    for (size_t i = 0; i < 2; i++)
        if (says[i] && (i == 0 || says[1] != says[0]))
            fprintf(to, "%s\n", says[i]);
    if (counters_pfm_version())
        fprintf(to,
                "Also events by the names of libpfm4 %s, as in INST_RETIRED:ANY_P:u; `perf list` shows those here.\n",
                counters_pfm_version());
    else
        fputs("libpfm4 is not built in: other names are not known.\n", to);
}

json_t *counters_json(const struct counter_set *set, json_t *missing)
{
    json_t *all = json_object();
    for (const struct counter_spec *spec = set->spec; spec < set->spec + set->count; spec++) {
        if (*spec->why)
            json_object_set_new(missing, spec->name, json_string(spec->why));
        json_object_set_new(all, spec->name,
                            *spec->why
                                ? json_null()
                                : json_pack("{s:s, s:b}", "event", spec->resolved, "user_only", (int)spec->user_only));
    }
    return all;
}
