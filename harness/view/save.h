/* How all files but those of results are written. */
#ifndef HARNESS_SAVE_H
#define HARNESS_SAVE_H

#include <stddef.h>

/* The file appears whole or not at all, unless it is a device or a pipe. 0 or -errno. From then on the process ignores
 * SIGXFSZ. */
int save_file(const char *path, const char *text, size_t n);

#endif
