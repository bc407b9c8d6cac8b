/* Memory for what is kept until all of it is freed: taken from the kernel in large chunks and handed out from their
 * start on, never moved. Until it is rewound it is as fresh as any: its pages come when they are first written to. */
#ifndef HARNESS_ARENA_H
#define HARNESS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARENA_FIRST = 256 << 10, ARENA_CHUNK = 4 << 20, ARENA_HUGE_PAGE = 2 << 20, ARENA_ALIGN = 64 };

struct arena {
    bool huge;                 /* asks for huge pages, set before anything is taken */
    uint64_t mapped, got_huge; /* bytes so far; of them on huge pages. Not counted if it does not ask */
    struct arena_chunk *chunks;
    uint8_t *at, *end; /* what is left of the newest */
};

/* n bytes, somewhat less than ARENA_CHUNK, at a multiple of `align`, a power of two up to ARENA_ALIGN. NULL if memory
 * ran out. */
void *arena_take(struct arena *a, size_t n, size_t align);
/* Frees all but the newest chunk, which is used again. */
void arena_rewind(struct arena *a);
/* Frees everything. The arena can be used again. */
void arena_clear(struct arena *a);

/* NULL, or why there are no huge pages here for who asks for them. */
const char *arena_no_huge_pages(void);

#endif
