/* The arithmetic of one round, and how it is judged; from samples to rounds, from rounds to statistics. */
#include "profile.h"

#include "../results/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this width of the interval, to both sides, nothing is said; up to this much may be missing. */
#define UNSURE_SHARE 0.10
#define SMALL_SHARE 0.03

const char *const profile_sinks[PROFILE_STEPS] = {
    [STEP_RAW] = "none",    [STEP_RAW_TOUCH] = "touch", [STEP_NONE] = "none", [STEP_TOUCH] = "touch",
    [STEP_FRAME] = "frame", [STEP_FIELDS] = "fields",   [STEP_ROWS] = "rows",
};

const char *const profile_part_names[PROFILE_PARTS] = {
    [PART_CALLS] = "calls",     [PART_FAULTS] = "faults",         [PART_HAND_OVER] = "hand-over",
    [PART_INFLATE] = "inflate", [PART_MEMORY] = "memory",         [PART_FRAMING] = "framing",
    [PART_FIELDS] = "fields",   [PART_ALLOCATION] = "allocation", [PART_UNEXPLAINED] = "unexplained",
};

const char *const profile_verdicts[] = {
    [PROFILE_CLOSES] = "closes",
    [PROFILE_OPEN] = "does not close",
    [PROFILE_OVERLAPS] = "overlaps",
    [PROFILE_UNSURE] = "too noisy",
};

/* The names of backends that are these sources. */
static const char *const sources[PROFILE_SOURCES] = {
    [FROM_BLOCKS] = "buffered",      [FROM_MEMORY] = "memory",       [FROM_CACHE] = "memory-cached",
    [FROM_HANDED] = "memory-handed", [FROM_STEPS] = "memory-fields",
};
#define STEPS_RECORDS "memory-records" /* FROM_STEPS of a decoder that asks for records */

/* --- one round --- */

bool profile_has(const struct profile_kind *kind, enum profile_part part)
{
    /* What is inflated is in the cache, whatever it was inflated from. */
    bool is_far = (kind->mapped || kind->shared) && !kind->compressed;
    return part == PART_FAULTS       ? kind->mapped
           : part == PART_HAND_OVER  ? kind->shared
           : part == PART_INFLATE    ? kind->compressed
           : part == PART_MEMORY     ? is_far
           : part == PART_ALLOCATION ? kind->kept
                                     : true;
}

void profile_split(const struct profile_kind *kind, const struct profile_times *t, double part[PROFILE_PARTS])
{
    const double *backend = t->ns[FROM_BACKEND], *memory = t->ns[FROM_MEMORY];
    /* A file that is not compressed is raw as it is. */
    enum profile_step raw = kind->compressed ? STEP_RAW : STEP_NONE;
    enum profile_step touch = kind->compressed ? STEP_RAW_TOUCH : STEP_TOUCH;

    /* The work on bytes that are there already, and what it takes to have them there. */
    const double *work = kind->stepped ? t->ns[FROM_STEPS] : kind->compressed ? memory : t->ns[FROM_CACHE];
    double there = kind->stepped ? memory[STEP_NONE] : work[STEP_NONE];
    for (size_t i = 0; i < PROFILE_PARTS; i++)
        part[i] = 0;
    part[PART_CALLS] = (kind->shared ? t->ns[FROM_BLOCKS] : backend)[raw];
    if (kind->stepped && !kind->compressed) /* `none` joins the fields that were read; that is framing */
        part[PART_CALLS] -= work[STEP_NONE] - there;
    if (kind->mapped)
        part[PART_FAULTS] = (backend[touch] - backend[raw]) - (memory[touch] - memory[raw]);
    if (kind->compressed)
        part[PART_INFLATE] = memory[STEP_NONE] - memory[STEP_RAW];
    if (kind->shared)
        part[PART_HAND_OVER] = backend[STEP_NONE] - part[PART_CALLS] - part[PART_INFLATE];
    part[PART_FRAMING] = work[STEP_FRAME] - there;
    part[PART_FIELDS] = work[STEP_FIELDS] - work[STEP_FRAME];
    if (profile_has(kind, PART_MEMORY)) {
        const double *far = kind->mapped ? memory : t->ns[FROM_HANDED];
        part[PART_MEMORY] = (far[STEP_FIELDS] - far[STEP_NONE]) - (work[STEP_FIELDS] - there);
        work = far;
    }
    if (kind->kept)
        part[PART_ALLOCATION] = work[STEP_ROWS] - work[STEP_FIELDS];

    double explained = 0;
    for (size_t i = 0; i < PART_UNEXPLAINED; i++)
        explained += part[i];
    part[PART_UNEXPLAINED] = backend[profile_top(kind)] - explained;
}

