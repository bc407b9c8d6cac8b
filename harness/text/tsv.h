/* Tables as text, a line a row, with tabs between fields: what pictures are drawn from. */
#ifndef HARNESS_TSV_H
#define HARNESS_TSV_H

#include <stdio.h>

/* One line; if `kinds` ends with a + the beginning of one, which the next call goes on with. `kinds` has a letter for
 * each field: t is text (const char *), n a uint64_t, d a double; one that is not finite is written as NaN. In text a
 * backslash is doubled, and control characters and double quotes, with which a field would begin that ends somewhere
 * else, are written as in C. */
void tsv_row(FILE *to, const char *kinds, ...);

/* A field alone, in that form. */
void tsv_text(FILE *to, const char *text);
void tsv_number(FILE *to, double value);

#endif
