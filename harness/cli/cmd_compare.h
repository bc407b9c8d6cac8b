/* What `dbnbench compare` shows. */
#ifndef HARNESS_CMD_COMPARE_H
#define HARNESS_CMD_COMPARE_H

#include "../analysis/compare.h"
#include "cmd_stored.h"

#include <stdio.h>

struct compared {
    struct stored_run a, b;
    struct comparison comparison;
    json_t *differences; /* compare_surroundings() */
};

/* 0 or -ENOMEM. */
int compare_print(const struct compared *c, FILE *to);
void compare_print_markdown(const struct compared *c, FILE *to);
json_t *compare_json(const struct compared *c);

#endif
