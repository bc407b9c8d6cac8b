/* Facts of the machine that stay the same during a run: a table of them, each with where it is read and how. They come
 * from /proc, /sys and system calls. Nothing here may fail a run: what cannot be had is null. */
#include "machine_facts.h"

#include "machine.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

enum { WHY = 128 };
#define CPU "/sys/devices/system/cpu/"

int machine_read(const char *path, char *buf, size_t size)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return -errno;
    size_t n = fread(buf, 1, size - 1, f);
    int rc = ferror(f) ? -EIO : 0;
    fclose(f);
    buf[n] = '\0';
    if (n > 0 && buf[n - 1] == '\n')
        buf[n - 1] = '\0';
    return rc;
}

/* --- how facts are read: NULL with the reason in why --- */

static json_t *none(char *why, const char *text)
{
    snprintf(why, WHY, "%s", text);
    return NULL;
}

static json_t *text_of(const char *path, char *why)
{
    char text[1024];
    int rc = machine_read(path, text, sizeof text);
    return rc ? none(why, strerror(-rc)) : json_string(text);
}

/* The word in brackets, as in "always [madvise] never". */
static json_t *chosen_of(const char *path, char *why)
{
    char text[256];
    int rc = machine_read(path, text, sizeof text);
    char *open = rc ? NULL : strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close)
        return none(why, rc ? strerror(-rc) : "no word in brackets");
    return json_stringn(open + 1, (size_t)(close - open - 1));
}

/* Lines of /proc/cpuinfo are "key<tabs>: value"; the first processor's come first. */
static char *cpuinfo_value(char *text, const char *key)
{
    char *line = strstr(text, key), *colon = line ? strstr(line, ": ") : NULL;
    if (!colon)
        return NULL;
    char *end = strchr(colon, '\n');
    return strndup(colon + 2, end ? (size_t)(end - colon - 2) : strlen(colon + 2));
}

static json_t *cpu(const char *path, char *why)
{
    char text[8192];
    int rc = machine_read(path, text, sizeof text);
    char *model = rc ? NULL : cpuinfo_value(text, "model name");
    json_t *value = model ? json_string(model) : none(why, rc ? strerror(-rc) : "no model name");
    free(model);
    return value;
}

static json_t *hypervisor(const char *path, char *why)
{
    char text[8192];
    int rc = machine_read(path, text, sizeof text);
    char *flags = rc ? NULL : cpuinfo_value(text, "\nflags");
    json_t *value =
        flags ? json_boolean(strstr(flags, " hypervisor") != NULL) : none(why, rc ? strerror(-rc) : "no flags");
    free(flags);
    return value;
}

/* A name of 12 characters, such as "KVMKVMKVM", behind the bit that says that there is a hypervisor. */
static json_t *hypervisor_name(const char *path, char *why)
{
#if defined __x86_64__ || defined __i386__
    unsigned a, r[3] = {0}, c = 0, b, d;
    char text[sizeof r + 1] = "";
    (void)path;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31))
        return none(why, "no hypervisor");
    __cpuid(0x40000000, a, r[0], r[1], r[2]);
    memcpy(text, r, sizeof r);
    json_t *name = *text ? json_string(text) : NULL;
    return name ? name : none(why, "a hypervisor without a name");
#else
    return text_of(path, why);
#endif
}

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

static json_t *threads_per_core(const char *path, char *why)
{
    char text[256];
    int rc = machine_read(path, text, sizeof text), n = rc ? 0 : list_length(text);
    return n > 0 ? json_integer(n) : none(why, rc ? strerror(-rc) : "not a list");
}

static bool read_cache(unsigned i, const char *what, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, CPU "cpu0/cache/index%u/%s", i, what);
    return machine_read(path, text, size) == 0;
}

/* {"L1d": "32K", ...} of the first processor. */
static json_t *caches(const char *path, char *why)
{
    char level[16], type[32], size[32], name[32];
    json_t *all = json_object();
    (void)path;
    for (unsigned i = 0; read_cache(i, "level", level, sizeof level); i++) {
        if (!read_cache(i, "type", type, sizeof type) || !read_cache(i, "size", size, sizeof size))
            continue;
        snprintf(name, sizeof name, "L%s%s", level,
                 strcmp(type, "Data") == 0          ? "d"
                 : strcmp(type, "Instruction") == 0 ? "i"
                                                    : "");
        json_object_set_new(all, name, json_string(size));
    }
    if (json_object_size(all) > 0)
        return all;
    json_decref(all);
    return none(why, "nothing to read");
}

