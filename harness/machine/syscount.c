/* A tracer: a process that stops another one at every system call, in all its threads, and looks which call it is. It
 * needs no rights beyond those over one's own children, and nothing escapes it.
 *
 * prctl(PR_TASK_PERF_EVENTS_ENABLE) and its opposite are the marks: without perf events they do nothing. */
#include "syscount.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name;
    int number;
} known_calls[] = {
#define CALL(name) {#name, SYS_##name},
#include "syscall_names.def"
#undef CALL
};

void syscount_begin(void)
{
    prctl(PR_TASK_PERF_EVENTS_ENABLE);
}

void syscount_end(void)
{
    prctl(PR_TASK_PERF_EVENTS_DISABLE);
}

const char *syscount_name(int number)
{
    for (size_t i = 0; i < sizeof known_calls / sizeof known_calls[0]; i++)
        if (known_calls[i].number == number)
            return known_calls[i].name;
    return NULL;
}

uint64_t syscount_reads(const struct syscount *count)
{
    return count->calls[SYS_read] + count->calls[SYS_pread64] + count->calls[SYS_readv] + count->calls[SYS_preadv] +
           count->calls[SYS_preadv2];
}

/* What comes back from the child. */
struct counted {
    struct syscount count;
    bool counted;
    char why[SYSCOUNT_WHY];
};

/* --- the tracer --- */

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
    bool begins = info.entry.args[0] == PR_TASK_PERF_EVENTS_ENABLE;
    if (number == SYS_prctl && (begins || info.entry.args[0] == PR_TASK_PERF_EVENTS_DISABLE)) {
        t->counting = begins;
        t->ended = !begins;
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

struct work {
    void (*run)(void *arg, void *result);
    void *arg, *result; /* which is shared with the tracee */
};

/* In the child, which is the tracer; c->counted if all of it was seen. */
static void trace_work(void *work, void *counted)
{
    const struct work *w = work;
    struct counted *c = counted;
    struct tracer t = {.count = &c->count, .why = c->why};
    int go[2], status;
    char byte;
    pid_t process = pipe(go) < 0 ? -1 : fork();
    if (process < 0)
        failed(&t, "a process to trace");
    if (process == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) != 1)
            _exit(1);
        close(go[0]);
        w->run(w->arg, w->result);
        _exit(0);
    }
    if (process < 0 || !seize(&t, process, go[1]) || !trace(&t, process, &status))
        return; /* this process ends next, and its tracee with it */
    end_like(status);
    c->counted = t.ended;
    if (!t.ended)
        snprintf(t.why, SYSCOUNT_WHY, "the end of the work was not seen");
}

enum child_end syscount_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                            int *detail, struct syscount *count, char why[SYSCOUNT_WHY])
{
    struct counted c = {0};
    struct work w = {work, arg, mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    why[0] = '\0';
    *detail = errno;
    if (w.result == MAP_FAILED)
        return CHILD_LOST;
    enum child_end end = child_run(trace_work, &w, &c, sizeof c, timeout_ms, detail);
    *count = c.count;
    memcpy(result, w.result, size);
    if (end == CHILD_DONE && !c.counted) {
        snprintf(why, SYSCOUNT_WHY, "%s", c.why);
        end = CHILD_LOST;
    }
    munmap(w.result, size);
    return end;
}

enum { TRIAL_MS = 10 * 1000 };

static void no_work(void *arg, void *result)
{
    (void)arg, (void)result;
    syscount_begin();
    syscount_end();
}

bool syscount_try(char why[SYSCOUNT_WHY])
{
    char nothing;
    struct syscount count;
    int detail;
    enum child_end end = syscount_run(no_work, NULL, &nothing, sizeof nothing, TRIAL_MS, &detail, &count, why);
    if (end == CHILD_DONE && count.total == 0)
        return true;
    if (end == CHILD_DONE)
        snprintf(why, SYSCOUNT_WHY, "it sees calls that are not there");
    else if (!*why)
        child_describe(end, detail, TRIAL_MS, why, SYSCOUNT_WHY);
    return false;
}
