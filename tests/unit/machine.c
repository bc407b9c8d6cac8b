/* Guards what is read of the machine, each fact and figure in its place: limits and CPU quotas in both versions of
 * control groups and in all groups around the process, and that nothing is not zero. */
#include "../../harness/machine/machine.h"
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file and what stands in it, with the folders it lies in. */
struct file {
    const char *path, *text;
};
enum { FILES = 24 };

static const struct {
    const char *what;
    struct file files[FILES];
    bool known;
    uint64_t periods, us;
} rows[] = {
    {"version 2: a group in a group with a quota",
     {{"/proc/self/cgroup", "0::/pod/box\n"},
      {"/sys/fs/cgroup/pod/box/cpu.stat", "usage_usec 9\nnr_periods 7\nnr_throttled 3\nthrottled_usec 5000\n"},
      {"/sys/fs/cgroup/pod/cpu.stat", "usage_usec 9\nnr_periods 9\nnr_throttled 4\nthrottled_usec 70000\n"},
      {"/sys/fs/cgroup/cpu.stat", "usage_usec 99\nuser_usec 90\nsystem_usec 9\n"}},
     true,
     7,
     75000},
    {"version 2, in a container",
     {{"/proc/self/cgroup", "0::/"},
      {"/sys/fs/cgroup/cpu.stat", "usage_usec 9\nnr_periods 7\nnr_throttled 3\nthrottled_usec 5000\nnr_bursts 0\n"}},
     true,
     3,
     5000},
    {"version 1",
     {{"/proc/self/cgroup", "11:memory:/other\n4:cpu,cpuacct:/box\n3:cpuset:/else\n0::/init\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.stat", "nr_periods 44\nnr_throttled 40\nthrottled_time 3880191278\n"},
      {"/sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n"},
      {"/sys/fs/cgroup/init/cpu.stat", "nr_throttled 1\nthrottled_usec 1\n"}},
     true,
     40,
     3880191},
    {"version 1, in a container, by a path of the host",
     {{"/proc/self/cgroup", "4:cpuset:/docker/ab\n2:cpuacct,cpu:/docker/ab\n"},
      {"/sys/fs/cgroup/cpu/cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 1999\n"}},
     true,
     2,
     1},
    {"no quota is possible in the topmost group",
     {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.stat", "usage_usec 99\nuser_usec 90\nsystem_usec 9\n"}},
     false,
     0,
     0},
    {"no cpu controller", {{"/proc/self/cgroup", "4:memory:/box\n1:name=systemd:/\n"}}, false, 0, 0},
    {"no groups", {{"/proc/self/cgroup", ""}}, false, 0, 0},
    {"nothing", {{"/proc/other", ""}}, false, 0, 0},
};

static void put(const char *root, const struct file *f)
{
    char path[256];
    snprintf(path, sizeof path, "%s%s", root, f->path);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *to = fopen(path, "w");
    CHECK(to && fputs(f->text, to) >= 0 && fclose(to) == 0);
}

static void remove_all(const char *root, const struct file *f)
{
    char path[256];
    snprintf(path, sizeof path, "%s%s", root, f->path);
    unlink(path);
    while (strlen(path) > strlen(root)) {
        *strrchr(path, '/') = '\0';
        rmdir(path); /* the last file of a folder takes it along */
    }
}

static void make_root(char *root, const struct file *files)
{
    CHECK(mkdtemp(root));
    for (const struct file *f = files; f->path; f++)
        put(root, f);
}

static void remove_root(const char *root, const struct file *files)
{
    for (const struct file *f = files; f->path; f++)
        remove_all(root, f);
}

TEST(throttled)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char root[] = "/tmp/dbnbench-machine-XXXXXX";
        uint64_t periods = 1, us = 1;
        make_root(root, rows[i].files);
        bool known = machine_throttled(root, &periods, &us);
        remove_root(root, rows[i].files);
        CHECK_FOR(known == rows[i].known && periods == rows[i].periods && us == rows[i].us,
                  "%s: %d, %llu periods, %llu us", rows[i].what, known, (unsigned long long)periods,
                  (unsigned long long)us);
    }
}

