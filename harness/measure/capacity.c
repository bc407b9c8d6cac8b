/* All threads do the same fixed work, and the clock runs until the last one is done, as it does in a decode that is
 * split among them. The threads are there, and their memory has been written to, before it starts.
 *
 * The arithmetic is several chains at once, so that it is the core's units that limit it and not the time that one
 * operation takes: two threads that share a core's units then show as that. */
#include "capacity.h"
#include "../machine/child.h"
#include "../machine/machine.h"
#include "../machine/clock.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 1 << 20, HUGE_PAGE = 2 << 20, TIMEOUT_MS = 60 * 1000 };

/* --- how much memory is too much for the caches --- */

enum { MEMORY_LEAST = 64 << 20, MEMORY_USUAL = 256 << 20 };

/* The number that the kernel begins with when it speaks of a cache. */
static bool read_cache(unsigned cpu, unsigned index, const char *what, uint64_t *value)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cache/index%u/%s", cpu, index, what);
    FILE *f = fopen(path, "re");
    bool known = f && fscanf(f, "%" SCNu64, value) == 1;
    if (f)
        fclose(f);
    return known;
}

/* KiB of the core's last-level cache, which counts for the first one of the cores that share it. */
static uint64_t last_cache(unsigned cpu)
{
    uint64_t size, first, last = 0;
    for (unsigned i = 0; read_cache(cpu, i, "size", &size); i++) /* from the nearest level on */
        last = read_cache(cpu, i, "shared_cpu_list", &first) && first == cpu ? size : 0;
    return last;
}

