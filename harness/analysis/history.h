/* The trend of each case over runs, and where it changed. A note for people: noise of a shared machine can look like a
 * change, and a slow drift shows as steps, so no verdict is made of it. */
#ifndef HARNESS_HISTORY_H
#define HARNESS_HISTORY_H

#include "report.h"

#define HISTORY_LEVEL 0.01 /* at most so often is a change seen in a series that has none */

enum {
    HISTORY_SHORTEST = 3, /* values between two changes: a single odd run is none */
    HISTORY_WINDOW = 60,  /* values that are looked at together, so that the distant past does not matter */
};

/* Where the level of a series of values above 0 changes. Sets changed[i] for each value that begins a new level, and
 * returns how many there are.
 *
 * As in E-divisive, the best place to cut a series is where the energy distance between the logarithms on both sides is
 * largest; it is a change if few of the orders into which the values can be shuffled have a place as good, and then
 * both sides are looked at again. A level whose median is within the factor 1 + smallest of the one before is no
 * change. The same seed gives the same answer. -ENOMEM is the only error. */
int history_changes(const double *values, size_t n, double smallest, uint64_t seed, bool *changed);

/* So many values are needed for any change to be seen. */
size_t history_needed(void);

/* --- runs put together --- */

struct history_point {
    size_t run;               /* of history.runs */
    double median, low, high; /* low and high are NAN where the run had too few samples for an interval */
    bool changed;
};

/* One case on one machine with the same data. Data are the same if there are as many records and bytes of them, and
 * sinks find the same in them. */
struct history_series {
    struct case_key key;
    char name[CASE_NAME];
    size_t machine; /* of history.machines */
    uint64_t records, bytes, digest;
    struct history_point *points; /* in the order of time, after history_finish() */
    size_t count;
    bool ambiguous; /* there are others of that name on that machine, with other data */
};

struct history_run {
    char *id, *version;
    int64_t unix_ms;
};

struct history {
    struct history_run *runs; /* in the order in which they were added */
    size_t run_count;
    char **machines; /* what they are called by: processor, cores, memory */
    size_t machine_count;
    struct history_series *series; /* in the order in which they were first seen */
    size_t count;
};

/* Adds all runs in the file. What is missing or cannot be read is said, a line each. 0, or < 0: not all was read. */
typedef void history_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int history_read(struct history *h, const char *path, history_say *say);

/* Adds a run. Its figures are ns for a record, or for a decode where there are no records. 0, 1: it is there already;
 * -ENODATA: it does not say when it was; -ENOMEM. */
int history_add(struct history *h, const struct report *s);
/* When all are added: puts them into order, and finds the changes. 0 or -ENOMEM. */
int history_finish(struct history *h, double smallest, uint64_t seed);
void history_free(struct history *h);

/* Of a point that changed: how many times the level before the new one is, each from one change to the next. */
double history_factor(const struct history_series *s, size_t point);

#endif
