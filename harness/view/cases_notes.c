/* What has to be said below a table. */
#include "cases.h"
#include "shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The same case but for its dataset, which failed in the same way. */
static bool fail_alike(const struct report *s, const struct report_row *a, const struct report_row *b)
{
    char one[96], other[96];
    shown_case(s, a, one, sizeof one);
    shown_case(s, b, other, sizeof other);
    return a->sample->outcome == b->sample->outcome && strcmp(a->sample->error, b->sample->error) == 0 &&
           strcmp(a->sample->key.sink, b->sample->key.sink) == 0 && strcmp(one, other) == 0;
}

static void note_counters(struct table *t, const struct results *r)
{
    const char *name, *told = "";
    json_t *fact;
    bool scaled = false;
    json_object_foreach(json_object_get(r->run, "counters"), name, fact)
    {
        const char *why = json_string_value(json_object_get(json_object_get(r->run, "missing"), name));
        if (json_is_null(fact))
            table_note(t, "%s: n/a: %s", name, why ? why : "unknown");
        else if (json_is_true(json_object_get(fact, "user_only")))
            table_note(t, "%s: the user's side only", name);
    }
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->samples[i].counters; k++)
            scaled |= r->samples[i].counter[k].count.reading.state == READING_SCALED;
    if (scaled)
        table_note(t, "~: scaled up, as the processor counted it part of the time only (--json)");
    for (size_t i = 0; i < r->instruction_count; i++) {
        const char *why = r->instructions[i].why;
        if (*why && strcmp(why, told) != 0)
            table_note(t, "instructions: n/a: %s", why);
        told = why;
    }
}

/* Once for all datasets. */
void cases_note_failed(struct table *t, const struct results *r, const struct report *s)
{
    char name[SHOWN_NAME], *text;
    size_t size;
    for (const struct report_row *row = s->rows, *end = row + s->count, *other; row < end; row++) {
        if (row->sample->outcome == SAMPLE_OK)
            continue;
        for (other = s->rows; !fail_alike(s, row, other);)
            other++;
        if (other < row)
            continue;
        FILE *datasets = open_memstream(&text, &size);
        while (++other < end)
            if (fail_alike(s, row, other))
                fprintf(datasets, ", %s", other->sample->key.dataset);
        fclose(datasets);
        table_note(t, "%s: %s%s%s: %s", sample_outcomes[row->sample->outcome], shown_name(s, row, name),
                   *text ? "; also of " : "", *text ? text + 2 : "", row->sample->error);
        free(text);
    }
    const char *backend;
    json_t *reason;
    json_object_foreach(json_object_get(r->run, "unavailable"), backend, reason)
    {
        if (json_is_string(reason))
            table_note(t, "unavailable: %s: %s", backend, json_string_value(reason));
    }
    json_t *note;
    size_t i;
    json_array_foreach(json_object_get(r->run, "notes"), i, note)
    {
        if (json_is_string(note))
            table_note(t, "note: %s", json_string_value(note));
    }
    note_counters(t, r);
}

static void note_how_read(struct table *t, const struct report *s)
{
    bool timed = false, prefix = false, cold = false;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        timed |= row->ns.n > 0;
        prefix |= row->ns.n > 0 && row->sample->prefix > 0;
        cold |= row->sample->key.cold;
    }
    if (cold)
        table_note(t, "cold: the file was dropped from the page cache before each sample");
    if (prefix)
        table_note(t, "prefix: only so many records of the file were decoded, as all of it would take too long");
    if (timed)
        table_note(
            t,
            "+/-: half of an interval that holds the median with at least %.0f %%; few: fewer than %d samples; noisy: "
            "beyond %.0f %%, where more samples or a quiet machine help",
            100 * STATS_LEVEL, STATS_FEWEST, 100 * STATS_NOISY);
}

static void note_folios(struct table *t, const struct results *r)
{
    double least = INFINITY, most = 0;
    const char *folios = NULL;
    json_t *file;
    size_t i;
    json_array_foreach(json_object_get(r->run, "datasets"), i, file)
    {
        double faults = json_number_value(json_object_get(file, "faults_per_mib"));
        if (faults <= 0)
            continue;
        folios = json_string_value(json_object_get(file, "folios"));
        least = fmin(least, faults);
        most = fmax(most, faults);
    }
    if (folios)
        table_note(t, "folios: %s: touching a MiB of a cached file takes %.2g to %.2g page faults", folios, least,
                   most);
}

static void note_fewer(struct table *t, const struct results *r, const struct report *s)
{
    const char *why = NULL;
    char name[SHOWN_NAME];
    if (!r->end)
        why = "the run did not end properly";
    else if (json_is_true(json_object_get(r->end, "interrupted")))
        why = "the run was interrupted";
    else if (json_is_true(json_object_get(r->end, "cut")))
        why = "the time was up";
    if (why && s->fewest < s->most)
        table_note(t, "samples: %zu to %zu of each case: %s", s->fewest, s->most, why);
    else if (why)
        table_note(t, "samples: %zu of each case: %s", s->most, why);
    for (const struct report_row *row = s->rows; row < s->rows + s->count && !why; row++)
        if (row->ns.n > 0 && row->ns.n < s->most)
            table_note(t, "samples: %zu instead of %zu of %s, which takes %.1f s a decode", row->ns.n, s->most,
                       shown_name(s, row, name), row->ns.median / 1e9);
}

static void note_checks(struct table *t, const struct report *s)
{
    char name[SHOWN_NAME];
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        shown_name(s, row, name);
        if (row->from_disk)
            table_note(t, "not quite warm: %zu sample%s read from the disk: %s", row->from_disk,
                       table_plural(row->from_disk), name);
        if (row->sample->direct_bytes.state == READING_EXACT && row->sample->direct_bytes.value == 0)
            table_note(t, "not direct: the file system refuses O_DIRECT, so this read through the page cache: %s",
                       name);
        if (row->miscounted)
            table_note(t, "reads: the kernel counted others than the backend in %zu sample%s: %s", row->miscounted,
                       table_plural(row->miscounted), name);
    }
}

void cases_note(struct table *t, const struct results *r, const struct report *s)
{
    char skipped[SKIPPED_TEXT];
    cases_note_failed(t, r, s);
    results_skipped_text(r, skipped);
    if (*skipped)
        table_note(t, "%s", skipped);
    note_folios(t, r);
    note_how_read(t, s);
    note_fewer(t, r, s);
    note_checks(t, s);
    table_note(t, "verdict: %s%s%s", s->noise.quiet ? "quiet" : "noisy", *s->noise.why ? ": " : "", s->noise.why);
}
