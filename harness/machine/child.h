/* Work done in a process of its own: a crash or a hang in it is an outcome like any other, and it starts
 * with memory and counters of its own. */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <stddef.h>

enum child_end {
    CHILD_DONE,
    CHILD_CRASHED, /* detail: the signal */
    CHILD_TIMED_OUT,
    CHILD_STOPPED, /* by SIGINT or SIGTERM to this process; see child_watch_signals() */
    CHILD_LOST,    /* no result. detail: errno if it could not be started, else 0 */
};

/* Runs work(arg, result) in a child, which gets this process's memory as it is now, and brings back the
 * `size` bytes at `result`; what else the child changed is lost. After timeout_ms it is killed, with all
 * it started. */
enum child_end child_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                         int *detail);

/* From now on SIGINT and SIGTERM stop the child that runs, or the next one to be run, instead of this
 * process. */
void child_watch_signals(void);
/* Did one arrive? */
int child_stopped(void);

#endif
