/* A table for each thing that was decoded, one line a point. */
#include "cmd_scale_show.h"

#include "../view/grid.h"
#include "../view/cases.h"
#include "cmd_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKEND,
    SINK,
    THREADS,
    SHARDS,
    RATE,
    SPEEDUP,
    CAPACITY,
    OF_CAPACITY,
    SERIAL,
    PARTS,
    GROWTH = PARTS + SCALE_PARTS
};

static void put_factor(char *cell, const struct stats *s)
{
    if (s->n == 0)
        snprintf(cell, GRID_CELL, "n/a");
    else if (s->confident)
        snprintf(cell, GRID_CELL, "%.2f+-%.2f", s->median, (s->high - s->low) / 2);
    else
        snprintf(cell, GRID_CELL, "%.2f..%.2f", s->low, s->high);
}

static void put_part(char *cell, const struct stats *s)
{
    if (s->n == 0)
        snprintf(cell, GRID_CELL, "n/a");
    else
        snprintf(cell, GRID_CELL, "%.1f", 100 * s->median);
}

static void put_point(char (*cell)[GRID_CELL], const struct scale_row *row, const struct scale_point *p)
{
    const struct sample *s = p->sample;
    snprintf(cell[BACKEND], GRID_CELL, "%s", row->backend);
    snprintf(cell[SINK], GRID_CELL, "%s", row->sink);
    snprintf(cell[THREADS], GRID_CELL, "%" PRIu64 "%s", s->key.threads, p->oversubscribed ? "!" : "");
    if (p->samples == 0) {
        snprintf(cell[RATE], GRID_CELL, "%s", sample_outcomes[s->outcome]);
        return;
    }
    if (s->shards.state == READING_EXACT)
        snprintf(cell[SHARDS], GRID_CELL, "%" PRIu64 "%s", s->shards.value / s->iterations, p->redone ? "*" : "");
    snprintf(cell[RATE], GRID_CELL, "%.4g", p->rate.median / 1e6);
    put_factor(cell[SPEEDUP], &p->speedup);
    for (size_t part = 0; part < SCALE_PARTS; part++)
        put_part(cell[PARTS + part], &p->part[part]);
    if (s->key.threads == 1 && s->key.split == 1)
        return;
    if (p->capacity[row->kernel].n > 0)
        snprintf(cell[CAPACITY], GRID_CELL, "%.2f", p->capacity[row->kernel].median);
    grid_put_share(cell[OF_CAPACITY], &p->of_capacity);
    if (s->key.threads > 1)
        grid_put_share(cell[SERIAL], &p->serial);
    put_part(cell[GROWTH], &p->growth);
}

static bool same_input(const struct scale_row *a, const struct scale_row *b)
{
    return strcmp(a->dataset, b->dataset) == 0 && a->files == b->files;
}

static int print_points(const struct scale *s, const struct scale_row *rows, size_t n, FILE *to)
{
    struct grid g = {
        .titles = {"backend", "sink", "threads", "shards", "M/s", "speed-up", "machine", "% of it", "serial %"},
        .columns = GROWTH + 1,
        .left = 2};
    for (size_t part = 0; part < SCALE_PARTS; part++)
        g.titles[PARTS + part] = scale_part_names[part];
    g.titles[GROWTH] = "slower";
    g.cells = calloc(s->point_count + 1, sizeof *g.cells);
    if (!g.cells)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t k = rows[i].first; k < rows[i].first + rows[i].points; k++)
            put_point(g.cells[g.rows++], &rows[i], &s->points[k]);
    int rc = grid_print(&g, to);
    free(g.cells);
    return rc;
}

static void put_length(char (*cell)[GRID_CELL], const struct scale_length *l)
{
    const struct sample *s = l->row->sample;
    snprintf(cell[0], GRID_CELL, "%.32s", s->key.dataset);
    snprintf(cell[1], GRID_CELL, "%s", s->key.backend);
    snprintf(cell[2], GRID_CELL, "%s", s->key.sink);
    snprintf(cell[3], GRID_CELL, "%" PRIu64, s->records);
    snprintf(cell[4], GRID_CELL, "%.4g", 1e3 / l->record_ns.median);
    snprintf(cell[5], GRID_CELL, "%.1f%%", 50 * (l->record_ns.high - l->record_ns.low) / l->record_ns.median);
    snprintf(cell[6], GRID_CELL, "%.4g", (double)l->row->peak_bytes / 1e6);
    if (l->fixed_ns.n > 0)
        snprintf(cell[7], GRID_CELL, "%.3g [%.3g, %.3g]", l->fixed_ns.median / 1e3, l->fixed_ns.low / 1e3,
                 l->fixed_ns.high / 1e3);
}

