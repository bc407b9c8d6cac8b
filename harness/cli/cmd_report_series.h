/* Pictures of cases along an axis: block sizes, threads, runs. */
#ifndef HARNESS_CMD_REPORT_SERIES_H
#define HARNESS_CMD_REPORT_SERIES_H

#include "cmd_report.h"

/* The next picture's data are written to what comes back; NULL: there are too many, or memory ran out. */
FILE *figure_begin(struct document *d, const char *script, const char *about);
/* What there being no NULL to write to comes to: 0 if there are too many, which the page says, else -ENOMEM. */
int figure_none(const struct document *d);
/* With so many rows below the header. 0: there is no such picture, which is what `why` is for. 0 or -ENOMEM. */
int figure_end(struct document *d, FILE *data, size_t rows, const char *title, const char *why);

/* What there is no picture of, unless there is one by this script. 0 or -ENOMEM. */
int figures_add_none(struct document *d, const char *script, const char *title, const char *why);

/* Each a picture a dataset, or one that says why there is none. 0 or -ENOMEM. */
int figures_add_sweeps(struct document *d);
int figures_add_scaling(struct document *d);
int figures_add_history(struct document *d);
int figures_add_steps(struct document *d);
/* One a row of the youngest run of `dbnbench scale` that has several threads; none without. 0 or -ENOMEM. */
int figures_add_curves(struct document *d);

#endif
