/* Strings of which each is kept once. */
#ifndef HARNESS_STRINGS_TABLE_H
#define HARNESS_STRINGS_TABLE_H

#include "arena.h"

struct strings_entry {
    uint64_t hash; /* XXH3 of the string that is kept */
    const char *text;
    size_t length;
};

/* All zero is an empty one. */
struct strings_table {
    struct strings_entry *entries; /* open addressing; text NULL: none */
    size_t room, used;
    struct arena arena;
};

/* The entry of these n bytes, which hold no NUL. Valid until the next call. NULL if memory ran out. */
const struct strings_entry *strings_table_find(struct strings_table *t, const uint8_t *p, size_t n);
void strings_table_clear(struct strings_table *t);

#endif
