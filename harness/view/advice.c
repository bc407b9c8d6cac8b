#include "advice.h"

#include "../text/safe.h"
#include "../text/terminal.h"
#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- tables --- */

static const char *const groups[] = {[ADVICE_ONE] = "one thread",
                                     [ADVICE_FILES] = "threads take files",
                                     [ADVICE_SHARDS] = "threads take shards",
                                     [ADVICE_SHARED] = "together",
                                     [ADVICE_MOVING] = "bytes of files only",
                                     [ADVICE_STREAM] = "bytes of streams only",
                                     [ADVICE_CHANGE] = "packed otherwise",
                                     [ADVICE_COLD] = "bytes from the device only"};

static const struct table_column way_columns[] = {
    {"group", NULL, "What threads share.", .kind = TABLE_TEXT, .data = true},
    {"way", "dbnbench decode", "Backend, block, threads and shards.", .kind = TABLE_TEXT},
    {"sink", NULL, "What is done with the records.", .kind = TABLE_TEXT, .data = true},
    {"seconds", "s", "For all files, predicted from the rounds.", .kind = TABLE_INTERVAL},
    {"rate", "GB/s", "Bytes of files a second.", .kind = TABLE_NUMBER},
    {"ratio", "ratio", "The time, divided by that of the fastest.", .kind = TABLE_NUMBER},
    {"rounds", NULL, "Figures that the prediction is the median of.", .kind = TABLE_COUNT, .data = true},
    {"why", NULL, "Why there is no figure.", .kind = TABLE_TEXT, .data = true},
    {0},
};

static const struct table_column change_columns[] = {
    {"change", "what would help", "What is other than now.", .kind = TABLE_TEXT},
    {"size", "MB", "Of all files then.", .kind = TABLE_NUMBER, .scale = 1e-6},
    {"seconds", "s", "To read all files then.", .kind = TABLE_INTERVAL},
    {"ratio", "ratio", "That time, divided by the fastest of now.", .kind = TABLE_NUMBER},
    {"pack_rate", "pack MB/s", "Bytes of the stream that one thread compresses a second.", .kind = TABLE_NUMBER,
     .scale = 1e-6},
    {"model", NULL, "Is it computed and not measured?", .kind = TABLE_COUNT, .data = true},
    {"why", NULL, "Why there is no figure.", .kind = TABLE_TEXT, .data = true},
    {0},
};

static const struct table_column kind_columns[] = {
    {"schema", NULL, "As the metadata have it.", .kind = TABLE_TEXT},
    {"packing", NULL, "How files are compressed.", .kind = TABLE_TEXT},
    {"small", NULL, "Are the files smaller than 1 MiB?", .kind = TABLE_COUNT},
    {"files", NULL, "How many.", .kind = TABLE_COUNT},
    {"bytes", NULL, "Of these files.", .kind = TABLE_COUNT},
    {"ratio", NULL, "Bytes of the stream for each of a file, measured.", .kind = TABLE_NUMBER},
    {"frames_most", NULL, "Most zstd frames seen in the first 64 MiB of a file.", .kind = TABLE_COUNT},
    {"window_most", NULL, "Largest window, bytes.", .kind = TABLE_COUNT},
    {"level", NULL, "Of compression.", .kind = TABLE_TEXT},
    {0},
};

static double median(const struct stats *s)
{
    return s->n ? s->median : NAN;
}

static void add_way(struct table *t, const struct advice *a, const struct advice_way *w, double best)
{
    char name[ADVICE_NAME];
    struct stats s = advice_seconds(a, w);
    table_row(t, "tttsddnt", groups[w->group], advice_name(w, name), w->sink, &s, 1.0,
              advice_bytes(a) / median(&s) / 1e9, median(&s) / best, (uint64_t)w->rounds, *w->why ? w->why : NULL);
}

