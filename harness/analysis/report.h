/* What a run's samples say: a row for each case, and how far the machine can be trusted. Derived from the
 * samples and the run's lines alone, so it is the same for a run just taken and for one read back. All other analyses
 * are made of a report: it has the samples of each case in the order of rounds. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include "stats.h"
#include "../results/store.h"

/* --- whether the machine was quiet enough to believe differences of a few per cent --- */

struct noise {
    uint64_t cores; /* 0: unknown */
    /* The most that were at work at once. As many as there are cores wait for each other, and then pressure
     * does not tell of others. */
    uint64_t threads;
    struct reading load_before_milli;
    struct reading steal_ppm, others_ppm, pressure_ppm, throttled_ppm; /* meanwhile */
    double spread; /* half of a case's interval as a ratio to its median, median over cases; < 0: too few samples */

    /* Set by noise_judge(). */
    bool quiet;
    char why[256]; /* each reason; "" if quiet */
};

/* Sets loads and shares from two looks at machine_conditions(). Shares stay unsupported for less than 20 ticks, but for
 * that of being throttled. */
void noise_set_conditions(struct noise *n, const json_t *before, const json_t *after);
void noise_judge(struct noise *n);

/* --- cases --- */

struct report_row {
    const struct sample *sample; /* one of the case's; the failed one, if there is any: then nothing else is set */
    size_t first, samples;       /* within report.order */
    struct stats ns;             /* for one decode; n = 0: a sample of it failed */
    /* How fast this is as a ratio to another case, 1: as fast; from pairs of samples of the same round. Unknown (n = 0)
     * if the other one was not run. none, touch: the same reading with those sinks; baseline: that backend, with 1
     * thread. */
    struct stats of_none, of_touch, of_baseline;
    struct stats of_limit;     /* the same, of the least time that the limit which bounds the case allowed */
    double instructions;       /* a record; NAN: unknown */
    struct reading reads;      /* of one decode; by the kernel's count if the decoder has none */
    bool reads_vary;           /* from sample to sample: reads is that of the first */
    struct reading peak_bytes; /* the largest */
    size_t miscounted;         /* samples for which the kernel counted other reads than the backend */
    size_t from_disk;          /* warm samples that had to wait for the device after all */
};

/* A limit that was measured. */
struct report_limit {
    const struct limit_sample *sample; /* one of it. With a why: then it has no value */
    size_t first, samples;             /* within report.limit_order */
    struct stats wall;                 /* what of_limit is made of */
};

struct report {
    const struct results *results;
    const struct sample **order; /* by case and round */
    struct report_row *rows;     /* by index */
    size_t count;
    const struct limit_sample **limit_order; /* by dataset, limit and round */
    struct report_limit *limits;
    size_t limit_count;
    double *values; /* scratch for a figure: room for as many as there are samples, of either sort */

    /* The slowest way of reading: a backend that asks the kernel for field by field. NULL: the run has none. */
    const char *baseline;
    bool blocks_differ;  /* a backend has rows of several block sizes */
    size_t fewest, most; /* samples a case, of those that did not fail */
    struct noise noise;
};

/* The results must outlive the report. */
void report_of(const struct results *r, struct report *s);
void report_free(struct report *s);

/* A run that was read. It stays where it is. */
struct stored_run {
    const char *name; /* FILE, for the last run in it, or FILE#RUN, for that with this id */
    struct results results;
    struct report report;
};

/* Parts of that, when the rows are there. */
void report_set_limits(struct report *s);
void report_set_noise(struct report *s);

/* --- figures --- */

/* The row of a case, or NULL. */
const struct report_row *report_find(const struct report *s, const struct case_key *key);

/* The row of the case that is like this one, but with another backend, sink and number of threads. Block and advice are
 * the backend's own: they are compared within one backend only. NULL: there is none. */
const struct report_row *report_find_like(const struct report *s, const struct case_key *like, const char *backend,
                                          const char *sink, uint64_t threads);

/* The sample of a row in a round; NULL if there is none, or if the row is NULL or failed. */
const struct sample *report_in_round(const struct report *s, const struct report_row *row, uint64_t round);

/* A figure over the samples of a row that did not fail, where it is finite; n = 0 if the row failed or is NULL. */
struct stats report_over(const struct report *s, const struct report_row *row,
                         double (*figure)(const struct sample *of));
/* In ns. */
double report_record_ns(const struct sample *s);

/* Of a record, as a ratio to b: a figure for report_by_round(). */
double report_times_as_long(const struct sample *a, const struct sample *b);

/* A figure over the rounds that both cases have; n = 0 if there are none, or either is NULL. */
typedef double report_figure(const struct sample *a, const struct sample *b);
struct stats report_by_round(const struct report *s, const struct report_row *a, const struct report_row *b,
                             report_figure *figure);

/* By how much less time b takes than a for the same number of records, or of bytes if there are none: they may have
 * read different parts of the file. 2: half the time. */
double report_times_faster(const struct sample *a, const struct sample *b);
/* What both decoded: how many times as much b. */
double report_amount_ratio(const struct sample *a, const struct sample *b);

const struct report_limit *report_find_limit(const struct report *s, const char *dataset, const char *limit);
/* NULL: it has no value in that round. */
const struct limit_sample *report_limit_in_round(const struct report *s, const struct report_limit *limit,
                                                 uint64_t round);

/* --- counters --- */

struct report_ratio {
    char name[COUNTER_NAME + 16]; /* "instructions/cycle", "cycles/record", "LLC-load-misses/record" */
    double value;
    uint32_t ran_ppm; /* the least of the counts'; below 1000000: it was scaled */
};

/* The medians of a row's ratios over its samples, and how many there are: instructions per cycle, if both are there and
 * count the same side ("cycles:u" and "instructions:u"), then one for each counter. Left out is what a sample has no
 * reading for. */
size_t report_counters(const struct report *s, const struct report_row *row,
                       struct report_ratio ratios[COUNTERS_MAX + 1]);

#endif
