/* What dbnbench syscalls found, for people and for programs. */
#ifndef HARNESS_CMD_SYSCALLS_SHOW_H
#define HARNESS_CMD_SYSCALLS_SHOW_H

#include "../measure/plan.h"
#include "../measure/syscount_job.h"

#include <jansson.h>
#include <stdio.h>

struct syscalls_row {
    const struct plan_file *file;
    const struct backend *backend;
    const struct plan_range *range; /* of the file */
    unsigned threads;
    struct job_count count;
};

/* Is it less than the whole file? */
bool syscalls_is_prefix(const struct syscalls_row *row);

/* The rows of one file. 0 or -ENOMEM. */
int syscalls_print(const struct syscalls_row *rows, size_t n, FILE *to);

/* How it was counted, and what is missing. */
void syscalls_print_notes(const struct syscounter *c, const struct syscalls_row *rows, size_t n, FILE *to);

/* All rows and notes as one object; NULL if memory ran out. */
json_t *syscalls_json(const struct syscounter *c, const struct syscalls_row *rows, size_t n);

#endif
