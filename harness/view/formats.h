/* Forms in which a run's figures can be had, for programs and for other tools. They are those of the report, never
 * worked out anew. Where there is no figure, there is no entry, a null or an empty field, as the format has it, and
 * never a 0. Cases that failed have none: formats that cannot say so leave them out.
 *
 * A format is a function format_ID(), and a line here: F(ID, NAME, WHAT IT IS). */
#ifndef HARNESS_FORMATS_H
#define HARNESS_FORMATS_H

#include "../analysis/report.h"

#include <stdio.h>

#define FORMATS(F)                                                                                                     \
    F(json, "json", "everything that is known of the run")                                                             \
    F(csv, "csv", "a line for each case")                                                                              \
    F(csv_samples, "csv-samples", "a line for each sample")                                                            \
    F(markdown, "markdown", "a table for the summary of a job")                                                        \
    F(gbench, "gbench", "JSON of Google Benchmark, which Bencher reads too")                                           \
    F(action, "github-action-benchmark", "JSON of github-action-benchmark: ns for a record, smaller is better")

struct format {
    const char *name, *about;
    void (*write)(const struct results *r, const struct report *s, FILE *to);
};
extern const struct format formats[]; /* ends without a name */

/* NULL: there is none of that name. */
const struct format *format_find(const char *name);

#endif
