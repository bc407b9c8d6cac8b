/* A run: calibrates every case, then measures all of them round by round. */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "../results/store.h"
#include "plan.h"
#include "capacity.h"
#include "run_limits.h"

enum {
    RUN_ROUNDS = 9,     /* by default */
    RUN_ROUNDS_MIN = 3, /* whatever the time limit; and all there is for slow cases that cannot be cut short */
};

enum run_end {
    RUN_DONE,
    RUN_CUT,          /* by the time limit */
    RUN_STOPPED,      /* by a signal */
    RUN_NOT_STORED,   /* error says why */
    RUN_NOT_EXPECTED, /* the reference decoder failed: error and why */
};

struct run_progress {
    const struct plan_file *file;
    const struct plan_case *c; /* NULL: the file is made ready */
    unsigned round, rounds;    /* round 0: calibration */
    bool counting;             /* after all rounds: instructions */
    size_t done, of;           /* in all rounds */
    uint64_t left_ns;          /* 0: unknown */
};

struct run {
    struct plan *plan;
    struct store *store; /* from run_calibrate() on */
    const char *id;
    struct results *results;   /* gets every sample that is stored */
    struct run_limits *limits; /* NULL: none are measured */
    struct capacity *capacity; /* the same */
    unsigned rounds;
    uint64_t seed;
    uint64_t begin_ns, limit_ns; /* of CLOCK_MONOTONIC; limit 0: none */
    void (*progress)(void *arg, const struct run_progress *p);
    void *progress_arg;

    int error;
    char why[SAMPLE_ERROR];
};

/* Brings the files into the page cache and has the reference decoder say what is in them. */
enum run_end run_prepare(struct run *r);

/* Fixes what each case decodes, and how often. A case that fails is stored like that, and out. */
enum run_end run_calibrate(struct run *r);

/* Takes and stores the samples. */
enum run_end run_measure(struct run *r);

/* Stores a sample. A case that failed once gives no numbers any more, so it leaves the run. */
enum run_end run_keep(struct run *r, struct plan_case *c, const struct sample *s);

/* What plan_range() failing means: r->error is set. */
enum run_end run_no_range(const struct run *r);

#endif
