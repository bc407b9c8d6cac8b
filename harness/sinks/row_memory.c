/* Records of one type and length have the layout of one struct; the structs have that of the file.
 *
 * Arrays that grow double when they are full, by a new one and a copy, as those of most languages do: so what that
 * moves is known exactly, which realloc() would not tell. Exact ones are mapped, and taken once if it is known how many
 * rows will come. Otherwise they double as well, but the kernel moves the pages and no byte is copied. */
#include "row_memory.h"

#include "../../dbn/inflate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROWS = 4, LOOKS = 32, ROW_ALIGN = 8 };

struct row_array {
    struct row_array *next;
    uint16_t kind;
    size_t used, room; /* bytes */
    uint8_t *rows;
};

/* The array for records like the one at p. NULL if memory ran out. */
static struct row_array *array_for(struct row_memory *m, const uint8_t *p)
{
    uint16_t kind = dbn_kind(p);
    struct row_array *a = m->of[kind];
    if (a || !(a = calloc(1, sizeof *a)))
        return a;
    a->kind = kind;
    a->next = m->first;
    return m->first = m->of[kind] = a;
}

static bool grow_by_copy(struct row_array *a, size_t room, uint64_t *moved)
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

static bool grow_by_pages(struct row_array *a, size_t room)
{
    void *rows = a->rows ? mremap(a->rows, a->room, room, MREMAP_MAYMOVE)
                         : mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (rows == MAP_FAILED)
        return false;
    a->rows = rows;
    a->room = room;
    return true;
}

static uint8_t *array_room(struct row_memory *m, const uint8_t *p, size_t n, uint64_t *moved)
{
    struct row_array *a = array_for(m, p);
    if (!a)
        return NULL;
    if (a->room - a->used < n) {
        size_t room = a->room ? a->room : m->counted ? (size_t)m->counted : FIRST_ROWS * dbn_record_size(p);
        while (room - a->used < n)
            room *= 2;
        if (!(m->kind == ROWS_EXACT ? grow_by_pages(a, room) : grow_by_copy(a, room, moved)))
            return NULL;
    }
    a->used += n;
    return a->rows + a->used - n;
}

/* A chunk holds whole records, each of which begins where its struct may. */
static uint8_t *arena_room(struct arena *a, const uint8_t *p, size_t n, size_t *got)
{
    size_t size = dbn_record_size(p), left = (size_t)(a->end - a->at), fit = left < ROW_ALIGN ? 0 : left - ROW_ALIGN;
    *got = n <= fit ? n : fit >= size ? fit / size * size : n;
    return arena_take(a, *got, ROW_ALIGN);
}

uint8_t *row_memory_room(struct row_memory *m, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    if (m->kind >= ROWS_ARENA)
        return arena_room(&m->arena, p, n, got);
    *got = n;
    return array_room(m, p, n, moved);
}

void row_memory_clear(struct row_memory *m)
{
    while (m->first) {
        struct row_array *a = m->first;
        if (m->kind != ROWS_EXACT)
            free(a->rows);
        else if (a->rows)
            munmap(a->rows, a->room);
        m->of[a->kind] = NULL;
        m->first = a->next;
        free(a);
    }
    arena_clear(&m->arena);
}

/* --- how many rows will come --- */

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

void row_memory_begin(struct row_memory *m, enum row_memory_kind kind, const struct sink_plan *plan,
                      struct sink_facts *facts)
{
    m->kind = kind;
    m->arena.huge = kind == ROWS_HUGE;
    m->counted = kind == ROWS_EXACT ? count_rows(plan, facts) : 0;
}
