/* Where rows are kept: what the sinks named rows differ in. */
#ifndef HARNESS_ROW_MEMORY_H
#define HARNESS_ROW_MEMORY_H

#include "sink.h"

struct row_memory {
    bool exact, huge; /* for its own use */
    /* 0 or < 0: an error. *facts go up by what it read. */
    int (*begin)(const struct row_memory *how, const struct sink_plan *plan, void **self, struct sink_facts *facts);
    /* Room for the record at p and those behind it, n bytes of one kind: *got bytes, which are whole records and at
     * least one, to be filled. *moved goes up by the bytes of rows that this moved. NULL if memory ran out. */
    uint8_t *(*room)(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved);
    void (*clear)(void *self); /* frees all rows */
    void (*end)(void *self);
};

/* One array for each kind of record, its type and length: typed structs side by side. */
extern const struct row_memory row_memory_grow;  /* doubled when it is full, by a new one and a copy */
extern const struct row_memory row_memory_exact; /* as large as the file says that it will be */
/* All records one behind the other, from length to length. */
extern const struct row_memory row_memory_arena;
extern const struct row_memory row_memory_huge; /* on huge pages */

#endif
