/* Stored runs named on a command line: FILE, for the last run in it, or FILE#RUN, for that with this id. */
#ifndef HARNESS_STORED_H
#define HARNESS_STORED_H

#include "../analysis/report.h"
#include "../results/run.h"

/* Complains if that fails; an exit code. Where the last run of FILE has no results, that is said, and it is the last
 * that has some. */
int stored_read(const char *name, struct results *r);
/* The same with its report. It may be closed, or all zero, in any case. */
int stored_open(const char *name, struct stored_run *r);
void stored_close(struct stored_run *r);

/* The run of the youngest *.jsonl in results/ that has results, and is no example; a complete one, if there is any. The
 * name of its file, to be freed; NULL: there is none, and it complained. */
char *stored_newest(struct results *r);

#endif
