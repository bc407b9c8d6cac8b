#include "plan.h"

#include "../../backends/file.h"
#include "../foreign/foreign.h"
#include "../machine/child.h"
#include "../reference/reference.h"
#include "limits.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Would the sink have the backend do nothing at all, as it does not read a file before somebody touches it? */
static bool reads_nothing(const struct plan_file *f, const struct backend *b, const struct sink *s)
{
    return b->lazy && !f->compressed && s->looks == SINK_LOOKS_AWAY;
}

/* Of who decodes by itself only that it does. */
static const char *way_of_reading(const struct backend *b)
{
    static const char *const kinds[] = {[FOREIGN_DECODES] = "plug-in", [FOREIGN_PROGRAM] = "program"};
    return foreign_decodes(b->foreign) ? kinds[b->foreign->kind] : b->name;
}

static void complete(const struct plan *p, struct plan_case *c)
{
    const struct plan_file *f = &p->files[c->file];
    struct case_key *key = &c->key;
    uint64_t asked = key->block ? key->block : p->input.block;
    key->files = key->files ? key->files : 1;
    key->split = key->split ? key->split : 1;
    key->block = c->backend->block && asked ? asked : c->backend->block;
    key->depth = c->backend->depth && p->input.depth ? p->input.depth : c->backend->depth;
    key->cold = p->cold;
    if (!*key->dataset)
        snprintf(key->dataset, sizeof key->dataset, "%s", f->name);
    if (foreign_decodes(c->backend->foreign))
        snprintf(key->decoder, sizeof key->decoder, "%s", c->backend->name);
    if (!*key->backend)
        snprintf(key->backend, sizeof key->backend, "%s", way_of_reading(c->backend));
    _Static_assert(sizeof key->sink >= SINK_NAME, "two sinks have two names");
    snprintf(key->sink, sizeof key->sink, "%s", c->sink->name);
    if (p->input.advice != ADVISE_NOTHING)
        snprintf(key->advice, sizeof key->advice, "%s", backend_advice_names[p->input.advice]);
    c->limit = c->raw ? NULL : limits_for(c->backend, f->compressed, key->block, p->cold);
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
        if (foreign_decodes(b->foreign) && !foreign_has_sink(b->foreign, like.sink->name)) {
            note(p, "%s with %s is left out: it has no such sink", b->name, like.sink->name);
            continue;
        }
        for (const unsigned *t = threads; *t; t++) {
            like.key.threads = *t;
            if (*t == 1 || b->attach || (foreign_decodes(b->foreign) && b->foreign->threads))
                plan_add_case(p, &like);
            else
                note(p, "what has a thread for each file, and decoders that take no number of threads, only with 1");
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

/* --- what they decode ---
 *
 * What must be found is worked out once for each part of a file, by the reference decoder, in a child of its own: it
 * keeps this process small, which every later child starts as a copy of. */

/* The reference decoder takes microseconds a record. */
enum { REFERENCE_TIMEOUT_MS = 3600 * 1000 };

struct reference_work {
    const char *path;
    const struct input_options *input;
    uint64_t max_records;
};

static void decode(void *arg, void *result)
{
    const struct reference_work *w = arg;
    ref_decode(w->path, w->input, w->max_records, result);
}

static struct plan_range *add_range(struct plan_file *f, struct plan_range range)
{
    assert(f->ranges < PLAN_RANGES);
    f->range[f->ranges] = range;
    return &f->range[f->ranges++];
}

static const struct plan_range *decoded_range(const struct plan *p, struct plan_file *f, uint64_t prefix, char *why,
                                              size_t size)
{
    struct reference_work work = {f->path, &p->input, prefix ? prefix : UINT64_MAX};
    struct ref_result r = {0};
    char how[128];
    int detail;
    enum child_end end = child_run(decode, &work, &r, sizeof r, REFERENCE_TIMEOUT_MS, &detail);
    *why = '\0';
    if (end == CHILD_DONE && r.outcome == 0) {
        uint64_t last = prefix ? r.records_end : UINT64_MAX;
        struct plan_range *range = add_range(
            f, (struct plan_range){.prefix = prefix, .end = last, .records = r.records, .bytes = r.records_end});
        memcpy(range->expected, r.tally, sizeof r.tally);
        memcpy(range->sums, r.sums, sizeof r.sums);
        return range;
    }
    if (end == CHILD_DONE) {
        input_describe(f->path, r.outcome, r.fault, why, size);
    } else if (end != CHILD_STOPPED) {
        child_describe(end, detail, REFERENCE_TIMEOUT_MS, how, sizeof how);
        snprintf(why, size, "%s: the reference decoder: %s", f->path, how);
    }
    return NULL;
}

const struct plan_range *plan_sum(const struct plan *p, struct plan_case *c)
{
    c->sum = (struct plan_range){.end = UINT64_MAX};
    for (const struct plan_file *f = p->files + c->file; f < p->files + c->file + c->key.files; f++) {
        c->sum.records += f->range[0].records;
        c->sum.bytes += f->range[0].bytes;
        for (size_t i = 0; sinks[i]; i++)
            tally_add(&c->sum.expected[i], &f->range[0].expected[i]);
        for (size_t i = 0; i < SUMS; i++)
            c->sum.sums[i] += f->range[0].sums[i];
    }
    return &c->sum;
}

/* What sinks should find that do not look for records: every byte, and the words at which they touch them; see
 * digest.h. 0 or an outcome. */
static int tally_bytes(const char *path, struct tally *bytes, uint64_t *words)
{
    uint8_t block[1 << 13]; /* a multiple of what is touched at a time */
    struct file f;
    int rc = file_open(&f, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc)
        return rc;
    int64_t got;
    while ((got = file_fill(&f, block, sizeof block)) > 0) {
        for (size_t i = 0; i < (size_t)got; i++)
            if (i % 64 < 8)
                *words += (uint64_t)block[i] << 8 * (i % 64);
        bytes->bytes += (uint64_t)got;
    }
    rc = file_close(&f, NULL);
    return got < 0 ? (int)got : rc;
}

static const struct plan_range *raw_range(struct plan_file *f, char *why, size_t size)
{
    struct tally bytes = {0};
    uint64_t words = 0;
    int rc = tally_bytes(f->path, &bytes, &words);
    if (rc) {
        snprintf(why, size, "%s: %s", f->path, input_outcome_text(rc));
        return NULL;
    }
    struct plan_range *range = add_range(
        f, (struct plan_range){.end = UINT64_MAX, .records = f->range[0].records, .bytes = bytes.bytes, .raw = true});
    for (size_t i = 0; sinks[i]; i++)
        range->expected[i] =
            (struct tally){.bytes = bytes.bytes, .digest = sinks[i]->looks == SINK_LOOKS_AWAY ? 0 : words};
    return range;
}

const struct plan_range *plan_range(const struct plan *p, struct plan_file *f, uint64_t prefix, char *why, size_t size)
{
    bool raw = prefix == PLAN_RAW;
    for (const struct plan_range *range = f->range; range < f->range + f->ranges; range++)
        if (range->raw == raw && (raw || range->prefix == prefix))
            return range;
    return raw ? raw_range(f, why, size) : decoded_range(p, f, prefix, why, size);
}

struct job_expected plan_expected(const struct plan_case *c, const struct plan_range *range)
{
    struct job_expected e = {.tally = sink_expected(c->sink, range->expected)};
    memcpy(e.sums, range->sums, sizeof e.sums);
    return e;
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
