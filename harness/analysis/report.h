/* What a run's samples say: a row for each case, and how far the machine can be trusted. Derived from the
 * samples and the run's lines alone, so it is the same for a run just taken and for one read back. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "stats.h"
#include "../results/store.h"
#include "noise.h"

struct report_row {
    const struct sample *sample; /* one of the case's; the failed one, if there is any: then nothing else is set */
    size_t first, samples;       /* within report.order */
    struct stats ns;             /* for one decode */
    /* How fast this is in parts of another case, 1: as fast; from pairs of samples of the same round.
     * Unknown (n = 0) if the other one was not run. none, touch: the same reading with those sinks;
     * syscall: that backend, with 1 thread. */
    struct stats of_none, of_touch, of_syscall;
    struct stats of_limit; /* the same, of the least time that the limit which bounds the case allowed */
    double instructions;   /* a record; NAN: unknown */
    uint64_t reads;        /* of one decode */
    bool reads_vary;       /* from sample to sample: reads is that of the first */
    uint64_t peak_bytes;   /* the largest */
    size_t miscounted;     /* samples for which the kernel counted other reads than the backend */
    size_t from_disk;      /* warm samples that had to wait for the device after all */
};

/* A limit that was measured. */
struct report_limit {
    const struct limit_sample *sample; /* one of it. With a why: then it has no value */
    size_t first, samples;             /* within report.limit_order */
    struct stats wall;                 /* what of_limit is made of */
};

struct report_noise {
    struct noise seen;               /* its spread: median over the rows of half the interval, in parts of the median */
    const struct report_row *widest; /* NULL: none */
    double widest_spread;
    bool quiet;
    char why[256]; /* "" if quiet */
};

struct report {
    const struct sample **order; /* by case and round */
    struct report_row *rows;
    size_t count;
    const struct limit_sample **limit_order; /* by dataset, limit and round */
    struct report_limit *limits;
    size_t limit_count;
    bool blocks_differ;  /* a backend has rows of several block sizes */
    size_t fewest, most; /* samples a case, of those that did not fail */
    struct report_noise noise;
};

/* The results must outlive the report. 0 or -ENOMEM. */
int report_of(const struct results *r, struct report *s);
void report_free(struct report *s);

/* The parts of it that set limits, and what rows are in parts of them; and instructions. values: room for
 * as many as there are samples, of either sort. 0 or -ENOMEM. */
int report_set_limits(const struct results *r, struct report *s, double *values);
void report_set_instructions(const struct results *r, struct report *s);

/* The part of it that sets s->noise, when the rows are there. values: room for as many. */
void report_set_noise(const struct results *r, struct report *s, double *values);

/* Half of the interval in parts of the median. */
double report_spread(const struct stats *s);

#endif
