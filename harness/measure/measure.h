/* One sample of one case, from the state of the page cache to the outcome. */
#ifndef HARNESS_MEASURE_H
#define HARNESS_MEASURE_H

#include "plan.h"

/* Brings the file into its state, decodes the range c->iterations times in a child, and sets *s. False if
 * SIGINT or SIGTERM stopped it, and *s is no sample. */
bool measure(const struct plan *p, const struct plan_case *c, const struct plan_range *range, bool cold, uint64_t round,
             struct sample *s);

#endif
