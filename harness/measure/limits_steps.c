/* From the steps of a sample to its values.
 *
 * On a machine that has other things to do, a step is either undisturbed or interrupted for milliseconds. A limit is
 * about the former: steps of more than three times the length of the middle one are left out. Of the others wall time
 * is used, and not CPU time: on a virtual machine up to 40 % of that was seen to be missing. */
#include "clock.h"
#include "limits_measure.h"

#include <stdlib.h>

void limits_begin(struct limits_steps *t)
{
    t->begin_ns = clock_now_ns();
}

bool limits_step(struct limits_steps *t, uint64_t amount)
{
    uint64_t now = clock_now_ns();
    t->step[t->n++] = (struct limits_step){now - t->begin_ns, amount};
    t->ns += now - t->begin_ns;
    t->begin_ns = now;
    return t->ns < LIMITS_SAMPLE_NS && t->n < LIMITS_STEPS;
}

static int by_time(const void *a, const void *b)
{
    const struct limits_step *x = a, *y = b;
    return (x->ns > y->ns) - (x->ns < y->ns);
}

static double value(enum limits_unit unit, uint64_t ns, uint64_t amount)
{
    return unit == LIMITS_NS ? (double)ns / (double)amount : (double)amount * 1e9 / (double)ns;
}

void limits_finish(const struct limits_steps *t, enum limits_unit unit, struct limits_sample *s)
{
    struct limits_steps sorted = *t;
    uint64_t ns = 0, amount = 0, all = 0;
    qsort(sorted.step, sorted.n, sizeof sorted.step[0], by_time);
    uint64_t longest = 3 * sorted.step[sorted.n / 2].ns;
    for (size_t i = 0; i < sorted.n; i++) {
        bool counts = sorted.step[i].ns <= longest;
        ns += counts ? sorted.step[i].ns : 0;
        amount += counts ? sorted.step[i].amount : 0;
        all += sorted.step[i].amount;
    }
    s->value = value(unit, ns, amount);
    s->wall_value = value(unit, sorted.ns, all);
}
