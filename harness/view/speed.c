/* How fast the cases of a run are, and what they take: who is fastest, how near to what the machine allows, and what
 * cannot be told. */
#include "document.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* --- answers --- */

/* The fastest of a dataset's rows that are compared; NULL: none has a time. */
static const struct report_row *fastest(const struct shown_run *run, const char *dataset)
{
    const struct report_row *best = NULL;
    for (size_t i = 0; i < run->report.count; i++) {
        const struct report_row *row = &run->report.rows[i];
        if (shown_has_rate(row) && strcmp(row->sample->key.dataset, dataset) == 0 && run->compared[i] &&
            (!best || shown_rate(row, row->ns.median) > shown_rate(best, best->ns.median)))
            best = row;
    }
    return best;
}

static void put_rate(const struct report_row *row, char *text, size_t size)
{
    char median[32], low[32], high[32], limit[96], near[160] = "";
    table_number(shown_rate(row, row->ns.median), median, sizeof median);
    table_number(shown_rate(row, row->ns.high), low, sizeof low);
    table_number(shown_rate(row, row->ns.low), high, sizeof high);
    shown_interval(&row->of_limit, 100, limit, sizeof limit);
    if (row->of_limit.n > 0)
        snprintf(near, sizeof near, ", %s %% of its limit here (%s)", limit, row->sample->limit);
    snprintf(text, size, "%s M rec/s [%s to %s]%s", median, low, high, near);
}

/* A text that grows, cut at the end of its buffer. */
static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

/* The cases whose intervals overlap with the best one's, that one first, and the best of the others. */
struct field {
    char like[1024];     /* their names */
    char figures[2048];  /* and how fast each is */
    size_t alike, count; /* count: all that have a time */
    bool few;            /* some of them have too few samples for an interval, and so cannot be told apart */
    const struct report_row *next;
};

static void add_alike(struct field *f, const struct report *s, const struct report_row *row)
{
    char name[96], rate[320];
    shown_case(s, row, name, sizeof name);
    put_rate(row, rate, sizeof rate);
    append(f->like, sizeof f->like, "%s%s", f->alike ? ", " : "", name);
    append(f->figures, sizeof f->figures, "%s%s: %s", f->alike ? "; " : "", name, rate);
    f->alike++;
}

static void set_field(struct field *f, const struct shown_run *run, const struct report_row *best)
{
    *f = (struct field){.count = 1};
    add_alike(f, &run->report, best);
    for (size_t i = 0; i < run->report.count; i++) {
        const struct report_row *row = &run->report.rows[i];
        if (row == best || !shown_has_rate(row) || strcmp(row->sample->key.dataset, best->sample->key.dataset) != 0 ||
            !run->compared[i])
            continue;
        f->count++;
        bool few = !row->ns.confident || !best->ns.confident;
        f->few |= few;
        if (few || shown_rate(row, row->ns.low) >= shown_rate(best, best->ns.high))
            add_alike(f, &run->report, row);
        else if (!f->next || shown_rate(row, row->ns.median) > shown_rate(f->next, f->next->ns.median))
            f->next = row;
    }
}

static void compare_backends(const struct shown_run *run, const char *dataset, const char *sink, struct section *to)
{
    const struct report_row *best = fastest(run, dataset);
    char name[96], rate[320], behind[512] = "";
    struct field f;
    if (!best) {
        section_say(to, "Of %s nothing has a time with the sink %s.", dataset, sink);
        return;
    }
    set_field(&f, run, best);
    if (f.next) {
        shown_case(&run->report, f.next, name, sizeof name);
        put_rate(f.next, rate, sizeof rate);
        snprintf(behind, sizeof behind, ". Next is %s: %s", name, rate);
    }
    shown_case(&run->report, best, name, sizeof name);
    put_rate(best, rate, sizeof rate);
    if (f.alike > 1)
        section_say(to, "On %s (sink %s) the fastest cannot be told apart, as %s: %s. %s%s.", dataset, sink,
                    f.few ? "some have fewer than 6 samples" : "their intervals overlap", f.like, f.figures, behind);
    else if (f.count == 1)
        section_say(to, "%s reads %s (sink %s) at %s; nothing else has a time to compare it with.", name, dataset, sink,
                    rate);
    else
        section_say(to, "%s is fastest here on %s (sink %s): %s%s.", name, dataset, sink, rate, behind);
}

/* A dataset's sink is that of its first row that is compared. */
static void compare_all(const struct shown_run *run, struct section *to)
{
    for (size_t i = 0; i < run->report.count; i++) {
        const struct case_key *key = &run->report.rows[i].sample->key;
        bool first = run->compared[i];
        for (size_t k = 0; k < i && first; k++)
            first = !run->compared[k] || strcmp(run->report.rows[k].sample->key.dataset, key->dataset) != 0;
        if (first)
            compare_backends(run, key->dataset, key->sink, to);
    }
}

