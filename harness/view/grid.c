#include "grid.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdbool.h>

int grid_print(const struct grid *g, FILE *to)
{
    struct libscols_table *t = scols_new_table();
    int rc = t ? 0 : -ENOMEM;
    bool shown[GRID_COLUMNS] = {false};
    for (size_t c = 0; c < g->columns && rc == 0; c++) {
        for (size_t i = 0; i < g->rows; i++)
            shown[c] |= g->cells[i][c][0] != '\0';
        if (shown[c] && !scols_table_new_column(t, g->titles[c], 0, c < g->left ? 0 : SCOLS_FL_RIGHT))
            rc = -ENOMEM;
    }
    for (size_t i = 0; i < g->rows && rc == 0; i++) {
        struct libscols_line *line = scols_table_new_line(t, NULL);
        rc = line ? 0 : -ENOMEM;
        for (size_t c = 0, n = 0; c < g->columns && rc == 0; c++)
            if (shown[c])
                rc = scols_line_set_data(line, n++, g->cells[i][c]);
    }
    if (rc == 0) {
        scols_table_set_stream(t, to);
        scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
        rc = scols_print_table(t);
    }
    scols_unref_table(t);
    return rc;
}

void grid_put_share(char *cell, const struct stats *share)
{
    double half = 50 * (share->high - share->low);
    int decimals = half < 1.95 ? 1 : 0;
    if (share->n == 0)
        snprintf(cell, GRID_CELL, "n/a");
    else if (share->confident)
        snprintf(cell, GRID_CELL, "%.*f+-%.*f", decimals, 100 * share->median, decimals, half);
    else
        snprintf(cell, GRID_CELL, "%.0f..%.0f", 100 * share->low, 100 * share->high);
}
