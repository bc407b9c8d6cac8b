/* The trend of stored runs, for people and for programs. */
#ifndef HARNESS_HISTORY_PRINT_H
#define HARNESS_HISTORY_PRINT_H

#include "../analysis/history.h"
#include "table.h"

/* A table for each machine, its changes below. Changes below `smallest` were none. */
void history_print(const struct history *h, double smallest, FILE *to);
/* A row for each point. */
struct table *history_points(const struct history *h);

#endif
