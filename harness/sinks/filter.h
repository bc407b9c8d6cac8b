/* What the sink `filter` is asked for, as in "filter:instrument=7:instrument=12:from=2024-01-02". */
#ifndef HARNESS_FILTER_H
#define HARNESS_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_VALUES = 16 };

/* A record matches if all of this is so; of a filter that is all zero every record does. */
struct filter {
    uint32_t instrument[FILTER_VALUES], publisher[FILTER_VALUES]; /* it has one of them */
    size_t instruments, publishers;                               /* 0: any */
    bool timed;                                                   /* else ts_event may be anything */
    uint64_t from, to;                                            /* its ts_event is one of from ... to - 1 */
};

/* Reads "KEY=VALUE:KEY=VALUE". Returns a filter that stays as long as the program; NULL: why not. */
const void *filter_parse(const char *parameters, char *why, size_t size);

#endif
