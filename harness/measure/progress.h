/* How far a session is: one line that changes, on a terminal; elsewhere a line now and then. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "plan.h"

#include <stdio.h>

struct progress {
    FILE *to;
    bool live;        /* the line is written over */
    bool shown;       /* there is something to be wiped */
    uint64_t last_ns; /* when the last plain line was written */
};

struct progress_now {
    const struct plan_file *file;
    const struct plan_case *c; /* NULL: the file is made ready */
    const char *counting;      /* after all rounds: what is counted */
    uint64_t round, rounds;    /* round 0: calibration */
    size_t done, of;           /* in all rounds */
    uint64_t left_ns;          /* 0: unknown */
};

/* Terminals that cannot, and CI, where no one watches, get plain lines. */
void progress_begin(struct progress *p, FILE *to);
void progress_show(struct progress *p, const struct progress_now *now);
/* Wipes the line, so that something else can be printed. */
void progress_end(struct progress *p);

#endif
