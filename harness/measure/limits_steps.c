/* From the steps of a sample to its values; and the kernels that need neither a file nor memory: entering the kernel,
 * and waking another thread.
 *
 * On a machine that has other things to do, a step is either undisturbed or interrupted for milliseconds. A limit is
 * about the former: steps of more than three times the length of the middle one are left out. Of the others wall time
 * is used, and not CPU time: on a virtual machine up to 40 % of that was seen to be missing. */
#include "clock.h"
#include "limits_kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

enum { CALLS = 1000, HANDOFFS = 40 };

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

/* Two threads that take turns; each sleeps until it is told. Where they run is the scheduler's choice, as it is in a
 * pipeline. */
struct table {
    pthread_mutex_t lock;
    pthread_cond_t told[2];
    int turn;
    bool over;
};

/* Waits for the own turn and gives it to the other side. False: it is over. */
static bool hand_over(struct table *t, int self)
{
    pthread_mutex_lock(&t->lock);
    while (t->turn != self && !t->over)
        pthread_cond_wait(&t->told[self], &t->lock);
    bool more = !t->over;
    t->turn = !self;
    pthread_cond_signal(&t->told[!self]);
    pthread_mutex_unlock(&t->lock);
    return more;
}

static void *other_side(void *arg)
{
    while (hand_over(arg, 1))
        continue;
    return NULL;
}

void limits_measure_handoff(const struct limits_input *in, size_t arg, struct limits_sample *s)
{
    (void)in, (void)arg;
    struct table table = {.lock = PTHREAD_MUTEX_INITIALIZER,
                          .told = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER}};
    struct limits_steps t = {0};
    pthread_t thread;
    int rc = pthread_create(&thread, NULL, other_side, &table);
    if (rc) {
        snprintf(s->why, sizeof s->why, "no second thread: %s", strerror(rc));
        return;
    }
    hand_over(&table, 0); /* it has started when the turn comes back */
    hand_over(&table, 0);
    limits_begin(&t);
    do
        for (unsigned i = 0; i < HANDOFFS / 2; i++)
            hand_over(&table, 0); /* and back again */
    while (limits_step(&t, HANDOFFS));
    limits_finish(&t, false, s);

    pthread_mutex_lock(&table.lock);
    table.over = true;
    pthread_cond_signal(&table.told[1]);
    pthread_mutex_unlock(&table.lock);
    pthread_join(thread, NULL);
}
