/* Guards what is read of CPU quotas: in both versions of control groups, in all groups around the process, and that
 * nothing is not zero. */
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
enum { FILES = 5 };

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

TEST(throttled)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char root[] = "/tmp/dbnbench-groups-XXXXXX";
        uint64_t periods = 1, us = 1;
        CHECK(mkdtemp(root));
        for (const struct file *f = rows[i].files; f->path; f++)
            put(root, f);
        bool known = machine_throttled(root, &periods, &us);
        for (const struct file *f = rows[i].files; f->path; f++)
            remove_all(root, f);
        CHECK_FOR(known == rows[i].known && periods == rows[i].periods && us == rows[i].us,
                  "%s: %d, %llu periods, %llu us", rows[i].what, known, (unsigned long long)periods,
                  (unsigned long long)us);
    }
}

TESTS(CASE(throttled));
