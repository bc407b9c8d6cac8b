/* Runs a job. Files are cut into shards, most often one each: workers take the next one from a counter and decode it on
 * their own. A shared backend is the exception: its files are done one after the other, by all. */
#include "../machine/counters.h"
#include "../machine/clock.h"
#include "shard.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What there is to do for all workers of a backend that is not shared. */
struct queue {
    struct shard *shards;
    size_t count;
    atomic_size_t next;
    atomic_bool stop; /* a file failed: begin no more */
};

struct worker {
    const struct job *job;
    struct queue *queue;
    void *consumer; /* of a shared backend; it and the decoder are set up before the worker starts */
    struct dbn_decoder decoder;
    struct job_result result; /* of a shared backend */
    uint64_t began, ended;
    pthread_t thread;
};

/* That a shard has failed is certain only where its file begins: elsewhere its own begin is a guess. What was taken is
 * decoded, so whatever lies before a failure is. */
static void *work_on_shards(void *arg)
{
    struct worker *w = arg;
    struct queue *q = w->queue;
    w->began = clock_now_ns();
    for (size_t i; !atomic_load(&q->stop) && (i = atomic_fetch_add(&q->next, 1)) < q->count;) {
        struct shard *s = &q->shards[i];
        if (s->result.outcome == 0)
            shard_decode(w->job, s, NULL);
        if (s->first && s->result.outcome)
            atomic_store(&q->stop, true);
    }
    w->ended = clock_now_ns();
    return NULL;
}

static void *work_on_blocks(void *arg)
{
    struct worker *w = arg;
    w->began = clock_now_ns();
    struct sink_plan plan = {
        .begin = w->decoder.offset, .end = job_end(w->job, w->result.file), .keep = w->job->options.keep};
    if (w->job->threads == 1) /* else nobody knows which records this consumer gets */
        plan.path = w->job->paths[w->result.file];
    job_decode(w->job, &plan, &w->decoder, &w->result);
    w->job->backend->detach(w->consumer);
    w->consumer = NULL;
    w->ended = clock_now_ns();
    w->result.work_ns = w->ended - w->began;
    return NULL;
}

/* Runs all workers, the first of them in this thread. 0 or -errno: not all of them could be started. */
static int run_workers(struct worker *workers, unsigned n, void *(*work)(void *), struct job_result *r)
{
    int rc = 0;
    unsigned started = 1;
    uint64_t begun = clock_now_ns();
    while (started < n && (rc = pthread_create(&workers[started].thread, NULL, work, &workers[started])) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    uint64_t done = clock_now_ns();
    for (unsigned i = 0; i < n && rc == 0; i++) {
        r->start_ns += workers[i].began - begun;
        r->idle_ns += done - workers[i].ended;
    }
    return -rc;
}

/* One file by all workers together. */
static void decode_shared(const struct job *job, size_t file, struct worker *workers, struct job_result *r)
{
    const struct backend *b = job->backend;
    struct backend_input in = job_input(job, file);
    struct job_result own = {.file = file};
    unsigned attached = 0;
    uint64_t begun = clock_now_ns();
    void *handle;
    own.outcome = b->open(&in, &handle);
    bool opened = own.outcome == 0;
    for (; attached < job->threads && own.outcome == 0; attached += own.outcome == 0) {
        struct worker *w = &workers[attached];
        *w = (struct worker){.job = job, .result.file = file};
        own.outcome = b->attach(handle, &w->consumer);
        dbn_decoder_init(&w->decoder, (struct dbn_source){b->next, w->consumer}, b->step);
    }
    if (own.outcome == 0)
        job_read_metadata(job, &workers[0].decoder, &own);
    if (own.outcome == 0) {
        own.open_ns = clock_lap_ns(&begun);
        int rc = run_workers(workers, job->threads, work_on_blocks, &own);
        for (unsigned i = 0; i < job->threads; i++)
            job_merge(&own, &workers[i].result);
        own.outcome = rc ? rc : own.outcome;
        begun = clock_now_ns();
    }
    while (attached-- > 0)
        if (workers[attached].consumer)
            b->detach(workers[attached].consumer);
    if (opened)
        job_close(job, handle, &own);
    own.open_ns += clock_lap_ns(&begun);
    uint64_t waited = own.counts.wait_ns; /* more than there was of work only if metadata are cut off */
    own.work_ns -= waited < own.work_ns ? waited : own.work_ns;
    job_merge(r, &own);
}

static void run_shards(const struct job *job, struct worker *workers, struct job_result *r)
{
    struct queue q = {0};
    uint64_t begun = clock_now_ns();
    q.shards = shards_cut(job, &q.count, r);
    r->plan_ns = clock_lap_ns(&begun);
    if (!q.shards) {
        r->outcome = -ENOMEM;
        return;
    }
    for (unsigned i = 0; i < job->threads; i++)
        workers[i] = (struct worker){.job = job, .queue = &q};
    r->outcome = run_workers(workers, job->threads, work_on_shards, r);
    begun = clock_now_ns();
    if (r->outcome == 0)
        shards_stitch(job, q.shards, q.count, r);
    r->shards = q.count;
    shards_free(q.shards, q.count);
    r->merge_ns = clock_lap_ns(&begun);
}

void job_run(const struct job *job, struct job_result *r)
{
    bool may_fail = allocations_may_fail(true);
    struct worker *workers = calloc(job->threads, sizeof *workers);
    *r = (struct job_result){.file = SIZE_MAX};
    if (!workers)
        *r = (struct job_result){.outcome = -ENOMEM};
    else if (!job->backend->attach)
        run_shards(job, workers, r);
    else
        for (size_t file = 0; file < job->files && r->outcome == 0; file++, r->shards++)
            decode_shared(job, file, workers, r);
    free(workers);
    allocations_may_fail(may_fail);
}
