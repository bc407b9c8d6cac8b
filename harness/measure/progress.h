/* How far a session is: one line that changes, on a terminal; elsewhere a line now and then. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "../results/case.h"

#include <stdio.h>

struct progress {
    FILE *to;
    bool live;        /* the line is written over */
    bool shown;       /* there is something to be wiped */
    uint64_t last_ns; /* when the last plain line was written */
};

/* Terminals that cannot, and CI, where no one watches, get plain lines. */
void progress_begin(struct progress *p, FILE *to);
/* What is done, and to which case; NULL: it is said whenever the last line was. */
void progress_show(struct progress *p, const struct case_key *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Wipes the line, so that something else can be printed. */
void progress_end(struct progress *p);

#endif
