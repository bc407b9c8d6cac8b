/* The command line of dbnbench profile. */
#ifndef HARNESS_CMD_PROFILE_ARGUMENTS_H
#define HARNESS_CMD_PROFILE_ARGUMENTS_H

#include "cmd_session_arguments.h"

struct profile_arguments {
    struct session_arguments session;
    const struct backend **backends; /* ends with NULL */
    bool keep;                       /* the records: the sink rows, and not fields */
};

/* Prints what is wrong and exits, as argp does. */
void profile_arguments_parse(struct profile_arguments *a, int argc, char **argv);
void profile_arguments_free(struct profile_arguments *a);

#endif
