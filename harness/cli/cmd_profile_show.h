/* A profile for people and for programs. */
#ifndef HARNESS_CMD_PROFILE_SHOW_H
#define HARNESS_CMD_PROFILE_SHOW_H

#include "../analysis/profile.h"

#include <stdio.h>

/* The rows of one file: they lie next to each other. 0 or -ENOMEM; errors of `to` stay with it. */
int profile_show(const struct profile_row *rows, size_t n, const struct profile_units *units, FILE *to);
void profile_show_legend(FILE *to);

/* An array of them; NULL if memory ran out. */
json_t *profile_json(const struct profile_row *rows, size_t n, const struct profile_units *units);

#endif
