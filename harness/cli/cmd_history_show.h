/* What `history` prints. */
#ifndef HARNESS_CMD_HISTORY_SHOW_H
#define HARNESS_CMD_HISTORY_SHOW_H

#include "../analysis/history.h"

void history_print(const struct history *h, double smallest);
/* A line for each point. 0 or -ENOMEM. */
int history_print_tsv(const struct history *h);
/* The same and more as one JSON object. 0 or -ENOMEM. */
int history_print_json(const struct history *h, double smallest);

#endif
