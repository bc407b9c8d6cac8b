/* Cases take turns, in an order drawn anew for each round: whatever drifts meanwhile, meets all of them
 * alike. */
#include "run.h"

#include "../machine/child.h"
#include "../machine/page_cache.h"
#include "../analysis/stats_random.h"
#include "clock.h"
#include "measure.h"

#include <errno.h>
#include <stdlib.h>

enum run_end run_no_range(const struct run *r)
{
    return r->error == -EINTR ? RUN_STOPPED : RUN_NOT_EXPECTED;
}

enum run_end run_prepare(struct run *r)
{
    for (size_t i = 0; i < r->plan->file_count; i++) {
        struct plan_file *f = &r->plan->files[i];
        r->progress(r->progress_arg, &(struct run_progress){.file = f});
        if (!plan_range(r->plan, f, 0, &r->error, r->why, sizeof r->why))
            return run_no_range(r);
        page_cache_settle(f->path, &f->dropped); /* what cannot be read fails where it is measured */
        if (child_stopped())
            return RUN_STOPPED;
    }
    return RUN_DONE;
}

enum run_end run_keep(struct run *r, struct plan_case *c, const struct sample *s)
{
    json_t *line = sample_to_json(s);
    c->failed = s->outcome != SAMPLE_OK;
    r->error = line ? results_keep(r->results, s) : -ENOMEM;
    if (r->error == 0)
        r->error = store_append(r->store, "sample", r->id, line);
    json_decref(line);
    return r->error ? RUN_NOT_STORED : RUN_DONE;
}

static int keep_limit(void *arg, const struct limit_sample *s)
{
    struct run *r = arg;
    json_t *line = limit_to_json(s);
    r->error = line ? results_add_limit(r->results, s) : -ENOMEM;
    if (r->error == 0)
        r->error = store_append(r->store, "limit", r->id, line);
    json_decref(line);
    return r->error;
}

static void shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = stats_random(state) % i, kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static bool takes_part(const struct plan_case *c, unsigned round)
{
    return !c->failed && round < c->rounds;
}

static size_t count_samples(const struct plan *p, unsigned from, unsigned rounds)
{
    size_t n = 0;
    for (unsigned round = from; round < rounds; round++)
        for (size_t i = 0; i < p->case_count; i++)
            n += takes_part(&p->cases[i], round);
    return n;
}

struct turn {
    unsigned round;
    size_t done;
    uint64_t begin_ns;
};

static void show(const struct run *r, const struct plan_case *c, const struct turn *t, size_t left)
{
    uint64_t spent = clock_now_ns() - t->begin_ns;
    r->progress(r->progress_arg, &(struct run_progress){
                                     .file = &r->plan->files[c->file],
                                     .c = c,
                                     .round = t->round + 1,
                                     .rounds = r->rounds,
                                     .done = t->done,
                                     .of = t->done + left,
                                     .left_ns = t->done ? spent / t->done * left : 0,
                                 });
}

static bool is_needed(const struct plan *p, size_t file, unsigned round)
{
    bool needed = false;
    for (size_t i = 0; i < p->case_count; i++)
        needed |= p->cases[i].file == file && takes_part(&p->cases[i], round);
    return needed;
}

/* What takes turns: the cases, behind them the limits of each file, and then what tells the machine's capacity. */
static size_t limit_turns(const struct run *r)
{
    return r->limits ? r->plan->file_count : 0;
}

/* A turn behind those of the cases. */
static enum run_end take_limits(struct run *r, size_t turn, unsigned round)
{
    size_t files = limit_turns(r);
    int rc = 0;
    if (turn >= files)
        rc = capacity_take(r->capacity, turn - files, round, keep_limit, r);
    else if (is_needed(r->plan, turn, round))
        rc = run_limits_take(r->limits, turn, round, keep_limit, r);
    return rc < 0 ? RUN_NOT_STORED : rc > 0 ? RUN_STOPPED : RUN_DONE;
}

static size_t turns(const struct run *r)
{
    return r->plan->case_count + limit_turns(r) + (r->capacity ? capacity_turns(r->capacity) : 0);
}

static enum run_end take_round(struct run *r, const size_t *order, struct turn *t)
{
    struct plan *p = r->plan;
    size_t later = count_samples(p, t->round + 1, r->rounds), now = count_samples(p, t->round, t->round + 1);
    for (size_t i = 0; i < turns(r); i++) {
        struct plan_case *c = &p->cases[order[i]];
        struct sample s;
        if (order[i] >= p->case_count) {
            enum run_end end = take_limits(r, order[i] - p->case_count, t->round);
            if (end)
                return end;
            continue;
        }
        if (!takes_part(c, t->round))
            continue;
        show(r, c, t, now + later);
        if (!measure(p, c, c->range, p->cold, t->round, &s))
            return RUN_STOPPED;
        enum run_end end = run_keep(r, c, &s);
        if (end)
            return end;
        now--;
        t->done++;
    }
    return RUN_DONE;
}

static bool fits(const struct run *r, uint64_t round_ns)
{
    return r->limit_ns == 0 || clock_now_ns() - r->begin_ns + round_ns <= r->limit_ns;
}

static enum run_end measure_rounds(struct run *r)
{
    size_t *order = calloc(turns(r), sizeof *order);
    uint64_t state = r->seed, round_ns = 0;
    struct turn t = {.begin_ns = clock_now_ns()};
    enum run_end end = RUN_DONE;
    r->error = -ENOMEM;
    if (!order)
        return RUN_NOT_STORED;
    for (size_t i = 0; i < turns(r); i++)
        order[i] = i;
    for (; t.round < r->rounds && end == RUN_DONE; t.round++) {
        uint64_t begin = clock_now_ns();
        if (t.round >= RUN_ROUNDS_MIN && !fits(r, round_ns)) {
            end = RUN_CUT;
            break;
        }
        shuffle(order, turns(r), &state);
        end = take_round(r, order, &t);
        round_ns = clock_now_ns() - begin;
    }
    free(order);
    return end;
}

enum run_end run_measure(struct run *r)
{
    r->error = r->limits ? run_limits_open(r->limits, r->plan, r->seed) : 0;
    if (r->error)
        return RUN_NOT_STORED;
    enum run_end end = measure_rounds(r);
    if (r->limits && run_limits_close(r->limits, keep_limit, r) && end != RUN_STOPPED)
        end = RUN_NOT_STORED;
    return end;
}
