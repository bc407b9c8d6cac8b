#include "lent.h"

#include "../foreign/plugin.h"
#include "../machine/counters.h"

#include <stdio.h>
#include <string.h>

static void run(void *job, void *result)
{
    const struct job *of = job;
    struct lent *l = result;
    if (!plugin_begin(of->backend->foreign, l->why, sizeof l->why))
        return;
    allocations_begin();
    job_run(of, &l->result);
    allocations_end(&l->allocations, &l->allocated_bytes);
    char why[SAMPLE_ERROR];
    if (!plugin_end(why, sizeof why) && l->result.outcome == 0)
        memcpy(l->why, why, sizeof why);
}

void lent_run(const struct job *job, const struct child_limits *limits, struct lent *l)
{
    const struct foreign *f = job->backend->foreign;
    int detail;
    *l = (struct lent){.result = {0}};
    snprintf(l->why, sizeof l->why, "%s", f->why);
    if (f->outcome != SAMPLE_OK)
        return;
    enum child_end end = child_run_within(run, (void *)job, l, sizeof *l, limits, &detail);
    if (end != CHILD_DONE)
        child_describe(end, detail, limits->timeout_ms, l->why, sizeof l->why);
}

struct compared {
    bool differ;
    char text[SAMPLE_ERROR];
};

static void compare(void *job, void *result)
{
    const struct job *of = job;
    struct compared *c = result;
    if (plugin_begin(of->backend->foreign, c->text, sizeof c->text))
        c->differ = lockstep(of->backend, of->paths[0], &of->options, c->text, sizeof c->text);
}

bool lent_lockstep(const struct job *job, const struct child_limits *limits, char *text, size_t size)
{
    struct compared c = {.differ = false};
    int detail;
    if (child_run_within(compare, (void *)job, &c, sizeof c, limits, &detail) != CHILD_DONE)
        return false;
    snprintf(text, size, "%s", c.text);
    return c.differ;
}
