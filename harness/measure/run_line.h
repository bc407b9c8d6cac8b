/* The lines of a run that are no samples: all that is the same for all of its samples, and how it ended. */
#ifndef HARNESS_RUN_LINE_H
#define HARNESS_RUN_LINE_H

#include "../results/run.h"
#include "run.h"

/* For store_append(). with: the backends asked for, with those that are unavailable. NULL if memory ran
 * out. */
json_t *run_line_begin(const struct run *r, enum run_kind kind, const struct backend *const *with, int argc,
                       char **argv);
json_t *run_line_end(enum run_end end);

#endif
