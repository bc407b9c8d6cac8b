/* A stored run held against another one: only what each reached of the limits measured beside it can be compared at
 * all, since machines are never twice the same. Weaker than two programs side by side. Pure functions. */
#ifndef HARNESS_GATE_BASELINE_H
#define HARNESS_GATE_BASELINE_H

#include "../analysis/stats.h"
#include "gate_decide.h"

#include <jansson.h>

/* A case of a run, found there or not. */
struct gate_stored {
    bool there, failed;
    uint64_t digest, records;
    struct stats of_limit; /* n = 0: no limit was measured */
};

/* What differs between two run lines so that their figures must not be compared: names into `changes`, separated by
 * commas. True if nothing does. */
bool gate_is_comparable(const json_t *base, const json_t *head, char *changes, size_t size);

/* anyway: whatever gate_is_comparable() said, that was said to be fine; so may the dataset differ. */
enum gate_verdict gate_judge_stored(const struct gate_stored *base, const struct gate_stored *head, bool anyway,
                                    char why[GATE_WHY]);

#endif
