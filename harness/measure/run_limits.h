/* Limits of the machine, measured between the cases of a run, so that each sample can be held against what
 * was to be had in its round. */
#ifndef HARNESS_RUN_LIMITS_H
#define HARNESS_RUN_LIMITS_H

#include "limits.h"
#include "../results/store.h"
#include "plan.h"

struct run_limits {
    struct run_limits_file {
        const char *dataset;
        bool open;
        struct limits limits;
        bool told[LIMITS_COUNT]; /* why there is no value */
    } * files;                   /* by plan.files */
    size_t count;
};

/* The limit that bounds the case, or NULL: none is known. */
const char *run_limits_name(const struct plan *p, const struct plan_case *c);

/* For those that bound cases of the plan. 0 or -ENOMEM: a file that cannot be read has reasons instead of
 * values. */
int run_limits_open(struct run_limits *l, const struct plan *p, uint64_t seed);

/* One sample of each of the file's limits. keep() gets them, and gets why there is none once. > 0: a signal
 * stopped it; 0, or what keep() said. */
int run_limits_take(struct run_limits *l, size_t file, uint64_t round,
                    int (*keep)(void *arg, const struct limit_sample *s), void *arg);

/* Those of files that changed meanwhile have no value after all: keep() gets why. 0, or what keep() said. */
int run_limits_close(struct run_limits *l, int (*keep)(void *arg, const struct limit_sample *s), void *arg);

#endif
