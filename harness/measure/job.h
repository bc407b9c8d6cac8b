/* A job: the unit that is timed. Some files, one backend, one sink, some threads; each file is decoded once. */
#ifndef HARNESS_JOB_H
#define HARNESS_JOB_H

#include "../../backends/backend.h"
#include "../reference/input.h"
#include "../sinks/sink.h"

enum { MAX_THREADS = 1024, MAX_SPLIT = 1024 };

struct job {
    const struct backend *backend;
    const struct sink *sink;
    const char *const *paths;
    size_t files;
    unsigned threads; /* at least 1 */
    uint64_t end;     /* bytes of each file to read, UINT64_MAX: all */
    struct input_options options;
    unsigned split; /* shards that each file is cut into, where it can be; 0 or 1: none is. Shared backends have their
                       own way of sharing a file, and raw bytes are not cut either */
    const uint64_t *ends; /* as `end`, of each file by itself; NULL: `end` is that of all */
};

static inline uint64_t job_end(const struct job *job, size_t file)
{
    return job->ends ? job->ends[file] : job->end;
}

/* What a job comes to. */
struct job_result {
    int outcome; /* 0 or the first error, by file and then by offset */
    size_t file; /* where that happened */
    uint64_t fault;
    struct tally tally;           /* of all whole records before any error */
    struct backend_counts counts; /* with the sink's own reads */
    struct sink_facts facts;
    uint64_t copied; /* bytes that decoder, inflater and sink copied or inflated; metadata are not among them */

    uint64_t shards, redone; /* ranges of files that were decoded each by itself; those decoded again, see shard.c */

    /* Where the time went, in ns. First that of the whole job, while there is but one thread, */
    uint64_t plan_ns;  /* where to cut the files */
    uint64_t merge_ns; /* joining what the shards found, and decoding again */
    /* then the sums over its workers: over all of them these and counts.wait_ns are the time in between. */
    uint64_t start_ns; /* from when the first worker is made until this one begins */
    uint64_t open_ns;  /* opening, metadata, finding the first record, closing. By one thread if it is a shared backend,
                          and then no worker is there yet */
    uint64_t work_ns;  /* decoding */
    uint64_t idle_ns;  /* from when this worker finds no more to do until all are done */
};

/* Not of a decoder that decodes by itself. */
void job_run(const struct job *job, struct job_result *r);

/* What has to be found: by the sink, and by `sum`, which decoders of others are checked with. */
struct job_expected {
    struct tally tally;
    uint64_t sums[SUMS];
};

void job_add_counts(struct backend_counts *to, const struct backend_counts *part);

/* The results of parts add up: all but the outcome and the tally: calls, bytes, shards, times. */
void job_add_costs(struct job_result *to, const struct job_result *part);

/* The same and the tally; takes the error over if it is the first. */
void job_merge(struct job_result *to, const struct job_result *part);

/* The one place where "could not run" and "wrong result" are told apart. */
enum job_verdict {
    VERDICT_RIGHT,
    VERDICT_COULD_NOT_RUN, /* no memory, no file, a file that changed: it says nothing about the decoder */
    VERDICT_WRONG,         /* the decoder found something else than the reference decoder */
};

/* Of a decode that ended with `outcome`, where the reference decoder ended with `expected` (0 or < 0, see
 * dbn/outcome.h). `equal`: both found the same records, and the same place of the fault if there was one. */
enum job_verdict job_judge(int outcome, int expected, bool equal);

/* The same for an outcome that another process printed by its name, as dbn_outcome_name() gives it. NULL or a name that
 * is not known: it could not run. The reference decoder found the file good. */
enum job_verdict job_judge_name(const char *outcome, bool equal);

/* Where a backend differs: decodes the file with it and with the reference decoder, record by record, and compares the
 * bytes. True if they differ: then `text` names the first record, its field, and both values. */
bool lockstep(const struct backend *b, const char *path, const struct input_options *options, char *text, size_t size);

#endif