/* all: every way, else the fastest of each group. */
static struct table *ways_table(const struct advice *a, const struct advice_way *best, bool all)
{
    struct table *t = table_new("ways", "", way_columns);
    struct stats s = advice_seconds(a, best);
    for (enum advice_group g = ADVICE_ONE; g <= ADVICE_SHARED && !all; g++) {
        const struct advice_way *w = advice_fastest(a, g, g);
        if (w)
            add_way(t, a, w, s.median);
    }
    for (const struct advice_way *w = a->ways; w < a->ways + a->way_count && all; w++)
        if (w->group != ADVICE_CHANGE)
            add_way(t, a, w, s.median);
    return t;
}

static void add_change(struct table *t, const char *name, double size, const struct stats *s, double best,
                       double pack_rate, bool model, const char *why)
{
    table_row(t, "tdsddbt", name, size, s, 1.0, median(s) / best, pack_rate, model, *why ? why : NULL);
}

static struct table *changes_table(const struct advice *a, const struct advice_way *best)
{
    struct table *t = table_new("changes", "", change_columns);
    struct stats now = advice_seconds(a, best);
    double values[ADVICE_ROUNDS] = {0};
    char name[64];
    for (const struct advice_way *w = a->ways; w < a->ways + a->way_count; w++) {
        struct stats s = advice_seconds(a, w);
        snprintf(name, sizeof name, w->level ? "4 MiB frames, level %d" : "not compressed", w->level);
        if (w->group == ADVICE_CHANGE)
            add_change(t, name, w->size, &s, now.median, w->pack_rate, false, w->why);
    }
    const struct advice_way *scales =
        advice_fastest(a, a->threads > 1 ? ADVICE_FILES : ADVICE_ONE, a->threads > 1 ? ADVICE_SHARDS : ADVICE_ONE);
    memcpy(values, scales ? scales->doubled : values, sizeof values);
    struct stats more = stats_of(values, scales ? scales->rounds : 0);
    snprintf(name, sizeof name, "%u threads and cores (model)", 2 * a->threads);
    add_change(t, name, advice_bytes(a), &more, now.median, NAN, true, scales ? "" : "threads could not be measured");
    return t;
}

static struct table *kinds_table(const struct advice *a)
{
    struct table *t = table_new("kinds", "", kind_columns);
    for (const struct advice_kind *c = a->kinds; c < a->kinds + a->kind_count; c++)
        table_row(t, "ttbnndnnt", c->schema ? c->schema : "mixed", advice_packings[c->packing], c->small, c->files,
                  c->bytes, c->stream > 0 ? c->stream : NAN, c->frames, c->window,
                  c->packing == ADVICE_PLAIN ? NULL : "not stored in the file");
    return t;
}

/* --- sentences --- */

/* "1.5 GB" */
static void print_bytes(double bytes, FILE *to)
{
    bool giga = bytes >= 1e9, mega = bytes >= 1e6;
    fprintf(to, "%.3g %s", bytes / (giga ? 1e9 : mega ? 1e6 : 1e3), giga ? "GB" : mega ? "MB" : "kB");
}

static void print_seconds(const struct stats *s, FILE *to)
{
    char text[96];
    table_interval(s, 1, text, sizeof text);
    fprintf(to, "%s s", text);
}

static void print_answer(const struct advice *a, const struct advice_way *w, FILE *to)
{
    struct stats s = advice_seconds(a, w);
    uint64_t files = advice_files(a);
    char name[ADVICE_NAME];
    fprintf(to, "Fastest: dbnbench decode %s -s %s FILE...\nIt takes ", advice_name(w, name), a->sink);
    print_seconds(&s, to);
    fprintf(to, " for %" PRIu64 " file%s of ", files, table_plural(files));
    print_bytes(advice_bytes(a), to);
    fprintf(to, ", once %s in the page cache", files == 1 ? "it is" : "they are");
    if (a->memory > 0 && advice_bytes(a) > (double)a->memory)
        fprintf(to, ", where there is too little room");
    else if (*a->no_pages || a->pages == 0)
        fprintf(to, " (now: n/a, %s)", *a->no_pages ? a->no_pages : "nothing was looked at");
    else
        fprintf(to, " (%.0f %% now)", 100 * (double)(a->pages - a->absent) / (double)a->pages);
    fprintf(to, ".\n");
}

