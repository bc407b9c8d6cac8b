/* The system calls that some work makes, counted exactly and by name by a tracer. A call takes up to 50 times as long
 * then (5 to 10 us), so counting is a pass of its own, without any clock. */
#ifndef HARNESS_SYSCOUNT_H
#define HARNESS_SYSCOUNT_H

#include "child.h"

#include <stdbool.h>
#include <stdint.h>

enum { SYSCOUNT_NUMBERS = 512, SYSCOUNT_WHY = 256 };

struct syscount {
    uint64_t total;                   /* also of calls with numbers beyond those below */
    uint64_t calls[SYSCOUNT_NUMBERS]; /* by number */
};

/* Can calls be counted here? Only trying tells: many things may forbid a tracer. False with the reason in why. */
bool syscount_try(char why[SYSCOUNT_WHY]);

/* Runs work(arg, result) as child_run() does, with a result that is all 0 before. *count: the calls between its
 * syscount_begin() and syscount_end(), by all threads that were started in between. Work that becomes another program
 * is counted until that ends. If the counting failed, CHILD_LOST with the reason in why. */
enum child_end syscount_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                            int *detail, struct syscount *count, char why[SYSCOUNT_WHY]);

/* For the work: only what is done in between counts. */
void syscount_begin(void);
void syscount_end(void);

/* The name of the call with this number, or NULL. */
const char *syscount_name(int number);

/* read(2) and its kin: what the kernel counts as such in /proc/self/io. */
uint64_t syscount_reads(const struct syscount *count);

#endif
