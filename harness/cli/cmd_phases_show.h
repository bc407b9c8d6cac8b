/* What a chain of phases came to, for people and for programs. */
#ifndef HARNESS_CMD_PHASES_SHOW_H
#define HARNESS_CMD_PHASES_SHOW_H

#include "../analysis/phases.h"

#include <stdio.h>

/* stored: where the samples are. 0, or -ENOMEM; errors of `to` stay with it. */
int phases_show(const struct results *r, const char *stored, bool as_json, FILE *to);

#endif
