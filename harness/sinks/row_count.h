/* How many bytes of records there are of each kind, found out before they are decoded. */
#ifndef HARNESS_ROW_COUNT_H
#define HARNESS_ROW_COUNT_H

#include "sink.h"

/* Calls found() with each kind that there is, more than once if they come mixed. `record` is the beginning of one:
 * length and type. *facts go up by what it read for that. Says nothing of a file of which nothing is known, be it that
 * it is compressed. */
void row_count(const struct sink_plan *plan, struct sink_facts *facts,
               void (*found)(void *arg, const uint8_t *record, uint64_t bytes), void *arg);

#endif
