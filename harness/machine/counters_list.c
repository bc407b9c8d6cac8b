/* What can be counted on this machine, what cannot, and what would change that. */
#include "counters.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int read_paranoid(void)
{
    FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
    int level;
    if (!f)
        return INT_MIN;
    if (fscanf(f, "%d", &level) != 1)
        level = INT_MIN;
    fclose(f);
    return level;
}

/* A core's counters are "cpu", "cpu_core" and "cpu_atom", or "armv8_pmuv3_0" and the like. */
static bool has_pmu(void)
{
    static const char folder[] = "/sys/bus/event_source/devices";
    DIR *d = opendir(folder);
    bool found = false;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        found |= strncmp(e->d_name, "cpu", 3) == 0 || strncmp(e->d_name, "arm", 3) == 0;
    if (d)
        closedir(d);
    return found;
}

static bool is_privileged(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) < 0)
        return false;
    return (data[CAP_TO_INDEX(CAP_PERFMON)].effective & CAP_TO_MASK(CAP_PERFMON)) ||
           (data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN));
}

struct counters_access counters_access(void)
{
    return (struct counters_access){read_paranoid(), is_privileged(), has_pmu()};
}

bool counters_advice(const struct counters_access *access, const struct counter_spec *spec, char *text, size_t size)
{
    bool refused = spec->error == EACCES || spec->error == EPERM || spec->error == ENOSYS;
    bool hardware = spec->attr.type != PERF_TYPE_SOFTWARE;
    if (spec->error == ENOSYS && access->paranoid == INT_MIN)
        snprintf(text, size, "this kernel is built without CONFIG_PERF_EVENTS");
    else if ((spec->user_only || (refused && spec->error != ENOSYS)) && !access->privileged && access->paranoid > 1)
        snprintf(text, size,
                 "kernel.perf_event_paranoid is %d; this shows %s: sudo sysctl kernel.perf_event_paranoid=1",
                 access->paranoid, spec->user_only ? "the kernel's side as well" : "them");
    else if (refused)
        snprintf(text, size,
                 "a seccomp filter or a security module refuses; in a container: docker run --cap-add=PERFMON");
    else if (spec->error == EMFILE)
        snprintf(text, size, "too few files may be open: ulimit -n 1024");
    else if (spec->error && hardware && !access->pmu)
        snprintf(text, size,
                 "the kernel found no performance counters in this processor; in a virtual machine only its "
                 "host can pass them on");
    else
        return false;
    return true;
}

/* One after the other, so that none is missing because of another. */
static void list_one(const char *name, const struct counters_access *access, char *advice, size_t size, FILE *to)
{
    struct counter_set set;
    char why[COUNTER_TEXT];
    counters_choose(&set, name, why, sizeof why);
    counters_try(&set);
    const struct counter_spec *spec = &set.spec[0];
    fprintf(to, "%-22s ", name);
    if (*spec->why)
        fprintf(to, "n/a: %s\n", spec->why);
    else
        fprintf(to, "counts%s\n", spec->user_only ? ", the user's side only" : "");
    if (!*advice && !counters_advice(access, spec, advice, size))
        *advice = '\0';
}

void counters_list(FILE *to)
{
    struct counters_access access = counters_access();
    char advice[2][COUNTER_TEXT] = {"", ""}; /* about the processor's counters, and about the kernel's */
    struct counter_set set;
    for (size_t i = 0; counters_generic(i); i++) {
        char why[COUNTER_TEXT];
        counters_choose(&set, counters_generic(i), why, sizeof why);
        list_one(counters_generic(i), &access, advice[set.spec[0].attr.type == PERF_TYPE_SOFTWARE], sizeof advice[0],
                 to);
    }
    const char *why = allocations_why();
    fprintf(to, "%-22s %s%s\n", "(allocations)", why ? "n/a: " : "always counted", why ? why : "");
    fputc('\n', to);
    for (size_t i = 0; i < 2; i++)
        if (*advice[i] && (i == 0 || strcmp(advice[0], advice[1]) != 0))
            fprintf(to, "%s\n", advice[i]);
    counters_pfm_list(to);
}
