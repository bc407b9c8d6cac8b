/* Entering the kernel, and waking another thread. */
#include "limits_measure.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    limits_finish(&t, LIMITS_NS, s);
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
    limits_finish(&t, LIMITS_NS, s);

    pthread_mutex_lock(&table.lock);
    table.over = true;
    pthread_cond_signal(&table.told[1]);
    pthread_mutex_unlock(&table.lock);
    pthread_join(thread, NULL);
}
