/* Rows in an arena, in the order of the file. A chunk holds whole records, each of which begins where its struct may.
 * */
#include "arena.h"
#include "row_memory.h"

#include <errno.h>
#include <stdlib.h>

enum { ROW_ALIGN = 8 };

static int begin(void **self, bool huge)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->huge = huge;
    *self = a;
    return 0;
}

static int small_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    (void)plan, (void)facts;
    return begin(self, false);
}

static int huge_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    (void)plan, (void)facts;
    return begin(self, true);
}

static uint8_t *arena_room(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    struct arena *a = self;
    size_t size = dbn_record_size(p), left = (size_t)(a->end - a->at), fit = left < ROW_ALIGN ? 0 : left - ROW_ALIGN;
    (void)moved;
    *got = n <= fit ? n : fit >= size ? fit / size * size : n;
    return arena_take(a, *got, ROW_ALIGN);
}

static void clear(void *self)
{
    arena_clear(self);
}

static void end(void *self)
{
    arena_clear(self);
    free(self);
}

const struct row_memory row_memory_arena = {small_begin, arena_room, clear, end};
const struct row_memory row_memory_huge = {huge_begin, arena_room, clear, end};
