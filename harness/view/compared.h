/* What `dbnbench compare` shows: two runs, the trend of many, and expectations beside what was measured. */
#ifndef HARNESS_COMPARED_H
#define HARNESS_COMPARED_H

#include "../analysis/compare.h"
#include "../analysis/expect.h"
#include "../analysis/history.h"
#include "table.h"

struct pair {
    const struct stored_run *a, *b;
    const struct comparison *comparison;
};

/* A row for each case that either has; in its notes is what has to be said about them. */
struct table *pair_table(const struct pair *p);

/* All of it as one object. */
json_t *pair_json(const struct pair *p);

/* A row for each promise. */
struct table *expect_table(const struct expectations *e, const struct stored_run *runs, size_t count);

/* All of the file around it, and which runs it was, as Markdown. */
void expect_print_markdown(const struct expectations *e, const struct stored_run *runs, size_t count, FILE *to);

/* A table for each machine, its changes below. Changes below `smallest` were none. */
void history_print(const struct history *h, double smallest, FILE *to);
/* A row for each point. */
struct table *history_points(const struct history *h);

#endif
