/* From samples to rounds, from rounds to statistics. */
#include "profile.h"

#include "../measure/memory_backend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A row in the making. */
struct work {
    struct profile_row *row;
    const char *source[PROFILE_SOURCES]; /* the names of their backends; NULL: not used */
    size_t rounds;
    struct profile_times *times; /* by round */
    double *wall, *kernel;       /* by round; NAN: unknown */
    double *values;              /* room for as many */
};

static double record_ns(const struct sample *s, uint64_t ns)
{
    return (double)ns / (double)s->iterations / (double)s->records;
}

static double a_record(const struct sample *s, uint64_t n)
{
    return (double)n / (double)s->iterations / (double)s->records;
}

/* The length of the name without PROFILE_RAW. */
static size_t name_length(const char *name, bool *raw)
{
    size_t n = strlen(name), suffix = strlen(PROFILE_RAW);
    *raw = n > suffix && strcmp(name + n - suffix, PROFILE_RAW) == 0;
    return *raw ? n - suffix : n;
}

static bool is_from(const struct sample *s, const char *source, bool *raw)
{
    size_t n = name_length(s->key.backend, raw);
    return source && strlen(source) == n && memcmp(source, s->key.backend, n) == 0;
}

/* PROFILE_RUNGS: none. */
static enum profile_rung rung_of(const struct sample *s, bool raw)
{
    size_t rung = raw ? RUNG_RAW : RUNG_NONE, end = raw ? RUNG_NONE : PROFILE_RUNGS;
    while (rung < end && strcmp(profile_sinks[rung], s->key.sink) != 0)
        rung++;
    return rung < end ? (enum profile_rung)rung : PROFILE_RUNGS;
}

static void take_whole(struct work *w, const struct sample *s)
{
    struct profile_row *row = w->row;
    uint64_t cpu = s->user_ns + s->system_ns;
    w->wall[s->round] = record_ns(s, s->wall_ns);
    w->kernel[s->round] = cpu ? (double)s->system_ns / (double)cpu : NAN;
    if (row->sample)
        return;
    row->sample = s;
    row->reads = a_record(s, s->reads);
    row->bytes_read = a_record(s, s->bytes_read);
    row->faults = a_record(s, s->minor_faults + s->major_faults);
    row->moved = NAN;
    if (s->copied.state == READING_EXACT && s->bytes > 0)
        row->moved = (double)(s->bytes_read + s->copied.value) / (double)s->iterations / (double)s->bytes;
}

/* False if it failed. */
static bool take_sample_in(struct work *w, const struct sample *s)
{
    for (size_t i = 0; i < PROFILE_SOURCES; i++) {
        bool raw;
        enum profile_rung rung = PROFILE_RUNGS;
        if (is_from(s, w->source[i], &raw))
            rung = rung_of(s, raw);
        if (rung == PROFILE_RUNGS)
            continue;
        if (s->outcome != SAMPLE_OK || s->records == 0) {
            w->row->sample = s;
            return false;
        }
        w->times[s->round].ns[i][rung] = record_ns(s, s->cpu_ns);
        if (i == FROM_BACKEND && rung == profile_top(&w->row->kind))
            take_whole(w, s);
        if (i == FROM_BACKEND && rung == (w->row->kind.compressed ? RUNG_RAW_TOUCH : RUNG_TOUCH))
            w->row->file_faults = a_record(s, s->minor_faults + s->major_faults);
    }
    return true;
}

/* One split of every round: `split` into `to`, and into `share` in parts of the whole unless that is NULL. */
static void set_parts(struct work *w,
                      void (*split)(const struct profile_kind *, const struct profile_times *, double *),
                      struct stats *to, struct stats *share)
{
    for (size_t part = 0; part < PROFILE_PARTS; part++) {
        if (!profile_has(&w->row->kind, (enum profile_part)part))
            continue;
        for (int divided = 0; divided <= (share != NULL); divided++) {
            for (size_t i = 0; i < w->rounds; i++) {
                double all[PROFILE_PARTS], whole = w->times[i].ns[FROM_BACKEND][profile_top(&w->row->kind)];
                split(&w->row->kind, &w->times[i], all);
                w->values[i] = divided ? all[part] / whole : all[part];
            }
            *(divided ? &share[part] : &to[part]) = stats_of_known(w->values, w->rounds);
        }
    }
}

