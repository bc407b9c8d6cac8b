/* How decoding scales over threads, files and shards: what threads gained, and what models make of that. */
#include "document.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "parts, 6 files" */
static void put_input(const struct scale_row *row, char *text, size_t size)
{
    if (row->files > 1)
        snprintf(text, size, "%s, %" PRIu64 " files", row->dataset, row->files);
    else
        snprintf(text, size, "%s", row->dataset);
}

/* --- what threads gained --- */

/* A share of something, in per cent, which a share of less than nothing or more than all is not. */
static void put_share(struct table *t, const struct stats *share)
{
    if (share->n > 0 && (share->median < 0 || share->median > 1))
        table_put(t, "w", NAN, "too noisy");
    else
        table_put(t, "s", share, 100.0);
}

static const struct table_column point_columns[] = {
    {.key = TABLE_CASE},
    {.key = "rate", .kind = TABLE_NUMBER, .title = "M/s", .meaning = "million records a second; bytes without records"},
    {.key = "speedup", .kind = TABLE_NUMBER, .title = "speed-up", .meaning = "over 1 thread, the file in one piece"},
    {.key = "capacity", .kind = TABLE_NUMBER, .rank = 9, .title = "machine", .meaning = "of threads sharing nothing"},
    {.key = "of_capacity", .kind = TABLE_NUMBER, .title = "% of it", .meaning = "the speed-up as a ratio to that"},
    {.key = "serial", .kind = TABLE_NUMBER, .rank = 8, .title = "serial %", .meaning = "of that, by Karp and Flatt"},
    {0},
};

static struct table *points_table(const struct scale *s)
{
    struct table *t = table_new("scaling", "What threads gained: medians with intervals", point_columns);
    for (const struct scale_row *row = s->rows; row < s->rows + s->count; row++)
        for (const struct scale_point *p = s->points + row->first; p < s->points + row->first + row->points; p++) {
            const struct sample *of = p->sample;
            bool base = of->key.threads == 1 && of->key.split == 1;
            table_put(t, "cssss", &of->key, &p->rate, 1e-6, &p->speedup, 1.0, base ? NULL : &p->capacity, 1.0,
                      base ? NULL : &p->of_capacity, 100.0);
            if (of->key.threads == 1)
                table_put(t, "s", NULL, 1.0);
            else
                put_share(t, &p->serial);
        }
    return t;
}

/* Shares of all threads' time, and what came between. */
static const struct table_column share_columns[] = {
    {.key = TABLE_CASE},
    {.key = "plan", .kind = TABLE_NUMBER, .meaning = "finding where to cut; one thread does, so it counts for all"},
    {.key = "start", .kind = TABLE_NUMBER, .rank = 4, .meaning = "until the threads ran"},
    {.key = "open", .kind = TABLE_NUMBER, .rank = 5},
    {.key = "work", .kind = TABLE_NUMBER},
    {.key = "wait", .kind = TABLE_NUMBER, .meaning = "for blocks of a shared backend"},
    {.key = "idle", .kind = TABLE_NUMBER, .meaning = "with no shard left to take"},
    {.key = "merge", .kind = TABLE_NUMBER, .meaning = "joining, and decoding again what was cut wrongly"},
    {.key = "other", .kind = TABLE_NUMBER, .rank = 6},
    {.key = "slower", .kind = TABLE_NUMBER, .title = "more %", .meaning = "time that the work took than with 1 thread"},
    {.key = "redone", .kind = TABLE_COUNT, .rank = 1, .meaning = "that were decoded again"},
    {.key = "oversubscribed", .rank = 7, .title = "more than cores", .meaning = "more threads than there are cores"},
    {0},
};

static struct table *shares_table(const struct scale *s)
{
    struct table *t = table_new("shares", "Where the threads' time went, in %; more: than the work took with 1 thread",
                                share_columns);
    for (const struct scale_point *p = s->points; p < s->points + s->point_count; p++) {
        if (p->samples == 0)
            continue;
        table_put(t, "c", &p->sample->key);
        for (size_t part = 0; part < SCALE_PARTS; part++)
            table_put(t, "m", &p->part[part], 100.0);
        table_put(t, "mNb", &p->growth, 100.0, p->redone, (int)p->oversubscribed);
    }
    return t;
}

/* --- models --- */