enum profile_verdict profile_judge(const struct stats *share)
{
    if (!share->confident || share->high - share->low > 2 * UNSURE_SHARE)
        return PROFILE_UNSURE;
    if ((share->low <= 0 && share->high >= 0) || fabs(share->median) <= SMALL_SHARE)
        return PROFILE_CLOSES;
    return share->median > 0 ? PROFILE_OPEN : PROFILE_OVERLAPS;
}

double profile_gain(double share)
{
    return share <= 0 ? 1 : share < 1 ? 1 / (1 - share) : (double)INFINITY;
}

/* --- cases --- */

/* A row in the making. */
struct work {
    const struct report *report;
    const struct report_row *top; /* the whole */
    struct profile_row *row;
    struct profile_times *times; /* by sample of the whole: those of its round */
};

static double a_record(const struct sample *s, double n)
{
    return n / (double)s->iterations / (double)s->records;
}

static double wall_ns(const struct sample *s)
{
    return a_record(s, (double)s->wall_ns);
}

static double cpu_ns(const struct sample *s)
{
    return a_record(s, reading_number(&s->cpu_ns));
}

static bool is_raw(const char *backend)
{
    size_t n = strlen(backend), suffix = strlen(PROFILE_RAW);
    return n > suffix && strcmp(backend + n - suffix, PROFILE_RAW) == 0;
}

/* Is it there only so that others can be compared with it? */
static bool is_helper(const char *backend)
{
    bool helper = is_raw(backend) || strcmp(backend, STEPS_RECORDS) == 0;
    for (size_t i = FROM_MEMORY; i < PROFILE_SOURCES; i++)
        helper |= strcmp(backend, sources[i]) == 0;
    return helper;
}

/* Where a source's bytes come from; NULL: it is not used. */
static const char *source_name(const struct work *w, enum profile_source source, enum run_asks asks)
{
    const struct profile_kind *kind = &w->row->kind;
    const bool used[PROFILE_SOURCES] = {
        [FROM_BACKEND] = true,
        [FROM_BLOCKS] = kind->shared,
        [FROM_MEMORY] = kind->mapped || kind->compressed || kind->stepped,
        [FROM_CACHE] = !kind->compressed && !kind->stepped,
        [FROM_HANDED] = kind->shared && !kind->compressed,
        [FROM_STEPS] = kind->stepped,
    };
    if (!used[source])
        return NULL;
    if (source == FROM_STEPS && asks == ASKS_RECORDS)
        return STEPS_RECORDS;
    return source == FROM_BACKEND ? w->row->backend : sources[source];
}

static const struct report_row *find(const struct work *w, const char *source, enum profile_step step)
{
    char name[sizeof((struct case_key *)0)->backend];
    snprintf(name, sizeof name, "%s%s", source, step < STEP_NONE ? PROFILE_RAW : "");
    return report_find_like(w->report, &w->top->sample->key, name, profile_sinks[step], w->top->sample->key.threads);
}

