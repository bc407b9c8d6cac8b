#include "row_memory.h"

#include "../../dbn/zstd.h"
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- arrays, one for each kind of record ---
 *
 * Records of one type and length have the layout of one struct; the structs have that of the file. Arrays that grow
 * double when they are full, by a new one and a copy, as those of most languages do: so what that moves is known
 * exactly, which realloc() would not tell. Exact ones are mapped, and taken once if it is known how many rows will
 * come. Otherwise they double as well, but the kernel moves the pages and no byte is copied. */

enum { FIRST_ROWS = 4, LOOKS = 32 };

struct array {
    struct array *next;
    size_t used, room; /* bytes */
    uint8_t *rows;
};

struct arrays {
    bool exact;
    uint64_t counted;                  /* bytes that should come, all of one kind; 0: not known */
    struct array *first, *of[1 << 16]; /* all of them; by kind */
};

/* The array for records like the one at p. NULL if memory ran out. */
static struct array *array_for(struct arrays *r, const uint8_t *p)
{
    struct array **of = &r->of[dbn_kind(p)];
    if (*of || !(*of = calloc(1, sizeof **of)))
        return *of;
    (*of)->next = r->first;
    return r->first = *of;
}

static bool grow_by_copy(struct array *a, size_t room, uint64_t *moved)
{
    uint8_t *rows = malloc(room);
    if (!rows)
        return false;
    if (a->used)
        memcpy(rows, a->rows, a->used);
    *moved += a->used;
    free(a->rows);
    a->rows = rows;
    a->room = room;
    return true;
}

static bool grow_by_pages(struct array *a, size_t room)
{
    void *rows = a->rows ? mremap(a->rows, a->room, room, MREMAP_MAYMOVE)
                         : mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (rows == MAP_FAILED)
        return false;
    a->rows = rows;
    a->room = room;
    return true;
}

static uint8_t *arrays_room(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    struct arrays *r = self;
    struct array *a = array_for(r, p);
    if (!a)
        return NULL;
    if (a->room - a->used < n) {
        size_t room = a->room ? a->room : r->counted > 0 ? (size_t)r->counted : FIRST_ROWS * dbn_record_size(p);
        while (room - a->used < n)
            room *= 2;
        if (!(r->exact ? grow_by_pages(a, room) : grow_by_copy(a, room, moved)))
            return NULL;
    }
    a->used += n;
    *got = n;
    return a->rows + a->used - n;
}

static void arrays_clear(void *self)
{
    const struct arrays *r = self;
    for (struct array *a = r->first; a; a = a->next) {
        if (!r->exact)
            free(a->rows);
        else if (a->rows)
            munmap(a->rows, a->room);
        a->rows = NULL;
        a->used = a->room = 0;
    }
}

static void arrays_end(void *self)
{
    struct arrays *r = self;
    arrays_clear(r);
    for (struct array *a = r->first, *next; a; a = next) {
        next = a->next;
        free(a);
    }
    free(r);
}

static bool read_at(int fd, uint64_t at, void *to, size_t n, struct sink_facts *facts)
{
    ssize_t got = pread(fd, to, n, (off_t)at);
    facts->reads++;
    facts->bytes_read += got > 0 ? (size_t)got : 0;
    return got == (ssize_t)n;
}

/* How many bytes of records there are from begin to end. The first and the last record and some between them are looked
 * at: are they of one kind, all are taken for such. 0: they are not. */
static uint64_t count_uniform(int fd, uint64_t begin, uint64_t end, struct sink_facts *facts)
{
    uint8_t first[2], here[2];
    if (begin >= end || !read_at(fd, begin, first, 2, facts))
        return 0;
    size_t size = dbn_record_size(first);
    if (size < DBN_HEADER_SIZE || (end - begin) % size != 0)
        return 0;
    uint64_t last = (end - begin) / size - 1;
    for (uint64_t i = 1; i <= LOOKS; i++) {
        uint64_t nth = i == LOOKS ? last : last / LOOKS * i;
        if (!read_at(fd, begin + nth * size, here, 2, facts) || memcmp(here, first, 2) != 0)
            return 0;
    }
    return end - begin;
}

/* Of the file that the plan names. What is compressed would have to be inflated for that, and what it says of its size
 * is a claim: nothing is known of it. */
static uint64_t count_rows(const struct sink_plan *plan, struct sink_facts *facts)
{
    struct stat st;
    uint8_t magic[4];
    uint64_t counted = 0;
    int fd = plan->path ? open(plan->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    if (fd < 0)
        return 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_at(fd, 0, magic, sizeof magic, facts) &&
        !dbn_zstd_magic(magic, sizeof magic)) {
        uint64_t size = (uint64_t)st.st_size;
        counted = count_uniform(fd, plan->begin, plan->end < size ? plan->end : size, facts);
    }
    close(fd);
    return counted < plan->keep ? counted : plan->keep;
}

static int arrays_begin(const struct row_memory *how, const struct sink_plan *plan, void **self,
                        struct sink_facts *facts)
{
    struct arrays *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->exact = how->exact;
    r->counted = how->exact ? count_rows(plan, facts) : 0;
    *self = r;
    return 0;
}

/* --- arenas, in the order of the file. A chunk holds whole records, each of which begins where its struct may --- */

enum { ROW_ALIGN = 8 };

static int arena_begin(const struct row_memory *how, const struct sink_plan *plan, void **self,
                       struct sink_facts *facts)
{
    struct arena *a = calloc(1, sizeof *a);
    (void)plan, (void)facts;
    if (!a)
        return -ENOMEM;
    a->huge = how->huge;
    *self = a;
    return 0;
}

static uint8_t *arena_room(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    struct arena *a = self;
    size_t size = dbn_record_size(p), left = (size_t)(a->end - a->at), fit = left < ROW_ALIGN ? 0 : left - ROW_ALIGN;
    (void)moved;
    *got = n <= fit ? n : fit >= size ? fit / size * size : n;
    return arena_take(a, *got, ROW_ALIGN);
}

static void arena_clear_rows(void *self)
{
    arena_clear(self);
}

static void arena_end(void *self)
{
    arena_clear(self);
    free(self);
}

const struct row_memory row_memory_grow = {false, false, arrays_begin, arrays_room, arrays_clear, arrays_end};
const struct row_memory row_memory_exact = {true, false, arrays_begin, arrays_room, arrays_clear, arrays_end};
const struct row_memory row_memory_arena = {false, false, arena_begin, arena_room, arena_clear_rows, arena_end};
const struct row_memory row_memory_huge = {false, true, arena_begin, arena_room, arena_clear_rows, arena_end};
