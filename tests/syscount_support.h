/* Shared by the tests of counting system calls. */
#ifndef TESTS_SYSCOUNT_SUPPORT_H
#define TESTS_SYSCOUNT_SUPPORT_H

#include "../harness/machine/syscount.h"
#include "test.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

/* Root can have tracefs for this process alone, whatever the machine's owner thinks of it. */
static inline void mount_tracefs(void)
{
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
}

static inline void open_counter(struct syscounter *c, enum syscount_method method)
{
    if (method == SYSCOUNT_TRACEPOINT)
        mount_tracefs();
    syscount_open(c, method);
    if (c->method != method)
        SKIP("%s", c->why[method]);
}

#endif
