/* Stored runs named on a command line: FILE, for the last run in it, or FILE#RUN, for that with this id. */
#ifndef HARNESS_STORED_H
#define HARNESS_STORED_H

#include "../analysis/report.h"
#include "../results/run.h"

/* Complains if that fails; an exit code. It may be freed in any case. */
int stored_read(const char *name, struct results *r);
/* The same with its report. It may be closed, or all zero, in any case. */
int stored_open(const char *name, struct stored_run *r);
void stored_close(struct stored_run *r);

/* The youngest *.jsonl in the folder; to be freed. NULL: there is none. */
char *stored_newest(const char *folder);

#endif
