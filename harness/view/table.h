/* A run's results for people and for programs. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include "../analysis/report.h"

#include <stdio.h>

/* Aligned text, with what has to be said about it below. Columns that do not fit into `width` are left
 * out, the least telling ones first. 0 or -ENOMEM; errors of `to` stay with it. */
int table_print(const struct results *r, const struct report *s, size_t width, FILE *to);

/* The part of it that is a table of counters, if any were to be counted. 0 or -ENOMEM. */
int table_print_counters(const struct results *r, const struct report *s, size_t width, FILE *to);

/* The part of it below the table. without: columns left out, or "". */
void table_print_notes(const struct results *r, const struct report *s, const char *without, FILE *to);

/* Three significant digits, without exponent. */
void table_number(double value, char *cell, size_t size);

/* The same as one JSON object; NULL if memory ran out. */
json_t *table_json(const struct results *r, const struct report *s);

/* A number as JSON; null if it is not finite. */
json_t *table_value(double value);

/* A statistic as JSON, all values multiplied by scale; null if it is unknown. */
json_t *table_stats(const struct stats *s, double scale);

/* How many columns there are to print to: COLUMNS, or the terminal's behind `to`, or 110. */
size_t table_width(FILE *to);

#endif
