/* Measures what advice on reading a folder is made of, within a budget of time. */
#ifndef HARNESS_ADVISE_H
#define HARNESS_ADVISE_H

#include "../analysis/advice.h"
#include "session.h"

struct advise_options {
    char *const *paths; /* files and folders; ends with NULL */
    const struct sink *sink;
    struct input_options input;
    unsigned threads; /* at most */
    uint64_t seconds, seed;
    bool cold; /* the files of the sample may be dropped from the page cache */
    plan_complain *complain;
    FILE *progress;
};

/* Sets *a, which is to be freed in any case. SESSION_FAILED: something could not be read or run, and was complained
 * of; what is in *a holds without it. */
enum session_end advise(const struct advise_options *o, struct advice *a);

#endif
