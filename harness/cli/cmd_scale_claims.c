/* What is often said of scaling, held against what was measured. */
#include "cmd_scale_show.h"

#include <inttypes.h>
#include <math.h>

/* Linear: no less than this of what the machine gave. Worth it: at least so many times as fast. */
#define LINEAR 0.95
#define WORTH 1.05
#define CLAIMED_SERIAL 0.20

/* The fastest point of more than one thread, no more than there are cores, over many files or of one that is split. */
static const struct scale_point *fastest(const struct scale *s, bool many, const struct scale_row **row)
{
    const struct scale_point *best = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct scale_row *of = &s->rows[i];
        for (size_t k = of->first; k < of->first + of->points; k++) {
            const struct scale_point *p = &s->points[k];
            if (p->samples == 0 || p->oversubscribed || p->sample->key.threads < 2 || (of->files > 1) != many ||
                (!many && p->sample->key.split < 2) || p->of_capacity.n == 0)
                continue;
            if (best && p->rate.median <= best->rate.median)
                continue;
            best = p;
            *row = of;
        }
    }
    return best;
}

static const char *verdict(bool holds, bool fails)
{
    return holds ? "holds" : fails ? "does not hold" : "cannot tell";
}

static void print_point(const struct scale_row *row, const struct scale_point *p, FILE *to)
{
    fprintf(to, "%s %s, %" PRIu64 " threads: %.2fx [%.2f, %.2f], %.0f%% [%.0f, %.0f] of what the machine gave",
            row->dataset, row->backend, p->sample->key.threads, p->speedup.median, p->speedup.low, p->speedup.high,
            100 * p->of_capacity.median, 100 * p->of_capacity.low, 100 * p->of_capacity.high);
}

static void print_linear(const struct scale *s, FILE *to)
{
    const struct scale_row *row;
    const struct scale_point *p = fastest(s, true, &row);
    fputs("\"many files scale linearly\": ", to);
    if (!p) {
        fputs("n/a: nothing was measured with several files and 2 threads or more\n", to);
        return;
    }
    const struct stats *of = &p->of_capacity;
    fprintf(to, "%s; ", verdict(of->confident && of->low >= LINEAR, of->confident && of->high < LINEAR));
    print_point(row, p, to);
    fputc('\n', to);
}

static void print_splitting(const struct scale *s, FILE *to)
{
    const struct scale_row *row;
    const struct scale_point *p = fastest(s, false, &row);
    fputs("\"one file is not worth splitting\": ", to);
    if (!p) {
        fputs("n/a: no file was split over 2 threads or more\n", to);
        return;
    }
    const struct stats *of = &p->speedup;
    fprintf(to, "%s; ", verdict(of->confident && of->high < WORTH, of->confident && of->low >= WORTH));
    print_point(row, p, to);
    fputc('\n', to);
}

static void print_serial_part(const struct scale *s, FILE *to)
{
    const struct scale_row *row;
    const struct scale_point *p = fastest(s, false, &row);
    if (!p)
        p = fastest(s, true, &row);
    fputs("\"20% is serial, so 5x at most\": ", to);
    if (!p || p->serial.n == 0) {
        fputs("n/a: nothing was measured with 2 threads or more\n", to);
        return;
    }
    const struct stats *of = &p->serial;
    bool below = of->confident && of->high < CLAIMED_SERIAL, above = of->confident && of->low > CLAIMED_SERIAL;
    fprintf(to, "%s; %s %s, %" PRIu64 " threads: %.1f%% [%.1f, %.1f] serial by Karp and Flatt",
            verdict(!below && !above && of->confident && of->low > 0, below || above), row->dataset, row->backend,
            p->sample->key.threads, 100 * of->median, 100 * of->low, 100 * of->high);
    if (of->median > 0)
        fprintf(to, ", which by Amdahl's law allows %.3gx", 1 / of->median);
    fputc('\n', to);
}

void scale_print_claims(const struct scale *s, FILE *to)
{
    if (s->count == 0)
        return;
    print_linear(s, to);
    print_splitting(s, to);
    print_serial_part(s, to);
    fputc('\n', to);
}
