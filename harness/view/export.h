/* A run's figures in the formats of other tools. They are those of the report, never worked out anew. Where there is
 * no figure, there is no entry, a null or an empty field, as the format has it, and never a 0. Cases that failed have
 * none: formats that cannot say so leave them out. */
#ifndef HARNESS_EXPORT_H
#define HARNESS_EXPORT_H

#include "../analysis/report.h"

#include <jansson.h>
#include <stdio.h>

enum { EXPORT_NAME = SAMPLE_NAME + 256 };

/* DATASET/BACKEND/SINK/threads:N, then what is not as usual: /files:N, /split:N, /block:SIZE, /records:N (of a prefix),
 * /cold. The same case has the same name in every run. */
void export_name(const struct sample *s, char name[EXPORT_NAME]);

struct exported_case {
    const struct report_row *row;
    char name[EXPORT_NAME]; /* no other case has it: later ones with the same get #2, #3 and so on */
};

struct export
{
    const struct results *results; /* both must outlive this */
    const struct report *report;
    struct exported_case *cases;
    size_t count;
};

/* 0 or -ENOMEM. */
int export_of(const struct results *r, const struct report *s, struct export *e);
void export_free(struct export *e);

/* Each is NULL if memory ran out. */
json_t *export_gbench(const struct export *e);
json_t *export_hyperfine(const struct export *e);
json_t *export_smaller_is_better(const struct export *e); /* of github-action-benchmark: ns for a record */
json_t *export_bigger_is_better(const struct export *e);  /* records per second */
json_t *export_bencher(const struct export *e);

/* A line for each case, or for each sample, below one with the names of columns. Commas (CSV) or tabs. Text that a
 * spreadsheet would take for a formula gets a ' in front. 0 or -ENOMEM; errors of `to` stay with it. */
int export_cases(const struct export *e, char separator, FILE *to);
int export_samples(const struct export *e, char separator, FILE *to);

/* The same of any rows, JSON objects whose keys are the columns, in the order in which rows first have them. Consumes
 * the array. */
int export_rows(json_t *rows, char separator, FILE *to);

/* A table for the summary of a job. 0; errors of `to` stay with it. */
int export_markdown(const struct export *e, FILE *to);

/* The file appears whole or not at all, unless it is a device or a pipe. 0 or -errno. */
int export_save(const char *path, const char *text, size_t n);

#endif
