/* The trend of each case over runs, and where it changed. A note for people: noise of a shared machine can look like a
 * change, and a slow drift shows as steps, so no verdict is made of it.
 *
 * A level lasts until some runs in a row are all off its median, to the same side, by more than the least change that
 * counts, and beyond its quartiles by more than a few times their distance. Those begin the next one. */
#ifndef HARNESS_HISTORY_H
#define HARNESS_HISTORY_H

#include "report.h"

enum {
    HISTORY_LEVEL = 6,    /* runs that a level needs before it can end */
    HISTORY_FIRST = 20,   /* runs at most, its first ones, that say what it is: else it would go with a drift */
    HISTORY_IN_A_ROW = 3, /* runs that end it: a single odd one does not */
    HISTORY_FENCE = 2,    /* distances of the quartiles */
};

struct history_run {
    char *id, *version;
    char machine[256]; /* processor, cores, memory: what does not change with a new kernel or a busy neighbour */
    int64_t unix_ms;
};

/* A case in a run. Those of one case on one machine with the same data make a series. Data are the same if there are as
 * many records and bytes of them, and sinks find the same in them. */
struct history_point {
    size_t run; /* of history.runs */
    struct case_key key;
    uint64_t records, bytes, digest;
    double median, low, high; /* ns for a record, or for a decode where there are no records. No interval: NAN */
    double factor;            /* of a point that begins a level: how many times the median of the one before; or NAN */
};

struct history {
    struct history_run *runs; /* in the order in which they were added */
    size_t run_count;
    struct history_point *points; /* after history_finish() by machine, case and data, and those of a series by time */
    size_t count;
};

/* Adds all runs in the file. What is missing or cannot be read is said, a line each. 0, or < 0: not all was read. */
typedef void history_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int history_read(struct history *h, const char *path, history_say *say);

/* Adds a run. 0, 1: it is there already; -ENODATA: it does not say when it was. */
int history_add(struct history *h, const struct report *s);
/* When all are added: puts them into order, and finds the changes. */
void history_finish(struct history *h, double smallest);
void history_free(struct history *h);

/* The series that begins with this point ends before the point that is returned. */
const struct history_point *history_series_end(const struct history *h, const struct history_point *first);
/* The same case on the same machine, with any data? */
bool history_same_case(const struct history *h, const struct history_point *a, const struct history_point *b);

#endif
