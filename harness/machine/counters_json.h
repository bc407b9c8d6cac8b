/* Counters for the record. */
#ifndef HARNESS_COUNTERS_JSON_H
#define HARNESS_COUNTERS_JSON_H

#include "counters.h"

#include <jansson.h>

/* For the run's line: {"cycles": {"event": "PERF_COUNT_HW_CPU_CYCLES", "user_only": false}, "no-such-event":
 * null}. The reasons of those that are null go into `missing`. */
json_t *counters_json(const struct counter_set *set, json_t *missing);

/* The same of every event that has a name of its own, and of allocations. */
json_t *counters_all(json_t *missing);

#endif
