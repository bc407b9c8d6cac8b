/* The folder's files are sorted into kinds. Pieces of each kind, all of the same part of it, make a sample, which is
 * read in every way, in rounds; each round gives one figure for the whole folder and each way. Rounds take turns with
 * several samples, so that their figures differ as much as files do. A folder that can be read as a whole in that time
 * is. */
#include "advise.h"

#include "../machine/clock.h"
#include "../machine/page_cache.h"
#include "archive.h"
#include "capacity.h"
#include "measure.h"
#include "excerpts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    SAMPLES = 3,
    ROUNDS_LEAST = 3,
    GAINS = 5,
    COLD_ROUNDS = 3,
    SPLIT = 8,         /* shards of a file for each thread */
    SMALL_MOST = 1024, /* files of a kind in a sample */
    PIECE_LEAST = 256 << 10,
    CHANGED_LEAST = 4 << 20, /* bytes of the stream that are packed otherwise, of each kind */
    CHANGED_MOST = 32 << 20,
    TIMEOUT_MS = 120 * 1000,
};
static const int levels[] = {0, 3, 9};
enum { LEVELS = sizeof levels / sizeof levels[0] };

/* How large a sample may be is chosen by what machines can do at least: bytes of the stream a second that are read, not
 * compressed and compressed. Reading it once may take this part of the time. */
static const double PLAIN_RATE = 4e9, PACKED_RATE = 0.4e9, RATIO = 3, READ_SHARE = 0.012;

struct advising {
    const struct advise_options *o;
    struct advice *a;
    struct progress progress;
    uint64_t begin_ns, random;
    double seconds; /* that samples are for */
    size_t samples;
    struct excerpts pieces[SAMPLES][ADVICE_KINDS], sample[SAMPLES]; /* the latter of all kinds */
    struct excerpts changed[LEVELS][ADVICE_KINDS];
    struct excerpts empty; /* a file without records */
    size_t first_change;   /* of the ways: one for each level */
    struct advice_load *load;
    double idle[ADVICE_WAYS][ADVICE_ROUNDS]; /* ns for the empty file, of each round */

    /* Of this round: ns for a byte of a file, by one thread, and with all once it is packed otherwise. */
    double rate[ADVICE_KINDS], changed_rate[LEVELS][ADVICE_KINDS];
    double one_ns; /* of capacity */
    enum session_end end;
};

static bool stop(struct advising *v)
{
    v->end = SESSION_STOPPED;
    return false;
}

static void fail(struct advising *v)
{
    v->end = v->end == SESSION_DONE ? SESSION_FAILED : v->end;
}

static uint64_t at_share(const struct advising *v, double share)
{
    return v->begin_ns + (uint64_t)(v->seconds * share * 1e9);
}

static void say(struct advising *v, const char *what, size_t i, size_t n)
{
    char text[96];
    snprintf(text, sizeof text, "%s: %zu of %zu", what, i, n);
    progress_show(&v->progress, false, text);
}

/* --- the sample --- */

/* Bytes of its streams, roughly. */
static double stream_of(const struct advice_kind *c)
{
    return (double)c->bytes * (c->packing == ADVICE_PLAIN ? 1 : RATIO);
}

/* The part of the folder that a sample is; 1: all of it. */
static double choose_part(const struct advising *v)
{
    double read = 0, most = v->a->unseen == 0 && v->a->file_count <= SMALL_MOST ? 1 : 0.99;
    for (const struct advice_kind *c = v->a->kinds; c < v->a->kinds + v->a->kind_count; c++) {
        read += stream_of(c) / (c->packing == ADVICE_PLAIN ? PLAIN_RATE : PACKED_RATE);
        if (c->files > 0)
            most = fmin(most, (double)SMALL_MOST / (double)c->files);
    }
    return fmin(most, v->seconds * READ_SHARE / read);
}

