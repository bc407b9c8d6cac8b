/* What this process may use of the machine. Limits of control groups hold for all groups within, so the
 * smallest counts. */
#include "machine_facts.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static json_t *limit_json(uint64_t limit)
{
    return limit > INT64_MAX / 2 ? json_string("unlimited") : json_integer((json_int_t)limit);
}

static json_t *process_limits(void)
{
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

static void set_allowed(json_t *facts, json_t *missing)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        json_object_set_new(facts, "cores_allowed", json_integer(CPU_COUNT(&set)));
    else
        machine_set_missing(facts, missing, "cores_allowed", "sched_getaffinity", strerror(errno));
}

unsigned machine_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* A folder for each group; version 1 has a hierarchy of them for each controller. */
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
static void set_group(json_t *facts, json_t *missing, const char *name, const char *controller,
                      uint64_t (*limit)(const char *folder, bool v1))
{
    struct group g = {.root = 0};
    uint64_t smallest = UINT64_MAX;
    int rc = find_group(controller, &g);
    if (rc) {
        machine_set_missing(facts, missing, name, "/proc/self/cgroup", strerror(-rc));
        return;
    }
    for (bool top = false; !top;) {
        uint64_t own = limit(g.folder, g.v1);
        smallest = own < smallest ? own : smallest;
        top = strlen(g.folder) <= g.root;
        if (!top)
            *strrchr(g.folder, '/') = '\0';
    }
    json_object_set_new(facts, name, limit_json(smallest));
}

void machine_set_limits(json_t *facts, json_t *missing)
{
    set_allowed(facts, missing);
    set_group(facts, missing, "group_cpu_milli", "cpu", cpu_limit);
    set_group(facts, missing, "group_memory_bytes", "memory", memory_limit);
    json_object_set_new(facts, "limits", process_limits());
}