/* {"meltdown": "Not affected", ...}: system calls are as dear as these make them. */
static json_t *mitigations(const char *path, char *why)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0)
        return none(why, strerror(errno));
    json_t *all = json_object();
    for (int i = 0; i < n; i++) {
        char file[PATH_MAX], text[512];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && machine_read(file, text, sizeof text) == 0)
            json_object_set_new(all, entries[i]->d_name, json_string(text));
        free(entries[i]);
    }
    free(entries);
    return all;
}

static json_t *cores_online(const char *path, char *why)
{
    (void)path, (void)why;
    return json_integer(sysconf(_SC_NPROCESSORS_ONLN));
}

static json_t *page_size(const char *path, char *why)
{
    (void)path, (void)why;
    return json_integer(sysconf(_SC_PAGESIZE));
}

static json_t *memory_bytes(const char *path, char *why)
{
    (void)path, (void)why;
    return json_integer((json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
}

static json_t *kernel(const char *path, char *why)
{
    struct utsname name;
    (void)path;
    if (uname(&name) < 0)
        return none(why, strerror(errno));
    return json_sprintf("%s %s %s", name.sysname, name.release, name.machine);
}

/* --- what this process may use --- */

static json_t *limit_json(uint64_t limit)
{
    return limit > INT64_MAX / 2 ? json_string("unlimited") : json_integer((json_int_t)limit);
}

static json_t *process_limits(const char *path, char *why)
{
    (void)path, (void)why;
    static const struct {
        const char *name;
        __rlimit_resource_t resource;
    } known[] = {
        {"open_files", RLIMIT_NOFILE}, {"locked_memory", RLIMIT_MEMLOCK}, {"address_space", RLIMIT_AS},
        {"file_size", RLIMIT_FSIZE},   {"stack", RLIMIT_STACK},           {"processes", RLIMIT_NPROC},
    };
    json_t *limits = json_object();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
        getrlimit(known[i].resource, &limit);
        json_object_set_new(limits, known[i].name, limit_json(limit.rlim_cur));
    }
    return limits;
}

static json_t *cores_allowed(const char *path, char *why)
{
    cpu_set_t set;
    (void)path;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? json_integer(CPU_COUNT(&set)) : none(why, strerror(errno));
}

unsigned machine_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* Limits of control groups hold for all groups within, so the smallest counts. A folder for each group; version 1 has a
 * hierarchy of them for each controller. */
struct group {
    char folder[PATH_MAX];
    size_t root; /* length of the part of it that is where the hierarchy is mounted */
    bool v1;
};

static bool has_word(char *list, const char *word)
{
    for (char *each; (each = strsep(&list, ",")) != NULL;)
        if (strcmp(each, word) == 0)
            return true;
    return false;
}

/* Lines of the file are "NUMBER:CONTROLLERS:PATH", of version 2 "0::PATH". 0 or -errno. */
static int find_group(const char *controller, struct group *g)
{
    FILE *f = fopen("/proc/self/cgroup", "re");
    char line[PATH_MAX], mount[64] = "", path[PATH_MAX] = "";
    if (!f)
        return -errno;
    while (!g->v1 && fgets(line, sizeof line, f)) {
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        strsep(&rest, ":");
        char *controllers = strsep(&rest, ":");
        bool v2 = controllers && !*controllers;
        g->v1 = controllers && has_word(controllers, controller);
        if (!rest || !(g->v1 || v2))
            continue;
        snprintf(mount, sizeof mount, "/sys/fs/cgroup%s%s", g->v1 ? "/" : "", g->v1 ? controller : "");
        if (v2 && access("/sys/fs/cgroup/unified", F_OK) == 0)
            snprintf(mount, sizeof mount, "/sys/fs/cgroup/unified");
        snprintf(path, sizeof path, "%s", strcmp(rest, "/") == 0 ? "" : rest);
    }
    fclose(f);
    g->root = strlen(mount);
    int n = snprintf(g->folder, sizeof g->folder, "%s%s", mount, path);
    return *mount && n < (int)sizeof g->folder ? 0 : -ENOENT;
}

static uint64_t read_limit(const char *folder, const char *file)
{
    char path[PATH_MAX + 64], text[64];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (machine_read(path, text, sizeof text) < 0 || text[0] < '0' || text[0] > '9')
        return UINT64_MAX; /* "max", -1, or no limits in this folder, as in the topmost */
    return strtoull(text, NULL, 10);
}

/* Thousandths of a core. */
static uint64_t cpu_limit(const char *folder, bool v1)
{
    uint64_t quota = read_limit(folder, v1 ? "cpu.cfs_quota_us" : "cpu.max"), period = UINT64_MAX;
    if (v1) {
        period = read_limit(folder, "cpu.cfs_period_us");
    } else {
        char path[PATH_MAX + 64], text[64], *space;
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        if (machine_read(path, text, sizeof text) == 0 && (space = strchr(text, ' ')) != NULL)
            period = strtoull(space + 1, NULL, 10);
    }
    return quota == UINT64_MAX || period == UINT64_MAX || period == 0 ? UINT64_MAX : quota * 1000 / period;
}

static uint64_t memory_limit(const char *folder, bool v1)
{
    return read_limit(folder, v1 ? "memory.limit_in_bytes" : "memory.max");
}

/* A group may be shown by a path that is not there, from inside a container: then only its root is. */
static json_t *smallest_limit(const char *controller, uint64_t (*limit)(const char *folder, bool v1), char *why)
{
    struct group g = {.root = 0};
    uint64_t smallest = UINT64_MAX;
    int rc = find_group(controller, &g);
    if (rc)
        return none(why, strerror(-rc));
    for (bool top = false; !top;) {
        uint64_t own = limit(g.folder, g.v1);
        smallest = own < smallest ? own : smallest;
        top = strlen(g.folder) <= g.root;
        if (!top)
            *strrchr(g.folder, '/') = '\0';
    }
    return limit_json(smallest);
}

static json_t *group_cpu(const char *path, char *why)
{
    (void)path;
    return smallest_limit("cpu", cpu_limit, why);
}

static json_t *group_memory(const char *path, char *why)
{
    (void)path;
    return smallest_limit("memory", memory_limit, why);
}

/* --- the table --- */

static const struct fact {
    const char *name, *path;
    json_t *(*read)(const char *path, char *why);
} table[] = {
    {"cpu", "/proc/cpuinfo", cpu},
    {"hypervisor", "/proc/cpuinfo", hypervisor},
    {"cores_online", "sysconf", cores_online},
    {"page_size", "sysconf", page_size},
    {"memory_bytes", "sysconf", memory_bytes},
    {"kernel", "uname", kernel},
    {"governor", CPU "cpu0/cpufreq/scaling_governor", text_of},
    {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", text_of},
    {"transparent_hugepages", "/sys/kernel/mm/transparent_hugepage/enabled", chosen_of},
#if defined __x86_64__ || defined __i386__
    {"hypervisor_name", "cpuid", hypervisor_name},
#else
    {"hypervisor_name", "/sys/hypervisor/type", hypervisor_name},
#endif
    {"threads_per_core", CPU "cpu0/topology/thread_siblings_list", threads_per_core},
    {"smt", CPU "smt/control", text_of},
    {"caches", CPU "cpu0/cache", caches},
    {"mitigations", CPU "vulnerabilities", mitigations},
    {"address_space_randomization", "/proc/sys/kernel/randomize_va_space", text_of},
    {"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid", text_of},
    {"cores_allowed", "sched_getaffinity", cores_allowed},
    {"group_cpu_milli", "/proc/self/cgroup", group_cpu},
    {"group_memory_bytes", "/proc/self/cgroup", group_memory},
    {"limits", "getrlimit", process_limits},
};

json_t *machine_facts(json_t *missing)
{
    json_t *facts = json_object();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char why[WHY] = "it is not text";
        json_t *value = table[i].read(table[i].path, why);
        if (!value)
            json_object_set_new(missing, table[i].name, json_sprintf("%s: %s", table[i].path, why));
        json_object_set_new(facts, table[i].name, value ? value : json_null());
    }
    return facts;
}
