/* Finds the DBN files in folders, by their content, and says what they are like. */
#ifndef HARNESS_ARCHIVE_H
#define HARNESS_ARCHIVE_H

#include "../analysis/advice.h"
#include "../reference/input.h"
#include "plan.h"
#include "progress.h"

struct archive_options {
    char *const *paths; /* files and folders; ends with NULL */
    const struct input_options *input;
    uint64_t until_ns; /* clock_now_ns(): then it looks into no more files */
    uint64_t *random;
    plan_complain *complain;
    struct progress *progress;
};

/* Sets the files and kinds of *a, in the order of their names. Each that cannot be read is complained of. > 0: a
 * signal stopped it; 0; < 0: there was something to complain of. */
int archive_look(const struct archive_options *o, struct advice *a);

#endif
