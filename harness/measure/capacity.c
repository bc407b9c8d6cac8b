/* All threads do the same fixed work, and the clock runs until the last one is done, as it does in a decode that is
 * split among them. The threads are there, and their memory has been written to, before it starts.
 *
 * The arithmetic is several chains at once, so that it is the core's units that limit it and not the time that one
 * operation takes: two threads that share a core's units then show as that. */
#include "capacity.h"
#include "../machine/child.h"
#include "clock.h"
#include "limits_kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 20, TIMEOUT_MS = 60 * 1000 };

struct team {
    const struct capacity_request *request;
    size_t memory;        /* of each thread, in bytes: a multiple of 64 */
    pthread_mutex_t gate; /* held while threads are started, so that they can be sent home if one cannot be */
    bool cancelled;
    pthread_barrier_t ready;
};

struct member {
    struct team *team;
    unsigned number;
    pthread_t thread;
    uint64_t begin_ns, end_ns, check;
    bool no_memory;
};

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

/* Reads CAPACITY_BYTES in all, from the beginning of the memory again and again. */
static uint64_t read_memory(const uint8_t *p, size_t size)
{
    uint64_t sum = 0;
    for (size_t done = 0, at = 0; done < CAPACITY_BYTES;) {
        size_t n = size - at < PIECE ? size - at : PIECE;
        n = n < CAPACITY_BYTES - done ? n : CAPACITY_BYTES - done;
        uint64_t part = limits_sum(p + at, n);
        limits_use(part);
        sum += part;
        done += n;
        at = at + n < size ? at + n : 0;
    }
    return sum;
}

static void *run(void *arg)
{
    struct member *m = arg;
    struct team *team = m->team;
    bool reads = team->request->kind == CAPACITY_MEMORY;
    uint8_t *memory = NULL;
    pthread_mutex_lock(&team->gate);
    bool cancelled = team->cancelled;
    pthread_mutex_unlock(&team->gate);
    if (cancelled)
        return NULL;
    if (reads)
        memory = limits_get_memory(team->memory);
    m->no_memory = reads && !memory;
    pthread_barrier_wait(&team->ready);
    m->begin_ns = clock_now_ns();
    if (memory)
        m->check = read_memory(memory, team->memory);
    else if (!reads)
        m->check = capacity_arithmetic(m->number, CAPACITY_STEPS);
    m->end_ns = clock_now_ns();
    return NULL;
}

/* Runs all threads to their end; the calling one is the first of them. 0, or the error that kept one from starting:
 * then none has done anything. */
