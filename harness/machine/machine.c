/* How the machine fares, where files are, and what this program is. */
#include "machine.h"

#include "../results/store.h"
#include "counters.h"
#include "machine_facts.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <libsmartcols.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

struct reading machine_read_ahead(const char *path, char *why, size_t size)
{
    char file[128], text[32];
    struct stat st;
    if (stat(path, &st) < 0) {
        snprintf(why, size, "%s", strerror(errno));
        return (struct reading){0};
    }
    snprintf(file, sizeof file, "/sys/class/bdi/%u:%u/read_ahead_kb", major(st.st_dev), minor(st.st_dev));
    int rc = machine_read(file, text, sizeof text);
    if (rc < 0) {
        snprintf(why, size, "%s: %s", file, strerror(-rc));
        return (struct reading){0};
    }
    return (struct reading){READING_EXACT, strtoull(text, NULL, 10) * 1024};
}

json_t *machine_folder(const char *path, json_t *missing)
{
    char buf[32], why[256] = "";
    char *name = strdup(path);
    const char *file_system = machine_file_system(path, buf, sizeof buf);
    struct reading ahead = machine_read_ahead(path, why, sizeof why);
    bool known = ahead.state != READING_UNSUPPORTED;
    sample_clean_text(name);
    json_t *o = json_pack("{s:s, s:s?, s:o}", "path", name, "file_system", file_system, "read_ahead_bytes",
                          known ? json_integer((json_int_t)ahead.value) : json_null());
    if (!file_system)
        json_object_set_new(missing, "file_system", json_string("statfs fails"));
    if (!known)
        json_object_set_new(missing, "read_ahead_bytes", json_string(why));
    free(name);
    return o;
}

/* --- conditions --- */

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
