/* What a measurement of scaling says, for people and for programs. */
#ifndef HARNESS_CMD_SCALE_SHOW_H
#define HARNESS_CMD_SCALE_SHOW_H

#include "../analysis/scale.h"

#include <stdio.h>

/* stored: where the samples are. 0, or -ENOMEM; errors of `to` stay with it. */
int scale_show(const struct results *r, const char *stored, bool as_json, FILE *to);

/* The parts of it: a JSON array, NULL if memory ran out; what laws and a simulation say of rows, 0 or -ENOMEM; and a
 * line for each thing that is often said of scaling. */
json_t *scale_json(const struct scale *s);
int scale_print_laws(const struct scale *s, const struct scale_row *rows, size_t n, FILE *to);
void scale_print_claims(const struct scale *s, FILE *to);

#endif
