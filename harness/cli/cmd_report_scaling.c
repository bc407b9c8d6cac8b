/* What a report says of a run of `dbnbench scale`: what threads gained, and what models make of that. */
#include "cmd_report.h"

#include "../text/tsv.h"
#include "cmd_report_series.h"
#include "cmd_scale_show.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct shown_column columns[] = {
    {"dataset", "", true},
    {"backend", "", true},
    {"sink", "what is done with the records", true},
    {"threads", "!: more than there are cores", false},
    {"shards", "of a file; *: some were decoded again", false},
    {"M/s", "million records a second, median", false},
    {"speed-up", "over 1 thread with the file in one piece", false},
    {"machine", "what as many threads gained that share nothing", false},
    {"% of it", "the speed-up in parts of what the machine gave", false},
    {"serial %", "Karp and Flatt's fraction of that", false},
    {0},
};
enum { DATASET, BACKEND, SINK, THREADS, SHARDS, RATE, SPEEDUP, MACHINE, OF_MACHINE, SERIAL };

/* "parts, 6 files" */
static void put_input(const struct scale_row *row, char *text, size_t size)
{
    if (row->files > 1)
        snprintf(text, size, "%s, %" PRIu64 " files", row->dataset, row->files);
    else
        snprintf(text, size, "%s", row->dataset);
}

/* --- the table --- */

static void put_point(const struct scale_row *row, const struct scale_point *p, char (*cell)[SHOWN_CELL])
{
    const struct sample *s = p->sample;
    put_input(row, cell[DATASET], SHOWN_CELL);
    snprintf(cell[BACKEND], SHOWN_CELL, "%s", row->backend);
    snprintf(cell[SINK], SHOWN_CELL, "%s", row->sink);
    snprintf(cell[THREADS], SHOWN_CELL, "%" PRIu64 "%s", s->key.threads, p->oversubscribed ? "!" : "");
    snprintf(cell[SHARDS], SHOWN_CELL, "%" PRIu64 "%s", s->key.split, p->redone ? "*" : "");
    if (p->samples == 0) {
        snprintf(cell[RATE], SHOWN_CELL, "%s", sample_outcomes[s->outcome]);
        return;
    }
    answers_interval(&p->rate, 1e-6, cell[RATE], SHOWN_CELL);
    answers_interval(&p->speedup, 1, cell[SPEEDUP], SHOWN_CELL);
    if (s->key.threads == 1)
        snprintf(cell[SERIAL], SHOWN_CELL, "-");
    if (s->key.threads == 1 && s->key.split == 1) {
        snprintf(cell[MACHINE], SHOWN_CELL, "-");
        snprintf(cell[OF_MACHINE], SHOWN_CELL, "-");
        return;
    }
    answers_interval(&p->capacity[row->kernel], 1, cell[MACHINE], SHOWN_CELL);
    answers_interval(&p->of_capacity, 100, cell[OF_MACHINE], SHOWN_CELL);
    answers_interval(&p->serial, 100, cell[SERIAL], SHOWN_CELL);
}

static int set_table(struct document *d)
{
    const struct scale *s = &d->scale;
    struct shown_table *t = &d->scaling;
    snprintf(t->id, sizeof t->id, "scaling");
    snprintf(t->caption, sizeof t->caption, "Medians with intervals");
    int rc = shown_table_begin(t, columns, s->point_count);
    for (size_t i = 0; i < s->count && rc == 0; i++)
        for (size_t k = s->rows[i].first; k < s->rows[i].first + s->rows[i].points; k++)
            put_point(&s->rows[i], &s->points[k], t->cells[t->rows++]);
    return rc;
}

/* --- answers --- */

static bool is_compared(const struct scale_row *a, const struct scale_row *b)
{
    return strcmp(a->dataset, b->dataset) == 0 && a->files == b->files && strcmp(a->sink, b->sink) == 0;
}

/* Is it the first of those it is compared with? */
static bool is_first(const struct scale *s, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (is_compared(&s->rows[i], &s->rows[row]))
            return false;
    return true;
}

/* Of the rows of one input and sink, the fastest point with several threads that have a core each. */
static const struct scale_point *fastest(const struct scale *s, size_t first, const struct scale_row **row)
{
    const struct scale_point *best = NULL;
    for (size_t i = first; i < s->count; i++) {
        const struct scale_row *of = &s->rows[i];
        for (size_t k = of->first; k < of->first + of->points && is_compared(of, &s->rows[first]); k++) {
            const struct scale_point *p = &s->points[k];
            if (p->samples == 0 || p->oversubscribed || p->sample->key.threads < 2 || p->speedup.n == 0 ||
                (best && p->rate.median <= best->rate.median))
                continue;
            best = p;
            *row = of;
        }
    }
    return best;
}

