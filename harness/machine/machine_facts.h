/* The parts of machine.h. Private to machine*.c. */
#ifndef HARNESS_MACHINE_FACTS_H
#define HARNESS_MACHINE_FACTS_H

#include "machine.h"

#include <stddef.h>

/* The start of a small file of /proc or /sys, with its last newline off. 0 or -errno. */
int machine_read(const char *path, char *buf, size_t size);

/* Sets the fact to null, and its reason. */
void machine_set_missing(json_t *facts, json_t *missing, const char *name, const char *path, const char *why);
/* Sets the fact to the text of the file, or to null. */
void machine_set_file(json_t *facts, json_t *missing, const char *name, const char *path);

/* Hypervisor, threads of a core, caches, what is done against flaws of the processor. */
void machine_set_cpu(json_t *facts, json_t *missing);
/* What this process may use: processors, memory, files, and its share by its control group. */
void machine_set_limits(json_t *facts, json_t *missing);
/* Versions of the libraries, as they are loaded; of those that are headers only, as they were built in. */
json_t *machine_libraries(void);

#endif