/* Files of the kind, each as likely as it is large, in order and each once. How many. */
static size_t draw(struct advising *v, size_t kind, size_t n, size_t *files)
{
    const struct advice *a = v->a;
    double step = (double)a->kinds[kind].bytes / (double)n, next = step * stats_random_unit(&v->random), at = 0;
    size_t drawn = 0;
    for (size_t i = 0; i < a->file_count && drawn < n; i++) {
        const struct advice_file *f = &a->files[i];
        if (f->bad || f->kind != kind)
            continue;
        at += (double)f->size;
        if (at >= next)
            files[drawn++] = i;
        while (next <= at)
            next += step;
    }
    return drawn;
}

/* False: stopped. */
static bool make(struct advising *v, const size_t *files, size_t n, uint64_t most, struct excerpts *p)
{
    int rc = excerpts_make(v->a, files, n, most, v->o->sink, &v->o->input, v->o->complain, p);
    if (rc < 0)
        fail(v);
    return rc <= 0 || stop(v);
}

/* Whole files, rather than many: their beginnings may lie otherwise in memory, and hold other things. Draws anew where
 * all turn out to be bad. False: stopped, or there is no sample. */
static bool sample_kind(struct advising *v, size_t kind, double part, struct excerpts *p)
{
    const struct advice_kind *c = &v->a->kinds[kind];
    size_t files[SMALL_MOST];
    uint64_t before;
    do {
        double all = (double)c->files, n = fmin(fmax(part * all, c->small ? 1 : v->o->threads), fmin(all, SMALL_MOST));
        uint64_t most = part < 1 && n >= 1 ? (uint64_t)fmax(2 * part * stream_of(c) / n, PIECE_LEAST) : UINT64_MAX;
        before = c->files;
        excerpts_free(p);
        if (!make(v, files, draw(v, kind, (size_t)n, files), most, p))
            return false;
    } while (p->n == 0 && c->files < before);
    return p->n > 0 || c->files == 0;
}

static bool make_samples(struct advising *v)
{
    struct advice *a = v->a;
    double part = choose_part(v);
    a->whole = part >= 1;
    v->samples = a->whole ? 1 : SAMPLES;
    for (size_t k = 0; k < v->samples; k++)
        for (size_t i = 0; i < a->kind_count; i++) {
            say(v, "making a sample", k * a->kind_count + i + 1, v->samples * a->kind_count);
            if (!sample_kind(v, i, part, &v->pieces[k][i]))
                return false;
        }
    for (size_t k = 0; k < v->samples; k++) {
        excerpts_join(v->pieces[k], a->kind_count, &v->sample[k]);
        a->sampled += v->sample[k].bytes / v->samples;
    }
    return true;
}

/* The largest file of the kind. */
static size_t largest(const struct advice *a, size_t kind)
{
    size_t best = a->file_count;
    for (size_t i = 0; i < a->file_count; i++)
        if (!a->files[i].bad && a->files[i].kind == kind &&
            (best == a->file_count || a->files[i].size > a->files[best].size))
            best = i;
    return best;
}

/* Packs a piece of the kind in each of the ways. */
static bool change_kind(struct advising *v, size_t kind)
{
    struct advice *a = v->a;
    struct advice_kind *c = &a->kinds[kind];
    struct excerpts from;
    size_t file = largest(a, kind);
    double most = v->seconds * READ_SHARE * PACKED_RATE * (double)c->bytes / (double)a->bytes;
    if (file == a->file_count)
        return true;
    bool go_on = make(v, &file, 1, (uint64_t)fmin(fmax(most, CHANGED_LEAST), CHANGED_MOST), &from);
    for (size_t i = 0; go_on && from.n == 1 && i < LEVELS; i++) {
        struct advice_way *w = &a->ways[v->first_change + i];
        struct excerpts_packed as;
        double share = (double)c->bytes / (double)from.bytes * advice_bytes(a) / (double)a->bytes;
        int rc = excerpts_pack(&from, levels[i], 2 * (size_t)v->o->threads, &v->o->input, &v->changed[i][kind], &as);
        if (rc) {
            v->o->complain("packing a sample: %s", input_outcome_text(rc));
            fail(v);
        }
        c->stream = (double)as.stream / (double)from.bytes;
        w->size += rc ? NAN : share * (double)as.size;
        w->pack_rate += share * as.seconds; /* the seconds for all, until all kinds are done */
        go_on = child_stopped() ? stop(v) : true;
    }
    excerpts_free(&from);
    return go_on;
}

