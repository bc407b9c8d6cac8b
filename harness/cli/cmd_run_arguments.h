/* The command line of dbnbench run. */
#ifndef HARNESS_CMD_RUN_ARGUMENTS_H
#define HARNESS_CMD_RUN_ARGUMENTS_H

#include "../sinks/sink.h"
#include "cmd_session_arguments.h"

enum { RUN_THREAD_COUNTS = 16, RUN_BLOCKS = 16 };

struct run_arguments {
    struct session_arguments session;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    unsigned threads[RUN_THREAD_COUNTS + 1]; /* ends with 0 */
    size_t blocks[RUN_BLOCKS + 1];           /* the same; none: each backend's own choice */
    const char *counters;
    bool cold, no_limits, instructions;
};

/* Prints what is wrong and exits, as argp does. */
void run_arguments_parse(struct run_arguments *a, int argc, char **argv);
void run_arguments_free(struct run_arguments *a);

#endif
