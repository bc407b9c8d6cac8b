/* What is in a file: its metadata, and counts and sums over its records. */
#ifndef HARNESS_INFO_H
#define HARNESS_INFO_H

#include "reference.h"

#include <stdio.h>

/* A row a fact, or one JSON object, behind the text `before`: everything as far as the file could be read before the
 * outcome, which is returned, with its *fault. Numbers of 64 bits are exact. With symbols, also the lists and mappings.
 * Of a file that cannot be opened there are no rows. */
int info_print(const char *path, const struct input_options *options, bool json, bool symbols, const char *before,
               FILE *to, uint64_t *fault);

#endif
