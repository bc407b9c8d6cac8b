/* What a job comes to, and how the results of its parts add up to that. */
#ifndef HARNESS_JOB_RESULT_H
#define HARNESS_JOB_RESULT_H

#include "../../backends/backend.h"
#include "../sinks/sink.h"

struct job_result {
    int outcome; /* 0 or the first error, by file and then by offset */
    size_t file; /* where that happened */
    uint64_t fault;
    struct tally tally;           /* of all whole records before any error */
    struct backend_counts counts; /* with the sink's own reads */
    struct sink_facts facts;
    uint64_t copied; /* bytes that decoder, inflater and sink copied or inflated; metadata are not among them */

    uint64_t shards, redone; /* ranges of files that were decoded each by itself; those decoded again, see stitch.c */

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

void job_add_counts(struct backend_counts *to, const struct backend_counts *part);

/* Adds up all but the outcome and the tally: calls, bytes, shards, times. */
void job_add_costs(struct job_result *to, const struct job_result *part);

/* The same and the tally; takes the error over if it is the first. */
void job_merge(struct job_result *to, const struct job_result *part);

#endif