/* The times of all its cases, in each round. False: one failed. */
static bool take_cases(struct work *w, enum run_asks asks)
{
    for (size_t source = 0; source < PROFILE_SOURCES; source++)
        for (size_t step = 0; step < PROFILE_STEPS; step++) {
            const char *name = source_name(w, (enum profile_source)source, asks);
            const struct report_row *of = name ? find(w, name, (enum profile_step)step) : NULL;
            if (of && (of->ns.n == 0 || of->sample->records == 0)) {
                w->row->sample = of->sample;
                return false;
            }
            for (size_t i = 0; i < w->top->samples; i++) {
                const struct sample *s = report_in_round(w->report, of, w->report->order[w->top->first + i]->round);
                w->times[i].ns[source][step] = s ? cpu_ns(s) : NAN;
            }
        }
    return true;
}

/* --- figures --- */

static void set_part(struct work *w, size_t part)
{
    struct profile_row *row = w->row;
    double *values = w->report->values;
    size_t rounds = w->top->samples;
    for (int divided = 0; divided <= 1; divided++) {
        for (size_t i = 0; i < rounds; i++) {
            double all[PROFILE_PARTS], whole = w->times[i].ns[FROM_BACKEND][profile_top(&row->kind)];
            profile_split(&row->kind, &w->times[i], all);
            values[i] = divided ? all[part] / whole : all[part];
        }
        *(divided ? &row->share[part] : &row->part[part]) = stats_of_known(values, rounds);
    }
}

static void set_row(struct work *w)
{
    struct profile_row *row = w->row;
    const struct sample *s = row->sample;
    struct run_backend b = {0};
    row->unknown = !run_backend(w->report->results, row->backend, &b);
    row->verdict = PROFILE_UNSURE;
    row->kind.mapped = b.mapped;
    row->kind.shared = b.shared && !b.mapped;
    row->kind.stepped = b.asks != ASKS_BLOCKS;
    if (row->unknown || !take_cases(w, b.asks))
        return;
    row->reads = a_record(s, reading_number(&s->reads));
    row->faults = a_record(s, reading_number(&s->minor_faults) + reading_number(&s->major_faults));
    row->moved = NAN;
    if (s->bytes > 0)
        row->moved =
            (reading_number(&s->bytes_read) + reading_number(&s->copied)) / (double)s->iterations / (double)s->bytes;
    row->cpu = report_over(w->report, w->top, cpu_ns);
    row->wall = report_over(w->report, w->top, wall_ns);
    for (size_t part = 0; part < PROFILE_PARTS; part++)
        if (profile_has(&row->kind, (enum profile_part)part))
            set_part(w, part);
    row->verdict = profile_judge(&row->share[PART_UNEXPLAINED]);
}

/* What the cases of a file show: whether it is compressed, and whether the whole includes keeping its records. */
static struct profile_kind kind_of_file(const struct report *s, const char *dataset)
{
    struct profile_kind kind = {0};
    for (size_t i = 0; i < s->count; i++) {
        const struct case_key *key = &s->rows[i].sample->key;
        if (strcmp(key->dataset, dataset) != 0)
            continue;
        kind.compressed |= is_raw(key->backend);
        kind.kept |= strcmp(key->sink, profile_sinks[STEP_ROWS]) == 0;
    }
    return kind;
}

void profile_of(const struct report *report, struct profile *p)
{
    struct work w = {.report = report, .times = calloc(report->results->count + 1, sizeof *w.times)};
    *p = (struct profile){.rows = calloc(report->count + 1, sizeof *p->rows)};
    for (const struct report_row *row = report->rows; row < report->rows + report->count; row++) {
        const struct sample *s = row->sample;
        struct profile_kind kind = kind_of_file(report, s->key.dataset);
        if (is_helper(s->key.backend) || strcmp(s->key.sink, profile_sinks[profile_top(&kind)]) != 0)
            continue;
        w.top = row;
        w.row = &p->rows[p->count++];
        *w.row = (struct profile_row){.dataset = s->key.dataset, .backend = s->key.backend, .sample = s, .kind = kind};
        set_row(&w);
    }
    free(w.times);
}

void profile_free(struct profile *p)
{
    free(p->rows);
    *p = (struct profile){0};
}
