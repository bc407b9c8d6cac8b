/* A sink: one workload, what is done with the records. Each works on the lent bytes in place and in one pass. */
#ifndef HARNESS_SINK_H
#define HARNESS_SINK_H

#include "../dbn/dbn.h"

/* What a sink found. Tallies of parts add up to that of the whole, in any order. */
struct tally {
    uint64_t records; /* 0 for sinks that do not look for records */
    uint64_t bytes;   /* of records */
    uint64_t digest;  /* see digest.h */
};

struct sink {
    const char *name, *summary;
    int (*begin)(void **self);                                               /* 0 or -ENOMEM */
    size_t (*take)(void *self, const uint8_t *p, size_t n, uint64_t offset); /* as dbn_sink.take */
    void (*end)(void *self, struct tally *t);                                /* releases self; t is set */
    uint64_t (*copied)(const void *self); /* bytes that it copied; NULL: none, it works in place */
};

/* All of them, in the order of every table, from the least work to the most; ends with NULL. */
extern const struct sink *const sinks[];
const struct sink *sink_find(const char *name);

static inline void tally_add(struct tally *to, const struct tally *part)
{
    to->records += part->records;
    to->bytes += part->bytes;
    to->digest += part->digest;
}

static inline bool tally_equal(const struct tally *a, const struct tally *b)
{
    return a->records == b->records && a->bytes == b->bytes && a->digest == b->digest;
}

#endif
