#include "family.h"

#include "clock.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- /proc/PID --- */

enum { FILE_SIZE = 4096 };

static bool read_file(pid_t pid, const char *name, char text[FILE_SIZE])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, FILE_SIZE - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

struct stat_line {
    pid_t parent;
    uint64_t minor_faults, of_others, major_faults, started;
};

/* Its second field is a name, which holds what it likes. */
static bool read_stat(pid_t pid, struct stat_line *s)
{
    char text[FILE_SIZE];
    const char *at = read_file(pid, "stat", text) ? strrchr(text, ')') : NULL;
    return at && sscanf(at,
                        ") %*c %d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64 " %" SCNu64
                        " %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
                        &s->parent, &s->minor_faults, &s->of_others, &s->major_faults, &s->started) == 5;
}

static struct reading value_of(const char *text, const char *key)
{
    uint64_t value;
    const char *at = strstr(text, key);
    if (!at || sscanf(at + strlen(key), "%" SCNu64, &value) != 1)
        return (struct reading){0};
    return (struct reading){READING_EXACT, value};
}

/* --- who is there --- */

/* Up to `most`: how many. */
static size_t find_children(pid_t parent, pid_t *pids, size_t most)
{
    DIR *proc = opendir("/proc");
    size_t n = 0;
    for (struct dirent *e; proc && n < most && (e = readdir(proc)) != NULL;) {
        struct stat_line s;
        pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
        if (pid > 0 && read_stat(pid, &s) && s.parent == parent)
            pids[n++] = pid;
    }
    if (proc)
        closedir(proc);
    return n;
}

void family_find(pid_t root, struct family *f)
{
    pid_t pid[FAMILY_MAX + 1] = {root};
    size_t n = 1;
    for (size_t i = 0; i < n && n <= FAMILY_MAX; i++)
        n += find_children(pid[i], pid + n, FAMILY_MAX + 1 - n);
    f->count = 0;
    for (size_t i = 0; i < n && n <= FAMILY_MAX; i++) {
        struct stat_line s;
        if (!read_stat(pid[i], &s))
            return;
        f->member[i] = (struct family_member){pid[i], s.started, s.of_others};
    }
    if (n <= FAMILY_MAX)
        f->count = n;
}

/* Nobody else can reap them, so their ids are theirs. */
bool family_kill_children(void)
{
    enum { AT_ONCE = 256 };
    pid_t children[AT_ONCE], pid;
    for (bool killed = false;; nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL)) {
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            continue;
        if (pid < 0)
            return killed;
        size_t n = find_children(getpid(), children, AT_ONCE);
        for (size_t i = 0; i < n; i++)
            killed |= kill(children[i], SIGKILL) == 0;
    }
}

/* By the order in which /proc lists them, which stays. */
bool family_same(const struct family *before, const struct family *after)
{
    if (before->count == 0 || before->count != after->count)
        return false;
    for (size_t i = 0; i < before->count; i++) {
        const struct family_member *b = &before->member[i], *a = &after->member[i];
        if (b->pid != a->pid || b->started != a->started || b->of_others != a->of_others)
            return false;
    }
    return true;
}

/* --- what they took --- */

static const struct reading nothing = {READING_EXACT, 0};

static void add(struct reading *to, struct reading part)
{
    *to = to->state && part.state ? (struct reading){READING_EXACT, to->value + part.value} : (struct reading){0};
}

struct reading family_cpu_ns(const struct family *f)
{
    struct reading sum = f->count > 0 ? nothing : (struct reading){0};
    for (size_t i = 1; i < f->count; i++) {
        clockid_t clock;
        struct timespec t;
        if (clock_getcpuclockid(f->member[i].pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
            return (struct reading){0};
        sum.value += (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    }
    return sum;
}

void family_count(const struct family *f, struct family_counts *c)
{
    *c = (struct family_counts){0};
    if (f->count > 0)
        *c = (struct family_counts){nothing, nothing, nothing, nothing, nothing};
    for (size_t i = 1; i < f->count; i++) {
        struct stat_line s = {0};
        char text[FILE_SIZE];
        enum reading_state known = read_stat(f->member[i].pid, &s) ? READING_EXACT : READING_UNSUPPORTED;
        add(&c->minor_faults, (struct reading){known, s.minor_faults});
        add(&c->major_faults, (struct reading){known, s.major_faults});
        read_file(f->member[i].pid, "io", text);
        add(&c->syscr, value_of(text, "syscr: "));
        add(&c->disk_bytes, value_of(text, "read_bytes: "));
        struct reading peak =
            read_file(f->member[i].pid, "status", text) ? value_of(text, "VmHWM:") : (struct reading){0};
        peak.value *= 1024;
        add(&c->peak_bytes, peak);
    }
}

struct reading family_grown(struct reading before, struct reading after)
{
    if (!before.state || !after.state || after.value < before.value)
        return (struct reading){0};
    return (struct reading){READING_EXACT, after.value - before.value};
}