static int say_input(struct document *d, size_t first)
{
    const struct scale_row *row = &d->scale.rows[first];
    const struct scale_point *p = fastest(&d->scale, first, &row);
    char input[400], rate[96], speedup[96], of[96], machine[256] = "";
    put_input(row, input, sizeof input);
    if (!p)
        return answers_say(d, "Of %s nothing has a time with 2 threads or more that have a core each.", input);
    answers_interval(&p->rate, 1e-6, rate, sizeof rate);
    answers_interval(&p->speedup, 1, speedup, sizeof speedup);
    answers_interval(&p->of_capacity, 100, of, sizeof of);
    if (p->of_capacity.n > 0)
        snprintf(machine, sizeof machine, ", %s %% of what the machine gave as many threads that share nothing", of);
    return answers_say(d,
                       "%s (sink %s): with 2 threads or more %s is fastest, with %" PRIu64 ": %s M/s, %s times as "
                       "fast as with 1 thread%s%s.",
                       input, row->sink, row->backend, p->sample->key.threads, rate, speedup, machine,
                       p->speedup.confident ? "" : "; fewer than 6 samples, so these are the smallest and the largest");
}

int scaling_set(struct document *d)
{
    struct scale *s = &d->scale;
    if (!d->of[OF_SCALING])
        return 0;
    int rc = scale_of(&d->of[OF_SCALING]->report, SCALE_SEED, s);
    d->curves = rc == 0 ? calloc(s->count + 1, sizeof *d->curves) : NULL;
    if (!d->curves)
        return -ENOMEM;
    for (size_t i = 0; i < s->count && rc == 0; i++)
        rc = scale_curve_of(s, &s->rows[i], SCALE_SEED, &d->curves[i]);
    if (rc == 0)
        rc = set_table(d);
    for (size_t i = 0; i < s->count && rc == 0; i++)
        if (is_first(s, i))
            rc = say_input(d, i);
    return rc;
}

void scaling_free(struct document *d)
{
    scale_free(&d->scale);
    free(d->curves);
    free(d->scaling.cells);
}

/* --- models --- */

void scaling_print_claims(const struct document *d, FILE *to)
{
    if (d->of[OF_SCALING])
        scale_print_claims(&d->scale, to);
}

void scaling_refusals(const struct document *d, size_t row, char *text, size_t size)
{
    const struct scale_row *r = &d->scale.rows[row];
    const char *names[] = {"Amdahl's law", "USL", "simulated"},
               *whys[] = {r->amdahl.why, r->usl.why, d->curves[row].why};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < 3; i++)
        if (*whys[i] && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s n/a: %s.", used ? " " : "", names[i], whys[i]);
}

/* --- pictures --- */

static bool has_threads(const struct scale *s, const struct scale_row *row)
{
    bool some = false;
    for (size_t k = row->first; k < row->first + row->points; k++)
        some |= s->points[k].samples > 0 && s->points[k].sample->key.threads > 1;
    return some;
}

static int add_figure(struct document *d, size_t i)
{
    const struct scale_row *row = &d->scale.rows[i];
    const struct scale_curve *c = &d->curves[i];
    char title[FIGURE_TEXT], input[400];
    bool bytes = d->scale.points[row->first].sample->records == 0;
    FILE *to = figure_begin(d, "scaling",
                            bytes ? "Million bytes a second by threads." : "Million records a second by threads.");
    if (!to)
        return figure_none(d);
    struct figure *f = &d->figures[d->figure_count];
    int used = snprintf(f->note, sizeof f->note,
                        "Points are measured, with intervals, and so is the machine's capacity: what threads gained "
                        "that share nothing. Other lines are models, no measurements: Amdahl's law and the Universal "
                        "Scalability Law fitted to the points, and a simulation from the times of this run. ");
    scaling_refusals(d, i, f->note + used, sizeof f->note - (size_t)used);
    tsv_row(to, "tttttttt", "threads", "measured", "low", "high", "capacity", "amdahl", "usl", "simulated");
    for (const struct scale_curve_point *p = c->point; p < c->point + c->count; p++)
        tsv_row(to, "nddddddd", p->threads, p->measured / 1e6, p->low / 1e6, p->high / 1e6, p->machine / 1e6,
                p->amdahl / 1e6, p->usl / 1e6, p->simulated / 1e6);
    put_input(row, input, sizeof input);
    snprintf(title, sizeof title, "Threads: %s, %s, sink %s", input, row->backend, row->sink);
    return figure_end(d, to, c->count, title, "");
}

int figures_add_curves(struct document *d)
{
    int rc = 0;
    for (size_t i = 0; i < d->scale.count && rc == 0; i++)
        if (has_threads(&d->scale, &d->scale.rows[i]))
            rc = add_figure(d, i);
    return rc;
}
