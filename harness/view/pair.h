/* Two runs compared, as a table. */
#ifndef HARNESS_PAIR_H
#define HARNESS_PAIR_H

#include "../analysis/compare.h"
#include "table.h"

struct pair {
    const struct stored_run *a, *b;
    const struct comparison *comparison;
};

/* A row for each case that either has; in its notes is what has to be said about them. */
struct table *pair_table(const struct pair *p);

/* All of it as one object. */
json_t *pair_json(const struct pair *p);

#endif