static bool change(struct advising *v)
{
    struct advice *a = v->a;
    for (size_t i = 0; i < a->kind_count; i++) {
        say(v, "packing samples otherwise", i + 1, a->kind_count);
        if (!change_kind(v, i))
            return false;
    }
    for (struct advice_way *w = a->ways; w < a->ways + a->way_count; w++)
        w->pack_rate = w->group == ADVICE_CHANGE && w->level > 0 ? advice_stream(a) / w->pack_rate : NAN;
    return true;
}

/* --- ways --- */

static void add(struct advising *v, struct advice_way w, const char *backend)
{
    const struct backend *b = backend_find(backend);
    const char *why = backend_unavailable(b);
    w.backend = backend;
    w.sink = w.sink ? w.sink : v->o->sink->name;
    snprintf(w.why, sizeof w.why, "%s", why ? why : "");
    v->a->ways[v->a->way_count++] = w;
}

static void add_ways(struct advising *v)
{
    unsigned n = v->o->threads, split = n * SPLIT;
    add(v, (struct advice_way){ADVICE_ONE, .threads = 1}, "mmap");
    add(v, (struct advice_way){ADVICE_ONE, .threads = 1}, "buffered");
    add(v, (struct advice_way){ADVICE_ONE, .threads = 1, .block = 256 << 10}, "buffered");
    if (n > 1) {
        add(v, (struct advice_way){ADVICE_FILES, .threads = n}, "mmap");
        add(v, (struct advice_way){ADVICE_FILES, .threads = n}, "buffered");
        add(v, (struct advice_way){ADVICE_SHARDS, .threads = n, .split = split}, "mmap");
        add(v, (struct advice_way){ADVICE_SHARDS, .threads = n, .split = split}, "buffered");
        add(v, (struct advice_way){ADVICE_SHARED, .threads = n}, "inflate");
    }
    add(v, (struct advice_way){ADVICE_MOVING, .threads = 1, .sink = "none"}, "buffered");
    add(v, (struct advice_way){ADVICE_STREAM, .threads = 1, .sink = "none"}, "buffered");
    v->first_change = v->a->way_count;
    for (size_t i = 0; i < LEVELS; i++)
        add(v, (struct advice_way){ADVICE_CHANGE, .threads = n, .split = split, .level = levels[i]},
            levels[i] ? "buffered" : "mmap");
}

/* Those who share a file do one after the other. */
static unsigned takers(const struct advice_way *w)
{
    return w->group == ADVICE_SHARED ? 1 : w->threads;
}

/* What a thread does with a file, or with so many bytes of it. */
static struct advice_load load_of(const struct advising *v, const struct advice_way *w, size_t file, uint64_t bytes,
                                  unsigned split, const double rate[ADVICE_KINDS])
{
    const struct advice_file *f = &v->a->files[file];
    const struct advice_kind *c = &v->a->kinds[f->kind];
    uint64_t parts = 1;
    if (w->group == ADVICE_CHANGE || c->packing == ADVICE_PLAIN)
        parts = split;
    else if (c->packing == ADVICE_MANY_FRAMES)
        parts = c->frames < split ? c->frames : split;
    return (struct advice_load){(double)bytes * rate[f->kind], parts > 1 ? (unsigned)parts : 1};
}

/* As many shards of a piece as make each as large as one of a file, but enough for all threads. */
static unsigned split_of_pieces(const struct advising *v, const struct advice_way *w, const struct excerpts *p)
{
    uint64_t files = 0, least = (2 * w->threads + p->n - 1) / p->n;
    if (w->split < 2 || w->group == ADVICE_CHANGE)
        return 1;
    for (size_t i = 0; i < p->n; i++)
        files += v->a->files[p->files[i]].size;
    uint64_t split = w->split * p->bytes / files;
    return (unsigned)(split > least ? split : least);
}

