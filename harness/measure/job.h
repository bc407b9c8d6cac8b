/* A job: the unit that is timed. Some files, one backend, one sink, some threads; each file is decoded once. */
#ifndef HARNESS_JOB_H
#define HARNESS_JOB_H

#include "../reference/input.h"
#include "job_result.h"

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
};

void job_run(const struct job *job, struct job_result *r);

#endif
