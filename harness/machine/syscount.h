/* The system calls that some work makes, counted exactly and by name, by the best way that the kernel allows
 * this user. Counting slows the work down (a call takes 1.5 times as long with tracepoints, up to 50 times with
 * ptrace), so it is a pass of its own, without any clock. */
#ifndef HARNESS_SYSCOUNT_H
#define HARNESS_SYSCOUNT_H

#include "child.h"

#include <stdbool.h>
#include <stdint.h>

/* From the best to the last. */
enum syscount_method {
    SYSCOUNT_TRACEPOINT, /* the kernel counts; for root, where tracefs is mounted */
    SYSCOUNT_PTRACE,     /* a tracer stops the work at every call; for everyone */
    SYSCOUNT_NONE,       /* nobody counts */
};
extern const char *const syscount_methods[SYSCOUNT_NONE + 1];

enum { SYSCOUNT_NUMBERS = 512, SYSCOUNT_EVENTS = 64, SYSCOUNT_WHY = 256 };

struct syscount {
    uint64_t total;                   /* also of calls that have no count of their own below */
    uint64_t calls[SYSCOUNT_NUMBERS]; /* by number */
};

struct syscounter {
    enum syscount_method method;           /* the one in use */
    char why[SYSCOUNT_NONE][SYSCOUNT_WHY]; /* why each of the others cannot be used; "" if it was not tried */

    struct syscount_event { /* a tracepoint, held open */
        uint64_t id;
        int number; /* of the call; < 0: every call */
        int fd;
    } event[SYSCOUNT_EVENTS];
    size_t events;
};

/* Finds out what can be used here: only this method, or the first that can be if `only` is SYSCOUNT_NONE. */
void syscount_open(struct syscounter *c, enum syscount_method only);
void syscount_close(struct syscounter *c);

/* Runs work(arg, result) as child_run() does, with a result that is all 0 before. *count: the calls between its
 * syscount_begin() and syscount_end(), by all threads that were started in between; zero with SYSCOUNT_NONE. Work that
 * becomes another program is counted until that ends. If the counting failed, CHILD_LOST with the reason in why. */
enum child_end syscount_run(const struct syscounter *counter, void (*work)(void *arg, void *result), void *arg,
                            void *result, size_t size, int timeout_ms, int *detail, struct syscount *count,
                            char why[SYSCOUNT_WHY]);

/* For the work: only what is done in between counts. */
void syscount_begin(void);
void syscount_end(void);

/* The name of the call with this number, or NULL. */
const char *syscount_name(int number);

/* read(2) and its kin: what the kernel counts as such in /proc/self/io. */
uint64_t syscount_reads(const struct syscount *count);

/* --- for the methods themselves --- */

extern const struct syscount_call {
    const char *name;
    int number;
    bool often;     /* it has a tracepoint of its own */
} syscount_calls[]; /* ends with NULL */

/* The calls with which syscount_begin() and syscount_end() mark the place: prctl(MARK). */
bool syscount_is_mark(int number, uint64_t argument, bool *counting);

/* They run in the child. False with the reason in why. */
bool syscount_by_tracepoints(const struct syscounter *c, void (*work)(void *arg, void *result), void *arg, void *result,
                             struct syscount *count, char why[SYSCOUNT_WHY]);
bool syscount_by_ptrace(void (*work)(void *arg, void *result), void *arg, void *result, struct syscount *count,
                        char why[SYSCOUNT_WHY]);

/* Sets c->event. False with the reason in why. */
bool syscount_hold_tracepoints(struct syscounter *c, char why[SYSCOUNT_WHY]);
void syscount_drop_tracepoints(struct syscounter *c);

#endif
