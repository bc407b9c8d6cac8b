/* Stored runs named on a command line. */
#ifndef HARNESS_CMD_STORED_H
#define HARNESS_CMD_STORED_H

#include "../analysis/report.h"
#include "../results/run.h"
#include "../results/store.h"

struct stored_run {
    const char *name; /* FILE, for the last run in it, or FILE#RUN, for that with this id */
    struct results results;
    struct report report;
};
/* Complains if that fails; an exit code. It may be closed, or all zero, in any case. */
int stored_open(const char *name, struct stored_run *r);
void stored_close(struct stored_run *r);

/* The youngest file of runs in the folder; to be freed. NULL: there is none. */
char *stored_newest(const char *folder);

/* When it began, as in "2026-11-22 13:23:18 UTC", or as much of it as there is room for; "n/a" if nobody wrote that
 * down. */
void stored_time(const struct results *r, char *text, size_t size);

#endif
