/* What this machine can do with several threads at once, measured between the samples of a run: a busy host, or cores
 * that share a bus, are not to be taken for a serial part of the work. */
#ifndef HARNESS_RUN_CAPACITY_H
#define HARNESS_RUN_CAPACITY_H

#include "capacity.h"
#include "../results/sample.h"

#include <stddef.h>

enum { RUN_CAPACITY_COUNTS = 16, CAPACITY_KERNELS = CAPACITY_MEMORY + 1 };
extern const char *const run_capacity_names[CAPACITY_KERNELS];

struct run_capacity {
    unsigned threads[RUN_CAPACITY_COUNTS + 1]; /* end with 0 */
    bool failed[CAPACITY_KERNELS][RUN_CAPACITY_COUNTS];
};

/* The dataset of its limit samples, and the limit of a kernel with so many threads: "memory x2". Their values are ns
 * for one operation, or bytes/s, of all threads together. */
#define CAPACITY_DATASET "capacity"
void run_capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME]);

/* How many turns a round takes: a kernel with some number of threads each. */
size_t run_capacity_turns(const struct run_capacity *c);

/* keep() gets the sample, or once why there is none. > 0: a signal stopped it; 0, or what keep() said. */
int run_capacity_take(struct run_capacity *c, size_t turn, uint64_t round,
                      int (*keep)(void *arg, const struct limit_sample *s), void *arg);

#endif
