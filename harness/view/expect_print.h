/* Expectations beside what was measured. */
#ifndef HARNESS_EXPECT_PRINT_H
#define HARNESS_EXPECT_PRINT_H

#include "../analysis/expect.h"
#include "table.h"

/* A row for each promise. */
struct table *expect_table(const struct expectations *e, const struct stored_run *runs, size_t count);

/* All of the file around it, and which runs it was, as Markdown. */
void expect_print_markdown(const struct expectations *e, const struct stored_run *runs, size_t count, FILE *to);

#endif
