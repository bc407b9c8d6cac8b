/* Two tables a file: what a record's time is made of, four lines a backend, and what goes with it, one line a backend.
 */
#include "cmd_profile_show.h"

#include "../view/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Three significant digits, no more than two of them behind the point. */
static void put_ns(char *cell, double ns)
{
    int decimals = fabs(ns) < 9.995 ? 2 : fabs(ns) < 99.95 ? 1 : 0;
    snprintf(cell, GRID_CELL, "%.*f", decimals, ns);
}

static void put_stats(char *cell, const struct stats *ns)
{
    if (ns->n > 0)
        put_ns(cell, ns->median);
    else
        snprintf(cell, GRID_CELL, "n/a");
}

static void put_gain(char *cell, const struct stats *share)
{
    double gain = share->n ? profile_gain(share->median) : NAN;
    if (isfinite(gain))
        snprintf(cell, GRID_CELL, gain < 9.995 ? "%.2fx" : "%.0fx", gain);
    else
        snprintf(cell, GRID_CELL, "n/a");
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

static void put_lines(char (*line)[GRID_COLUMNS][GRID_CELL], const struct profile_row *row)
{
    static const char *const what[] = {"ladder ns", "alone ns", "share %", "at most"};
    snprintf(line[0][BACKEND], GRID_CELL, "%s", row->backend);
    if (row->sample->prefix)
        snprintf(line[1][BACKEND], GRID_CELL, "[:%" PRIu64 "]", row->sample->prefix);
    for (size_t i = 0; i < 4; i++)
        snprintf(line[i][WHAT], GRID_CELL, "%s", what[i]);
    put_stats(line[0][WHOLE], &row->cpu);
    for (size_t part = 0; part < PROFILE_PARTS; part++) {
        size_t c = FIRST_PART + part;
        if (!profile_has(&row->kind, (enum profile_part)part))
            continue;
        if (in_ladder((enum profile_part)part))
            put_stats(line[0][c], &row->step[part]);
        put_stats(line[1][c], &row->part[part]);
        grid_put_share(line[2][c], &row->share[part]);
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
            snprintf(g.cells[g.rows][BACKEND], GRID_CELL, "%s", rows[i].backend);
            snprintf(g.cells[g.rows++][WHAT], GRID_CELL, "%s",
                     rows[i].sample->outcome ? sample_outcomes[rows[i].sample->outcome] : "n/a");
        }
    }
    int rc = grid_print(&g, to);
    free(g.cells);
    return rc;
}

static void put_number(char *cell, double value)
{
    if (isfinite(value))
        snprintf(cell, GRID_CELL, "%.3g", value);
    else
        snprintf(cell, GRID_CELL, "n/a");
}

static void put_verdict(char *cell, const struct profile_row *row)
{
    const struct stats *share = &row->share[PART_UNEXPLAINED];
    if (share->n > 0 && !share->confident)
        snprintf(cell, GRID_CELL, "too few samples");
    else
        snprintf(cell, GRID_CELL, "%s", profile_verdicts[row->verdict]);
}

static void put_facts(char (*cell)[GRID_CELL], const struct profile_row *row, const struct profile_units *units)
{
    snprintf(cell[0], GRID_CELL, "%s", row->backend);
    put_stats(cell[1], &row->wall);
    put_stats(cell[2], &row->cpu);
    if (row->kernel.n > 0)
        snprintf(cell[3], GRID_CELL, "%.0f/%.0f", 100 - 100 * row->kernel.median, 100 * row->kernel.median);
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
    int rc = g.rows ? grid_print(&g, to) : 0;
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