static int print_lengths(const struct report *report, FILE *to)
{
    size_t n;
    struct scale_length *all = scale_lengths_of(report, &n);
    struct grid g = {
        .titles = {"dataset", "backend", "sink", "records", "M/s", "+/-", "peak MB", "us whatever the length"},
        .columns = 8,
        .left = 3};
    int rc = all ? 0 : -ENOMEM;
    g.cells = rc == 0 && n > 0 ? calloc(n, sizeof *g.cells) : NULL;
    for (; g.cells && g.rows < n; g.rows++)
        put_length(g.cells[g.rows], &all[g.rows]);
    if (g.cells) {
        fputs("\nby length of file, 1 thread\n", to);
        rc = grid_print(&g, to);
        fputc('\n', to);
    }
    free(g.cells);
    free(all);
    return rc;
}

static void print_failed(const struct results *r, FILE *to)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->samples[i].outcome != SAMPLE_OK)
            fprintf(to, "%s %s %s, %" PRIu64 " threads: %s: %s\n", r->samples[i].key.dataset, r->samples[i].key.backend,
                    r->samples[i].key.sink, r->samples[i].key.threads, sample_outcomes[r->samples[i].outcome],
                    r->samples[i].error);
}

static void print_legend(const struct scale *s, FILE *to)
{
    fprintf(
        to,
        "M/s: million records a second. speed-up: over 1 thread with the file in one piece. machine: what as many\n"
        "threads gained that share nothing, by reading memory, or by arithmetic if the file is compressed.\n"
        "serial: Karp and Flatt's fraction of the speed-up in parts of that. Then where the threads' time went, %%:\n"
        "plan and merge are one thread's and count for all. slower: the work, against that of 1 thread.\n"
        "!: more threads than the %" PRIu64 " cores. *: shards were decoded again.\n",
        s->cores);
}

static int show_text(const struct results *r, const struct scale *s, const struct report *report, const char *stored,
                     FILE *to)
{
    int rc = 0;
    for (size_t i = 0, end; i < s->count && rc == 0; i = end) {
        for (end = i; end < s->count && same_input(&s->rows[i], &s->rows[end]);)
            end++;
        fprintf(to, "%s", s->rows[i].dataset);
        if (s->rows[i].files > 1)
            fprintf(to, ", %" PRIu64 " files", s->rows[i].files);
        fputc('\n', to);
        rc = print_points(s, s->rows + i, end - i, to);
        if (rc == 0)
            rc = scale_print_laws(s, s->rows + i, end - i, to);
        fputc('\n', to);
    }
    if (s->count > 0)
        print_legend(s, to);
    if (rc == 0)
        rc = print_lengths(report, to);
    print_failed(r, to);
    scale_print_claims(s, to);
    cases_print_notes(r, report, "", to);
    session_print_stored(stored, to);
    return rc;
}

static int show_json(const struct results *r, const struct scale *s, const struct report *report, const char *stored,
                     FILE *to)
{
    json_t *o = cases_json(r, report);
    int rc = o ? 0 : -ENOMEM;
    if (rc == 0) {
        json_object_set_new(o, "scaling", scale_json(s));
        json_object_set_new(o, "stored", session_stored_json(stored));
        json_dumpf(o, to, JSON_INDENT(1));
        fputc('\n', to);
    }
    json_decref(o);
    return rc;
}

int scale_show(const struct results *r, const char *stored, bool as_json, FILE *to)
{
    struct report report = {0};
    struct scale s = {0};
    int rc = report_of(r, &report);
    if (rc == 0)
        rc = scale_of(&report, SCALE_SEED, &s);
    if (rc == 0)
        rc = as_json ? show_json(r, &s, &report, stored, to) : show_text(r, &s, &report, stored, to);
    scale_free(&s);
    report_free(&report);
    return rc;
}