static const struct table_column law_columns[] = {
    {.key = "input", .title = "dataset", .group = true},
    {.key = "backend"},
    {.key = "sink"},
    {.key = "law"},
    {.key = "sigma", .kind = TABLE_NUMBER, .title = "serial %", .meaning = "by the law"},
    {.key = "kappa", .kind = TABLE_NUMBER, .title = "each pair %", .meaning = "what each pair of threads costs"},
    {.key = "peak_threads", .kind = TABLE_NUMBER, .title = "most at", .meaning = "with which it is fastest"},
    {.key = "limit", .kind = TABLE_NUMBER, .title = "at most", .meaning = "times as fast, with ever more threads"},
    {.key = "points", .kind = TABLE_COUNT, .meaning = "numbers of threads it is fitted to"},
    {0},
};

/* Each reason why there is none stands once. */
static struct table *laws_table(const struct scale *s)
{
    static const char *const names[] = {"Amdahl's law", "USL"};
    struct table *t = table_new("laws", "Laws fitted to the speed-ups", law_columns);
    char input[SAMPLE_NAME + 32];
    for (const struct scale_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct scale_law *laws[] = {&row->amdahl, &row->usl};
        bool told = row > s->rows && strcmp(row[-1].amdahl.why, row->amdahl.why) == 0;
        put_input(row, input, sizeof input);
        for (size_t i = 0; i < 2; i++) {
            const struct scale_law *law = laws[i];
            if (*law->why == '\0')
                table_row(t, "ttttssddn", input, row->backend, row->sink, names[i], &law->sigma, 100.0,
                          i ? &law->kappa : NULL, 100.0, fit_peak(&law->law), i ? NAN : 1 / law->law.sigma,
                          (uint64_t)row->law_points);
            else if (!told)
                table_note(t, "%s n/a: %s", names[i], law->why);
        }
    }
    return t;
}

static const struct table_column curve_columns[] = {
    {.key = "input", .title = "dataset", .group = true},
    {.key = "backend", .group = true},
    {.key = "sink", .group = true},
    {.key = "threads", .kind = TABLE_COUNT},
    {.key = "measured", .kind = TABLE_NUMBER},
    {.key = "capacity", .kind = TABLE_NUMBER, .title = "machine", .meaning = "so many threads that share nothing"},
    {.key = "amdahl", .kind = TABLE_NUMBER, .rank = 1, .title = "Amdahl"},
    {.key = "usl", .kind = TABLE_NUMBER, .rank = 1, .title = "USL"},
    {.key = "simulated", .kind = TABLE_NUMBER},
    {.key = "off", .kind = TABLE_NUMBER, .title = "off by %", .meaning = "what was measured"},
    {0},
};

static struct table *curves_table(const struct shown_run *run)
{
    struct table *t = table_new("curves", "M/s by threads, as measured and as models have it", curve_columns);
    char input[SAMPLE_NAME + 32];
    for (size_t i = 0; i < run->scale.count; i++) {
        const struct scale_row *row = &run->scale.rows[i];
        put_input(row, input, sizeof input);
        for (const struct scale_curve_point *p = run->curves[i].point, *end = p + run->curves[i].count; p < end; p++) {
            if (p->measured.n == 0 && !isfinite(p->simulated) && !isfinite(p->amdahl) && !isfinite(p->usl))
                continue;
            table_row(t, "tttnsddddd", input, row->backend, row->sink, p->threads, &p->measured, 1e-6, p->machine / 1e6,
                      p->amdahl / 1e6, p->usl / 1e6, p->simulated / 1e6,
                      p->threads <= run->scale.cores ? 100 * (p->simulated / p->measured.median - 1) : NAN);
        }
        if (*run->curves[i].why && (i == 0 || strcmp(run->curves[i].why, run->curves[i - 1].why) != 0))
            table_note(t, "%s %s: nothing is simulated: %s", row->backend, row->sink, run->curves[i].why);
    }
    return t;
}

/* --- answers --- */

static bool is_compared(const struct scale_row *a, const struct scale_row *b)
{
    return strcmp(a->dataset, b->dataset) == 0 && a->files == b->files && strcmp(a->sink, b->sink) == 0;
}

/* Is it the first of those it is compared with? */
static bool is_first(const struct scale *s, const struct scale_row *row)
{
    for (const struct scale_row *other = s->rows; other < row; other++)
        if (is_compared(other, row))
            return false;
    return true;
}

/* The fastest point of several threads that have a core each, of all rows that are compared with this one. */
static const struct scale_point *fastest(const struct scale *s, const struct scale_row *like,
                                         const struct scale_row **row)
{
    const struct scale_point *best = NULL;
    for (const struct scale_row *of = s->rows; of < s->rows + s->count; of++)
        for (const struct scale_point *p = s->points + of->first; p < s->points + of->first + of->points; p++) {
            if (p->samples == 0 || p->oversubscribed || p->sample->key.threads < 2 || p->speedup.n == 0 ||
                !is_compared(of, like) || (best && p->rate.median <= best->rate.median))
                continue;
            best = p;
            *row = of;
        }
    return best;
}

