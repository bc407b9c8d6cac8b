/* Facts come from /proc, /sys and system calls. Nothing here may fail a run: what cannot be had is null. */
#include "machine.h"

#include "clock.h"
#include "counters.h"

#include <errno.h>
#include <glob.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#ifndef DBNBENCH_CFLAGS
#define DBNBENCH_CFLAGS ""
#endif

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#define CPU "/sys/devices/system/cpu/"

/* The start of a small file, with its last newline off. 0 or -errno. */
static int read_file(const char *root, const char *path, char *buf, size_t size)
{
    char whole[PATH_MAX + 512];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    FILE *f = fopen(whole, "re");
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

/* --- facts that a file tells: NULL if it is not as expected --- */

/* The word in brackets, as in "always [madvise] never". */
static json_t *chosen(const char *text)
{
    const char *open = strchr(text, '[');
    return open ? json_stringn(open + 1, strcspn(open + 1, "]")) : NULL;
}

/* Lines are "key<tabs>: value"; those of the first processor come first. */
static json_t *model(const char *text)
{
    const char *line = strstr(text, "model name"), *colon = line ? strstr(line, ": ") : NULL;
    return colon ? json_stringn(colon + 2, strcspn(colon + 2, "\n")) : NULL;
}

static json_t *hypervisor(const char *text)
{
    return json_boolean(strstr(text, " hypervisor") != NULL);
}

/* --- control groups: what holds for one holds for all groups within --- */

struct group {
    char folder[PATH_MAX + 256];
    size_t top; /* so much of it is the topmost group */
    bool first; /* of version 1 of control groups, where each controller has its own */
};

/* /proc/self/cgroup has a line "4:cpu,cpuacct:PATH" for a controller of version 1, and "0::PATH" for version 2. The
 * path may be one that is not there, from inside a container: then only the topmost group is. */
static bool find_group(const char *text, const char *root, const char *controller, struct group *g)
{
    char names[256] = ",", wanted[64], path[PATH_MAX], unified[PATH_MAX] = "";
    snprintf(wanted, sizeof wanted, ",%s,", controller);
    g->first = false;
    for (const char *line = text; line && !g->first; line = strchr(line, '\n'), line += line != NULL) {
        sscanf(line, "0::%4095[^\n]", unified);
        if (sscanf(line, "%*u:%250[^:\n]:%4095[^\n]", names + 1, path) == 2)
            g->first = strstr(strcat(names, ","), wanted) != NULL;
    }
    g->top = (size_t)snprintf(g->folder, sizeof g->folder, "%s/sys/fs/cgroup%s%s", root, g->first ? "/" : "",
                              g->first ? controller : "");
    const char *its = g->first ? path : unified;
    if (its[0] == '/' && its[1])
        snprintf(g->folder + g->top, sizeof g->folder - g->top, "%s", its);
    return *its == '/';
}

/* The group around it. False: it is the topmost. */
static bool go_out(struct group *g)
{
    bool is_top = strlen(g->folder) <= g->top;
    if (!is_top)
        *strrchr(g->folder, '/') = '\0';
    return !is_top;
}

/* The file that a limit stands in; one of time with the period for which it holds, a file of its own in version 1. */
struct group_limit {
    const char *controller, *file, *first_file, *first_period;
};
#define NO_LIMIT ((uint64_t)INT64_MAX / 2) /* version 1 writes a number as large as that; or -1, or "max" */

/* Of time: thousandths of a core. */
static uint64_t limit_of(const struct group *g, const struct group_limit *l)
{
    char text[64], *end;
    if (read_file(g->folder, g->first ? l->first_file : l->file, text, sizeof text) < 0 || text[0] < '0' ||
        text[0] > '9')
        return NO_LIMIT;
    uint64_t limit = strtoull(text, &end, 10);
    if (!l->first_period)
        return limit;
    if (g->first && read_file(g->folder, l->first_period, text, sizeof text) == 0)
        end = text;
    uint64_t period = strtoull(end, NULL, 10);
    return period ? limit * 1000 / period : NO_LIMIT;
}

static json_t *smallest_limit(const char *root, const char *text, const struct group_limit *l)
{
    struct group g;
    uint64_t smallest = NO_LIMIT;
    if (!find_group(text, root, l->controller, &g))
        return NULL;
    do {
        uint64_t limit = limit_of(&g, l);
        smallest = limit < smallest ? limit : smallest;
    } while (go_out(&g));
    return smallest == NO_LIMIT ? json_string("unlimited") : json_integer((json_int_t)smallest);
}

/* The number behind the name, in a line of its own. */
static bool read_number(const char *text, const char *name, uint64_t *value)
{
    const char *at = strstr(text, name);
    return at && sscanf(at + strlen(name), " %" SCNu64, value) == 1;
}

bool machine_throttled(const char *root, uint64_t *periods, uint64_t *us)
{
    char text[8192];
    struct group g;
    bool known = false;
    uint64_t times, time;
    *periods = *us = 0;
    if (read_file(root, "/proc/self/cgroup", text, sizeof text) < 0 || !find_group(text, root, "cpu", &g))
        return false;
    do {
        if (read_file(g.folder, "/cpu.stat", text, sizeof text) < 0 || !read_number(text, "nr_throttled", &times) ||
            !read_number(text, g.first ? "throttled_time" : "throttled_usec", &time))
            continue;
        *periods += times;
        *us += g.first ? time / 1000 : time;
        known = true;
    } while (go_out(&g));
    return known;
}

/* --- the table --- */

static const struct fact {
    const char *name, *path;
    json_t *(*parse)(const char *text);
    const struct group_limit *limit; /* neither: all of the text is the fact */
} table[] = {
    {"cpu", "/proc/cpuinfo", model, NULL},
    {"hypervisor", "/proc/cpuinfo", hypervisor, NULL},
    {"governor", CPU "cpu0/cpufreq/scaling_governor", NULL, NULL},
    {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL, NULL},
    {"transparent_hugepages", "/sys/kernel/mm/transparent_hugepage/enabled", chosen, NULL},
    {"smt", CPU "smt/control", NULL, NULL},
    {"address_space_randomization", "/proc/sys/kernel/randomize_va_space", NULL, NULL},
    {"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid", NULL, NULL},
    {"group_cpu_milli", "/proc/self/cgroup", NULL,
     &(struct group_limit){"cpu", "/cpu.max", "/cpu.cfs_quota_us", "/cpu.cfs_period_us"}},
    {"group_memory_bytes", "/proc/self/cgroup", NULL,
     &(struct group_limit){"memory", "/memory.max", "/memory.limit_in_bytes", NULL}},
};

/* --- facts that a folder tells --- */

static bool read_cache(const char *root, unsigned i, const char *what, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, CPU "cpu0/cache/index%u/%s", i, what);
    return read_file(root, path, text, size) == 0;
}

