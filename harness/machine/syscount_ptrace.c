/* Counting by a tracer: this process stops another one at every system call, in all its threads, and looks
 * which call it is. It needs no rights beyond those over one's own children, and nothing escapes it; but a call
 * takes 5 to 10 us. */
#include "syscount.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
              PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC,
    CALL_STOP = SIGTRAP | 0x80, /* by PTRACE_O_TRACESYSGOOD */
};

struct tracer {
    struct syscount *count;
    bool counting, ended;
    char *why;
};

static bool failed(struct tracer *t, const char *what)
{
    snprintf(t->why, SYSCOUNT_WHY, "%s: %s", what, strerror(errno));
    return false;
}

/* A thread stands at the begin or the end of a call. */
static bool look(struct tracer *t, pid_t thread)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0)
        return errno == ESRCH || failed(t, "PTRACE_GET_SYSCALL_INFO"); /* ESRCH: it is being killed */
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return true;
    int number = info.entry.nr < INT32_MAX ? (int)info.entry.nr : -1;
    if (syscount_is_mark(number, info.entry.args[0], &t->counting)) {
        t->ended = !t->counting;
    } else if (t->counting) {
        t->count->total++;
        if (number >= 0 && number < SYSCOUNT_NUMBERS)
            t->count->calls[number]++;
    }
    return true;
}

/* From stop to stop until the process is gone; *status is how it ended. */
static bool trace(struct tracer *t, pid_t process, int *status)
{
    for (;;) {
        pid_t thread = waitpid(-1, status, __WALL);
        if (thread < 0 && errno == EINTR)
            continue;
        if (thread < 0)
            return failed(t, "waitpid");
        if (!WIFSTOPPED(*status)) {
            if (thread == process)
                return true;
            continue;
        }
        int signal = WSTOPSIG(*status), event = *status >> 16;
        if (signal == CALL_STOP && !look(t, thread))
            return false;
        t->ended |= event == PTRACE_EVENT_EXEC; /* another program, whose end is that of the work */
        if (signal == CALL_STOP || event)
            signal = 0; /* anything else was on its way to the thread, and is passed on */
        if (ptrace(PTRACE_SYSCALL, thread, NULL, signal) < 0 && errno != ESRCH)
            return failed(t, "PTRACE_SYSCALL");
    }
}

/* Ends as the tracee did, so that the parent of this process learns of it. */
static void end_like(int status)
{
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        _exit(1);
}

/* The tracee waits for a byte, and leaves if there is none. It is interrupted before that comes, so every call
 * that it makes from then on is seen. */
static bool seize(struct tracer *t, pid_t process, int go)
{
    if (ptrace(PTRACE_SEIZE, process, NULL, OPTIONS) < 0)
        return failed(t, "PTRACE_SEIZE");
    if (ptrace(PTRACE_INTERRUPT, process, NULL, NULL) < 0)
        return failed(t, "PTRACE_INTERRUPT");
    return write(go, "", 1) == 1 || failed(t, "write");
}

bool syscount_by_ptrace(void (*work)(void *arg, void *result), void *arg, void *result, struct syscount *count,
                        char why[SYSCOUNT_WHY])
{
    struct tracer t = {.count = count, .why = why};
    int go[2], status;
    char byte;
    if (pipe(go) < 0)
        return failed(&t, "pipe");
    pid_t process = fork();
    if (process < 0)
        return failed(&t, "fork");
    if (process == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) != 1)
            _exit(1);
        close(go[0]);
        work(arg, result);
        _exit(0);
    }
    if (!seize(&t, process, go[1]) || !trace(&t, process, &status))
        return false; /* this process ends next, and its tracee with it */
    end_like(status);
    if (!t.ended)
        snprintf(why, SYSCOUNT_WHY, "the end of the work was not seen");
    return t.ended;
}