static double between(double low, double x, double high)
{
    return fmax(low, fmin(x, high));
}

/* What takes one thread's time. The parts were measured with the same backend. */
static void print_limit(const struct advice *a, FILE *to)
{
    const struct advice_way *moving = NULL, *stream = NULL, *all = NULL;
    for (const struct advice_way *w = a->ways; w < a->ways + a->way_count; w++) {
        moving = w->group == ADVICE_MOVING && w->rounds ? w : moving;
        stream = w->group == ADVICE_STREAM && w->rounds ? w : stream;
        all = w->group == ADVICE_ONE && w->rounds && !w->block ? w : all;
    }
    if (!moving || !stream || !all) {
        fprintf(to, "What limits it: n/a, a part of it could not be measured.\n");
        return;
    }
    bool packed = false;
    for (size_t i = 0; i < a->kind_count; i++)
        packed |= a->kinds[i].packing != ADVICE_PLAIN && a->kinds[i].files > 0;
    double t = advice_seconds(a, all).median, move = between(0, advice_seconds(a, moving).median / t, 1);
    double inflate = packed ? between(0, advice_seconds(a, stream).median / t - move, 1 - move) : 0;
    double records = 1 - move - inflate;
    fprintf(to,
            "The limit is %s: moving bytes takes %.0f %% of one thread's time, inflating %.0f %%, records %.0f %%.\n",
            inflate >= fmax(move, records) ? "inflating"
            : move >= records              ? "moving bytes"
                                           : "work on records",
            100 * move, 100 * inflate, 100 * records);
}

/* What threads gain beside what cores gain in work that shares nothing. */
static void print_gain(const struct advice *a, FILE *to)
{
    const struct advice_way *one = advice_fastest(a, ADVICE_ONE, ADVICE_ONE);
    const struct advice_way *many = advice_fastest(a, ADVICE_FILES, ADVICE_SHARED);
    double gain[ADVICE_ROUNDS];
    memcpy(gain, a->gain, sizeof gain);
    struct stats cores = stats_of(gain, a->gains);
    if (one && many && cores.n > 0)
        fprintf(to, "%u threads are %.2f times as fast as one; in work that shares nothing it is %.2f.\n", a->threads,
                advice_seconds(a, one).median / advice_seconds(a, many).median, cores.median);
}

/* The device may work while the threads do, or they may wait for each other all the time: between that it lies. */
static void print_cold(const struct advice *a, const struct advice_way *best, FILE *to)
{
    const struct advice_way *cold = advice_fastest(a, ADVICE_COLD, ADVICE_COLD);
    fprintf(to, "From the disk (%s): ", a->where);
    if (!cold) {
        fprintf(to, "n/a, %s.\n", a->no_cold);
        return;
    }
    struct stats c = advice_seconds(a, cold), w = advice_seconds(a, best);
    print_seconds(&c, to);
    fprintf(to,
            " for the bytes alone; with the reading %.3g to %.3g s, on a disk twice as fast %.3g to %.3g s (model).\n",
            fmax(c.low, w.low), c.high + w.high, fmax(c.low / 2, w.low), c.high / 2 + w.high);
}

enum { KINDS_SHOWN = 3 };

static int by_bytes(const void *a, const void *b)
{
    const struct advice_kind *const *x = a, *const *y = b;
    return ((*x)->bytes < (*y)->bytes) - ((*x)->bytes > (*y)->bytes);
}

