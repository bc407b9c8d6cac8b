/* How long a decode would take on a machine with more cores than there are here, by simulation from service times that
 * were measured. Nothing is timed and no thread is started: the same input gives the same numbers. What shows these
 * has to call them simulated. */
#ifndef HARNESS_SIMULATE_H
#define HARNESS_SIMULATE_H

#include <stddef.h>
#include <stdint.h>

enum {
    SIMULATE_THREADS = 256, /* workers or consumers, at most */
    SIMULATE_RING = 1024,   /* blocks of a ring, at most */
};

/* Drawn from a list, n > 0. */
struct simulate_time {
    const double *ns;
    size_t n;
};

/* Independent workers, which take shards in order as they become free. A worker needs a core and the memory bus for its
 * shard, at once and at the same pace: it goes as fast as the scarcer of the two lets it. Workers that are at work get
 * equal shares of the cores, if they are more than these, and of the bus, if they want more than it has; who wants less
 * than its share leaves the rest to others. Afterwards nobody waits for anything but the last of them. */
struct simulate_workers {
    const double *shards; /* sizes, in units of any kind: bytes, records; >= 0 */
    size_t n_shards;
    unsigned workers, cores;             /* at least 1 of each */
    struct simulate_time core;           /* core time for a unit, drawn for each shard */
    double bytes;                        /* that a unit moves over the bus; 0: none */
    double bus_all_per_s, bus_one_per_s; /* bytes, of all workers and of one at most; INFINITY: no limit */
    double plan_ns;                      /* before the first thread */
    double start_ns;                     /* for starting each thread, one after another */
    double merge_ns;                     /* after the last one */
    uint64_t seed;
};

/* A reader fills blocks, which wait in order for the next free one of some consumers. A block is in use while it is
 * filled, waits, or is consumed. All have cores of their own. */
struct simulate_pipeline {
    uint64_t blocks;
    unsigned consumers, ring;           /* at least 1 of each */
    struct simulate_time read, consume; /* for a block */
    uint64_t seed;
};

/* The ns from the begin to the end of all; NAN for what no machine can be. */
double simulate_workers(const struct simulate_workers *in);
double simulate_pipeline(const struct simulate_pipeline *in);

#endif
