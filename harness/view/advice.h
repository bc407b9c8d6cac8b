/* Prints advice on reading a folder: the answer first. */
#ifndef HARNESS_VIEW_ADVICE_H
#define HARNESS_VIEW_ADVICE_H

#include "../analysis/advice.h"

#include <stdbool.h>
#include <stdio.h>

/* A dozen lines, or one JSON object with all that was measured. */
void advice_print(const struct advice *a, bool json, size_t width, FILE *to);

#endif
