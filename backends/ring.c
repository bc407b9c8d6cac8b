#include "ring.h"

#include "wait.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum { WAKE_AT = RING_BLOCKS / 2 };

static void push(struct block_list *list, struct block *b)
{
    b->next = NULL;
    if (!list->first)
        list->last = &list->first;
    *list->last = b;
    list->last = &b->next;
    list->count++;
}

static struct block *pop(struct block_list *list)
{
    struct block *b = list->first;
    list->first = b->next;
    list->count--;
    return b;
}

static void release(struct ring *r)
{
    while (r->unused.first)
        free(pop(&r->unused));
    while (r->queue.first)
        free(pop(&r->queue));
    pthread_cond_destroy(&r->freed);
    pthread_cond_destroy(&r->filled);
    pthread_mutex_destroy(&r->lock);
}

static int start(struct ring *r, void *(*main)(void *), void *arg)
{
    sigset_t all, before; /* signals are the main thread's business */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&r->producer, NULL, main, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

int ring_open(struct ring *r, size_t room, void *(*main)(void *), void *arg)
{
    int rc = 0;
    *r = (struct ring){.room = room};
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->filled, NULL);
    pthread_cond_init(&r->freed, NULL);
    for (int i = 0; i < RING_BLOCKS && rc == 0; i++)
        rc = ring_grow(r);
    if (rc == 0)
        rc = start(r, main, arg);
    if (rc)
        release(r);
    return rc;
}

void ring_close(struct ring *r)
{
    pthread_mutex_lock(&r->lock);
    r->cancelled = true;
    pthread_cond_signal(&r->freed);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->producer, NULL);
    release(r);
}

static void add_unused(struct ring *r, struct block *b)
{
    push(&r->unused, b);
    if (r->unused.count >= WAKE_AT)
        pthread_cond_signal(&r->freed);
}

int ring_grow(struct ring *r)
{
    const size_t align = _Alignof(struct block);
    struct block *b = aligned_alloc(align, (sizeof *b + r->room + align - 1) / align * align);
    if (!b)
        return -ENOMEM;
    ring_give_back(r, b);
    return 0;
}

struct block *ring_take_unused(struct ring *r)
{
    pthread_mutex_lock(&r->lock);
    if (r->unused.count == 0)
        while (r->unused.count < WAKE_AT && !r->cancelled)
            pthread_cond_wait(&r->freed, &r->lock);
    struct block *b = r->cancelled ? NULL : pop(&r->unused);
    pthread_mutex_unlock(&r->lock);
    return b;
}

void ring_publish(struct ring *r, struct block *b)
{
    pthread_mutex_lock(&r->lock);
    push(&r->queue, b);
    if (r->queue.count >= WAKE_AT)
        pthread_cond_broadcast(&r->filled);
    pthread_mutex_unlock(&r->lock);
}

void ring_end(struct ring *r, int outcome, uint64_t fault)
{
    pthread_mutex_lock(&r->lock);
    r->ended = true;
    r->outcome = outcome;
    r->fault = fault;
    pthread_cond_broadcast(&r->filled);
    pthread_mutex_unlock(&r->lock);
}

/* The lock is held but while it sleeps. How long it did. */
static uint64_t sleep_until_filled(struct ring *r)
{
    uint64_t slept = 0;
    while (r->queue.count < WAKE_AT && !r->ended)
        slept += backend_wait(&r->filled, &r->lock);
    return slept;
}

struct block *ring_exchange(struct ring *r, struct block *used)
{
    pthread_mutex_lock(&r->lock);
    if (used)
        add_unused(r, used);
    uint64_t slept = r->queue.count == 0 && !r->ended ? sleep_until_filled(r) : 0;
    struct block *b = r->queue.count ? pop(&r->queue) : NULL;
    if (!b || b->offset >= r->waits_from)
        r->waited += slept;
    pthread_mutex_unlock(&r->lock);
    return b;
}

void ring_give_back(struct ring *r, struct block *used)
{
    pthread_mutex_lock(&r->lock);
    add_unused(r, used);
    pthread_mutex_unlock(&r->lock);
}
