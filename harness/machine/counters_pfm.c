/* libpfm4 knows the events of several hundred processors by name. That it encodes one does not mean that it
 * can be counted: it looks at the processor, and not at what a hypervisor lets through. */
#include "counters.h"

/* In this order: the library's header redeclares what the kernel's declares, unless it came first. */
#ifdef HAVE_LIBPFM
#include <perfmon/pfmlib_perf_event.h>
#endif

#include <stdlib.h>
#include <string.h>

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

static void list_events(const pfm_pmu_info_t *pmu, FILE *to)
{
    size_t column = 0;
    fprintf(to, "%s, %s:", pmu->name, pmu->desc);
    for (int i = pmu->first_event; i != -1; i = pfm_get_event_next(i)) {
        pfm_event_info_t event = {.size = sizeof event};
        if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &event) != PFM_SUCCESS)
            continue;
        size_t width = strlen(event.name) + 2;
        if (column == 0 || column + width > 110) {
            fputs("\n ", to);
            column = 1;
        }
        fprintf(to, " %s", event.name);
        column += width - 1;
    }
    fputc('\n', to);
}

void counters_pfm_list(FILE *to)
{
    int rc = pfm_initialize(), i;
    if (rc != PFM_SUCCESS) {
        fprintf(to, "libpfm4: %s\n", pfm_strerror(rc));
        return;
    }
    fprintf(to, "Events of this processor by libpfm4 %s, with its units and modifiers, as in INST_RETIRED:ANY_P:u\n",
            counters_pfm_version());
    pfm_for_all_pmus(i)
    {
        pfm_pmu_info_t pmu = {.size = sizeof pmu};
        if (pfm_get_pmu_info((pfm_pmu_t)i, &pmu) == PFM_SUCCESS && pmu.is_present && pmu.type == PFM_PMU_TYPE_CORE)
            list_events(&pmu, to);
    }
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

void counters_pfm_list(FILE *to)
{
    fputs("libpfm4 is not built in: other names are not known.\n", to);
}

#endif
