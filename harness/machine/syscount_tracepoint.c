/* Counting by the kernel: a perf event for every call, and one for each of the calls that matter, on the
 * tracepoints at their entry. Threads inherit them. The process counts for itself and is never stopped.
 *
 * The numbers of tracepoints stand in tracefs, which only root may read. If it is not mounted, it stays so: that
 * is for who runs the machine to decide. */
#include "syscount.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const folders[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

/* 0 or -errno. */
static int read_id(const char *path, uint64_t *id)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    int rc = n < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    *id = strtoull(text, NULL, 10);
    return rc == 0 && *id == 0 ? -EINVAL : rc;
}

/* The kernel calls what fstat does newfstat, and some others likewise. */
static bool find_call(const char *folder, const char *name, uint64_t *id)
{
    char path[160];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/events/syscalls/sys_enter_%s%s/id", folder, i ? "new" : "", name);
        if (read_id(path, id) == 0)
            return true;
    }
    return false;
}

static const char *find_every_call(uint64_t *id, char *why)
{
    char path[160];
    int rc = 0;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/events/raw_syscalls/sys_enter/id", folders[i]);
        rc = read_id(path, id);
        if (rc == 0)
            return folders[i];
        if (i == 0 || rc != -ENOENT)
            snprintf(why, SYSCOUNT_WHY, "%s: %s%s", path, strerror(-rc),
                     rc == -ENOENT ? " (tracefs is not mounted)" : "");
    }
    return NULL;
}

/* On this process; they count once it says so by syscount_begin(). */
static int open_event(uint64_t id)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .config = id, .disabled = 1, .inherit = 1};
    long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : (int)fd;
}

static int add_event(struct syscounter *c, uint64_t id, int number)
{
    int fd = c->events < SYSCOUNT_EVENTS ? open_event(id) : -ENOSPC;
    if (fd >= 0)
        c->event[c->events++] = (struct syscount_event){id, number, fd};
    return fd < 0 ? fd : 0;
}

/* The folder has all that is needed if it has that of read; other calls may be newer than the kernel. */
static int add_events(struct syscounter *c, const char *folder, uint64_t every_call)
{
    uint64_t id;
    if (!find_call(folder, "read", &id))
        return -ENOENT;
    int rc = add_event(c, every_call, -1);
    for (const struct syscount_call *call = syscount_calls; call->name && rc == 0; call++)
        if (call->often && find_call(folder, call->name, &id))
            rc = add_event(c, id, call->number);
    return rc;
}

/* These count nothing. But the kernel takes some 40 ms to put away the last event on a tracepoint, and as long
 * as they are there, those of the children are not the last. */
bool syscount_hold_tracepoints(struct syscounter *c, char why[SYSCOUNT_WHY])
{
    uint64_t every_call;
    const char *folder = find_every_call(&every_call, why);
    if (!folder)
        return false;
    int rc = add_events(c, folder, every_call);
    if (rc == 0) {
        why[0] = '\0';
        return true;
    }
    syscount_drop_tracepoints(c);
    snprintf(why, SYSCOUNT_WHY, "%s: %s%s", rc == -ENOENT ? "no tracepoint for read" : "perf_event_open", strerror(-rc),
             rc == -EACCES ? " (/proc/sys/kernel/perf_event_paranoid decides)" : "");
    return false;
}

void syscount_drop_tracepoints(struct syscounter *c)
{
    while (c->events > 0)
        close(c->event[--c->events].fd);
}

static bool read_events(const struct syscounter *c, const int *fd, struct syscount *count, char *why)
{
    for (size_t i = 0; i < c->events; i++) {
        uint64_t *to = c->event[i].number < 0 ? &count->total : &count->calls[c->event[i].number];
        if (read(fd[i], to, sizeof *to) != sizeof *to) {
            snprintf(why, SYSCOUNT_WHY, "perf event: %s", strerror(errno));
            return false;
        }
    }
    count->total--; /* the call by which the work ended it, still seen at its entry */
    return true;
}

bool syscount_by_tracepoints(const struct syscounter *c, void (*work)(void *arg, void *result), void *arg, void *result,
                             struct syscount *count, char why[SYSCOUNT_WHY])
{
    int fd[SYSCOUNT_EVENTS];
    for (size_t i = 0; i < c->events; i++) {
        fd[i] = open_event(c->event[i].id);
        if (fd[i] < 0) {
            snprintf(why, SYSCOUNT_WHY, "perf_event_open: %s", strerror(-fd[i]));
            return false;
        }
    }
    work(arg, result);
    return read_events(c, fd, count, why); /* the process ends next, and the events with it */
}
