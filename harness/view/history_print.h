/* The trend of stored runs, for people and for programs. */
#ifndef HARNESS_HISTORY_PRINT_H
#define HARNESS_HISTORY_PRINT_H

#include "../analysis/history.h"

#include <jansson.h>
#include <stdio.h>

/* A table for each machine, its changes below. Changes below `smallest` were none. 0 or -ENOMEM. */
int history_print(const struct history *h, double smallest, FILE *to);
/* All points as one object; NULL if memory ran out. */
json_t *history_json(const struct history *h, double smallest);

#endif
