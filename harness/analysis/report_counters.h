/* Counters of a row: by cycle and by record, as medians over its samples. */
#ifndef HARNESS_REPORT_COUNTERS_H
#define HARNESS_REPORT_COUNTERS_H

#include "report.h"
#include "report_ratios.h"

/* The medians of a row's ratios over its samples; how many there are. Left out is what a sample has no reading for. */
size_t report_counters(const struct report *s, const struct report_row *row,
                       struct report_ratio ratios[COUNTERS_MAX + 1]);

#endif
