/* What was said of decoders of this kind before anybody measured them, held against stored runs. */
#ifndef HARNESS_CLAIMS_H
#define HARNESS_CLAIMS_H

#include "stats.h"
#include "../results/store.h"

#include <stdio.h>

struct claims_input {
    const struct results *runs; /* of any commands: each claim finds what it needs, in the last that has it */
    size_t count;
};

enum { CLAIM_WHAT = 256 };

/* What was measured: n = 0 if no run has it, and then `what` says which is needed. */
struct claim_finding {
    struct stats value;
    char what[CLAIM_WHAT]; /* of which data and backend */
};

struct claim {
    const char *says;
    double low, high; /* as it was claimed, in that unit */
    const char *unit;
    struct claim_finding (*find)(const struct claims_input *in, const void *arg);
    const void *arg;
};
extern const struct claim claims[];
extern const size_t claims_count;

enum claim_verdict { CLAIM_UNKNOWN, CLAIM_HOLDS, CLAIM_BELOW, CLAIM_ABOVE, CLAIM_CANNOT_TELL };
/* Below, above: what was measured is, with all of its interval. It holds if all of that lies within what was claimed,
 * 5 % more or less. */
enum claim_verdict claim_judge(const struct stats *value, double low, double high);

/* All of them as a Markdown page. 0 or -ENOMEM; errors of `to` stay with it. */
int claims_print(const struct claims_input *in, FILE *to);

#endif
