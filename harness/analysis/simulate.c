/* Workers: from event to event (a thread has been started, a shard is done), with all speeds constant in between.
 *
 * Pipeline: no clock is needed, since blocks stay in order. When the i-th is filled follows from the block before and
 * from the empty blocks; when it is consumed, from that and from who is free first. */
#include "simulate.h"
#include "stats_random.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool at_least_0(double value)
{
    return value >= 0 && isfinite(value);
}

static bool sound(const struct simulate_time *t)
{
    if (t->kind != SIMULATE_MEASURED)
        return at_least_0(t->mean_ns);
    for (size_t i = 0; i < t->n; i++)
        if (!at_least_0(t->ns[i]))
            return false;
    return t->n > 0;
}

static double draw(const struct simulate_time *t, uint64_t *random)
{
    if (t->kind == SIMULATE_FIXED)
        return t->mean_ns;
    if (t->kind == SIMULATE_EXPONENTIAL)
        return -log(stats_random_unit(random)) * t->mean_ns;
    return t->ns[stats_random(random) % t->n];
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* --- workers --- */

struct worker {
    double begin; /* when it has been started */
    double left;  /* of its shard; 0: it has none */
    double core;  /* core time for a unit of it */
    double speed; /* units a ns, until the next event */
};

struct crew {
    const struct simulate_workers *in;
    struct worker *w;
    size_t next;               /* shard */
    double now, worked, moved; /* core time and bytes so far */
    uint64_t random;
};

/* Whoever is there and has no shard takes the next one. Shards that take no time at all are done at once. */
static void take_shards(struct crew *c)
{
    const struct simulate_workers *in = c->in;
    for (unsigned i = 0; i < in->workers && c->next < in->n_shards; i++) {
        struct worker *w = &c->w[i];
        while (w->begin <= c->now && w->left <= 0 && c->next < in->n_shards) {
            w->core = draw(&in->core, &c->random);
            w->left = in->shards[c->next++];
            bool takes_time = w->core > 0 || (in->bytes > 0 && isfinite(fmin(in->bus_one_per_s, in->bus_all_per_s)));
            w->left = takes_time ? w->left : 0;
        }
    }
}

/* How fast each one would be if the bus had no limit but that of one worker; returns what they want of it, per ns. */
static double wanted_speeds(struct crew *c)
{
    double busy = 0, wanted = 0;
    for (unsigned i = 0; i < c->in->workers; i++)
        busy += c->w[i].left > 0;
    double core = busy > c->in->cores ? c->in->cores / busy : 1;
    for (unsigned i = 0; i < c->in->workers; i++) {
        struct worker *w = &c->w[i];
        double by_bus = c->in->bytes > 0 ? c->in->bus_one_per_s / 1e9 / c->in->bytes : INFINITY;
        w->speed = w->left > 0 ? fmin(core / w->core, by_bus) : 0;
        wanted += w->speed * c->in->bytes;
    }
    return wanted;
}

/* The largest speed that all can have at once: who wants less has what it wants, and the others have this. */
static double fair_speed(const struct crew *c, double speed_of_all)
{
    double fair = 0, left = speed_of_all;
    for (double more = 1; more > 0;) {
        double hungry = 0;
        for (unsigned i = 0; i < c->in->workers; i++)
            hungry += c->w[i].speed > fair;
        more = hungry > 0 ? left / hungry : 0;
        if (!(fair + more > fair))
            break;
        double to = fair + more;
        for (unsigned i = 0; i < c->in->workers; i++)
            left -= c->w[i].speed > fair ? fmin(c->w[i].speed, to) - fair : 0;
        fair = to;
        left = left > 1e-12 * speed_of_all ? left : 0;
    }
    return fair;
}

static void set_speeds(struct crew *c)
{
    double all = c->in->bus_all_per_s / 1e9;
    if (wanted_speeds(c) <= all)
        return;
    double fair = fair_speed(c, all / c->in->bytes);
    for (unsigned i = 0; i < c->in->workers; i++)
        c->w[i].speed = fmin(c->w[i].speed, fair);
}

/* To the next event. False: there is none, all is done. */
static bool advance(struct crew *c)
{
    double step = INFINITY;
    unsigned first = c->in->workers; /* to be done */
    for (unsigned i = 0; i < c->in->workers; i++) {
        const struct worker *w = &c->w[i];
        bool starts = w->begin > c->now;
        double until = starts ? w->begin - c->now : w->left > 0 ? w->left / w->speed : INFINITY;
        if (until >= step)
            continue;
        step = until;
        first = starts ? c->in->workers : i;
    }
    if (isinf(step))
        return false;
    for (unsigned i = 0; i < c->in->workers; i++) {
        struct worker *w = &c->w[i];
        double done = fmin(w->left, w->speed * step);
        /* What is done at the same time, but for rounding, is done as well. */
        bool over = i == first || (w->left > 0 && w->left - done <= 1e-12 * w->left);
        done = over ? w->left : done;
        c->worked += done * w->core;
        c->moved += done * c->in->bytes;
        w->left -= done;
    }
    c->now += step;
    return true;
}

static bool sound_workers(const struct simulate_workers *in)
{
    for (size_t i = 0; i < in->n_shards; i++)
        if (!at_least_0(in->shards[i]))
            return false;
    return in->workers > 0 && in->workers <= SIMULATE_THREADS && in->cores > 0 && sound(&in->core) &&
           at_least_0(in->bytes) && in->bus_all_per_s > 0 && in->bus_one_per_s > 0 && at_least_0(in->plan_ns) &&
           at_least_0(in->start_ns) && at_least_0(in->merge_ns);
}

int simulate_workers(const struct simulate_workers *in, struct simulated *out)
{
    struct worker w[SIMULATE_THREADS];
    struct crew c = {.in = in, .w = w, .random = in->seed};
    double units = 0, there = 0;
    if (!sound_workers(in))
        return -EINVAL;
    for (unsigned i = 0; i < in->workers; i++)
        w[i] = (struct worker){.begin = in->plan_ns + in->start_ns * (i + 1)};
    do {
        take_shards(&c);
        set_speeds(&c);
    } while (advance(&c));
    for (size_t i = 0; i < in->n_shards; i++)
        units += in->shards[i];
    for (unsigned i = 0; i < in->workers; i++)
        there += c.now - w[i].begin;
    double makespan = fmax(c.now, in->plan_ns) + in->merge_ns;
    bool bus = in->bytes > 0 && isfinite(in->bus_all_per_s);
    *out = (struct simulated){
        .makespan_ns = makespan,
        .per_s = share(units, makespan) * 1e9,
        .reader_busy = NAN,
        .bus_busy = bus ? share(c.moved, in->bus_all_per_s / 1e9 * makespan) : NAN,
        .threads_busy = share(c.worked, makespan * in->workers),
        .reader_waited_ns = NAN,
        .threads_waited_ns = there - c.worked,
        .block_waited_ns = NAN,
    };
    return 0;
}

/* --- pipeline --- */

/* Puts a value in the place of the least one, heap[0]. */
static void replace_least(double *heap, size_t n, double value)
{
    size_t at = 0;
    for (size_t below; (below = 2 * at + 1) < n; at = below) {
        if (below + 1 < n && heap[below + 1] < heap[below])
            below++;
        if (heap[below] >= value)
            break;
        heap[at] = heap[below];
    }
    heap[at] = value;
}

/* From a time on somebody waits for something that is there at another: when he goes on. */
static double go_on(double waits_from, double there, double wake_ns)
{
    return there > waits_from ? there + wake_ns : waits_from;
}

/* `empty` has the times at which the n blocks of the ring are empty, of which there may be none. */
static void run_pipeline(const struct simulate_pipeline *in, double *empty, size_t n, struct simulated *out)
{
    double consumers[SIMULATE_THREADS] = {0}; /* a heap of the times at which they are free */
    double reader = 0, last = 0, read_ns = 0, consumed_ns = 0, reader_waited = 0, blocks_waited = 0;
    uint64_t random = in->seed;
    for (uint64_t i = 0; i < in->blocks; i++) {
        double begin = n > 0 ? go_on(reader, empty[0], in->wake_ns) : reader;
        double read = draw(&in->read, &random), consume = draw(&in->consume, &random);
        double filled = begin + read, taken = go_on(consumers[0], filled, in->wake_ns), done = taken + consume;
        reader_waited += begin - reader;
        blocks_waited += taken - filled;
        read_ns += read;
        consumed_ns += consume;
        reader = filled;
        last = fmax(last, done);
        replace_least(consumers, in->consumers, done);
        if (n > 0)
            replace_least(empty, n, done);
    }
    *out = (struct simulated){
        .makespan_ns = last,
        .per_s = share((double)in->blocks, last) * 1e9,
        .reader_busy = share(read_ns, last),
        .bus_busy = NAN,
        .threads_busy = share(consumed_ns, last * in->consumers),
        .reader_waited_ns = reader_waited,
        .threads_waited_ns = last * in->consumers - consumed_ns,
        .block_waited_ns = share(blocks_waited, (double)in->blocks),
    };
}

int simulate_pipeline(const struct simulate_pipeline *in, struct simulated *out)
{
    if (in->consumers == 0 || in->consumers > SIMULATE_THREADS || in->ring > SIMULATE_RING || !sound(&in->read) ||
        !sound(&in->consume) || !at_least_0(in->wake_ns))
        return -EINVAL;
    double *empty = calloc(in->ring + 1u, sizeof *empty);
    if (!empty)
        return -ENOMEM;
    run_pipeline(in, empty, in->ring, out);
    free(empty);
    return 0;
}