#define CPU "/sys/devices/system/cpu/"
#define CACHE CPU "cpu0/cache/index"
/* A large machine, as a container in version 2 sees it. */
static const struct file large[FILES] = {
    {"/proc/cpuinfo",
     "processor\t: 0\nmodel name\t: A Model @ 3.0GHz\nflags\t\t: fpu hypervisor sse\nmodel name\t: Other\n"},
    {CPU "cpu0/cpufreq/scaling_governor", "performance\n"},
    {"/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"},
    {"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
    {CPU "smt/control", "on\n"},
    {"/proc/sys/kernel/randomize_va_space", "2\n"},
    {"/proc/sys/kernel/perf_event_paranoid", "-1\n"},
    {"/proc/self/cgroup", "0::/pod/box\n"},
    {"/sys/fs/cgroup/pod/box/cpu.max", "max 100000\n"},
    {"/sys/fs/cgroup/pod/cpu.max", "150000 100000\n"},
    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"},
    {"/sys/fs/cgroup/pod/box/memory.max", "1073741824\n"},
    {"/sys/fs/cgroup/pod/memory.max", "max\n"},
    {CACHE "0/level", "1\n"},
    {CACHE "0/type", "Data\n"},
    {CACHE "0/size", "32K\n"},
    {CACHE "1/level", "1\n"},
    {CACHE "1/type", "Instruction\n"},
    {CACHE "1/size", "64K\n"},
    {CACHE "2/level", "2\n"},
    {CACHE "2/type", "Unified\n"},
    {CACHE "2/size", "1024K\n"},
    {CPU "vulnerabilities/meltdown", "Not affected\n"},
};
/* A small one, in version 1; what other files there are says nothing. */
static const struct file small[FILES] = {
    {"/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.00\n"},
    {"/sys/kernel/mm/transparent_hugepage/enabled", "always\n"},
    {"/proc/self/cgroup", "2:cpu,cpuacct:/box\n3:memory:/box\n"},
    {"/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "25000\n"},
    {"/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "50000\n"},
    {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
    {"/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n"},
    {CACHE "0/level", "1\n"},
    {CACHE "0/type", "Data\n"},
    {CACHE "1/level", "2\n"},
    {CACHE "1/type", "Unified\n"},
    {CACHE "1/size", "256K\n"},
};

/* What files tell of a machine, and the reasons for what they do not. */
static void check_facts(const struct file *files, const char *expected, const char *why)
{
    static const char *const own[] = {"cores_online", "cores_allowed", "page_size", "memory_bytes", "kernel"};
    char root[] = "/tmp/dbnbench-machine-XXXXXX";
    json_t *missing = json_object();
    make_root(root, files);
    json_t *facts = machine_facts(root, missing);
    remove_root(root, files);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        CHECK(json_object_del(facts, own[i]) == 0);
    char *text = json_dumps(facts, JSON_COMPACT), *reasons = json_dumps(missing, JSON_COMPACT);
    CHECK_STR(text, expected);
    CHECK_STR(reasons, why);
    free(text);
    free(reasons);
    json_decref(facts);
    json_decref(missing);
}

TEST(facts)
{
    check_facts(
        large,
        "{\"cpu\":\"A Model @ 3.0GHz\",\"hypervisor\":true,\"governor\":\"performance\",\"clocksource\":\"tsc\","
        "\"transparent_hugepages\":\"madvise\",\"smt\":\"on\",\"address_space_randomization\":\"2\","
        "\"perf_event_paranoid\":\"-1\",\"group_cpu_milli\":1500,\"group_memory_bytes\":1073741824,"
        "\"caches\":{\"L1d\":\"32K\",\"L1i\":\"64K\",\"L2\":\"1024K\"},"
        "\"mitigations\":{\"meltdown\":\"Not affected\"}}",
        "{}");
    check_facts(small,
                "{\"cpu\":null,\"hypervisor\":false,\"governor\":null,\"clocksource\":null,"
                "\"transparent_hugepages\":null,\"smt\":null,\"address_space_randomization\":null,"
                "\"perf_event_paranoid\":null,\"group_cpu_milli\":500,\"group_memory_bytes\":\"unlimited\","
                "\"caches\":{\"L2\":\"256K\"},\"mitigations\":null}",
                "{\"cpu\":\"/proc/cpuinfo: not as expected\","
                "\"governor\":\"" CPU "cpu0/cpufreq/scaling_governor: No such file or directory\","
                "\"clocksource\":\"/sys/devices/system/clocksource/clocksource0/current_clocksource: "
                "No such file or directory\","
                "\"transparent_hugepages\":\"/sys/kernel/mm/transparent_hugepage/enabled: not as expected\","
                "\"smt\":\"" CPU "smt/control: No such file or directory\","
                "\"address_space_randomization\":\"/proc/sys/kernel/randomize_va_space: No such file or directory\","
                "\"perf_event_paranoid\":\"/proc/sys/kernel/perf_event_paranoid: No such file or directory\","
                "\"mitigations\":\"" CPU "vulnerabilities: nothing to read\"}");
}

static void check_conditions(const struct file *files, const char *expected)
{
    static const char *const own[] = {"unix_ms", "load_milli", "ticks_per_second", "own_ns"};
    char root[] = "/tmp/dbnbench-machine-XXXXXX";
    make_root(root, files);
    json_t *now = machine_conditions(root);
    remove_root(root, files);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        CHECK_FOR(json_is_integer(json_object_get(now, own[i])), "%s", own[i]);
        json_object_del(now, own[i]);
    }
    char *text = json_dumps(now, JSON_COMPACT);
    CHECK_STR(text, expected);
    free(text);
    json_decref(now);
}

TEST(conditions)
{
    check_conditions(
        (const struct file[]){{"/proc/stat", "cpu  1 20 300 4000 50000 600000 7000000 80000000 9 9\ncpu0 1\n"},
                              {"/proc/pressure/cpu", "some avg10=1.50 avg60=2.00 avg300=0.25 total=1234\n"},
                              {"/proc/self/cgroup", "0::/\n"},
                              {"/sys/fs/cgroup/cpu.stat", "nr_throttled 3\nthrottled_usec 5000\n"},
                              {0}},
        "{\"ticks\":87654321,\"idle_ticks\":54000,\"steal_ticks\":80000000,\"cpu_pressure_us\":1234,"
        "\"throttled_periods\":3,\"throttled_us\":5000}");
    check_conditions(
        (const struct file[]){{"/proc/stat", "cpu  1 20 300 4000\n"}, {"/proc/pressure/cpu", "off\n"}, {0}},
        "{\"ticks\":null,\"idle_ticks\":null,\"steal_ticks\":null,\"cpu_pressure_us\":null,"
        "\"throttled_periods\":null,\"throttled_us\":null}");
}

TESTS(CASE(throttled), CASE(facts), CASE(conditions));
