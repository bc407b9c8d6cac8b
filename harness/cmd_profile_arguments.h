/* The command line of dbnbench profile. */
#ifndef HARNESS_CMD_PROFILE_ARGUMENTS_H
#define HARNESS_CMD_PROFILE_ARGUMENTS_H

#include "input.h"

struct profile_arguments {
    struct input_options input;
    const struct backend **backends; /* ends with NULL */
    const char *datasets, *folder;
    const char *out; /* NULL: a new file in results/ */
    char **paths;
    int path_count;
    uint64_t rounds, seconds, seed;
    bool keep; /* the records: the sink rows, and not fields */
    bool json;
    int argc;
    char **argv;
};

/* Prints what is wrong and exits, as argp does. */
void profile_arguments_parse(struct profile_arguments *a, int argc, char **argv);
void profile_arguments_free(struct profile_arguments *a);

#endif
