/* Instructions a record: a figure that a busy machine does not change, for when there is no counter of the
 * processor. */
#ifndef HARNESS_RUN_INSTRUCTIONS_H
#define HARNESS_RUN_INSTRUCTIONS_H

#include "run.h"

/* Counts and stores those of every case that did not fail, or why there are none. Seconds for each. */
enum run_end run_instructions(struct run *r);

#endif
