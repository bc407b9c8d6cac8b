/* What stored samples of a machine's capacity are called: what so many threads come to that share nothing. They are
 * limit samples of a dataset of their own, and their values are those of all threads together. */
#ifndef HARNESS_RESULTS_CAPACITY_H
#define HARNESS_RESULTS_CAPACITY_H

#include "sample.h"

#define CAPACITY_DATASET "capacity"

enum capacity_kind {
    CAPACITY_ARITHMETIC, /* in registers: ns for one operation */
    CAPACITY_MEMORY,     /* reading memory, each thread its own: bytes/s */
    CAPACITY_KERNELS,
};
extern const char *const capacity_names[CAPACITY_KERNELS];

/* The name of the limit with so many threads: "memory x2". */
void capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME]);

#endif
