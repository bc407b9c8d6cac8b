/* The command line of dbnbench syscalls. */
#ifndef HARNESS_CMD_SYSCALLS_ARGUMENTS_H
#define HARNESS_CMD_SYSCALLS_ARGUMENTS_H

#include "../reference/input.h"
#include "../machine/syscount.h"

struct syscalls_arguments {
    struct input_options input;
    const struct backend **backends; /* ends with NULL */
    enum syscount_method method;     /* NONE: the best there is */
    unsigned threads;
    bool limited; /* to so many records, or 0 for all: */
    uint64_t records;
    bool json;
    char **paths;
    size_t files;
};

/* Prints what is wrong and exits, as argp does. */
void syscalls_arguments_parse(struct syscalls_arguments *a, int argc, char **argv);
void syscalls_arguments_free(struct syscalls_arguments *a);

#endif
