/* From the steps of a sample to its values; and the kernel that needs neither a file nor memory.
 *
 * On a machine that has other things to do, a step is either undisturbed or interrupted for milliseconds. A limit is
 * about the former: steps of more than three times the length of the middle one are left out. Of the others wall time
 * is used, and not CPU time: on a virtual machine up to 40 % of that was seen to be missing. */
#include "clock.h"
#include "limits_kernels.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static double value(bool per_second, uint64_t ns, uint64_t amount)
{
    return per_second ? (double)amount * 1e9 / (double)ns : (double)ns / (double)amount;
}

void limits_finish(const struct limits_steps *t, bool per_second, struct limits_sample *s)
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
    s->value = value(per_second, ns, amount);
    s->wall_value = value(per_second, sorted.ns, all);
}

/* --- calls --- */

enum { CALLS = 1000 };

/* By syscall(), since libc is free to answer without a call. */
void limits_measure_syscall(const struct limits_input *in, size_t arg, struct limits_sample *s)
{
    (void)in, (void)arg;
    struct limits_steps t = {0};
    limits_begin(&t);
    do
        for (unsigned i = 0; i < CALLS; i++)
            syscall(SYS_getppid);
    while (limits_step(&t, CALLS));
    limits_finish(&t, false, s);
}
