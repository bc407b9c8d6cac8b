/* Cases take turns, in an order drawn anew for each round: whatever drifts meanwhile, meets all of them alike. */
#include "session_parts.h"

#include "../analysis/stats.h"
#include "../machine/clock.h"
#include "measure.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of one file, or of all (SIZE_MAX), those that take part. */
static size_t count_cases(const struct plan *p, size_t file)
{
    size_t n = 0;
    for (size_t i = 0; i < p->case_count; i++)
        n += (file == SIZE_MAX || p->cases[i].file == file) && !p->cases[i].failed;
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
    session_progress(s, &c->key, "round %u/%" PRIu64 ", sample %zu/%zu%s:", t->round + 1, s->o->rounds, t->done + 1,
                     t->done + t->left, left);
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
    else if (s->plan.case_count == 0 || count_cases(&s->plan, file) > 0) /* it may be for the sake of limits alone */
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

bool session_measure(struct session *s)
{
    struct plan *p = &s->plan;
    size_t n = turns(s), *order = calloc(n + 1, sizeof *order);
    uint64_t state = s->o->seed;
    struct turn t = {.begin_ns = clock_now_ns()};
    bool go_on = true;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (; t.round < s->o->rounds && go_on && !s->cut; t.round++) {
        uint64_t begin_ns = clock_now_ns();
        stats_shuffle(order, n, &state);
        t.left = count_cases(p, SIZE_MAX) * (s->o->rounds - t.round);
        for (size_t i = 0; i < n && go_on; i++)
            go_on = order[i] < p->case_count ? take_case(s, &p->cases[order[i]], &t)
                                             : take_limits(s, order[i] - p->case_count, t.round);
        uint64_t now = clock_now_ns(), next = t.round + 1;
        bool fits = s->o->seconds == 0 || now - s->begin_ns + (now - begin_ns) <= s->o->seconds * 1000000000u;
        s->cut = next >= SESSION_ROUNDS_MIN && next < s->o->rounds && !fits;
    }
    free(order);
    return go_on;
}
