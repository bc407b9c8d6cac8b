/* What the machine is, and how it fares: for the record, and for judging results. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each root is "", or a folder in which the files of /proc and /sys are looked for. */

/* Facts that stay the same during a run. One that cannot be had is null, and `missing` gets its name with
 * the reason. */
json_t *machine_facts(const char *root, json_t *missing);

/* "ext4", or a number in hex for a file system without a known name; NULL if that cannot be told. */
const char *machine_file_system(const char *path, char *buf, size_t size);

/* Cores that this process may use; 1 if that cannot be told. */
unsigned machine_cores(void);

/* How often a CPU quota held up the control groups that this process is in, and for how long, since they were made; of
 * all of them and all their cores together. False: that cannot be told. */
bool machine_throttled(const char *root, uint64_t *periods, uint64_t *us);

/* Load, CPU time and waiting for the processor so far, of all cores and of this process with its finished children.
 * Taken before and after a run, the differences tell how much of the machine others had. */
json_t *machine_conditions(const char *root);

/* This program's version, compiler and flags, and the libraries it runs with. */
json_t *machine_build(void);

#endif
