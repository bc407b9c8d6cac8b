/* prctl(PR_TASK_PERF_EVENTS_ENABLE), which switches the process's own perf events on, and its opposite are the
 * marks: tracepoints obey them, a tracer sees them, and otherwise they do nothing. So the work is the same
 * however it is counted. */
#include "syscount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

const char *const syscount_methods[] = {"tracepoint", "ptrace", "none"};

const struct syscount_call syscount_calls[] = {
#define CALL(name) {#name, SYS_##name, true},
#define RARE(name) {#name, SYS_##name, false},
#include "syscall_names.def"
#undef CALL
#undef RARE
    {0},
};

void syscount_begin(void)
{
    prctl(PR_TASK_PERF_EVENTS_ENABLE);
}

void syscount_end(void)
{
    prctl(PR_TASK_PERF_EVENTS_DISABLE);
}

bool syscount_is_mark(int number, uint64_t argument, bool *counting)
{
    bool begins = argument == PR_TASK_PERF_EVENTS_ENABLE;
    if (number != SYS_prctl || (!begins && argument != PR_TASK_PERF_EVENTS_DISABLE))
        return false;
    *counting = begins;
    return true;
}

const char *syscount_name(int number)
{
    for (const struct syscount_call *call = syscount_calls; call->name; call++)
        if (call->number == number)
            return call->name;
    return NULL;
}

uint64_t syscount_reads(const struct syscount *count)
{
    return count->calls[SYS_read] + count->calls[SYS_pread64] + count->calls[SYS_readv] + count->calls[SYS_preadv] +
           count->calls[SYS_preadv2];
}

/* What comes back from the child: it may be shared with a tracee, a child's child. */
struct counted {
    struct syscount count;
    bool counted;
    char why[SYSCOUNT_WHY];
    _Alignas(64) uint8_t result[];
};

struct counted_work {
    const struct syscounter *counter;
    void (*work)(void *arg, void *result);
    void *arg;
};

static void run_counted(void *arg, void *result)
{
    const struct counted_work *w = arg;
    struct counted *c = result;
    switch (w->counter->method) {
    case SYSCOUNT_TRACEPOINT:
        c->counted = syscount_by_tracepoints(w->counter, w->work, w->arg, c->result, &c->count, c->why);
        break;
    case SYSCOUNT_PTRACE:
        c->counted = syscount_by_ptrace(w->work, w->arg, c->result, &c->count, c->why);
        break;
    case SYSCOUNT_NONE:
        w->work(w->arg, c->result);
        c->counted = true;
    }
}

enum child_end syscount_run(const struct syscounter *counter, void (*work)(void *arg, void *result), void *arg,
                            void *result, size_t size, int timeout_ms, int *detail, struct syscount *count,
                            char why[SYSCOUNT_WHY])
{
    struct counted_work w = {counter, work, arg};
    size_t all = (sizeof(struct counted) + size + 63) / 64 * 64;
    struct counted *c = aligned_alloc(64, all);
    *detail = ENOMEM;
    *count = (struct syscount){0};
    why[0] = '\0';
    if (!c)
        return CHILD_LOST;
    memset(c, 0, all);
    enum child_end end = child_run(run_counted, &w, c, all, timeout_ms, detail);
    *count = c->count;
    memcpy(result, c->result, size);
    if (end == CHILD_DONE && !c->counted) {
        snprintf(why, SYSCOUNT_WHY, "%s", c->why);
        end = CHILD_LOST;
    }
    free(c);
    return end;
}

static void no_work(void *arg, void *result)
{
    (void)arg, (void)result;
    syscount_begin();
    syscount_end();
}

/* Only trying tells whether a tracer is allowed: many things may forbid it. */
static bool can_trace(struct syscounter *c)
{
    char nothing, *why = c->why[SYSCOUNT_PTRACE];
    struct syscount count;
    int detail;
    c->method = SYSCOUNT_PTRACE;
    enum child_end end = syscount_run(c, no_work, NULL, &nothing, sizeof nothing, 10 * 1000, &detail, &count, why);
    if (end == CHILD_DONE && count.total == 0)
        return true;
    if (why[0] == '\0')
        snprintf(why, SYSCOUNT_WHY, "%s", end == CHILD_DONE ? "it sees calls that are not there" : "a trial failed");
    return false;
}

void syscount_open(struct syscounter *c, enum syscount_method only)
{
    *c = (struct syscounter){.method = SYSCOUNT_TRACEPOINT};
    if (only != SYSCOUNT_PTRACE && syscount_hold_tracepoints(c, c->why[SYSCOUNT_TRACEPOINT]))
        return;
    if (only != SYSCOUNT_TRACEPOINT && can_trace(c))
        return;
    c->method = SYSCOUNT_NONE;
}

void syscount_close(struct syscounter *c)
{
    syscount_drop_tracepoints(c);
}
