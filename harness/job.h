/* A job: the unit that is timed. Some files, one backend, one sink, some threads; each file is decoded once. */
#ifndef HARNESS_JOB_H
#define HARNESS_JOB_H

#include "input.h"
#include "sink.h"

enum { MAX_THREADS = 1024 };

struct job {
    const struct backend *backend;
    const struct sink *sink;
    const char *const *paths;
    size_t files;
    unsigned threads; /* at least 1 */
    uint64_t end;     /* bytes of each file to read, UINT64_MAX: all */
    struct input_options options;
};

struct job_result {
    int outcome; /* 0 or the first error, by file and then by offset */
    size_t file; /* where that happened */
    uint64_t fault;
    struct tally tally; /* of all whole records before any error */
    struct backend_counts counts;
    uint64_t copied; /* bytes that decoder, inflater and sink copied or inflated; metadata are not among them */
};

void job_run(const struct job *job, struct job_result *r);

#endif