/* {"L1d": "32K", ...} of the first processor. */
static json_t *caches(const char *root)
{
    char level[16], type[32], size[32], name[32];
    json_t *all = json_object();
    for (unsigned i = 0; read_cache(root, i, "level", level, sizeof level); i++) {
        if (!read_cache(root, i, "type", type, sizeof type) || !read_cache(root, i, "size", size, sizeof size))
            continue;
        snprintf(name, sizeof name, "L%s%s", level,
                 strcmp(type, "Data") == 0          ? "d"
                 : strcmp(type, "Instruction") == 0 ? "i"
                                                    : "");
        json_object_set_new(all, name, json_string(size));
    }
    return all;
}

/* {"meltdown": "Not affected", ...}: system calls are as dear as these make them. */
static json_t *mitigations(const char *root)
{
    char text[512], pattern[PATH_MAX];
    json_t *all = json_object();
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s" CPU "vulnerabilities/*", root);
    if (glob(pattern, 0, NULL, &files) != 0)
        return all;
    for (size_t i = 0; i < files.gl_pathc; i++)
        if (read_file("", files.gl_pathv[i], text, sizeof text) == 0)
            json_object_set_new(all, strrchr(files.gl_pathv[i], '/') + 1, json_string(text));
    globfree(&files);
    return all;
}

/* --- all of them --- */

static void set_fact(json_t *facts, json_t *missing, const char *name, const char *path, json_t *value, const char *why)
{
    if (!value)
        json_object_set_new(missing, name, json_sprintf("%s: %s", path, why));
    json_object_set_new(facts, name, value ? value : json_null());
}

static void set_folder(json_t *facts, json_t *missing, const char *name, const char *path, json_t *all)
{
    bool some = json_object_size(all) > 0;
    set_fact(facts, missing, name, path, some ? json_incref(all) : NULL, "nothing to read");
    json_decref(all);
}

unsigned machine_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

json_t *machine_facts(const char *root, json_t *missing)
{
    struct utsname name = {.sysname = ""};
    long page = sysconf(_SC_PAGESIZE);
    uname(&name);
    json_t *facts = json_pack("{s:I, s:I, s:I, s:I, s:o}", "cores_online", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN),
                              "cores_allowed", (json_int_t)machine_cores(), "page_size", (json_int_t)page,
                              "memory_bytes", (json_int_t)page * sysconf(_SC_PHYS_PAGES), "kernel",
                              json_sprintf("%s %s %s", name.sysname, name.release, name.machine));
    for (const struct fact *f = table; f < table + sizeof table / sizeof table[0]; f++) {
        char text[8192];
        int rc = read_file(root, f->path, text, sizeof text);
        json_t *value = rc         ? NULL
                        : f->limit ? smallest_limit(root, text, f->limit)
                        : f->parse ? f->parse(text)
                                   : json_string(text);
        set_fact(facts, missing, f->name, f->path, value, rc ? strerror(-rc) : "not as expected");
    }
    set_folder(facts, missing, "caches", CPU "cpu0/cache", caches(root));
    set_folder(facts, missing, "mitigations", CPU "vulnerabilities", mitigations(root));
    return facts;
}

