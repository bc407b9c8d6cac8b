/* A run's cases for people and for programs. */
#ifndef HARNESS_CASES_H
#define HARNESS_CASES_H

#include "../analysis/report.h"
#include "table.h"

/* A row for each case, in the order of the report; people see the fastest first. */
struct table *cases_table(const struct report *s);

/* What events were counted, as ratios; no rows: none were. */
struct table *cases_counters(const struct report *s);

/* What the machine allows, as the run measured it. */
struct table *cases_limits(const struct results *r, const struct report *s);

/* How quiet the machine was. */
json_t *cases_noise(const struct noise *n);

/* A row for each sample, with all that is stored of it. */
struct table *cases_samples(const struct results *r, const struct report *s);

/* The table, that of counters if any were counted, that of limits, and what has to be said about them. */
void cases_print(const struct results *r, const struct report *s, size_t width, FILE *to);

/* What has to be said of the run, as notes of a table; and of it only what was not measured. */
void cases_note(struct table *t, const struct results *r, const struct report *s);
void cases_note_failed(struct table *t, const struct results *r, const struct report *s);

/* All of it as one JSON object. */
json_t *cases_json(const struct results *r, const struct report *s);

#endif