static void set_figures(struct work *w)
{
    struct profile_row *row = w->row;
    for (size_t i = 0; i < w->rounds; i++)
        w->values[i] = w->times[i].ns[FROM_BACKEND][profile_top(&row->kind)];
    row->cpu = stats_of_known(w->values, w->rounds);
    row->wall = stats_of_known(w->wall, w->rounds);
    row->kernel = stats_of_known(w->kernel, w->rounds);
    set_parts(w, profile_climb, row->step, NULL);
    set_parts(w, profile_split, row->part, row->share);
    row->verdict = profile_judge(&row->share[PART_UNEXPLAINED]);
}

/* What its samples show of a backend, and what is known of it by its name. */
static void set_kind(struct work *w, const struct results *r)
{
    const struct backend *b = backend_find(w->row->backend);
    struct profile_kind *kind = &w->row->kind;
    for (size_t i = 0; i < r->count; i++) {
        const struct sample *s = &r->samples[i];
        bool raw;
        if (strcmp(s->key.dataset, w->row->dataset) != 0)
            continue;
        bool own = is_from(s, w->row->backend, &raw);
        kind->compressed |= raw;
        kind->kept |= strcmp(s->key.sink, profile_sinks[RUNG_ROWS]) == 0;
        kind->mapped |= own && s->outcome == SAMPLE_OK && s->records > 0 && s->bytes_read == 0;
    }
    kind->shared = b && b->attach && !kind->mapped;
    kind->stepped = b && b->step != DBN_STEP_BLOCK;
    w->source[FROM_BACKEND] = w->row->backend;
    w->source[FROM_BLOCKS] = kind->shared ? "buffered" : NULL;
    w->source[FROM_MEMORY] = kind->mapped || kind->compressed || kind->stepped ? memory_backend.name : NULL;
    w->source[FROM_CACHE] = !kind->compressed && !kind->stepped ? memory_backend_cached.name : NULL;
    w->source[FROM_HANDED] = kind->shared && !kind->compressed ? memory_backend_handed.name : NULL;
    w->source[FROM_STEPS] = kind->stepped ? memory_backend_stepped(b->step)->name : NULL;
}

static void set_row(struct work *w, const struct results *r)
{
    struct profile_row *row = w->row;
    set_kind(w, r);
    for (size_t i = 0; i < w->rounds; i++) {
        w->wall[i] = w->kernel[i] = NAN;
        for (size_t source = 0; source < PROFILE_SOURCES; source++)
            for (size_t rung = 0; rung < PROFILE_RUNGS; rung++)
                w->times[i].ns[source][rung] = NAN;
    }
    for (size_t i = 0; i < r->count; i++) {
        const struct sample *s = &r->samples[i];
        if (strcmp(s->key.dataset, row->dataset) == 0 && !take_sample_in(w, s))
            return;
    }
    if (row->sample)
        set_figures(w);
}

static int add_row(struct profile *p, const struct results *r, const char *dataset, const char *backend, struct work *w)
{
    struct profile_row *more = reallocarray(p->rows, p->count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->rows = more;
    p->rows[p->count] = (struct profile_row){.dataset = dataset, .backend = backend};
    w->row = &p->rows[p->count];
    set_row(w, r);
    p->count += w->row->sample != NULL;
    return 0;
}

int profile_of(const struct results *r, const char *const *datasets, const char *const *with, struct profile *p)
{
    struct work w = {0};
    int rc = 0;
    *p = (struct profile){0};
    for (size_t i = 0; i < r->count; i++)
        w.rounds = r->samples[i].round >= w.rounds ? r->samples[i].round + 1 : w.rounds;
    w.times = calloc(w.rounds + 1, sizeof *w.times);
    w.values = calloc(3 * w.rounds + 1, sizeof *w.values);
    w.wall = w.values ? w.values + w.rounds : NULL;
    w.kernel = w.values ? w.values + 2 * w.rounds : NULL;
    if (!w.times || !w.values)
        rc = -ENOMEM;
    for (const char *const *dataset = datasets; *dataset; dataset++)
        for (const char *const *backend = with; *backend && rc == 0; backend++)
            rc = add_row(p, r, *dataset, *backend, &w);
    free(w.values);
    free(w.times);
    if (rc)
        profile_free(p);
    return rc;
}

void profile_free(struct profile *p)
{
    free(p->rows);
    *p = (struct profile){0};
}
