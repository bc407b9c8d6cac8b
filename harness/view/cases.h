/* A run's results for people and for programs. */
#ifndef HARNESS_CASES_H
#define HARNESS_CASES_H

#include "../analysis/report.h"
#include "table.h"

#include <stdio.h>

/* Aligned text, with what has to be said about it below. Columns that do not fit into `width` are left
 * out, the least telling ones first. 0 or -ENOMEM; errors of `to` stay with it. */
int cases_print(const struct results *r, const struct report *s, size_t width, FILE *to);

/* The part of it that is a table of counters, if any were to be counted. 0 or -ENOMEM. */
int cases_print_counters(const struct results *r, const struct report *s, size_t width, FILE *to);

/* The part of it below the table. without: columns left out, or "". */
void cases_print_notes(const struct results *r, const struct report *s, const char *without, FILE *to);

/* The same as one JSON object; NULL if memory ran out. */
json_t *cases_json(const struct results *r, const struct report *s);

#endif
