#include "plan.h"

#include "limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Would the sink have the backend do nothing at all, as it does not read a file before somebody touches it? */
static bool reads_nothing(const struct plan_file *f, const struct backend *b, const struct sink *s)
{
    return b->lazy && !f->compressed && s->looks == SINK_LOOKS_AWAY;
}

static void complete(const struct plan *p, struct plan_case *c)
{
    const struct plan_file *f = &p->files[c->file];
    struct case_key *key = &c->key;
    uint64_t asked = key->block ? key->block : p->input.block;
    key->files = key->files ? key->files : 1;
    key->split = key->split ? key->split : 1;
    key->block = c->backend->block && asked ? asked : c->backend->block;
    key->cold = p->cold;
    if (!*key->dataset)
        snprintf(key->dataset, sizeof key->dataset, "%s", f->name);
    if (!*key->backend)
        snprintf(key->backend, sizeof key->backend, "%s", c->backend->name);
    snprintf(key->sink, sizeof key->sink, "%s", c->sink->name);
    if (p->input.advice != ADVISE_NOTHING)
        snprintf(key->advice, sizeof key->advice, "%s", backend_advice_names[p->input.advice]);
    /* Limits are of a cached file: what bounds a cold one, the device, is not measured. */
    c->limit = p->cold || c->raw ? NULL : limits_for(c->backend, f->compressed, key->block);
    c->iterations = 1;
}

void plan_add_case(struct plan *p, const struct plan_case *c)
{
    p->cases = reallocarray(p->cases, p->case_count + 1, sizeof *p->cases);
    struct plan_case *added = &p->cases[p->case_count];
    *added = *c;
    complete(p, added);
    for (const struct plan_case *other = p->cases; other < added; other++)
        if (other->file == added->file && case_equal(&other->key, &added->key))
            return;
    p->case_count++;
}

void plan_add_sinks(struct plan *p, struct plan_case c, const struct sink *const *with)
{
    for (; *with; with++) {
        c.sink = *with;
        plan_add_case(p, &c);
    }
}

/* What was asked for and is not there, once. */
static void note(struct plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct plan *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    json_t *text = json_vsprintf(format, args), *other;
    size_t i;
    va_end(args);
    if (!p->notes)
        p->notes = json_array();
    json_array_foreach(p->notes, i, other) if (json_equal(other, text)) break;
    if (i == json_array_size(p->notes))
        json_array_append(p->notes, text);
    json_decref(text);
}

/* All sinks and threads of one way of reading a file. One file is decoded by one thread, unless the backend is shared:
 * others with more threads would only idle. */
static void add_cases(struct plan *p, struct plan_case like, const struct sink *const *with_sinks,
                      const unsigned *threads)
{
    const struct backend *b = like.backend;
    for (; *with_sinks; with_sinks++) {
        like.sink = *with_sinks;
        if (sink_unavailable(like.sink))
            continue;
        if (reads_nothing(&p->files[like.file], b, like.sink)) {
            note(p, "%s with %s is left out: it moves nothing before it is touched", b->name, like.sink->name);
            continue;
        }
        for (const unsigned *t = threads; *t; t++) {
            like.key.threads = *t;
            if (*t == 1 || b->attach)
                plan_add_case(p, &like);
            else
                note(p, "%s only with 1 thread: it has one for each file", b->name);
        }
    }
}

void plan_cross(struct plan *p, const struct backend *const *with_backends, const struct sink *const *with_sinks,
                const size_t *blocks, const unsigned *threads)
{
    for (size_t file = 0; file < p->file_count; file++)
        for (const struct backend *const *b = with_backends; *b; b++)
            for (const size_t *block = blocks; block == blocks || *block; block++) {
                struct plan_case like = {.file = file, .backend = *b, .key.block = *block};
                if (!backend_unavailable(*b))
                    add_cases(p, like, with_sinks, threads);
                if (*block == 0)
                    break;
            }
}

struct job plan_job(const struct plan *p, const struct plan_case *c, const struct plan_range *range)
{
    struct job job = {
        .backend = c->backend,
        .sink = c->sink,
        .paths = p->paths + c->file,
        .files = c->key.files,
        .threads = (unsigned)c->key.threads,
        .split = (unsigned)c->key.split,
        .end = range->end,
        .options = p->input,
    };
    job.options.raw = range->raw;
    if (c->key.block)
        job.options.block = c->key.block;
    return job;
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
