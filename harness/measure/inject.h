/* Faults for trying a gate: a decode that takes longer, asks more of the kernel, or finds something else. All of it is
 * done before or after the decode, so that none of it costs anything where nothing is injected. */
#ifndef HARNESS_INJECT_H
#define HARNESS_INJECT_H

#include "job.h"

struct inject {
    enum { INJECT_NOTHING, INJECT_CPU, INJECT_SLEEP, INJECT_SYSCALL, INJECT_CORRUPT } what;
    double share;    /* CPU: of the records, decoded once more */
    uint64_t number; /* SLEEP: us a file; SYSCALL: one for so many records; CORRUPT: the record, from 0 */
    char field[32];  /* CORRUPT: of it, its lowest bit is turned over */
    char path[32];   /* CORRUPT: the altered copy, which lives as long as this process */
};

/* "cpu=5%", "sleep=300us", "syscall=1/1000", "corrupt=RECORD:FIELD". False if it is none of them. */
bool inject_parse(const char *text, struct inject *i);

/* Before the job: what it shall read instead of the one file at `path`. NULL with the reason in why. */
const char *inject_path(struct inject *i, const char *path, const struct input_options *options, char *why,
                        size_t size);

/* After the job, of which r was the result, and whose files are all the same one. */
void inject_after(const struct inject *i, const struct job *job, const struct job_result *r);

#endif
