#include "arena.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* The beginning of a chunk. */
struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    _Alignas(ARENA_ALIGN) uint8_t memory[];
};

/* A mapping begins at any page, and a huge page only at a multiple of its size: the edges that are too much go back. */
static void *map_aligned(size_t n, size_t align)
{
    uint8_t *p = mmap(NULL, n + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return p;
    size_t before = (size_t)(-(uintptr_t)p % align);
    if (before)
        munmap(p, before);
    munmap(p + before + n, align - before);
    madvise(p + before, n, MADV_HUGEPAGE); /* if not, the pages are small ones */
    return p + before;
}

static long page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
}

/* How many of n bytes at p, which nobody has touched yet, are on huge pages: those where one page fault is enough. */
static uint64_t touch_huge(volatile uint8_t *p, size_t n)
{
    uint64_t huge = 0;
    for (size_t i = 0; i < n; i += ARENA_HUGE_PAGE) {
        p[i] = 0;
        long before = page_faults();
        p[i + ARENA_HUGE_PAGE / 2] = 0;
        huge += page_faults() == before ? ARENA_HUGE_PAGE : 0;
    }
    return huge;
}

/* The first is a small one: what has little to keep should not pay for a huge page. */
static bool add_chunk(struct arena *a, size_t least)
{
    bool small = !a->chunks && sizeof(struct arena_chunk) + least <= ARENA_FIRST;
    size_t size = small ? ARENA_FIRST : ARENA_CHUNK;
    struct arena_chunk *c = a->huge && !small
                                ? map_aligned(size, ARENA_HUGE_PAGE)
                                : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED)
        return false;
    a->mapped += a->huge ? size : 0;
    a->got_huge += a->huge && !small ? touch_huge((uint8_t *)c, size) : 0;
    *c = (struct arena_chunk){a->chunks, size};
    a->chunks = c;
    a->at = c->memory;
    a->end = (uint8_t *)c + size;
    return true;
}

void *arena_take(struct arena *a, size_t n, size_t align)
{
    size_t gap = (size_t)(-(uintptr_t)a->at % align);
    if ((size_t)(a->end - a->at) < gap + n) {
        if (!add_chunk(a, n))
            return NULL;
        gap = 0;
    }
    uint8_t *p = a->at + gap;
    a->at = p + n;
    return p;
}

static void free_chunks(struct arena_chunk **first)
{
    while (*first) {
        struct arena_chunk *c = *first;
        *first = c->next;
        munmap(c, c->size);
    }
}

void arena_rewind(struct arena *a)
{
    if (!a->chunks)
        return;
    free_chunks(&a->chunks->next);
    a->at = a->chunks->memory;
}

void arena_clear(struct arena *a)
{
    free_chunks(&a->chunks);
    a->at = a->end = NULL;
}

const char *arena_no_huge_pages(void)
{
    char text[64];
    int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return "the kernel has no transparent huge pages";
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, "[never]") ? "transparent huge pages are set to never" : NULL;
}
