/* The command line of dbnbench scale. */
#ifndef HARNESS_CMD_SCALE_ARGUMENTS_H
#define HARNESS_CMD_SCALE_ARGUMENTS_H

#include "../sinks/sink.h"
#include "cmd_session_arguments.h"

enum { SCALE_COUNTS = 16 };

struct scale_arguments {
    struct session_arguments session;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    /* These end with 0. None: the numbers of threads up to the cores, doubled each time; all files; as many shards as
     * threads; powers of 10 from 10^4 on. */
    unsigned threads[SCALE_COUNTS + 1], files[SCALE_COUNTS + 1], split[SCALE_COUNTS + 1], records[SCALE_COUNTS + 1];
};

/* Prints what is wrong and exits, as argp does. */
void scale_arguments_parse(struct scale_arguments *a, int argc, char **argv);
void scale_arguments_free(struct scale_arguments *a);

#endif
