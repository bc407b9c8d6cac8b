/* What has to be said below a table. */
#include "cases.h"

#include "../text/safe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What is said is text that anybody may have made up; of what says it the end of a line is one. */
static void say(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(FILE *to, const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        return;
    bool ends = n > 0 && format[strlen(format) - 1] == '\n';
    print_plain(to, text, (size_t)n - ends);
    fputs(ends ? "\n" : "", to);
    free(text);
}

static void print_name(const struct report *report, const struct report_row *row, FILE *to)
{
    const struct sample *s = row->sample;
    char block[24];
    case_block(s->key.block, block, sizeof block);
    say(to, "%s %s %s", s->key.dataset, s->key.backend, s->key.sink);
    if (report->blocks_differ && s->key.block > 0)
        say(to, " --block %s", block);
    if (s->key.threads > 1)
        say(to, " with %" PRIu64 " threads", s->key.threads);
}

static void print_failed(const struct report *s, FILE *to)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->sample->outcome == SAMPLE_OK)
            continue;
        say(to, "%s: ", sample_outcomes[row->sample->outcome]);
        print_name(s, row, to);
        say(to, ": %s\n", row->sample->error);
    }
}

static void print_run_notes(const json_t *run, FILE *to)
{
    const char *name;
    json_t *reason, *note;
    size_t i;
    json_object_foreach(json_object_get(run, "unavailable"), name, reason)
    {
        if (json_is_string(reason))
            say(to, "unavailable: %s: %s\n", name, json_string_value(reason));
    }
    json_array_foreach(json_object_get(run, "notes"), i, note)
    {
        if (json_is_string(note))
            say(to, "note: %s\n", json_string_value(note));
    }
}

static void print_how_read(const struct report *s, FILE *to)
{
    bool prefix = false, cold = false;
    for (size_t i = 0; i < s->count; i++) {
        prefix |= s->rows[i].ns.n > 0 && s->rows[i].sample->prefix > 0;
        cold |= s->rows[i].sample->key.cold;
    }
    if (cold)
        fputs("cold: the file was dropped from the page cache before each sample; limits are of cached files\n", to);
    if (prefix)
        fputs("prefix: only so many records of the file were decoded, as all of it would take too long\n", to);
}

static void print_fewer(const struct results *r, const struct report *s, FILE *to)
{
    const char *why = NULL;
    if (!r->end)
        why = "the run did not end properly";
    else if (json_is_true(json_object_get(r->end, "interrupted")))
        why = "the run was interrupted";
    else if (json_is_true(json_object_get(r->end, "cut")))
        why = "the time was up";
    if (why)
        say(to, "samples: %zu to %zu of each case: %s\n", s->fewest, s->most, why);
    for (size_t i = 0; i < s->count && !why; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n == 0 || row->ns.n == s->most)
            continue;
        say(to, "samples: %zu instead of %zu of ", row->ns.n, s->most);
        print_name(s, row, to);
        say(to, ", which takes %.1f s a decode\n", row->ns.median / 1e9);
    }
}

static void print_checks(const struct report *s, FILE *to)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->from_disk) {
            say(to, "not quite warm: %zu samples read from the disk: ", row->from_disk);
            print_name(s, row, to);
            fputc('\n', to);
        }
        if (row->miscounted) {
            say(to, "reads: the kernel counted others than the backend in %zu samples: ", row->miscounted);
            print_name(s, row, to);
            fputc('\n', to);
        }
    }
}

static void print_interval(const struct report *s, FILE *to)
{
    double level = 0;
    size_t n = 0;
    bool ranges = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct stats *ns = &s->rows[i].ns;
        ranges |= ns->n > 0 && !ns->confident;
        if (ns->confident && (n == 0 || ns->level < level)) {
            level = ns->level;
            n = ns->n;
        }
    }
    if (n > 0)
        say(to, "+/-: half of an interval that holds the median with a probability of %.1f%% (%zu samples)%s\n",
            level * 100, n, ranges ? "; LOW..HIGH: the extremes, where there are fewer than 6" : "");
    else if (ranges)
        say(to, "+/-: fewer than 6 samples are too few for an interval, so LOW..HIGH are the extremes\n");
}

