/* How much n threads can do at once on this machine just now. Divided by what one can do in the same round, it is what
 * a program with nothing serial in it would have gained: less than n where others use the cores, where two cores are
 * threads of one, where the clock slows down, or where memory is shared. A speed-up is compared with that. */
#ifndef HARNESS_CAPACITY_H
#define HARNESS_CAPACITY_H

#include "../results/sample.h"
#include "limits.h"

enum {
    CAPACITY_CHAINS = 8,        /* of operations that do not wait for each other, in each thread */
    CAPACITY_STEPS = 10000000,  /* of each chain: some 15 ms */
    CAPACITY_BYTES = 160 << 20, /* that each thread reads: 15 ms or more */
};

/* The cores that this process may use; bytes of all last-level caches together (0: unknown), and of memory that are too
 * much for them. */
struct capacity_machine {
    unsigned cores;
    uint64_t caches, memory;
};
void capacity_look_at_machine(struct capacity_machine *m);

/* What is measured, in turns with the cases of a run. */
struct capacity {
    enum capacity_kind kind;
    unsigned threads;
    struct capacity_machine machine; /* as it was looked at last */
    bool failed;                     /* then it is not tried again */
};

struct capacity_sample {
    double value;        /* operations or bytes in a second, of all threads together */
    uint64_t wall_ns;    /* from the first thread's begin to the last one's end, once all are ready to begin */
    uint64_t check;      /* what the work gave: each thread's results, added up */
    char why[LIMIT_WHY]; /* "", or why there is no value */
};

/* For child_run(), of a struct capacity and a capacity_sample: one sample. Memory that it took stays until the process
 * ends, and so do threads if one of them could not be started. */
void capacity_measure(void *capacity, void *sample);

/* The work of one thread: what CAPACITY_CHAINS chains end with, added up, of this many steps each. A step is x =
 * (x rotated left by 5) + 1, and chain k begins with `begin` + k. */
uint64_t capacity_arithmetic(uint64_t begin, uint64_t steps);

/* keep() gets the sample, or once why there is none. > 0: a signal stopped it; 0, or what keep() said. */
int capacity_take(struct capacity *c, uint64_t round, limit_keep *keep, void *arg);

/* For a run line: adds what it is called, and what it is of. */
void capacity_explain(const struct capacity *c, json_t *meanings);

#endif
