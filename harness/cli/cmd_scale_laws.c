/* What is inferred beside what was seen, and what is to be expected of more threads. */
#include "cmd_scale_show.h"

#include "../view/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_LEAST 0.0005 /* shares below are not worth their space */

static void print_serial(const struct scale_row *row, const struct scale_point *p, FILE *to)
{
    if (p->serial.n == 0 || p->samples == 0)
        return;
    fprintf(to, "%s %s, %" PRIu64 " threads: %.1f%% [%.1f, %.1f] serial by Karp and Flatt; seen:", row->backend,
            row->sink, p->sample->key.threads, 100 * p->serial.median, 100 * p->serial.low, 100 * p->serial.high);
    for (size_t part = 0; part < SCALE_PARTS; part++)
        if (part != SCALE_WORK && p->part[part].n > 0 && p->part[part].median > SEEN_LEAST)
            fprintf(to, " %s %.1f%%,", scale_part_names[part], 100 * p->part[part].median);
    if (p->growth.n > 0)
        fprintf(to, " work slower by %.1f%%", 100 * p->growth.median);
    if (p->capacity[row->kernel].n > 0)
        fprintf(to, " (%s alone by %.1f%%)", row->kernel == CAPACITY_MEMORY ? "memory" : "arithmetic",
                100 * ((double)p->sample->key.threads / p->capacity[row->kernel].median - 1));
    fputc('\n', to);
}

static void print_law(const struct scale_row *row, const char *name, const struct fit_law *law, FILE *to)
{
    if (*law->why)
        return;
    fprintf(to, "%s %s, %s: serial %.2f%% [%.2f, %.2f]%s", row->backend, row->sink, name, 100 * law->sigma.value,
            100 * law->sigma.low, 100 * law->sigma.high, law->sigma_at_bound ? " (as little as there can be)" : "");
    if (law == &row->usl)
        fprintf(to, ", each pair %.3f%% [%.3f, %.3f], most at %.0f threads", 100 * law->kappa.value,
                100 * law->kappa.low, 100 * law->kappa.high, law->peak.value);
    else
        fprintf(to, ", %.3gx at most", fit_limit(law->sigma.value));
    fprintf(to, "; off by %.3f\n", law->rms);
}

/* Each reason once. */
static void print_refused(const struct scale_row *rows, size_t n, FILE *to)
{
    const char *told = "";
    for (size_t i = 0; i < n; i++) {
        if (*rows[i].amdahl.why && strcmp(rows[i].amdahl.why, told) != 0)
            fprintf(to, "Amdahl's law n/a: %s\nUniversal Scalability Law n/a: %s\n", rows[i].amdahl.why,
                    rows[i].usl.why);
        told = rows[i].amdahl.why;
    }
}

/* --- curves --- */

static void put_rate(char *cell, double rate)
{
    if (isfinite(rate))
        snprintf(cell, GRID_CELL, "%.4g", rate / 1e6);
}

/* A line for each model of it that there is. */
static void put_curve(struct grid *g, const struct scale_row *row, const struct scale_curve *curve, uint64_t cores)
{
    static const char *const names[] = {"measured", "Amdahl", "USL", "simulated"};
    for (size_t line = 0; line < 4; line++) {
        char(*cell)[GRID_CELL] = g->cells[g->rows];
        bool any = false;
        for (size_t i = 0; i < curve->count && i + 2 < GRID_COLUMNS; i++) {
            const struct scale_curve_point *c = &curve->point[i];
            const double values[] = {c->measured, c->amdahl, c->usl, c->simulated};
            put_rate(cell[2 + i], values[line]);
            any |= isfinite(values[line]);
            if (line == 3 && isfinite(c->measured) && isfinite(c->simulated) && c->threads <= cores)
                snprintf(cell[2 + i], GRID_CELL, "%.4g (%+.1f%%)", c->simulated / 1e6,
                         100 * (c->simulated / c->measured - 1));
        }
        if (!any)
            continue;
        snprintf(cell[0], GRID_CELL, "%s", row->backend);
        snprintf(cell[1], GRID_CELL, "%s", names[line]);
        g->rows++;
    }
}

static int print_curves(const struct scale *s, const struct scale_row *rows, size_t n, FILE *to)
{
    char titles[GRID_COLUMNS][24] = {"M/s with threads", ""};
    struct grid g = {.left = 2};
    struct scale_curve curve = {0};
    int rc = 0;
    g.cells = calloc(4 * n + 1, sizeof *g.cells);
    for (size_t i = 0; i < n && g.cells && rc == 0; i++) {
        rc = scale_curve_of(s, &rows[i], SCALE_SEED, &curve);
        if (rc == 0)
            put_curve(&g, &rows[i], &curve, s->cores);
        if (rc == 0 && *curve.why)
            fprintf(to, "%s %s: nothing is simulated: %s\n", rows[i].backend, rows[i].sink, curve.why);
    }
    g.columns = 2 + curve.count < GRID_COLUMNS ? 2 + curve.count : GRID_COLUMNS;
    for (size_t c = 0; c < g.columns; c++) {
        if (c >= 2)
            snprintf(titles[c], sizeof titles[c], "%" PRIu64, curve.point[c - 2].threads);
        g.titles[c] = titles[c];
    }
    if (rc == 0)
        rc = g.cells ? grid_print(&g, to) : -ENOMEM;
    free(g.cells);
    return rc;
}

int scale_print_laws(const struct scale *s, const struct scale_row *rows, size_t n, FILE *to)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = rows[i].first; k < rows[i].first + rows[i].points; k++)
            print_serial(&rows[i], &s->points[k], to);
        print_law(&rows[i], "Amdahl", &rows[i].amdahl, to);
        print_law(&rows[i], "USL", &rows[i].usl, to);
    }
    print_refused(rows, n, to);
    return print_curves(s, rows, n, to);
}
