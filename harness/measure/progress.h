/* How far something is: one line that changes, on a terminal; elsewhere a line now and then. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *to;
    bool live;                  /* the line is written over */
    bool shown;                 /* there is something to be wiped */
    uint64_t begin_ns, last_ns; /* last: when a plain line was written */
};

/* Terminals that cannot, and CI, where no one watches, get plain lines. */
void progress_begin(struct progress *p, FILE *to);
/* The text has to be clean, so that no file can play with the terminal. always: also where lines are rare. */
void progress_show(struct progress *p, bool always, const char *text);
/* What is done now, behind so many of all steps: also how long the others take, if they take as long as those did.
 * On a terminal only. */
void progress_step(struct progress *p, size_t done, size_t steps, const char *text);
/* A line that stays. */
void progress_say(struct progress *p, const char *text);
/* Wipes the line, so that something else can be printed. */
void progress_end(struct progress *p);

#endif