static void print_folder(const struct advice *a, FILE *to)
{
    const struct advice_kind *order[ADVICE_KINDS];
    for (size_t i = 0; i < a->kind_count; i++)
        order[i] = &a->kinds[i];
    qsort(order, a->kind_count, sizeof order[0], by_bytes);
    for (size_t i = 0; i < a->kind_count && i < KINDS_SHOWN; i++) {
        const struct advice_kind *c = order[i];
        fprintf(to, "%s%" PRIu64 " x %s, %s%s, ", i ? "; " : "Files: ", c->files, c->schema ? c->schema : "mixed",
                advice_packings[c->packing], c->small ? ", small" : "");
        print_bytes((double)c->bytes, to);
        if (c->packing != ADVICE_PLAIN)
            fprintf(to, " (window up to %.3g MiB, level not stored in the file; ratio %.3g)",
                    (double)c->window / (1 << 20), c->stream);
    }
    if (a->kind_count > KINDS_SHOWN)
        fprintf(to, "; and %zu kinds more", a->kind_count - KINDS_SHOWN);
    fprintf(to, ". Read in each round: ");
    print_bytes((double)a->sampled, to);
    fputc('.', to);
    if (a->unseen)
        fprintf(to, " There was no time to look into %" PRIu64 " file%s: they count as if like the others.", a->unseen,
                table_plural(a->unseen));
    if (a->others + a->links)
        fprintf(to, " Left out: %" PRIu64 " that are no DBN files, %" PRIu64 " symbolic links.", a->others, a->links);
    fputc('\n', to);
}

static void print_warning(const struct advice *a, FILE *to)
{
    uint64_t files = 0;
    for (size_t i = 0; i < a->kind_count; i++)
        files += a->kinds[i].packing >= ADVICE_MANY_FRAMES ? a->kinds[i].files : 0;
    if (files)
        fprintf(to,
                "Warning: %" PRIu64 " file%s several zstd frames. dbn's asynchronous readers before 0.48.0, and "
                "databento-python before 0.57, read the first one only.\n",
                files, files == 1 ? " has" : "s have");
}

static void print_lines(char *lines, size_t width, FILE *to)
{
    for (char *rest = lines, *line; (line = strsep(&rest, "\n")) != NULL;)
        if (*line)
            terminal_prose(line, width, to);
    free(lines);
}

static void print_text(const struct advice *a, const struct advice_way *best, size_t width, FILE *to)
{
    struct table *tables[] = {ways_table(a, best, false), changes_table(a, best)};
    char *answer, *folder;
    size_t size;
    FILE *out = open_memstream(&answer, &size);
    print_answer(a, best, out);
    print_limit(a, out);
    print_gain(a, out);
    print_cold(a, best, out);
    fclose(out);
    print_lines(answer, width, to);
    for (size_t i = 0; i < 2; i++) {
        table_print_text(tables[i], width, to);
        table_free(tables[i]);
    }
    out = open_memstream(&folder, &size);
    print_folder(a, out);
    print_warning(a, out);
    fclose(out);
    print_lines(folder, width, to);
}

static json_t *rows(struct table *t)
{
    json_t *o = table_json(t);
    table_free(t);
    return o;
}

static void print_as_json(const struct advice *a, const struct advice_way *best, FILE *to)
{
    char name[ADVICE_NAME];
    const struct advice_way *cold = advice_fastest(a, ADVICE_COLD, ADVICE_COLD);
    json_t *o = json_pack("{s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:I, s:s}", "best", advice_name(best, name), "sink",
                          a->sink, "threads", (int)a->threads, "whole", a->whole, "bytes", (json_int_t)advice_bytes(a),
                          "sampled_bytes", (json_int_t)a->sampled, "others", (json_int_t)a->others, "unseen",
                          (json_int_t)a->unseen, "where", a->where);
    json_object_set_new(o, "cached",
                        *a->no_pages || a->pages == 0 ? json_null()
                                                      : json_value((double)(a->pages - a->absent) / (double)a->pages));
    json_object_set_new(o, "no_cold", cold ? json_null() : json_string(a->no_cold));
    json_object_set_new(o, "kinds", rows(kinds_table(a)));
    json_object_set_new(o, "ways", rows(ways_table(a, best, true)));
    json_object_set_new(o, "changes", rows(changes_table(a, best)));
    put_json(o, JSON_INDENT(2), to);
}

void advice_print(const struct advice *a, bool json, size_t width, FILE *to)
{
    const struct advice_way *best = advice_fastest(a, ADVICE_ONE, ADVICE_SHARED);
    if (!best)
        fprintf(to, json ? "{}\n" : "There is no advice: nothing could be measured.\n");
    else if (json)
        print_as_json(a, best, to);
    else
        print_text(a, best, width, to);
}
