/* Workers: from event to event (a thread has been started, a shard is done), with all speeds constant in between.
 *
 * Pipeline: no clock is needed, since blocks stay in order. When the i-th is filled follows from the block before and
 * from the empty blocks; when it is consumed, from that and from who is free first. */
#include "simulate.h"
#include "stats_random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool at_least_0(double value)
{
    return value >= 0 && isfinite(value);
}

static bool sound(const struct simulate_time *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (!at_least_0(t->ns[i]))
            return false;
    return t->n > 0;
}

static double draw(const struct simulate_time *t, uint64_t *random)
{
    return t->ns[t->n > 1 ? stats_random(random) % t->n : 0];
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
    size_t next; /* shard */
    double now;
    uint64_t random;
};

/* A worker without a shard takes the next one. Shards that take no time at all are done at once. */
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

double simulate_workers(const struct simulate_workers *in)
{
    struct worker w[SIMULATE_THREADS];
    struct crew c = {.in = in, .w = w, .random = in->seed};
    if (!sound_workers(in))
        return NAN;
    for (unsigned i = 0; i < in->workers; i++)
        w[i] = (struct worker){.begin = in->plan_ns + in->start_ns * (i + 1)};
    do {
        take_shards(&c);
        set_speeds(&c);
    } while (advance(&c));
    return fmax(c.now, in->plan_ns) + in->merge_ns;
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

double simulate_pipeline(const struct simulate_pipeline *in)
{
    double consumers[SIMULATE_THREADS] = {0}; /* a heap of the times at which they are free */
    double empty[SIMULATE_RING] = {0};        /* and of those at which blocks are */
    double reader = 0, last = 0;
    uint64_t random = in->seed;
    if (in->consumers == 0 || in->consumers > SIMULATE_THREADS || in->ring == 0 || in->ring > SIMULATE_RING ||
        !sound(&in->read) || !sound(&in->consume))
        return NAN;
    for (uint64_t i = 0; i < in->blocks; i++) {
        reader = fmax(reader, empty[0]) + draw(&in->read, &random);
        double done = fmax(consumers[0], reader) + draw(&in->consume, &random);
        last = fmax(last, done);
        replace_least(consumers, in->consumers, done);
        replace_least(empty, in->ring, done);
    }
    return last;
}
