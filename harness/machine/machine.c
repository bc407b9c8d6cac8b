/* From /proc, /sys and system calls. Nothing here may fail a run: what cannot be had is null. */
#include "machine_facts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifndef DBNBENCH_CFLAGS
#define DBNBENCH_CFLAGS ""
#endif

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

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

void machine_set_missing(json_t *facts, json_t *missing, const char *name, const char *path, const char *why)
{
    json_object_set_new(facts, name, json_null());
    json_object_set_new(missing, name, json_sprintf("%s: %s", path, why));
}

void machine_set_file(json_t *facts, json_t *missing, const char *name, const char *path)
{
    char text[1024];
    int rc = machine_read(path, text, sizeof text);
    if (rc)
        machine_set_missing(facts, missing, name, path, strerror(-rc));
    else
        json_object_set_new(facts, name, json_string(text));
}

/* The word in brackets, as in "always [madvise] never". */
static void set_chosen(json_t *facts, json_t *missing, const char *name, const char *path)
{
    char text[256];
    int rc = machine_read(path, text, sizeof text);
    char *open = rc ? NULL : strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    if (close)
        json_object_set_new(facts, name, json_stringn(open + 1, (size_t)(close - open - 1)));
    else
        machine_set_missing(facts, missing, name, path, rc ? strerror(-rc) : "no word in brackets");
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

static void set_cpu(json_t *facts, json_t *missing)
{
    static const char path[] = "/proc/cpuinfo";
    char text[8192];
    int rc = machine_read(path, text, sizeof text);
    char *model = rc ? NULL : cpuinfo_value(text, "model name"), *flags = rc ? NULL : cpuinfo_value(text, "\nflags");
    if (model)
        json_object_set_new(facts, "cpu", json_string(model));
    else
        machine_set_missing(facts, missing, "cpu", path, rc ? strerror(-rc) : "no model name");
    if (flags)
        json_object_set_new(facts, "hypervisor", json_boolean(strstr(flags, " hypervisor") != NULL));
    else
        machine_set_missing(facts, missing, "hypervisor", path, rc ? strerror(-rc) : "no flags");
    free(flags);
    free(model);
}

json_t *machine_facts(json_t *missing)
{
    static const char cpu0[] = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    static const char clock0[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    json_t *facts = json_object();
    struct utsname name;
    set_cpu(facts, missing);
    json_object_set_new(facts, "cores_online", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(facts, "page_size", json_integer(sysconf(_SC_PAGESIZE)));
    json_object_set_new(facts, "memory_bytes",
                        json_integer((json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
    if (uname(&name) == 0)
        json_object_set_new(facts, "kernel", json_sprintf("%s %s %s", name.sysname, name.release, name.machine));
    machine_set_file(facts, missing, "governor", cpu0);
    machine_set_file(facts, missing, "clocksource", clock0);
    set_chosen(facts, missing, "transparent_hugepages", "/sys/kernel/mm/transparent_hugepage/enabled");
    machine_set_cpu(facts, missing);
    machine_set_limits(facts, missing);
    return facts;
}

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

/* /proc/stat begins "cpu  user nice system idle iowait irq softirq steal guest guest_nice"; guest time is
 * within user time already. */
static void set_ticks(json_t *o)
{
    char text[1024];
    unsigned long long t[8], all = 0;
    bool known = machine_read("/proc/stat", text, sizeof text) == 0 &&
                 sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5],
                        &t[6], &t[7]) == 8;
    for (size_t i = 0; known && i < 8; i++)
        all += t[i];
    json_object_set_new(o, "ticks", known ? json_integer((json_int_t)all) : json_null());
    json_object_set_new(o, "idle_ticks", known ? json_integer((json_int_t)(t[3] + t[4])) : json_null());
    json_object_set_new(o, "steal_ticks", known ? json_integer((json_int_t)t[7]) : json_null());
}

/* How long something waited so far: "some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS". */
static void set_pressure(json_t *o, const char *name, const char *path)
{
    char text[256];
    char *total = machine_read(path, text, sizeof text) == 0 ? strstr(text, "total=") : NULL;
    json_object_set_new(o, name, total ? json_integer((json_int_t)strtoull(total + 6, NULL, 10)) : json_null());
}

static json_int_t cpu_ns(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return ((json_int_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
           ((json_int_t)u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

json_t *machine_conditions(void)
{
    json_t *o = json_object();
    struct timespec now;
    double load;
    clock_gettime(CLOCK_REALTIME, &now);
    json_object_set_new(o, "unix_ms", json_integer((json_int_t)now.tv_sec * 1000 + now.tv_nsec / 1000000));
    bool known = getloadavg(&load, 1) == 1;
    json_object_set_new(o, "load_milli", known ? json_integer((json_int_t)(load * 1000)) : json_null());
    set_ticks(o);
    set_pressure(o, "cpu_pressure_us", "/proc/pressure/cpu");
    set_pressure(o, "io_pressure_us", "/proc/pressure/io");
    set_pressure(o, "memory_pressure_us", "/proc/pressure/memory");
    json_object_set_new(o, "ticks_per_second", json_integer(sysconf(_SC_CLK_TCK)));
    json_object_set_new(o, "own_ns", json_integer(cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN)));
    return o;
}

json_t *machine_build(void)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "version", DBNBENCH_VERSION, "compiler", COMPILER, "flags",
                     DBNBENCH_CFLAGS, "libraries", machine_libraries());
}
