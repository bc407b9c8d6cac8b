/* The processor, as far as it decides how fast a program runs. Linux shows it in /sys; who is below Linux,
 * the processor says itself. */
#include "machine_facts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

#define CPU0 "/sys/devices/system/cpu/cpu0/"

#if defined __x86_64__ || defined __i386__
/* A name of 12 characters, such as "KVMKVMKVM", behind the bit that says that there is a hypervisor. */
static void set_hypervisor(json_t *facts, json_t *missing)
{
    static const char name[] = "hypervisor_name";
    unsigned a, r[3] = {0}, c = 0, b, d;
    char text[sizeof r + 1] = "";
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31)) {
        machine_set_missing(facts, missing, name, "cpuid", "no hypervisor");
        return;
    }
    __cpuid(0x40000000, a, r[0], r[1], r[2]);
    memcpy(text, r, sizeof r);
    json_t *string = json_string(text);
    if (string && *text)
        json_object_set(facts, name, string);
    else
        machine_set_missing(facts, missing, name, "cpuid", "a hypervisor without a name");
    json_decref(string);
}
#else
static void set_hypervisor(json_t *facts, json_t *missing)
{
    machine_set_file(facts, missing, "hypervisor_name", "/sys/hypervisor/type");
}
#endif

/* How many numbers a list like "0-3,8" names; 0: it is none. */
static int list_length(const char *list)
{
    int n = 0;
    for (char *end; *list; list = *end ? end + 1 : end) {
        long first = strtol(list, &end, 10), last = first;
        if (end == list)
            return 0;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        n += (int)(last - first) + 1;
        if (*end && *end != ',')
            return 0;
    }
    return n;
}

static void set_threads(json_t *facts, json_t *missing)
{
    static const char path[] = CPU0 "topology/thread_siblings_list";
    char text[256];
    int rc = machine_read(path, text, sizeof text), n = rc ? 0 : list_length(text);
    if (n > 0)
        json_object_set_new(facts, "threads_per_core", json_integer(n));
    else
        machine_set_missing(facts, missing, "threads_per_core", path, rc ? strerror(-rc) : "not a list");
    machine_set_file(facts, missing, "smt", "/sys/devices/system/cpu/smt/control");
}

static bool read_cache(unsigned i, const char *what, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, CPU0 "cache/index%u/%s", i, what);
    return machine_read(path, text, size) == 0;
}

/* {"L1d": "32K", ...} of the first processor. */
static void set_caches(json_t *facts, json_t *missing)
{
    char level[16], type[32], size[32], name[32];
    json_t *caches = json_object();
    for (unsigned i = 0; read_cache(i, "level", level, sizeof level); i++) {
        if (!read_cache(i, "type", type, sizeof type) || !read_cache(i, "size", size, sizeof size))
            continue;
        snprintf(name, sizeof name, "L%s%s", level,
                 strcmp(type, "Data") == 0          ? "d"
                 : strcmp(type, "Instruction") == 0 ? "i"
                                                    : "");
        json_object_set_new(caches, name, json_string(size));
    }
    if (json_object_size(caches) > 0)
        json_object_set(facts, "caches", caches);
    else
        machine_set_missing(facts, missing, "caches", CPU0 "cache", "nothing to read");
    json_decref(caches);
}

/* {"meltdown": "Not affected", ...}: system calls are as dear as these make them. */
static void set_mitigations(json_t *facts, json_t *missing)
{
    static const char path[] = "/sys/devices/system/cpu/vulnerabilities";
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    json_t *all = json_object();
    for (int i = 0; i < n; i++) {
        char file[PATH_MAX], text[512];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && machine_read(file, text, sizeof text) == 0)
            json_object_set_new(all, entries[i]->d_name, json_string(text));
        free(entries[i]);
    }
    if (n >= 0) {
        free(entries);
        json_object_set(facts, "mitigations", all);
    } else {
        machine_set_missing(facts, missing, "mitigations", path, strerror(errno));
    }
    json_decref(all);
}

void machine_set_cpu(json_t *facts, json_t *missing)
{
    set_hypervisor(facts, missing);
    set_threads(facts, missing);
    set_caches(facts, missing);
    set_mitigations(facts, missing);
    machine_set_file(facts, missing, "address_space_randomization", "/proc/sys/kernel/randomize_va_space");
    machine_set_file(facts, missing, "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid");
}
