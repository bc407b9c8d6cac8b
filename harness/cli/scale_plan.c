#include "scale_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int scale_plan_add(struct scale_plan *p, size_t first, size_t files, const char *name)
{
    struct scale_input *more = reallocarray(p->inputs, p->count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->inputs = more;
    p->inputs[p->count++] = (struct scale_input){first, files, name};
    return 0;
}

static int add_sinks(struct plan *p, struct plan_case like, const struct sink *const *with)
{
    int rc = 0;
    like.inner = 1;
    for (; *with && rc == 0; with++) {
        like.sink = *with;
        rc = plan_add_case(p, &like);
    }
    return rc;
}

/* One file in one piece by one thread, and in shards by all others; who shares blocks needs no shards. */
static int add_split(struct scale_plan *p, const struct scale_arguments *a, size_t file, const struct backend *b)
{
    struct plan_case like = {.file = file, .backend = b};
    int rc = 0;
    for (const unsigned *t = a->threads; *t && rc == 0; t++) {
        const unsigned as_threads[] = {*t, 0}, *split = a->split[0] ? a->split : as_threads;
        like.threads = *t;
        like.split = 1;
        if (*t == 1 || b->attach)
            rc = add_sinks(p->plan, like, a->sinks);
        for (; *split && rc == 0 && !b->attach; split++) {
            like.split = *split;
            if (*split > 1)
                rc = add_sinks(p->plan, like, a->sinks);
        }
    }
    return rc;
}

static int add_prefixes(struct scale_plan *p, const struct scale_arguments *a, size_t file, const struct backend *b,
                        char *why, size_t size)
{
    struct plan_file *f = &p->plan->files[file];
    struct plan_case like = {.file = file, .backend = b, .threads = 1};
    int rc = 0;
    for (const unsigned *n = a->records; *n && rc == 0 && !f->compressed && b->step == DBN_STEP_BLOCK; n++) {
        if (*n >= f->range[0].records)
            continue;
        like.range = plan_range(p->plan, f, *n, &rc, why, size);
        if (like.range)
            rc = add_sinks(p->plan, like, a->sinks);
    }
    return rc;
}

static int add_many(struct scale_plan *p, const struct scale_arguments *a, const struct scale_input *in, size_t files,
                    const struct backend *b)
{
    struct plan_range *sum = &p->sums[p->sum_count++];
    struct plan_case like = {.file = in->first, .files = files, .dataset = in->name, .backend = b, .range = sum};
    int rc = 0;
    *sum = plan_sum(p->plan, in->first, files);
    for (const unsigned *t = a->threads; *t && rc == 0; t++) {
        like.threads = *t;
        rc = add_sinks(p->plan, like, a->sinks);
    }
    return rc;
}

static int add_input(struct scale_plan *p, const struct scale_arguments *a, const struct scale_input *in,
                     const struct backend *b, char *why, size_t size)
{
    const unsigned all[] = {(unsigned)in->files, 0}, *files = a->files[0] ? a->files : all;
    int rc = 0;
    if (in->files == 1) {
        rc = add_split(p, a, in->first, b);
        return rc ? rc : add_prefixes(p, a, in->first, b, why, size);
    }
    for (; *files && rc == 0; files++)
        if (*files > 1 && *files <= in->files)
            rc = add_many(p, a, in, *files, b);
    return rc;
}

int scale_plan_set(struct scale_plan *p, const struct scale_arguments *a, char *why, size_t size)
{
    size_t n = 0;
    while (a->backends[n])
        n++;
    why[0] = '\0';
    p->plan->most_threads = 1; /* as nothing that was asked for is left out */
    p->sums = calloc(p->count * n * SCALE_COUNTS + 1, sizeof *p->sums);
    int rc = p->sums ? 0 : -ENOMEM;
    for (size_t i = 0; i < p->count; i++)
        for (const struct backend **b = a->backends; *b && rc == 0; b++)
            if (!backend_unavailable(*b))
                rc = add_input(p, a, &p->inputs[i], *b, why, size);
    if (rc == -ENOMEM)
        snprintf(why, size, "%s", strerror(ENOMEM));
    return rc;
}

void scale_plan_free(struct scale_plan *p)
{
    free(p->sums);
    free(p->inputs);
    *p = (struct scale_plan){0};
}