static double makespan_of_pieces(struct advising *v, const struct advice_way *w, const struct excerpts *p,
                                 const double rate[ADVICE_KINDS])
{
    unsigned split = split_of_pieces(v, w, p);
    for (size_t i = 0; i < p->n; i++)
        v->load[i] = load_of(v, w, p->files[i], p->sizes[i], split, rate);
    return advice_makespan(v->load, p->n, takers(w));
}

static double makespan_of_folder(struct advising *v, const struct advice_way *w, unsigned threads,
                                 const double rate[ADVICE_KINDS])
{
    const struct advice *a = v->a;
    size_t n = 0;
    for (size_t i = 0; i < a->file_count; i++)
        if (!a->files[i].bad)
            v->load[n++] = load_of(v, w, i, a->files[i].size, w->split, rate);
    return advice_makespan(v->load, n, threads) * advice_bytes(a) / (double)a->bytes;
}

/* What the way takes before it reads anything, by the median of the rounds so far. Where threads share a file they are
 * started for each. */
static double idle_ns(const struct advising *v, const struct advice_way *w, uint64_t files)
{
    double values[ADVICE_ROUNDS];
    memcpy(values, v->idle[w - v->a->ways], sizeof values);
    return stats_of(values, w->rounds + 1).median * (double)(w->group == ADVICE_SHARED ? files : 1);
}

/* --- measuring --- */

struct trial {
    struct job job;
    struct job_expected expected;
};

static void run(void *arg, void *sample)
{
    static const struct counter_set nothing;
    static const struct child_limits limits = {TIMEOUT_MS, 0};
    struct trial *t = arg;
    take_sample(&t->job, &t->expected, &limits, &nothing, false, sample);
}

/* Reads the pieces that way: ns, or 0 with w->why, or if a signal stopped it. */
static uint64_t measure_pieces(struct advising *v, struct advice_way *w, const struct excerpts *p)
{
    const struct sink *sink = sink_find(w->sink);
    struct trial t = {
        .job = {backend_find(w->backend), sink, p->paths, p->n, w->threads, UINT64_MAX, v->o->input,
                split_of_pieces(v, w, p), p->ends},
        .expected = {.tally = p->tally},
    };
    static struct sample s;
    int detail;
    t.job.options.block = w->block;
    t.job.options.raw = w->group == ADVICE_MOVING || w->group == ADVICE_COLD;
    if (w->group >= ADVICE_MOVING && w->group != ADVICE_CHANGE) /* with a sink that looks away */
        t.expected.tally = (struct tally){.bytes = t.job.options.raw ? p->bytes : p->tally.bytes};
    s = (struct sample){.iterations = 1};
    enum child_end end = child_run(run, &t, &s, sizeof s, TIMEOUT_MS, &detail);
    if (end == CHILD_STOPPED || child_stopped())
        return stop(v);
    if (end != CHILD_DONE) {
        s.outcome = child_outcome(end);
        child_describe(end, detail, TIMEOUT_MS, s.error, sizeof s.error);
    }
    if (s.outcome == SAMPLE_OK)
        return s.wall_ns;
    char name[ADVICE_NAME];
    snprintf(w->why, sizeof w->why, "%s", s.error);
    w->rounds = 0;
    v->o->complain("%s: %s", advice_name(w, name), s.error);
    v->end = s.outcome == SAMPLE_MISMATCH ? SESSION_MISMATCH : v->end;
    fail(v);
    return 0;
}

/* What the pieces take beyond that; 0: there is no figure. */
static double beyond_idle(struct advising *v, struct advice_way *w, const struct excerpts *p)
{
    double ns = (double)measure_pieces(v, w, p);
    return fmax(ns - idle_ns(v, w, p->n), ns / 10);
}

static const double equal[ADVICE_KINDS] = {[0 ... ADVICE_KINDS - 1] = 1};

/* Sets the rates of what is packed otherwise. */
static void measure_changed(struct advising *v, struct advice_way *w, const struct excerpts *changed, double *rate)
{
    for (size_t i = 0; i < v->a->kind_count && !*w->why; i++)
        if (changed[i].n > 0)
            rate[i] = beyond_idle(v, w, &changed[i]) / makespan_of_pieces(v, w, &changed[i], equal);
        else if (v->a->kinds[i].files > 0)
            snprintf(w->why, sizeof w->why, "there is no sample of some files");
}

