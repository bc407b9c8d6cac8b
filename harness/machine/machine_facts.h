/* Reading of /proc and /sys. */
#ifndef HARNESS_MACHINE_FACTS_H
#define HARNESS_MACHINE_FACTS_H

#include <stddef.h>

/* The start of a small file, with its last newline off. 0 or -errno. */
int machine_read(const char *path, char *buf, size_t size);

#endif
