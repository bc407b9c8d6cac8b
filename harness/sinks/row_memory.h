/* Where rows are kept: what the sinks named rows differ in. */
#ifndef HARNESS_ROW_MEMORY_H
#define HARNESS_ROW_MEMORY_H

#include "arena.h"
#include "sink.h"

enum row_memory_kind {
    /* One array for each kind of record, its type and length: typed structs side by side. */
    ROWS_GROW,  /* doubled when it is full, by a new one and a copy */
    ROWS_EXACT, /* as large as the file says that it will be */
    /* All records one behind the other, from length to length. */
    ROWS_ARENA,
    ROWS_HUGE, /* on huge pages */
};

struct row_memory {
    enum row_memory_kind kind;
    uint64_t counted;                      /* bytes of rows that should come, all of one kind; 0: not known */
    struct row_array *first, *of[1 << 16]; /* all of them; by kind of record */
    struct arena arena;
};

/* Sets what was all zero. *facts go up by what it read of the file. */
void row_memory_begin(struct row_memory *m, enum row_memory_kind kind, const struct sink_plan *plan,
                      struct sink_facts *facts);
/* Room for the record at p and those behind it, n bytes of one kind: *got bytes, which are whole records and at least
 * one, to be filled. *moved goes up by the bytes of rows that this moved. NULL if memory ran out. */
uint8_t *row_memory_room(struct row_memory *m, const uint8_t *p, size_t n, size_t *got, uint64_t *moved);
/* Frees all rows. It can be used again. */
void row_memory_clear(struct row_memory *m);

#endif
