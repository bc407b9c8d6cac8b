#include "advice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const advice_packings[] = {"not compressed", "one zstd frame", "many zstd frames",
                                       "zstd frames without sizes"};

const char *advice_name(const struct advice_way *w, char text[ADVICE_NAME])
{
    char block[32] = "", threads[32] = "", split[32] = "";
    if (w->block)
        snprintf(block, sizeof block, " --block %zuK", w->block >> 10);
    if (w->threads > 1)
        snprintf(threads, sizeof threads, " -t %u", w->threads);
    if (w->split > 1)
        snprintf(split, sizeof split, " --split %u", w->split);
    snprintf(text, ADVICE_NAME, "-b %s%s%s%s", w->backend, block, threads, split);
    return text;
}

/* Beyond so many parts it does not matter who takes the last one. */
enum { PARTS_MANY = 20000, THREADS_MAX = 1024 };

static size_t earliest(const double *busy, unsigned threads)
{
    size_t first = 0;
    for (size_t i = 1; i < threads; i++)
        first = busy[i] < busy[first] ? i : first;
    return first;
}

double advice_makespan(const struct advice_load *load, size_t n, unsigned threads)
{
    double busy[THREADS_MAX] = {0}, all = 0, largest = 0, last = 0;
    uint64_t parts = 0;
    for (size_t i = 0; i < n; i++) {
        parts += load[i].parts;
        all += load[i].ns;
        largest = fmax(largest, load[i].ns / load[i].parts);
    }
    if (parts > PARTS_MANY)
        return fmax(all / threads, largest);
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < load[i].parts; k++)
            busy[earliest(busy, threads)] += load[i].ns / load[i].parts;
    for (size_t i = 0; i < threads; i++)
        last = fmax(last, busy[i]);
    return last;
}

struct stats advice_seconds(const struct advice *a, const struct advice_way *w)
{
    double values[ADVICE_ROUNDS];
    memcpy(values, w->seconds, sizeof values);
    struct stats s = stats_of(values, w->rounds);
    if (s.n > 0 && !a->whole) {
        s.low = fmin(s.low, s.median * (1 - ADVICE_LEAST));
        s.high = fmax(s.high, s.median * (1 + ADVICE_LEAST));
    }
    return s;
}

const struct advice_way *advice_fastest(const struct advice *a, enum advice_group from, enum advice_group to)
{
    double best = INFINITY;
    for (unsigned pass = 0; pass < 2; pass++)
        for (const struct advice_way *w = a->ways; w < a->ways + a->way_count; w++) {
            struct stats s = advice_seconds(a, w);
            if (w->group < from || w->group > to || s.n == 0)
                continue;
            if (pass == 1 && s.median <= best * 1.01)
                return w;
            best = fmin(best, s.median);
        }
    return NULL;
}

uint64_t advice_files(const struct advice *a)
{
    uint64_t files = a->unseen;
    for (size_t i = 0; i < a->kind_count; i++)
        files += a->kinds[i].files;
    return files;
}

double advice_bytes(const struct advice *a)
{
    return (double)(a->bytes + a->unseen_bytes);
}

double advice_stream(const struct advice *a)
{
    double all = 0;
    for (const struct advice_kind *c = a->kinds; c < a->kinds + a->kind_count; c++)
        if (c->files > 0 && c->stream <= 0)
            return 0;
        else
            all += c->stream * (double)c->bytes;
    return all * advice_bytes(a) / (double)a->bytes;
}

void advice_drop(struct advice *a, size_t file)
{
    struct advice_file *f = &a->files[file];
    f->bad = true;
    a->bytes -= f->size;
    a->kinds[f->kind].files--;
    a->kinds[f->kind].bytes -= f->size;
}

void advice_free(struct advice *a)
{
    for (size_t i = 0; i < a->file_count; i++)
        free(a->files[i].path);
    free(a->files);
}
