/* Two tables a file: what a record's time is made of, four lines a backend, and what goes with it, one line a backend.
 */
#include "cmd_profile_show.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 48, MOST_COLUMNS = 4 + PROFILE_PARTS };

/* Text, row by row. Columns in which there is nothing are not shown. */
struct grid {
    const char *titles[MOST_COLUMNS];
    size_t columns, rows, left; /* so many columns are left-aligned */
    char (*cells)[MOST_COLUMNS][CELL];
};

static int print_grid(const struct grid *g, FILE *to)
{
    struct libscols_table *t = scols_new_table();
    int rc = t ? 0 : -ENOMEM;
    bool shown[MOST_COLUMNS] = {false};
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

/* Three significant digits, no more than two of them behind the point. */
static void put_ns(char *cell, double ns)
{
    int decimals = fabs(ns) < 9.995 ? 2 : fabs(ns) < 99.95 ? 1 : 0;
    snprintf(cell, CELL, "%.*f", decimals, ns);
}

static void put_stats(char *cell, const struct stats *ns)
{
    if (ns->n > 0)
        put_ns(cell, ns->median);
    else
        snprintf(cell, CELL, "n/a");
}

static void put_share(char *cell, const struct stats *share)
{
    double half = 50 * (share->high - share->low);
    int decimals = half < 1.95 ? 1 : 0;
    if (share->n == 0)
        snprintf(cell, CELL, "n/a");
    else if (share->confident)
        snprintf(cell, CELL, "%.*f+-%.*f", decimals, 100 * share->median, decimals, half);
    else
        snprintf(cell, CELL, "%.0f..%.0f", 100 * share->low, 100 * share->high);
}

static void put_gain(char *cell, const struct stats *share)
{
    double gain = share->n ? profile_gain(share->median) : NAN;
    if (isfinite(gain))
        snprintf(cell, CELL, gain < 9.995 ? "%.2fx" : "%.0fx", gain);
    else
        snprintf(cell, CELL, "n/a");
}

static bool in_ladder(enum profile_part part)
{
    return part == PART_CALLS || part == PART_INFLATE || part == PART_FRAMING || part == PART_FIELDS ||
           part == PART_ALLOCATION;
}

enum { BACKEND, WHAT, WHOLE, FIRST_PART };

static bool has_figures(const struct profile_row *row)
{
    return row->cpu.n > 0;
}

static void put_lines(char (*line)[MOST_COLUMNS][CELL], const struct profile_row *row)
{
    static const char *const what[] = {"ladder ns", "alone ns", "share %", "at most"};
    snprintf(line[0][BACKEND], CELL, "%s", row->backend);
    if (row->sample->prefix)
        snprintf(line[1][BACKEND], CELL, "[:%" PRIu64 "]", row->sample->prefix);
    for (size_t i = 0; i < 4; i++)
        snprintf(line[i][WHAT], CELL, "%s", what[i]);
    put_stats(line[0][WHOLE], &row->cpu);
    for (size_t part = 0; part < PROFILE_PARTS; part++) {
        size_t c = FIRST_PART + part;
        if (!profile_has(&row->kind, (enum profile_part)part))
            continue;
        if (in_ladder((enum profile_part)part))
            put_stats(line[0][c], &row->step[part]);
        put_stats(line[1][c], &row->part[part]);
        put_share(line[2][c], &row->share[part]);
        if (part != PART_UNEXPLAINED)
            put_gain(line[3][c], &row->share[part]);
    }
}

static int print_parts(const struct profile_row *rows, size_t n, FILE *to)
{
    struct grid g = {.titles = {"backend", "", "whole"}, .columns = FIRST_PART + PROFILE_PARTS, .left = 2};
    g.cells = calloc(4 * n + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (size_t part = 0; part < PROFILE_PARTS; part++)
        g.titles[FIRST_PART + part] = profile_part_names[part];
    for (size_t i = 0; i < n; i++) {
        if (has_figures(&rows[i])) {
            put_lines(g.cells + g.rows, &rows[i]);
            g.rows += 4;
        } else {
            snprintf(g.cells[g.rows][BACKEND], CELL, "%s", rows[i].backend);
            snprintf(g.cells[g.rows++][WHAT], CELL, "%s",
                     rows[i].sample->outcome ? sample_outcomes[rows[i].sample->outcome] : "n/a");
        }
    }
    int rc = print_grid(&g, to);
    free(g.cells);
    return rc;
}

static void put_number(char *cell, double value)
{
    if (isfinite(value))
        snprintf(cell, CELL, "%.3g", value);
    else
        snprintf(cell, CELL, "n/a");
}

static void put_verdict(char *cell, const struct profile_row *row)
{
    const struct stats *share = &row->share[PART_UNEXPLAINED];
    if (share->n > 0 && !share->confident)
        snprintf(cell, CELL, "too few samples");
    else
        snprintf(cell, CELL, "%s", profile_verdicts[row->verdict]);
}

static void put_facts(char (*cell)[CELL], const struct profile_row *row, const struct profile_units *units)
{
    snprintf(cell[0], CELL, "%s", row->backend);
    put_stats(cell[1], &row->wall);
    put_stats(cell[2], &row->cpu);
    if (row->kernel.n > 0)
        snprintf(cell[3], CELL, "%.0f/%.0f", 100 - 100 * row->kernel.median, 100 * row->kernel.median);
    put_number(cell[4], row->reads);
    put_number(cell[5], row->faults);
    put_number(cell[6], row->moved);
    put_number(cell[7], profile_by_count(row, units));
    put_verdict(cell[8], row);
}

static int print_facts(const struct profile_row *rows, size_t n, const struct profile_units *units, FILE *to)
{
    struct grid g = {.titles = {"backend", "wall ns", "CPU ns", "user/kernel~", "reads/rec", "faults/rec", "moved",
                                "by count", "the parts"},
                     .columns = 9,
                     .left = 1};
    g.cells = calloc(n + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (has_figures(&rows[i]))
            put_facts(g.cells[g.rows++], &rows[i], units);
    int rc = g.rows ? print_grid(&g, to) : 0;
    free(g.cells);
    return rc;
}

int profile_show(const struct profile_row *rows, size_t n, const struct profile_units *units, FILE *to)
{
    fprintf(to, "%s\n", rows[0].dataset);
    int rc = print_parts(rows, n, to);
    fputc('\n', to);
    if (rc == 0)
        rc = print_facts(rows, n, units, to);
    fputc('\n', to);
    return rc;
}

void profile_show_legend(FILE *to)
{
    fputs(
        "whole: reading, decoding and (rows) keeping every record, CPU ns a record. ladder: what each step adds.\n"
        "alone: each part measured without the others; +-: half its interval. at most: times as fast without it.\n"
        "calls: system calls and their copying. faults: of pages of the mapped file. hand-over: between threads.\n"
        "memory: waiting for it, or for another core. framing: finding records. allocation: room for records, its\n"
        "faults, and copying.\n"
        "unexplained: what the parts leave of the whole; below 0 they overlap. They close if its interval holds 0, or\n"
        "within 3 %; an interval beyond +-10 % is too noisy. ~: sampled by the scheduler, not a measurement.\n"
        "moved: bytes copied or inflated, a byte decoded. by count: ns of the calls (mapped: faults), number x cost.\n",
        to);
}
