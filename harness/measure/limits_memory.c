/* Bandwidth of memory, and of the cache next to a core, by one thread; capacity.c measures what many come to. */
#include "../text/parse.h"
#include "limits_kernels.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 2 << 20, HUGE_PAGE = 2 << 20, LINE = 64 };

/* By vectors, and with four sums, so that neither the number of loads nor a chain of additions is what limits it. */
uint64_t limits_sum(const uint8_t *p, size_t n)
{
    __attribute__((vector_size(16))) uint64_t words[4], sum[4] = {{0}};
    for (size_t i = 0; i < n; i += sizeof words) {
        memcpy(&words[0], p + i, 16);
        memcpy(&words[1], p + i + 16, 16);
        memcpy(&words[2], p + i + 32, 16);
        memcpy(&words[3], p + i + 48, 16);
        sum[0] += words[0];
        sum[1] += words[1];
        sum[2] += words[2];
        sum[3] += words[3];
    }
    sum[0] += sum[1] + sum[2] + sum[3];
    return sum[0][0] + sum[0][1];
}

/* The stride is only known at run time, so compilers cannot load a whole vector for the sake of one word in it. */
uint64_t limits_touch(const uint8_t *p, size_t n, size_t stride)
{
    uint64_t sum = 0, word;
    for (size_t i = 0; i < n && n - i >= sizeof word; i += stride) {
        memcpy(&word, p + i, sizeof word);
        sum += word;
    }
    return sum;
}

/* In large pages if they are to be had, so that it is memory that counts and not the tables of it. */
uint8_t *limits_get_memory(size_t size)
{
    size_t whole = size + HUGE_PAGE;
    uint8_t *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    p += -(uintptr_t)p % HUGE_PAGE;
    madvise(p, size, MADV_HUGEPAGE);
    memset(p, 1, size);
    return p;
}

void limits_measure_memory(const struct limits_input *in, size_t what, struct limits_sample *s)
{
    uint64_t limit = what & MEMORY_CACHED ? in->l2 / 2 : in->memory;
    if (what & MEMORY_CACHED && in->l2 == 0) {
        snprintf(s->why, sizeof s->why, "the size of the L2 cache is not known");
        return;
    }
    if (!(what & MEMORY_CACHED) && in->memory < 2 * in->caches) {
        snprintf(s->why, sizeof s->why, "there is too little memory for getting past %llu MiB of caches",
                 (unsigned long long)(in->caches >> 20));
        return;
    }
    size_t size = (size_t)limit / (2 * LINE) * LINE, at = 0, n; /* half of it: the other half is what is copied */
    uint8_t *memory = limits_get_memory(2 * size);
    struct limits_steps t = {0};
    if (!memory) {
        snprintf(s->why, sizeof s->why, "%s", strerror(ENOMEM));
        return;
    }
    size = what & MEMORY_COPY ? size : 2 * size;
    limits_begin(&t);
    do {
        n = size - at < PIECE ? size - at : PIECE;
        if (what & MEMORY_COPY)
            memcpy(memory + at, memory + size + at, n);
        else
            limits_use(limits_sum(memory + at, n));
        __asm__ volatile("" : : "r"(memory) : "memory");
        at = (at + n) % size;
    } while (limits_step(&t, n));
    limits_finish(&t, true, s);
}

/* --- how much memory is too much for the caches --- */

enum { MEMORY_LEAST = 64 << 20, MEMORY_USUAL = 256 << 20, LEVELS = 8 };

/* The first line of a cache's property. */
static bool read_property(unsigned cpu, unsigned index, const char *name, char *text, int size)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cache/index%u/%s", cpu, index, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fgets(text, size, f) != NULL;
    fclose(f);
    text[strcspn(text, "\n")] = '\0';
    return ok;
}

static bool read_number(unsigned cpu, unsigned index, const char *name, uint64_t *value)
{
    char text[32];
    return read_property(cpu, index, name, text, sizeof text) && parse_size(text, UINT64_MAX, value);
}

/* A cache that several cores share counts for the first one of them. */
static bool is_first_user(unsigned cpu, unsigned index)
{
    char text[256], own[16];
    if (!read_property(cpu, index, "shared_cpu_list", text, sizeof text))
        return false;
    text[strcspn(text, ",-")] = '\0';
    snprintf(own, sizeof own, "%u", cpu);
    return strcmp(text, own) == 0;
}

/* The bytes of the core's last-level cache if it is the first user of it, else 0; *l2 becomes the size of its L2. */
static uint64_t last_cache(unsigned cpu, uint64_t *l2)
{
    uint64_t level, size, last_level = 0, last = 0;
    for (unsigned i = 0; i < LEVELS; i++) {
        if (!read_number(cpu, i, "level", &level) || !read_number(cpu, i, "size", &size))
            continue;
        if (level == 2)
            *l2 = size;
        if (level <= last_level)
            continue;
        last_level = level;
        last = is_first_user(cpu, i) ? size : 0;
    }
    return last;
}

static uint64_t configured(int name)
{
    long value = sysconf(name);
    return value > 0 ? (uint64_t)value : 0;
}

void limits_look_at_machine(struct limits_input *in)
{
    cpu_set_t allowed;
    in->caches = in->l2 = 0;
    for (unsigned cpu = 0; cpu < configured(_SC_NPROCESSORS_CONF); cpu++)
        in->caches += last_cache(cpu, &in->l2);
    if (in->caches == 0)
        in->caches = configured(_SC_LEVEL3_CACHE_SIZE);
    if (in->l2 == 0)
        in->l2 = configured(_SC_LEVEL2_CACHE_SIZE);
    bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
    in->cores = known ? (unsigned)CPU_COUNT(&allowed) : (unsigned)configured(_SC_NPROCESSORS_ONLN);

    /* Of four times the caches a quarter is in them at most. Where they are very large, less has to do. */
    uint64_t most = 2 * in->caches > MEMORY_USUAL ? 2 * in->caches : MEMORY_USUAL;
    uint64_t eighth = configured(_SC_PHYS_PAGES) * configured(_SC_PAGESIZE) / 8;
    in->memory = in->caches ? 4 * in->caches : MEMORY_USUAL;
    in->memory = in->memory > MEMORY_LEAST ? in->memory : MEMORY_LEAST;
    in->memory = in->memory < most ? in->memory : most;
    in->memory = in->memory < eighth ? in->memory : eighth;
}