/* --- tables --- */

static const struct table_column speed_columns[] = {
#define CASE TABLE_CASE_COLUMN
#include "../results/fields.def"
    {.key = "prefix", .kind = TABLE_COUNT, .meaning = "only so many records from the start of the file"},
    {.key = "rate",
     .title = "Mrec/s",
     .kind = TABLE_NUMBER,
     .meaning = "million records a second, median over samples"},
    {.key = "level", .title = "level %", .kind = TABLE_NUMBER, .meaning = "how probably the interval holds the median"},
    {.key = "bytes_rate",
     .title = "GB/s",
     .kind = TABLE_NUMBER,
     .meaning = "10^9 bytes of the inflated stream a second"},
    {.key = "record_ns", .title = "ns/rec", .kind = TABLE_NUMBER},
    {.key = "of_limit",
     .title = "% limit",
     .kind = TABLE_NUMBER,
     .meaning = "of what the machine allowed in the same round"},
    {.key = "limit", .meaning = "that bounds the case"},
    {.key = "samples", .kind = TABLE_COUNT},
    {0},
};

static struct table *speeds_table(const struct report *s)
{
    static const struct stats none;
    struct table *t = table_new("speed", "A heading sorts by its column", speed_columns);
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct sample *of = row->sample;
        bool timed = row->ns.n > 0, known = shown_has_rate(row);
        struct stats rate = known ? shown_rates(&row->ns, (double)of->records) : none;
        table_row(t, "cNfwddstn", &of->key, of->outcome ? 0 : of->prefix,
                  of->outcome ? sample_outcomes[of->outcome] : NULL, &rate, 1e3, timed ? 100 * row->ns.level : NAN,
                  timed && !row->ns.confident ? "extremes" : NULL, timed ? (double)of->bytes / row->ns.median : NAN,
                  known ? row->ns.median / (double)of->records : NAN, &row->of_limit, 100.0,
                  *of->limit ? of->limit : NULL, (uint64_t)row->samples);
    }
    return t;
}

static const struct table_column cost_columns[] = {
#define CASE TABLE_CASE_COLUMN
#include "../results/fields.def"
    {.key = "prefix", .kind = TABLE_COUNT, .meaning = "only so many records from the start of the file"},
    {.key = "reads", .title = "reads/rec", .kind = TABLE_NUMBER, .meaning = "read system calls a record, counted"},
    {.key = "calls",
     .title = "calls/rec",
     .kind = TABLE_NUMBER,
     .meaning = "all system calls of the backend, a record"},
    {.key = "minor_faults", .title = "minor faults", .kind = TABLE_NUMBER, .meaning = "page faults of one decode"},
    {.key = "major_faults", .title = "major faults", .kind = TABLE_NUMBER, .meaning = "those that waited for the disk"},
    {.key = "cpu_ns", .title = "CPU ns/rec", .kind = TABLE_NUMBER, .meaning = "of all threads"},
    {.key = "moved", .kind = TABLE_NUMBER, .meaning = "bytes copied or inflated, a byte of the stream"},
    {.key = "allocations", .kind = TABLE_NUMBER, .meaning = "of one decode"},
    {.key = "peak",
     .title = "peak MB",
     .kind = TABLE_NUMBER,
     .meaning = "the largest the process became, with mapped files"},
    {0},
};

static struct table *costs_table(const struct report *s)
{
    struct table *t = table_new("cost", "Medians for one decode", cost_columns);
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct sample *of = row->sample;
        double records = shown_has_rate(row) ? (double)of->records : NAN, reads = (double)row->reads / records,
               calls = reads + shown_per_decode(s, row, "other_calls") / records,
               moved = shown_per_decode(s, row, "bytes_read") + shown_per_decode(s, row, "copied");
        char reads_text[32], calls_text[32]; /* the smallest numbers there are */
        snprintf(reads_text, sizeof reads_text, "%s%.3g", row->reads_vary ? "~" : "", reads);
        snprintf(calls_text, sizeof calls_text, "%.3g", calls);
        table_row(t, "cNwwdddddd", &of->key, of->outcome ? 0 : of->prefix, reads, isfinite(reads) ? reads_text : NULL,
                  calls, isfinite(calls) ? calls_text : NULL, shown_per_decode(s, row, "minor_faults"),
                  shown_per_decode(s, row, "major_faults"), shown_per_decode(s, row, "cpu_ns") / records,
                  of->bytes > 0 ? moved / (double)of->bytes : NAN, shown_per_decode(s, row, "allocations"),
                  row->ns.n > 0 ? (double)row->peak_bytes / 1e6 : NAN);
    }
    return t;
}

/* Who is fastest is said of runs that are about that. */
void section_speed(const struct shown_run *run, struct section *to)
{
    if (shown_is_about_speed(run))
        compare_all(run, to);
    section_add(to, speeds_table(&run->report));
    section_add(to, costs_table(&run->report));
}
