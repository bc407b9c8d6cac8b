#include "plan.h"

#include "limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool plan_reads_nothing(const struct plan_file *f, const struct backend *b, const struct sink *s)
{
    return b->lazy && !f->compressed && s->looks == SINK_LOOKS_AWAY;
}

int plan_add_case(struct plan *p, const struct plan_case *c)
{
    struct plan_case *more = reallocarray(p->cases, p->case_count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->cases = more;
    p->cases[p->case_count] = *c;
    p->cases[p->case_count++].iterations = 1;
    return 0;
}

int plan_add_sinks(struct plan *p, struct plan_case c, const struct sink *const *with)
{
    int rc = 0;
    for (; *with && rc == 0; with++) {
        c.sink = *with;
        rc = plan_add_case(p, &c);
    }
    return rc;
}

/* All sinks and threads of one way of reading a file. */
static int add_cases(struct plan *p, struct plan_case like, const struct sink *const *with_sinks,
                     const unsigned *threads)
{
    int rc = 0;
    for (; *with_sinks; with_sinks++) {
        if (sink_unavailable(*with_sinks) || plan_reads_nothing(&p->files[like.file], like.backend, *with_sinks))
            continue;
        for (const unsigned *t = threads; *t && rc == 0; t++) {
            like.sink = *with_sinks;
            like.threads = *t;
            if (plan_is_useful(like.backend, *t))
                rc = plan_add_case(p, &like);
        }
    }
    return rc;
}

/* What was asked for and is not there. */
static void note_left_out(struct plan *p, const struct backend *b, const struct sink *const *with_sinks,
                          const unsigned *threads)
{
    const struct sink *lazy = NULL;
    bool idle = false;
    for (; *with_sinks; with_sinks++)
        for (size_t i = 0; i < p->file_count; i++)
            lazy = plan_reads_nothing(&p->files[i], b, *with_sinks) ? *with_sinks : lazy;
    for (; *threads; threads++)
        idle |= !plan_is_useful(b, *threads);
    if (lazy)
        plan_note(p, "%s with %s is left out: it moves nothing before it is touched", b->name, lazy->name);
    if (idle)
        plan_note(p, "%s only with 1 thread: it has one for each file", b->name);
}

int plan_cross(struct plan *p, const struct backend *const *with_backends, const struct sink *const *with_sinks,
               const size_t *blocks, const unsigned *threads)
{
    size_t b = 0, k = 0;
    int rc = 0;
    for (; with_backends[b]; b++)
        note_left_out(p, with_backends[b], with_sinks, threads);
    while (blocks[k])
        k++;
    for (size_t i = 0; i < p->file_count * b; i++) {
        struct plan_case like = {.file = i / b, .backend = with_backends[i % b]};
        if (backend_unavailable(like.backend))
            continue;
        size_t sizes = like.backend->block && k > 0 ? k : 1;
        for (size_t n = 0; n < sizes && rc == 0; n++) {
            like.block = like.backend->block && k > 0 ? blocks[n] : 0;
            rc = add_cases(p, like, with_sinks, threads);
        }
    }
    return rc;
}

/* --- what a case is --- */

void plan_key(const struct plan *p, const struct plan_case *c, struct case_key *key)
{
    enum backend_advice advice = p->input.advice;
    *key = (struct case_key){
        .threads = c->threads,
        .files = plan_files(c),
        .split = c->split > 1 ? c->split : 1,
        .block = plan_block(p, c),
        .cold = p->cold,
        .requested = c->requested,
    };
    snprintf(key->dataset, sizeof key->dataset, "%s", plan_name(p, c));
    snprintf(key->backend, sizeof key->backend, "%s", c->backend->name);
    snprintf(key->sink, sizeof key->sink, "%s", c->sink->name);
    if (advice != ADVISE_NOTHING)
        snprintf(key->advice, sizeof key->advice, "%s", backend_advice_names[advice]);
}

bool plan_has(const struct plan *p, const struct plan_case *c)
{
    struct case_key key, other;
    plan_key(p, c, &key);
    for (size_t i = 0; i < p->case_count; i++) {
        plan_key(p, &p->cases[i], &other);
        if (case_equal(&key, &other))
            return true;
    }
    return false;
}

bool plan_is_distinct(const struct plan *p, char name[CASE_NAME])
{
    struct case_key key;
    for (struct plan all = *p; all.case_count > 0;) {
        const struct plan_case *c = &p->cases[--all.case_count];
        if (!plan_has(&all, c))
            continue;
        plan_key(p, c, &key);
        case_name(&key, name);
        return false;
    }
    return true;
}

size_t plan_files(const struct plan_case *c)
{
    return c->files ? c->files : 1;
}

const char *plan_name(const struct plan *p, const struct plan_case *c)
{
    return c->dataset ? c->dataset : p->files[c->file].name;
}

size_t plan_block(const struct plan *p, const struct plan_case *c)
{
    size_t asked = c->block ? c->block : p->input.block;
    return c->backend->block && asked ? asked : c->backend->block;
}

/* Limits are of a cached file: what bounds a cold one, the device, is not measured. */
const char *plan_limit(const struct plan *p, const struct plan_case *c)
{
    bool none = p->cold || c->raw;
    return none ? NULL : limits_for(c->backend, p->files[c->file].compressed, plan_block(p, c));
}

struct job plan_job(const struct plan *p, const struct plan_case *c, const struct plan_range *range)
{
    struct job job = {
        .backend = c->backend,
        .sink = c->sink,
        .paths = p->paths + c->file,
        .files = plan_files(c),
        .threads = c->threads,
        .split = c->split,
        .end = range->end,
        .options = p->input,
    };
    job.options.raw = range->raw;
    if (c->block)
        job.options.block = c->block;
    return job;
}

void plan_note(struct plan *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!p->notes)
        p->notes = json_array();
    json_array_append_new(p->notes, json_vsprintf(format, args));
    va_end(args);
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->file_count; i++)
        free(p->files[i].path);
    free(p->files);
    free(p->paths);
    free(p->inputs);
    free(p->cases);
    json_decref(p->notes);
    *p = (struct plan){0};
}