/* --- where files are --- */

const char *machine_file_system(const char *path, char *buf, size_t size)
{
    static const struct {
        unsigned long magic;
        const char *name;
    } known[] = {
        {0xEF53, "ext4"},        {0x58465342, "xfs"},  {0x9123683E, "btrfs"}, {0x01021994, "tmpfs"},
        {0x794C7630, "overlay"}, {0x2FC12FC1, "zfs"},  {0xF2F52010, "f2fs"},  {0x6969, "nfs"},
        {0x65735546, "fuse"},    {0xFF534D42, "cifs"}, {0x01021997, "9p"},
    };
    struct statfs st;
    if (statfs(path, &st) < 0)
        return NULL;
    unsigned long magic = (unsigned long)st.f_type & 0xFFFFFFFFul;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].magic == magic)
            return known[i].name;
    snprintf(buf, size, "0x%lx", magic);
    return buf;
}

/* --- conditions --- */

static json_t *count(bool known, uint64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static uint64_t cpu_ns(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return clock_timeval_ns(u.ru_utime) + clock_timeval_ns(u.ru_stime);
}

json_t *machine_conditions(const char *root)
{
    char text[1024];
    unsigned long long t[8] = {0}, all = 0, waited = 0;
    double load = 0;
    /* "cpu  user nice system idle iowait irq softirq steal guest guest_nice"; guest time is within user time. */
    bool ticks = read_file(root, "/proc/stat", text, sizeof text) == 0 &&
                 sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5],
                        &t[6], &t[7]) == 8;
    for (size_t i = 0; ticks && i < 8; i++)
        all += t[i];
    /* How long something waited so far: "some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS". */
    bool pressure = read_file(root, "/proc/pressure/cpu", text, sizeof text) == 0 &&
                    sscanf(text, "some avg10=%*f avg60=%*f avg300=%*f total=%llu", &waited) == 1;
    bool loads = getloadavg(&load, 1) == 1;
    uint64_t periods, throttled_us;
    bool group = machine_throttled(root, &periods, &throttled_us);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "unix_ms",
                     count(true, clock_read_ns(CLOCK_REALTIME) / 1000000), "load_milli",
                     count(loads, (uint64_t)(load * 1000)), "ticks", count(ticks, all), "idle_ticks",
                     count(ticks, t[3] + t[4]), "steal_ticks", count(ticks, t[7]), "cpu_pressure_us",
                     count(pressure, waited), "throttled_periods", count(group, periods), "throttled_us",
                     count(group, throttled_us), "ticks_per_second", count(true, (uint64_t)sysconf(_SC_CLK_TCK)),
                     "own_ns", count(true, cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN)));
}

/* --- this program --- */

static json_t *libraries(void)
{
    const char *smartcols = "", *pfm = counters_pfm_version();
    char xxhash[32];
    scols_get_library_version(&smartcols);
    snprintf(xxhash, sizeof xxhash, "%d.%d.%d", XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "libc", gnu_get_libc_version(), "zstd", ZSTD_versionString(),
                     "jansson", JANSSON_VERSION, "libsmartcols", smartcols, "xxhash", xxhash, "libpfm4",
                     pfm ? pfm : "not built in");
}

json_t *machine_build(void)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "version", DBNBENCH_VERSION, "compiler", COMPILER, "flags",
                     DBNBENCH_CFLAGS, "libraries", libraries());
}
