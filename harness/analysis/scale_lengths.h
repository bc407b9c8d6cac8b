/* How decoding scales with the length of a file: the same file, up to some number of records. */
#ifndef HARNESS_SCALE_LENGTHS_H
#define HARNESS_SCALE_LENGTHS_H

#include "stats.h"
#include "../results/store.h"

#include <stdio.h>

struct scale_length {
    const struct sample *sample; /* one of it */
    struct stats record_ns;
    struct stats fixed_ns; /* what a decode takes whatever its length is: from this one and the longest, by round */
    uint64_t peak_bytes;
};

struct scale_lengths {
    const char *dataset, *backend, *sink;
    struct scale_length *length; /* by records, the longest last */
    size_t count;
};

/* All ways of decoding of which there are at least two lengths, with one thread. An array that ends with count 0, to be
 * freed by scale_lengths_free(). NULL if memory ran out. */
struct scale_lengths *scale_lengths_of(const struct results *r);
void scale_lengths_free(struct scale_lengths *all);

/* A table of them, if there are any. 0 or -ENOMEM. */
int scale_print_lengths(const struct results *r, FILE *to);

#endif
