/* Cases take turns, in an order drawn anew for each round: whatever drifts meanwhile, meets all of them
 * alike. */
#include "session_parts.h"

#include "../analysis/stats_random.h"
#include "../machine/clock.h"
#include "measure.h"

#include <inttypes.h>
#include <stdlib.h>

static void shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = stats_random(state) % i, kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static size_t count_cases(const struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->case_count; i++)
        n += !p->cases[i].failed;
    return n;
}

struct turn {
    unsigned round;
    size_t done, left; /* samples of cases */
    uint64_t begin_ns;
};

static void show(struct session *s, const struct plan_case *c, const struct turn *t)
{
    char left[32] = "";
    double spent = (double)(clock_now_ns() - t->begin_ns) / 1e9;
    if (t->done)
        snprintf(left, sizeof left, ", %.0f s left", spent / (double)t->done * (double)t->left);
    progress_show(&s->progress, &c->key, "round %u/%" PRIu64 ", sample %zu/%zu%s:", t->round + 1, s->o->rounds,
                  t->done + 1, t->done + t->left, left);
}

/* Does a case of the file take part? If there are no cases, it is for the sake of limits alone. */
static bool is_needed(const struct plan *p, size_t file)
{
    bool needed = p->case_count == 0;
    for (size_t i = 0; i < p->case_count; i++)
        needed |= p->cases[i].file == file && !p->cases[i].failed;
    return needed;
}

/* What takes turns: the cases, behind them the limits of each file, and then what tells the machine's capacity. */
static size_t turns(const struct session *s)
{
    return s->plan.case_count + s->limit_count * LIMITS_COUNT + s->capacity_count;
}

/* A turn behind those of the cases. */
static bool take_limits(struct session *s, size_t turn, unsigned round)
{
    size_t file = turn / LIMITS_COUNT;
    int rc = 0;
    if (file >= s->limit_count)
        rc = capacity_take(&s->capacity[turn - s->limit_count * LIMITS_COUNT], round, session_keep_limit, s);
    else if (is_needed(&s->plan, file))
        rc = limits_take(&s->limits[file], turn % LIMITS_COUNT, round, session_keep_limit, s);
    return rc > 0 ? session_stop(s) : rc == 0;
}

static bool take_case(struct session *s, struct plan_case *c, struct turn *t)
{
    struct sample sample;
    if (c->failed)
        return true;
    show(s, c, t);
    if (!measure(&s->plan, c, c->range, s->plan.cold, t->round, &sample))
        return session_stop(s);
    t->left--;
    t->done++;
    return session_keep(s, c, &sample);
}

static bool take_round(struct session *s, const size_t *order, struct turn *t)
{
    struct plan *p = &s->plan;
    bool go_on = true;
    t->left = count_cases(p) * (s->o->rounds - t->round);
    for (size_t i = 0; i < turns(s) && go_on; i++)
        go_on = order[i] < p->case_count ? take_case(s, &p->cases[order[i]], t)
                                         : take_limits(s, order[i] - p->case_count, t->round);
    return go_on;
}

static bool fits(const struct session *s, uint64_t round_ns)
{
    uint64_t limit_ns = s->o->seconds * 1000000000u;
    return limit_ns == 0 || clock_now_ns() - s->begin_ns + round_ns <= limit_ns;
}

bool session_measure(struct session *s)
{
    size_t *order = calloc(turns(s) + 1, sizeof *order);
    uint64_t state = s->o->seed, round_ns = 0;
    struct turn t = {.begin_ns = clock_now_ns()};
    bool go_on = true;
    for (size_t i = 0; i < turns(s); i++)
        order[i] = i;
    for (; t.round < s->o->rounds && go_on && !s->cut; t.round++) {
        uint64_t begin = clock_now_ns();
        s->cut = t.round >= SESSION_ROUNDS_MIN && !fits(s, round_ns);
        if (s->cut)
            break;
        shuffle(order, turns(s), &state);
        go_on = take_round(s, order, &t);
        round_ns = clock_now_ns() - begin;
    }
    free(order);
    return go_on;
}
