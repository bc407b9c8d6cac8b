/* A table of texts for people: cells are filled as text first, so that it is known which columns are empty. */
#ifndef HARNESS_GRID_H
#define HARNESS_GRID_H

#include "../analysis/stats.h"

#include <stdio.h>

enum { GRID_CELL = 48, GRID_COLUMNS = 20 };

struct grid {
    const char *titles[GRID_COLUMNS];
    size_t columns, rows, left; /* so many columns are left-aligned */
    char (*cells)[GRID_COLUMNS][GRID_CELL];
};

/* Columns in which there is nothing are not shown. 0 or -ENOMEM; errors of `to` stay with it. */
int grid_print(const struct grid *g, FILE *to);

/* "12.3+-0.4": per cent; the smallest and the largest if these make no interval; "n/a". */
void grid_put_share(char *cell, const struct stats *share);

#endif