/* Sets the round's figures of the way: for the folder, and a model of it with twice the threads. */
static void measure_way(struct advising *v, struct advice_way *w, size_t round)
{
    size_t way = (size_t)(w - v->a->ways), level = way - v->first_change;
    const struct excerpts *p = &v->sample[round % v->samples];
    const double *rate = w->group == ADVICE_MOVING ? equal : v->rate;
    double slower = 1; /* than those rates say */
    v->idle[way][round] = (double)measure_pieces(v, w, &v->empty);
    if (w->group == ADVICE_CHANGE) {
        measure_changed(v, w, v->changed[level], v->changed_rate[level]);
        rate = v->changed_rate[level];
    } else if (!*w->why) {
        slower = beyond_idle(v, w, p) / makespan_of_pieces(v, w, p, rate);
    }
    if (*w->why || v->end == SESSION_STOPPED)
        return;
    double idle = idle_ns(v, w, advice_files(v->a));
    w->doubled[w->rounds] = (idle + slower * makespan_of_folder(v, w, 2 * w->threads, rate)) / 1e9;
    w->seconds[w->rounds++] = (idle + slower * makespan_of_folder(v, w, takers(w), rate)) / 1e9;
}

/* The first way that can be measured tells how much slower one kind is than another. */
static bool measure_kinds(struct advising *v, size_t round)
{
    struct advice_way *w = v->a->ways;
    while (*w->why && w->group == ADVICE_ONE)
        w++;
    for (size_t i = 0; i < v->a->kind_count; i++) {
        const struct excerpts *p = &v->pieces[round % v->samples][i];
        if (p->n > 0 && !*w->why)
            v->rate[i] = (double)measure_pieces(v, w, p) / (double)p->bytes;
        if (v->end == SESSION_STOPPED)
            return false;
    }
    return true;
}

static int keep_capacity(void *advising, const struct limit_sample *l)
{
    struct advising *v = advising;
    if (*l->why)
        return 0;
    if (v->one_ns > 0)
        v->a->gain[v->a->gains++] = v->one_ns / l->value;
    v->one_ns = v->one_ns > 0 ? 0 : l->value;
    return 0;
}

static bool take_capacity(struct advising *v, size_t round)
{
    struct capacity one = {.kind = CAPACITY_ARITHMETIC, .threads = 1}, all = {.threads = v->o->threads};
    v->one_ns = 0;
    if (round >= (v->o->seconds > 0 ? GAINS : 1) || v->o->threads == 1)
        return true;
    return (capacity_take(&one, round, keep_capacity, v) == 0 &&
            (v->one_ns <= 0 || capacity_take(&all, round, keep_capacity, v) == 0)) ||
           stop(v);
}

static bool take_round(struct advising *v, size_t round)
{
    struct advice *a = v->a;
    size_t order[ADVICE_WAYS];
    for (size_t i = 0; i < a->way_count; i++)
        order[i] = i;
    stats_shuffle(order, a->way_count, &v->random);
    if (!measure_kinds(v, round))
        return false;
    for (size_t i = 0; i < a->way_count; i++) {
        char text[96];
        snprintf(text, sizeof text, "measuring: round %zu, %zu of %zu", round + 1, i + 1, a->way_count);
        progress_show(&v->progress, false, text);
        if (!*a->ways[order[i]].why)
            measure_way(v, &a->ways[order[i]], round);
        if (v->end == SESSION_STOPPED)
            return false;
    }
    return take_capacity(v, round);
}

static bool take_rounds(struct advising *v)
{
    uint64_t until = at_share(v, v->o->cold ? 0.8 : 0.95), last = clock_now_ns();
    for (size_t round = 0; round < ADVICE_ROUNDS; round++) {
        if (!take_round(v, round))
            return false;
        uint64_t now = clock_now_ns(), took = now - last;
        if (round + 1 >= ROUNDS_LEAST && (now + took > until || v->o->seconds == 0))
            break;
        last = now;
    }
    return true;
}