static void print_counters(const struct results *r, FILE *to)
{
    const char *name;
    json_t *fact;
    bool scaled = false;
    json_object_foreach(json_object_get(r->run, "counters"), name, fact)
    {
        const char *why = json_string_value(json_object_get(json_object_get(r->run, "missing"), name));
        if (json_is_null(fact))
            say(to, "%s: n/a: %s\n", name, why ? why : "unknown");
        else if (json_is_true(json_object_get(fact, "user_only")))
            say(to, "%s: the user's side only\n", name);
    }
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->samples[i].counters; k++)
            scaled |= r->samples[i].counter[k].count.reading.state == READING_SCALED;
    if (scaled)
        fputs("~: scaled up, as the processor counted it part of the time only (--json)\n", to);
}

/* Each reason once. */
static void print_instructions(const struct results *r, const struct report *s, FILE *to)
{
    for (size_t i = 0; i < r->instruction_count; i++) {
        const struct instruction_count *c = &r->instructions[i];
        bool told = *c->why == '\0';
        for (size_t k = 0; k < i; k++)
            told |= strcmp(r->instructions[k].why, c->why) == 0;
        for (size_t k = 0; k < s->count && !told; k++) {
            if (s->rows[k].sample->index != c->index)
                continue;
            fputs("instructions: n/a: ", to);
            print_name(s, &s->rows[k], to);
            say(to, ": %s\n", c->why);
        }
    }
}

static void print_limits(const struct report *s, FILE *to)
{
    for (size_t i = 0; i < s->limit_count; i++) {
        const struct report_limit *limit = &s->limits[i];
        const struct limit_sample *of = limit->sample;
        if (i == 0 || strcmp(of->dataset, s->limits[i - 1].sample->dataset) != 0) {
            fputs(i ? "\n" : "", to);
            say(to, "limits of %s: ", of->dataset);
        } else {
            fputs(", ", to);
        }
        if (limit->wall.n == 0)
            say(to, "%s n/a: %s", of->limit, of->why);
        else if (of->per_second)
            say(to, "%s %.3g GB/s", of->limit, limit->wall.median / 1e9);
        else
            say(to, "%s %.3g ns", of->limit, limit->wall.median);
    }
    if (s->limit_count > 0)
        fputs(" (medians)\n", to);
}

static void print_share(const char *what, struct reading ppm, FILE *to)
{
    if (ppm.state == READING_UNSUPPORTED)
        say(to, ", %s n/a", what);
    else
        say(to, ", %s %.1f%%", what, (double)ppm.value / 1e4);
}

static void print_load(const char *when, struct reading milli, FILE *to)
{
    if (milli.state == READING_UNSUPPORTED)
        say(to, "n/a %s", when);
    else
        say(to, "%.2f %s", (double)milli.value / 1e3, when);
}

static void print_noise(const struct report *s, FILE *to)
{
    const struct report_noise *n = &s->noise;
    fputs("noise: load ", to);
    print_load("before", n->seen.load_before_milli, to);
    fputs(" and ", to);
    print_load("after", n->seen.load_after_milli, to);
    say(to, " on %" PRIu64 " cores", n->seen.cores);
    print_share("steal", n->seen.steal_ppm, to);
    print_share("others", n->seen.others_ppm, to);
    print_share("cpu pressure", n->seen.pressure_ppm, to);
    if (n->widest) {
        say(to, ", spread %.1f%%, widest %.1f%% (", n->seen.spread * 100, n->widest_spread * 100);
        print_name(s, n->widest, to);
        fputc(')', to);
    }
    fputc('\n', to);
    say(to, "verdict: %s%s%s\n", n->quiet ? "quiet" : "noisy", *n->why ? ": " : "", n->why);
}

void cases_print_notes(const struct results *r, const struct report *s, const char *without, FILE *to)
{
    fputc('\n', to);
    print_failed(s, to);
    print_run_notes(r->run, to);
    print_how_read(s, to);
    print_fewer(r, s, to);
    print_checks(s, to);
    print_interval(s, to);
    print_limits(s, to);
    print_counters(r, to);
    print_instructions(r, s, to);
    if (*without)
        say(to, "left out for want of room: %s (COLUMNS, --json)\n", without);
    print_noise(s, to);
}
