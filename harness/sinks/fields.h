/* Ways of what the sink `fields` does; all find the same. */
#ifndef HARNESS_FIELDS_H
#define HARNESS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields_way {
    const char *name;
    bool (*usable)(void); /* on this processor; NULL: on all */
    size_t (*take)(void *self, const uint8_t *p, size_t n, uint64_t offset);
};

/* From the plainest to the best; ends with NULL. A sink's `way` may be one of them; NULL: the best that is usable. */
extern const struct fields_way *const fields_ways[];

#endif
