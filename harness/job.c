/* Runs a job. Each file is one shard: workers take the next one from a counter and decode it on their own, with their
 * own backend, decoder and sink. A shared backend is the exception: its files are done one after the other, by all. */
#include "job.h"

#include "../dbn/zstd.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct worker {
    const struct job *job;
    atomic_size_t *next_file; /* of all workers */
    atomic_bool *stop;        /* a file failed: begin no more */
    void *consumer;           /* of a shared backend; it and the decoder are set up before the worker starts */
    struct dbn_decoder decoder;
    struct job_result result;
    pthread_t thread;
};

static void merge(struct job_result *to, const struct job_result *part)
{
    tally_add(&to->tally, &part->tally);
    to->counts.reads += part->counts.reads;
    to->counts.other += part->counts.other;
    to->counts.bytes_read += part->counts.bytes_read;
    to->counts.copied += part->counts.copied;
    to->copied += part->copied;
    bool first = part->file < to->file || (part->file == to->file && part->fault < to->fault);
    if (part->outcome && (!to->outcome || first)) {
        to->outcome = part->outcome;
        to->file = part->file;
        to->fault = part->fault;
    }
}

static struct backend_input backend_input(const struct job *job, size_t file)
{
    return (struct backend_input){
        .path = job->paths[file],
        .end = job->end,
        .fragment = input_is_fragment(job->paths[file], &job->options),
        .block = job->options.block,
        .advice = job->options.advice,
        .window_log = job->options.window_log,
    };
}

static void read_metadata(const struct job *job, struct dbn_decoder *d, struct job_result *r)
{
    struct dbn_metadata md;
    if (input_is_fragment(job->paths[r->file], &job->options))
        return;
    r->outcome = dbn_read_metadata(d, job->options.metadata_limit, &md);
    r->fault = d->fault;
    dbn_metadata_free(&md);
}

static void decode(const struct job *job, struct dbn_decoder *d, struct job_result *r)
{
    void *sink;
    r->outcome = job->sink->begin(&sink);
    if (r->outcome)
        return;
    r->outcome = dbn_decode(d, (struct dbn_sink){job->sink->take, sink});
    r->fault = d->fault;
    r->copied += d->joined + (job->sink->copied ? job->sink->copied(sink) : 0);
    job->sink->end(sink, &r->tally);
}

/* Asks for as much at a time as the inflater does. */
static void hand_on(const struct job *job, void *handle, struct job_result *r)
{
    struct dbn_span span;
    void *sink;
    r->outcome = job->sink->begin(&sink);
    if (r->outcome)
        return;
    while ((r->outcome = job->backend->next(handle, DBN_ZSTD_IN, &span)) > 0)
        job->sink->take(sink, span.ptr, span.len, span.offset);
    r->fault = span.offset;
    job->sink->end(sink, &r->tally);
}

static void close_backend(const struct job *job, void *handle, struct job_result *r)
{
    int rc = job->backend->close(handle, &r->counts);
    if (rc) {
        r->outcome = rc; /* what the decoder made of bytes that changed does not matter */
        r->fault = 0;
    }
}

/* A file that may be compressed. */
static void inflate_and_decode(const struct job *job, void *handle, struct job_result *r)
{
    struct dbn_decoder d;
    struct dbn_zstd *zstd;
    struct dbn_source source = {job->backend->next, handle};
    r->outcome = dbn_zstd_open(source, job->options.window_log, &zstd);
    if (r->outcome)
        return;
    dbn_decoder_init(&d, (struct dbn_source){dbn_zstd_next, zstd}, job->backend->step);
    read_metadata(job, &d, r);
    if (r->outcome == 0)
        decode(job, &d, r);
    r->copied += dbn_zstd_stats(zstd).inflated + dbn_zstd_stats(zstd).joined;
    dbn_zstd_close(zstd);
}

/* One file by one worker. */
static void decode_file(const struct job *job, size_t file, struct job_result *r)
{
    const struct backend *b = job->backend;
    struct backend_input in = backend_input(job, file);
    void *handle;
    *r = (struct job_result){.file = file};
    r->outcome = b->open(&in, &handle);
    if (r->outcome)
        return;
    if (job->options.raw)
        hand_on(job, handle, r);
    else
        inflate_and_decode(job, handle, r);
    close_backend(job, handle, r);
}

static void *work_on_files(void *arg)
{
    struct worker *w = arg;
    for (size_t file; (file = atomic_fetch_add(w->next_file, 1)) < w->job->files && !atomic_load(w->stop);) {
        struct job_result r;
        decode_file(w->job, file, &r);
        merge(&w->result, &r);
        if (r.outcome)
            atomic_store(w->stop, true);
    }
    return NULL;
}

static void *work_on_blocks(void *arg)
{
    struct worker *w = arg;
    decode(w->job, &w->decoder, &w->result);
    return NULL;
}

/* Runs all workers, the first of them in this thread, and merges what they found. */
static void run_workers(struct worker *workers, unsigned n, void *(*work)(void *), struct job_result *r)
{
    int rc = 0;
    unsigned started = 1;
    while (started < n && (rc = pthread_create(&workers[started].thread, NULL, work, &workers[started])) == 0)
        started++;
    if (rc == 0)
        work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < started; i++)
        merge(r, &workers[i].result);
    if (rc)
        r->outcome = -rc;
}

/* One file by all workers together. */
static void decode_shared(const struct job *job, size_t file, struct worker *workers, struct job_result *r)
{
    const struct backend *b = job->backend;
    struct backend_input in = backend_input(job, file);
    struct job_result own = {.file = file};
    unsigned attached = 0;
    void *handle;
    own.outcome = b->open(&in, &handle);
    if (own.outcome == 0) {
        for (; attached < job->threads && own.outcome == 0; attached += own.outcome == 0) {
            struct worker *w = &workers[attached];
            *w = (struct worker){.job = job, .result.file = file};
            own.outcome = b->attach(handle, &w->consumer);
            dbn_decoder_init(&w->decoder, (struct dbn_source){b->next, w->consumer}, b->step);
        }
        if (own.outcome == 0)
            read_metadata(job, &workers[0].decoder, &own);
        if (own.outcome == 0)
            run_workers(workers, job->threads, work_on_blocks, &own);
        while (attached > 0)
            b->detach(workers[--attached].consumer);
        close_backend(job, handle, &own);
    }
    merge(r, &own);
}

void job_run(const struct job *job, struct job_result *r)
{
    struct worker *workers = calloc(job->threads, sizeof *workers);
    *r = (struct job_result){.file = SIZE_MAX};
    if (!workers) {
        *r = (struct job_result){.outcome = -ENOMEM};
        return;
    }
    if (job->backend->attach) {
        for (size_t file = 0; file < job->files && r->outcome == 0; file++)
            decode_shared(job, file, workers, r);
    } else {
        atomic_size_t next_file = 0;
        atomic_bool stop = false;
        for (unsigned i = 0; i < job->threads; i++)
            workers[i] = (struct worker){.job = job, .next_file = &next_file, .stop = &stop};
        run_workers(workers, job->threads, work_on_files, r);
    }
    free(workers);
}