static int run_team(struct team *team, struct member *members)
{
    unsigned n = team->request->threads, started = 1;
    int error = pthread_barrier_init(&team->ready, NULL, n);
    if (error)
        return error;
    pthread_mutex_lock(&team->gate);
    for (; started < n && error == 0; started += error == 0)
        error = pthread_create(&members[started].thread, NULL, run, &members[started]);
    team->cancelled = error != 0;
    pthread_mutex_unlock(&team->gate);
    run(&members[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&team->ready);
    return error;
}

static void add_up(const struct capacity_request *r, const struct member *members, struct capacity_sample *s)
{
    uint64_t begin = UINT64_MAX, end = 0;
    for (unsigned i = 0; i < r->threads; i++) {
        const struct member *m = &members[i];
        begin = m->begin_ns < begin ? m->begin_ns : begin;
        end = m->end_ns > end ? m->end_ns : end;
        s->check += m->check;
        s->amount += r->kind == CAPACITY_MEMORY ? CAPACITY_BYTES : (uint64_t)CAPACITY_CHAINS * CAPACITY_STEPS;
        if (m->no_memory)
            snprintf(s->why, sizeof s->why, "there is no memory for %u threads", r->threads);
    }
    s->wall_ns = end - begin;
    if (!s->why[0] && s->wall_ns > 0)
        s->value = (double)s->amount * 1e9 / (double)s->wall_ns;
}

/* As much for each as makes it too much for the caches of the cores that are at it at a time. False: s->why says why
 * there is too little. */
static bool share_memory(const struct capacity_request *r, size_t *each, char *why)
{
    const struct limits_input *machine = &r->machine;
    uint64_t at_once = r->threads < machine->cores || machine->cores == 0 ? r->threads : machine->cores;
    uint64_t most = 4 * machine->memory; /* which is an eighth of what there is, or less */
    *each = (size_t)(machine->memory / at_once / 64 * 64);
    if (*each == 0 || machine->memory < 2 * machine->caches)
        snprintf(why, LIMIT_WHY, "there is too little memory for getting past %llu MiB of caches",
                 (unsigned long long)(machine->caches >> 20));
    else if (*each > most / r->threads)
        snprintf(why, LIMIT_WHY, "there is too little memory for %u threads with %zu MiB each", r->threads,
                 *each >> 20);
    return !why[0];
}

void capacity_measure(void *request, void *sample)
{
    const struct capacity_request *r = request;
    struct capacity_sample *s = sample;
    struct team team = {.request = r, .gate = PTHREAD_MUTEX_INITIALIZER};
    *s = (struct capacity_sample){.why = ""};
    if (r->threads == 0 || r->threads > CAPACITY_THREADS) {
        snprintf(s->why, sizeof s->why, "%u threads: only 1 to %d can be measured", r->threads, CAPACITY_THREADS);
        return;
    }
    if (r->kind == CAPACITY_MEMORY && !share_memory(r, &team.memory, s->why))
        return;
    struct member *members = calloc(r->threads, sizeof *members);
    if (!members) {
        snprintf(s->why, sizeof s->why, "out of memory");
        return;
    }
    for (unsigned i = 0; i < r->threads; i++) {
        members[i].team = &team;
        members[i].number = i;
    }
    int error = run_team(&team, members);
    if (error)
        snprintf(s->why, sizeof s->why, "%u threads cannot be started: %s", r->threads, strerror(error));
    else
        add_up(r, members, s);
    free(members);
}

/* --- in turns with the cases of a run --- */

static size_t count(const struct capacity *c)
{
    size_t n = 0;
    while (c->threads[n])
        n++;
    return n;
}

size_t capacity_turns(const struct capacity *c)
{
    return CAPACITY_KERNELS * count(c);
}

/* In a process of its own. False: a signal stopped it. */
static bool take(enum capacity_kind kernel, unsigned threads, struct capacity_sample *s)
{
    struct capacity_request request = {.kind = kernel, .threads = threads};
    int detail;
    limits_look_at_machine(&request.machine);
    enum child_end end = child_run(capacity_measure, &request, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE)
        child_describe(end, detail, TIMEOUT_MS, s->why, sizeof s->why);
    return end != CHILD_STOPPED;
}

int capacity_take(struct capacity *c, size_t turn, uint64_t round, limit_keep *keep, void *arg)
{
    size_t at = turn % count(c);
    enum capacity_kind kernel = (enum capacity_kind)(turn / count(c));
    struct limit_sample kept = {.round = round, .dataset = CAPACITY_DATASET, .per_second = kernel == CAPACITY_MEMORY};
    struct capacity_sample s = {0};
    if (c->failed[kernel][at])
        return 0;
    if (!take(kernel, c->threads[at], &s))
        return 1;
    capacity_name(kernel, c->threads[at], kept.limit);
    kept.value = kept.wall_value = kept.per_second ? s.value : 1e9 / s.value;
    snprintf(kept.why, sizeof kept.why, "%s", s.why);
    c->failed[kernel][at] = *s.why != '\0';
    return keep(arg, &kept);
}

void capacity_explain(const struct capacity *c, json_t *meanings)
{
    static const char *const what[] = {
        [CAPACITY_ARITHMETIC] = "an operation in registers", [CAPACITY_MEMORY] = "reading memory"};
    char name[LIMIT_NAME];
    for (enum capacity_kind kernel = 0; kernel < CAPACITY_KERNELS; kernel++)
        for (const unsigned *threads = c->threads; *threads; threads++) {
            capacity_name(kernel, *threads, name);
            json_object_set_new(meanings, name, json_sprintf("%s, %u threads together", what[kernel], *threads));
        }
}
