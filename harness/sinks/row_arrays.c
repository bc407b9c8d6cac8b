/* Rows in arrays, one for each kind of record. Records of one type and length have the layout of one struct; the
 * structs have that of the file.
 *
 * Arrays that grow double when they are full, by a new one and a copy, as those of most languages do: so what that
 * moves is known exactly, which realloc() would not tell. Exact ones are taken once, large ones by mapping them. Should
 * more come than was counted, or nothing be known, they double as well, but of large ones the kernel moves the pages
 * and no byte is copied. */
#include "row_count.h"
#include "row_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { FIRST_ROWS = 4, LEAST_MAPPED = 256 << 10 };

struct array {
    struct array *next; /* of the same type */
    uint16_t kind;
    size_t used, room; /* bytes */
    bool mapped;
    uint64_t counted; /* bytes that should come; 0: not known */
    uint8_t *rows;
};

struct arrays {
    bool exact, failed;
    uint64_t keep;
    struct array *of[256];
};

/* The array for records like the one at p. NULL if memory ran out. */
static struct array *array_for(struct arrays *r, const uint8_t *p)
{
    struct array **first = &r->of[p[1]], *a = *first;
    uint16_t kind = dbn_kind(p);
    while (a && a->kind != kind)
        a = a->next;
    if (a)
        return a;
    a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->kind = kind;
    a->next = *first;
    return *first = a;
}

static uint8_t *take_rows(size_t n, bool mapped)
{
    if (!mapped)
        return malloc(n);
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void free_rows(struct array *a)
{
    if (a->mapped)
        munmap(a->rows, a->room);
    else
        free(a->rows);
}

static bool grow_by_copy(struct array *a, size_t room, bool mapped, uint64_t *moved)
{
    uint8_t *rows = take_rows(room, mapped);
    if (!rows)
        return false;
    if (a->used)
        memcpy(rows, a->rows, a->used);
    *moved += a->used;
    free_rows(a);
    a->rows = rows;
    a->room = room;
    a->mapped = mapped;
    return true;
}

static bool grow_by_pages(struct array *a, size_t room)
{
    void *rows = mremap(a->rows, a->room, room, MREMAP_MAYMOVE);
    if (rows == MAP_FAILED)
        return false;
    a->rows = rows;
    a->room = room;
    return true;
}

/* Makes room for `more` bytes. */
static bool grow(const struct arrays *r, struct array *a, size_t row_size, size_t more, uint64_t *moved)
{
    size_t room = a->room ? a->room : FIRST_ROWS * row_size;
    if (a->room == 0 && a->counted)
        room = (size_t)(a->counted < r->keep ? a->counted : r->keep);
    while (room - a->used < more)
        room *= 2;
    return a->mapped ? grow_by_pages(a, room) : grow_by_copy(a, room, r->exact && room >= LEAST_MAPPED, moved);
}

static uint8_t *arrays_room(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    struct arrays *r = self;
    struct array *a = array_for(r, p);
    if (!a || (a->room - a->used < n && !grow(r, a, dbn_record_size(p), n, moved)))
        return NULL;
    a->used += n;
    *got = n;
    return a->rows + a->used - n;
}

static void arrays_clear(void *self)
{
    struct arrays *r = self;
    for (size_t i = 0; i < 256; i++)
        for (struct array *a = r->of[i]; a; a = a->next) {
            free_rows(a);
            a->rows = NULL;
            a->used = a->room = 0;
            a->mapped = false;
        }
}

static void arrays_end(void *self)
{
    struct arrays *r = self;
    arrays_clear(r);
    for (size_t i = 0; i < 256; i++)
        while (r->of[i]) {
            struct array *a = r->of[i];
            r->of[i] = a->next;
            free(a);
        }
    free(r);
}

static int grow_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    (void)plan, (void)facts;
    *self = calloc(1, sizeof(struct arrays));
    return *self ? 0 : -ENOMEM;
}

static void count(void *self, const uint8_t *record, uint64_t bytes)
{
    struct arrays *r = self;
    struct array *a = array_for(r, record);
    if (a)
        a->counted += bytes;
    else
        r->failed = true;
}

static int exact_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    struct arrays *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->exact = true;
    r->keep = plan->keep ? plan->keep : SINK_KEEP;
    row_count(plan, facts, count, r);
    if (r->failed) {
        arrays_end(r);
        return -ENOMEM;
    }
    *self = r;
    return 0;
}

const struct row_memory row_memory_grow = {grow_begin, arrays_room, arrays_clear, arrays_end};
const struct row_memory row_memory_exact = {exact_begin, arrays_room, arrays_clear, arrays_end};