/* --- from the device --- */

static bool drop(const struct advice *a, const struct excerpts *p, char *why)
{
    char text[ADVICE_WHY / 2];
    for (size_t i = 0; i < p->n; i++)
        if (page_cache_drop(a->files[p->files[i]].path, text, sizeof text) < 0) {
            snprintf(why, ADVICE_WHY, "%.200s: %s", a->files[p->files[i]].path, text);
            return false;
        }
    return true;
}

/* The bytes that the pieces stand for, out of the files themselves. */
static bool take_cold_round(struct advising *v, struct advice_way *w, size_t round)
{
    struct advice *a = v->a;
    struct excerpts p = v->sample[round % v->samples];
    if (!drop(a, &p, a->no_cold))
        return false;
    const char **paths = calloc(p.n + 1, sizeof *paths);
    for (size_t k = 0; k < p.n; k++)
        paths[k] = a->files[p.files[k]].path;
    p.paths = paths;
    p.ends = p.sizes;
    uint64_t ns = measure_pieces(v, w, &p);
    free(paths);
    if (ns)
        w->seconds[w->rounds++] = (double)ns * advice_bytes(a) / (double)p.bytes / 1e9;
    return ns > 0;
}

static void take_cold(struct advising *v)
{
    struct advice *a = v->a;
    const struct advice_way *best = advice_fastest(a, ADVICE_ONE, ADVICE_SHARED);
    if (!v->o->cold || !best) {
        snprintf(a->no_cold, sizeof a->no_cold, "not measured, which takes --cold");
        return;
    }
    add(v, (struct advice_way){ADVICE_COLD, .threads = takers(best), .sink = "none"}, "buffered");
    bool go_on = true;
    for (size_t round = 0; round < COLD_ROUNDS && go_on; round++) {
        say(v, "reading from the device", round + 1, COLD_ROUNDS);
        go_on = take_cold_round(v, &a->ways[a->way_count - 1], round);
    }
}

/* --- all of it --- */

static void measure_all(struct advising *v)
{
    struct advice *a = v->a;
    v->load = calloc(a->file_count + ADVICE_KINDS * SMALL_MOST, sizeof *v->load);
    add_ways(v);
    int rc = excerpts_empty(&v->empty);
    if (rc < 0) {
        v->o->complain("a file in memory: %s", strerror(-rc));
        fail(v);
    } else if (make_samples(v) && a->bytes > 0 && change(v) && take_rounds(v)) {
        take_cold(v);
    }
    for (size_t k = 0; k < v->samples; k++) {
        for (size_t i = 0; i < ADVICE_KINDS; i++)
            excerpts_free(&v->pieces[k][i]);
        excerpts_free(&v->sample[k]);
    }
    for (size_t i = 0; i < ADVICE_KINDS * LEVELS; i++)
        excerpts_free(&v->changed[i % LEVELS][i / LEVELS]);
    excerpts_free(&v->empty);
    free(v->load);
}

static uint64_t memory_size(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

/* Pieces in memory are files. */
static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

enum session_end advise(const struct advise_options *o, struct advice *a)
{
    struct advising *v = calloc(1, sizeof *v);
    *v = (struct advising){
        .o = o, .a = a, .begin_ns = clock_now_ns(), .random = o->seed, .seconds = o->seconds ? (double)o->seconds : 1};
    *a = (struct advice){.sink = o->sink->name, .threads = o->threads, .memory = memory_size()};
    progress_begin(&v->progress, o->progress);
    child_watch_signals();
    raise_file_limit();
    struct archive_options look = {o->paths, &o->input, at_share(v, 0.2), &v->random, o->complain, &v->progress};
    int rc = archive_look(&look, a);
    if (rc < 0)
        fail(v);
    if (rc > 0)
        stop(v);
    else if (a->bytes > 0)
        measure_all(v);
    progress_end(&v->progress);
    enum session_end end = v->end;
    free(v);
    return end;
}
