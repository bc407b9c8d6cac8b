#include "run_capacity.h"

#include "limits_measure.h"
#include "../machine/child.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 60 * 1000 };

const char *const run_capacity_names[CAPACITY_KERNELS] = {
    [CAPACITY_ARITHMETIC] = "arithmetic",
    [CAPACITY_MEMORY] = "memory",
};

void run_capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME])
{
    snprintf(name, LIMIT_NAME, "%s x%" PRIu64, run_capacity_names[kernel], threads);
}

static size_t count(const struct run_capacity *c)
{
    size_t n = 0;
    while (c->threads[n])
        n++;
    return n;
}

size_t run_capacity_turns(const struct run_capacity *c)
{
    return CAPACITY_KERNELS * count(c);
}

/* In a process of its own. False: a signal stopped it. */
static bool measure(enum capacity_kind kernel, unsigned threads, struct capacity_sample *s)
{
    struct capacity_request request = {.kind = kernel, .threads = threads};
    int detail;
    limits_look_at_machine(&request.machine);
    enum child_end end = child_run(capacity_measure, &request, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE)
        snprintf(s->why, sizeof s->why, "%s",
                 end == CHILD_CRASHED     ? strsignal(detail)
                 : end == CHILD_TIMED_OUT ? "no result in time"
                                          : "no process could be had for it");
    return end != CHILD_STOPPED;
}

int run_capacity_take(struct run_capacity *c, size_t turn, uint64_t round,
                      int (*keep)(void *arg, const struct limit_sample *s), void *arg)
{
    size_t at = turn % count(c);
    enum capacity_kind kernel = (enum capacity_kind)(turn / count(c));
    struct limit_sample kept = {.round = round, .dataset = CAPACITY_DATASET, .per_second = kernel == CAPACITY_MEMORY};
    struct capacity_sample s = {0};
    if (c->failed[kernel][at])
        return 0;
    if (!measure(kernel, c->threads[at], &s))
        return 1;
    run_capacity_name(kernel, c->threads[at], kept.limit);
    kept.value = kept.wall_value = kept.per_second ? s.value : 1e9 / s.value;
    snprintf(kept.why, sizeof kept.why, "%s", s.why);
    c->failed[kernel][at] = *s.why != '\0';
    return keep(arg, &kept);
}