static void say_input(const struct scale *s, const struct scale_row *first, struct table *to)
{
    const struct scale_row *row = first;
    const struct scale_point *p = fastest(s, first, &row);
    char input[SAMPLE_NAME + 32], rate[32], speedup[32], of[32], machine[128] = "";
    put_input(row, input, sizeof input);
    if (!p) {
        table_note(to, "Of %s nothing has a time with 2 threads or more that have a core each.", input);
        return;
    }
    table_number(p->rate.median / 1e6, rate, sizeof rate);
    table_number(p->speedup.median, speedup, sizeof speedup);
    table_number(100 * p->of_capacity.median, of, sizeof of);
    if (p->of_capacity.n > 0)
        snprintf(machine, sizeof machine, ", %s %% of what threads gained that share nothing", of);
    table_note(to, "%s: %s is fastest with %" PRIu64 " threads: %s million a second, %s times as fast as with one%s.",
               input, row->backend, p->sample->key.threads, rate, speedup, machine);
}

void section_scaling(const struct shown_run *run, struct section *to)
{
    const struct scale *s = &run->scale;
    section_add(to, points_table(s));
    section_add(to, laws_table(s));
    section_add(to, curves_table(run));
    section_add(to, shares_table(s));
    for (const struct scale_row *row = s->rows; row < s->rows + s->count; row++)
        if (is_first(s, row))
            say_input(s, row, to->answers);
}

/* --- pictures --- */

/* Models are drawn to twice the cores. */
static bool is_drawn(const struct shown_run *run, const struct scale_curve_point *p)
{
    return p->measured.n > 0 || (isfinite(p->simulated) && p->threads <= 2 * run->scale.cores);
}

static void add_series(struct table *t, const struct shown_run *run, size_t i, uint64_t series)
{
    const struct scale_curve *c = &run->curves[i];
    char says[64], rate[32];
    for (const struct scale_curve_point *p = c->point; p < c->point + c->count; p++) {
        if (!is_drawn(run, p))
            continue;
        table_number(p->measured.median / 1e6, rate, sizeof rate);
        snprintf(says, sizeof says, "%" PRIu64 " thread%s: %s", p->threads, p->threads > 1 ? "s" : "", rate);
        table_row(t, "ntntsddd", series, run->scale.rows[i].backend, p->threads, p->measured.n > 0 ? says : "",
                  &p->measured, 1e-6, p->threads > 1 ? p->machine / 1e6 : NAN, p->simulated / 1e6, NAN);
    }
}

/* Puts each name beside its last point, or as far above the one below it as a line is high: in the last column. */
static void place_names(struct table *t)
{
    size_t rows = t->row_count, columns = t->column_count;
    double most = 0, below = -INFINITY;
    bool placed[64] = {false};
    for (size_t i = 0; i < rows; i++) {
        const struct table_cell *cells = table_cell(t, i, 0);
        most = fmax(most, fmax(cells[4].stats.high, fmax(cells[5].number, cells[6].number)));
    }
    for (;;) {
        struct table_cell *lowest = NULL;
        double height, least = INFINITY;
        for (size_t i = 0; i < rows; i++) {
            struct table_cell *cells = t->cells + i * columns;
            bool last = i + 1 == rows || cells[columns].count != cells[0].count;
            height = cells[6].type == CELL_NUMBER ? cells[6].number : cells[4].stats.median;
            if (last && cells[0].count < 64 && !placed[cells[0].count] && height < least) {
                least = height;
                lowest = cells;
            }
        }
        if (!lowest)
            return;
        below = fmax(least, below + 0.075 * most);
        placed[lowest[0].count] = true;
        lowest[7] = (struct table_cell){CELL_NUMBER, .text = lowest[7].text, .number = below};
    }
}

void add_scaling(const struct shown_runs *runs, struct figures *to)
{
    const struct shown_run *run = runs->of[RUN_SCALE];
    for (size_t i = 0; run && i < run->scale.count; i++) {
        const struct scale_row *row = &run->scale.rows[i];
        struct table *t = figure_table("ntntsddd", "series", "backend", "threads", "text", "rate (M/s)",
                                       "machine (M/s)", "model (M/s)", "name (M/s)");
        char input[SAMPLE_NAME + 32];
        uint64_t series = 0;
        for (size_t k = i; k < run->scale.count && is_first(&run->scale, row); k++)
            if (is_compared(row, &run->scale.rows[k]))
                add_series(t, run, k, series++);
        place_names(t);
        say_input(&run->scale, row, t);
        put_input(row, input, sizeof input);
        figures_add(to, t, input, input, "millions a second, sink %s", row->sink);
    }
}
