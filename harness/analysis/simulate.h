/* What a decode would take on a machine with more cores than there are here, by simulation from service times that were
 * measured. Nothing is timed and no thread is started: the same input gives the same numbers. Whoever shows these has
 * to call them simulated. */
#ifndef HARNESS_SIMULATE_H
#define HARNESS_SIMULATE_H

#include <stddef.h>
#include <stdint.h>

enum {
    SIMULATE_THREADS = 256,  /* workers or consumers, at most */
    SIMULATE_RING = 1 << 20, /* blocks of a bounded ring, at most */
};

enum simulate_kind {
    SIMULATE_FIXED,       /* always the mean */
    SIMULATE_EXPONENTIAL, /* with that mean */
    SIMULATE_MEASURED,    /* drawn from a list */
};

struct simulate_time {
    enum simulate_kind kind;
    double mean_ns;   /* not used with a list */
    const double *ns; /* the list; n > 0 */
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

/* A reader fills blocks, which wait in order for the next free one of some consumers; a block is taken up by whoever
 * fills it, waits in it, or consumes it. All have cores of their own. */
struct simulate_pipeline {
    uint64_t blocks;
    unsigned consumers;                 /* at least 1 */
    unsigned ring;                      /* blocks that there are to be filled; 0: as many as it takes */
    struct simulate_time read, consume; /* for a block */
    double wake_ns; /* from the end of what somebody slept for until he goes on: a consumer without a block, or a reader
                       without an empty one */
    uint64_t seed;
};

/* All NAN but the first two where there is no such thing. */
struct simulated {
    double makespan_ns;
    double per_s;                 /* units, or blocks; 0 if there were none */
    double reader_busy, bus_busy; /* shares of the makespan, of the bus by its rate; NAN of a bus without a limit */
    double threads_busy; /* workers or consumers: share of the makespan, on average. Of workers: at work on a core */
    double reader_waited_ns;  /* in all, for empty blocks */
    double threads_waited_ns; /* in all, from the time they could begin to the time the last is done: for shards or
                                 blocks, and of workers for cores and the bus */
    double block_waited_ns;   /* on average, from filled to taken up; wake-ups included */
};

/* 0, -EINVAL for what no machine can be, or -ENOMEM. */
int simulate_workers(const struct simulate_workers *in, struct simulated *out);
int simulate_pipeline(const struct simulate_pipeline *in, struct simulated *out);

#endif
