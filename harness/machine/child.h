/* The one way to run child processes: a function in a copy of this process, or a program. A crash or a hang of one is
 * an outcome like any other. Each leads a process group of its own, which is killed when the child ends or has to end,
 * so that nothing is left behind. It dies with this process, and nobody waits for it without a deadline. */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include "../results/sample.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

enum child_end {
    CHILD_DONE,
    CHILD_CRASHED, /* detail: the signal */
    CHILD_TIMED_OUT,
    CHILD_TOO_LARGE, /* it took more memory than it may */
    CHILD_STOPPED,   /* by a signal to this process; see child_watch_signals() */
    CHILD_LOST,      /* no result. detail: errno if it could not be started, else 0 */
};

/* Runs work(arg, result) in a child, which has this process's memory as it is now. There `result` points to a copy of
 * the `size` bytes that it starts with here, and after CHILD_DONE that is copied back; what else the child changed is
 * lost. After timeout_ms it is killed. */
enum child_end child_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                         int *detail);

/* The same with a limit of memory. */
struct child_limits {
    int timeout_ms;
    uint64_t memory; /* bytes that the child and its children may touch, but for pages of files; 0: no limit */
};
enum child_end child_run_within(void (*work)(void *arg, void *result), void *arg, void *result, size_t size,
                                const struct child_limits *limits, int *detail);

/* For a process of a child: it will kill all that descends from it when the child has ended, so it is not killed with
 * the child. */
void child_keep(void);

/* What a program finds at one of its descriptors. All 0: nothing, of the first three /dev/null. */
struct child_file {
    const char *text; /* a file with this to read */
    const char *log;  /* or the file of this name, to whose end it adds */
    char *out;        /* or a file for a text of up to size - 1 bytes; writing more fails. It is read back into this */
    size_t size;
};
enum { CHILD_FILES = 4 };

struct child_program {
    const char *const *argv;        /* ends with NULL; argv[0] is searched for in $PATH */
    const char *const *environment; /* NULL: that of this process */
    const char *folder;             /* where it runs; NULL: here */
    struct child_file file[CHILD_FILES];
    int timeout_ms;
};

struct child_use {
    uint64_t wall_ns, cpu_ns; /* cpu_ns: with that of children it waited for */
    uint64_t queued_ns; /* of wall_ns, in which it could have run but others did; of its first thread, 0: unknown */
};

/* CHILD_DONE: *detail is its exit status. use may be NULL. */
enum child_end child_exec(const struct child_program *p, int *detail, struct child_use *use);

/* For a child: becomes the program with these descriptors, -1 for none, instead of its files; fd NULL: with none. Those
 * are CHILD_FILES or more. Returns only if that fails, with errno. */
int child_become(const struct child_program *p, const int *fd);

/* "Segmentation fault (SIGSEGV)", "no result within 120 s", "no result: No such file or directory", ... */
void child_describe(enum child_end end, int detail, int timeout_ms, char *text, size_t size);
/* What a sample came to that was taken in it. */
enum sample_outcome child_outcome(enum child_end end);

/* From now on those of SIGINT, SIGTERM and SIGHUP that are not ignored stop the child that runs, or the next one to be
 * run, instead of this process. What is returned is not 0 once one came. */
const volatile sig_atomic_t *child_watch_signals(void);
/* Did one arrive? */
int child_stopped(void);

#endif