static uint64_t configured(int name)
{
    long value = sysconf(name);
    return value > 0 ? (uint64_t)value : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void capacity_look_at_machine(struct capacity_machine *m)
{
    uint64_t caches = 0;
    for (unsigned cpu = 0; cpu < configured(_SC_NPROCESSORS_CONF); cpu++)
        caches += last_cache(cpu) << 10;
    if (caches == 0)
        caches = configured(_SC_LEVEL3_CACHE_SIZE);

    /* Of four times the caches a quarter is in them at most. Where they are very large, less has to do. */
    uint64_t memory = caches ? most(4 * caches, MEMORY_LEAST) : MEMORY_USUAL;
    memory = least(memory, most(2 * caches, MEMORY_USUAL));
    memory = least(memory, configured(_SC_PHYS_PAGES) * configured(_SC_PAGESIZE) / 8);
    *m = (struct capacity_machine){machine_cores(), caches, memory};
}

/* --- the work --- */

/* Keeps a value in a register of its own: no vectors, no formula for the end of a chain. */
#define STEP(x)                                                                                                        \
    (x) = ((x) << 5 | (x) >> 59) + 1;                                                                                  \
    __asm__ volatile("" : "+r"(x))

uint64_t capacity_arithmetic(uint64_t begin, uint64_t steps)
{
    uint64_t a = begin, b = begin + 1, c = begin + 2, d = begin + 3;
    uint64_t e = begin + 4, f = begin + 5, g = begin + 6, h = begin + 7;
    for (uint64_t i = 0; i < steps; i++) {
        STEP(a);
        STEP(b);
        STEP(c);
        STEP(d);
        STEP(e);
        STEP(f);
        STEP(g);
        STEP(h);
    }
    return a + b + c + d + e + f + g + h;
}

/* In large pages if they are to be had, so that it is memory that counts and not the tables of it. Written to, since
 * pages that never were are all one and the same. NULL if there is none. */
static uint8_t *get_memory(size_t size)
{
    uint8_t *p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    p += -(uintptr_t)p % HUGE_PAGE;
    madvise(p, size, MADV_HUGEPAGE);
    return memset(p, 1, size);
}

/* The sum of all 8-byte words of n bytes, n a multiple of 64: by vectors, and with four sums, so that neither the
 * number of loads nor a chain of additions is what limits it. */
static uint64_t add_words(const uint8_t *p, size_t n)
{
    __attribute__((vector_size(16))) uint64_t word, sum[4] = {{0}};
    for (size_t i = 0; i < n; i += sizeof sum) {
        for (size_t k = 0; k < 4; k++) {
            memcpy(&word, p + i + k * sizeof word, sizeof word);
            sum[k] += word;
        }
    }
    sum[0] += sum[1] + sum[2] + sum[3];
    return sum[0][0] + sum[0][1];
}

/* Reads CAPACITY_BYTES in all, from the beginning of the memory again and again. */
static uint64_t read_memory(const uint8_t *p, size_t size)
{
    uint64_t sum = 0;
    for (size_t done = 0, at = 0; done < CAPACITY_BYTES;) {
        size_t n = least(least(size - at, PIECE), CAPACITY_BYTES - done);
        uint64_t part = add_words(p + at, n);
        __asm__ volatile("" : : "r"(part));
        sum += part;
        done += n;
        at = at + n < size ? at + n : 0;
    }
    return sum;
}

/* --- all threads --- */

struct team {
    const struct capacity *capacity;
    size_t memory; /* of each thread, in bytes: a multiple of 64 */
    pthread_barrier_t ready;
    struct member {
        struct team *team;
        unsigned number;
        pthread_t thread;
        uint64_t begin_ns, end_ns;
        uint64_t check; /* 0: there was no memory */
    } member[];
};

static void *run(void *arg)
{
    struct member *m = arg;
    bool reads = m->team->capacity->kind == CAPACITY_MEMORY;
    uint8_t *memory = reads ? get_memory(m->team->memory) : NULL;
    pthread_barrier_wait(&m->team->ready);
    m->begin_ns = clock_now_ns();
    if (memory)
        m->check = read_memory(memory, m->team->memory);
    else if (!reads)
        m->check = capacity_arithmetic(m->number, CAPACITY_STEPS);
    m->end_ns = clock_now_ns();
    return NULL;
}

/* Runs all threads to their end; the calling one is the first of them. 0, or the error that kept one from starting:
 * then none does anything, and those that are there wait for the end of the process. */
static int run_team(struct team *team, unsigned threads)
{
    int error = pthread_barrier_init(&team->ready, NULL, threads);
    for (unsigned i = 0; i < threads && error == 0; i++) {
        struct member *m = &team->member[i];
        m->team = team;
        m->number = i;
        error = i > 0 ? pthread_create(&m->thread, NULL, run, m) : 0;
    }
    if (error)
        return error;
    run(&team->member[0]);
    for (unsigned i = 1; i < threads; i++)
        pthread_join(team->member[i].thread, NULL);
    return 0;
}

static void add_up(const struct team *team, struct capacity_sample *s)
{
    const struct capacity *c = team->capacity;
    uint64_t begin = UINT64_MAX, end = 0;
    double each = c->kind == CAPACITY_MEMORY ? (double)CAPACITY_BYTES : (double)CAPACITY_CHAINS * CAPACITY_STEPS;
    for (unsigned i = 0; i < c->threads; i++) {
        const struct member *m = &team->member[i];
        begin = least(begin, m->begin_ns);
        end = most(end, m->end_ns);
        s->check += m->check;
        if (c->kind == CAPACITY_MEMORY && m->check == 0)
            snprintf(s->why, sizeof s->why, "there is no memory for %u threads", c->threads);
    }
    s->wall_ns = end - begin;
    if (!s->why[0] && s->wall_ns > 0)
        s->value = each * c->threads * 1e9 / (double)s->wall_ns;
}

/* As much for each as makes it too much for the caches of the cores that are at it at a time. False: s->why says why
 * there is too little. */
static bool share_memory(const struct capacity *c, size_t *each, char *why)
{
    const struct capacity_machine *machine = &c->machine;
    *each = (size_t)(machine->memory / least(c->threads, machine->cores) / 64 * 64);
    if (*each == 0 || machine->memory < 2 * machine->caches)
        snprintf(why, LIMIT_WHY, "there is too little memory for getting past %llu MiB of caches",
                 (unsigned long long)(machine->caches >> 20));
    else if (*each > 4 * machine->memory / c->threads) /* of an eighth of what there is, or less */
        snprintf(why, LIMIT_WHY, "there is too little memory for %u threads with %zu MiB each", c->threads,
                 *each >> 20);
    return !why[0];
}

void capacity_measure(void *capacity, void *sample)
{
    const struct capacity *c = capacity;
    struct capacity_sample *s = sample;
    size_t memory = 0;
    *s = (struct capacity_sample){.why = ""};
    if (c->kind == CAPACITY_MEMORY && !share_memory(c, &memory, s->why))
        return;
    struct team *team = calloc(1, sizeof *team + c->threads * sizeof team->member[0]);
    team->capacity = c;
    team->memory = memory;
    int error = run_team(team, c->threads);
    if (error) {
        snprintf(s->why, sizeof s->why, "%u threads cannot be started: %s", c->threads, strerror(error));
        return;
    }
    add_up(team, s);
    free(team);
}

/* --- in turns with the cases of a run --- */

int capacity_take(struct capacity *c, uint64_t round, limit_keep *keep, void *arg)
{
    struct limit_sample kept = {.round = round, .dataset = CAPACITY_DATASET, .per_second = c->kind == CAPACITY_MEMORY};
    struct capacity_sample s = {0};
    int detail;
    if (c->failed)
        return 0;
    capacity_look_at_machine(&c->machine);
    enum child_end end = child_run(capacity_measure, c, &s, sizeof s, TIMEOUT_MS, &detail);
    if (end == CHILD_STOPPED)
        return 1;
    if (end != CHILD_DONE)
        child_describe(end, detail, TIMEOUT_MS, s.why, sizeof s.why);
    capacity_name(c->kind, c->threads, kept.limit);
    kept.value = kept.wall_value = kept.per_second ? s.value : 1e9 / s.value;
    snprintf(kept.why, sizeof kept.why, "%s", s.why);
    c->failed = *s.why != '\0';
    return keep(arg, &kept);
}

void capacity_explain(const struct capacity *c, json_t *meanings)
{
    static const char *const what[] = {
        [CAPACITY_ARITHMETIC] = "an operation in registers", [CAPACITY_MEMORY] = "reading memory"};
    char name[LIMIT_NAME];
    capacity_name(c->kind, c->threads, name);
    json_object_set_new(
        meanings, name,
        json_sprintf("%s, %u thread%s", what[c->kind], c->threads, c->threads == 1 ? "" : "s together"));
}
