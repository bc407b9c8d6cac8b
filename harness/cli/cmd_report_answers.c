/* The answers a report opens with: who is fastest, how near to what the machine allows, and what cannot be told. */
#include "cmd_report.h"

#include "../view/cases.h"
#include "cmd_stored.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

double answers_rate(const struct report_row *row, double decode_ns)
{
    return (double)row->sample->records * 1e3 / decode_ns;
}

const char *answers_dataset(const struct report *s, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->rows[k].sample->key.dataset, s->rows[i].sample->key.dataset) == 0)
            return NULL;
    return s->rows[i].sample->key.dataset;
}

const char *answers_sink(const struct report *s, const char *dataset)
{
    static const char *const by_work[] = {"rows", "fields", "sum", "frame", "touch", "none"};
    const char *any = "";
    for (size_t k = 0; k < sizeof by_work / sizeof by_work[0]; k++)
        for (size_t i = 0; i < s->count; i++) {
            const struct sample *of = s->rows[i].sample;
            if (strcmp(of->key.dataset, dataset) != 0)
                continue;
            if (strcmp(of->key.sink, by_work[k]) == 0)
                return of->key.sink;
            any = of->key.sink;
        }
    return any;
}

bool answers_compared(const struct report *s, const struct report_row *row)
{
    return strcmp(row->sample->key.sink, answers_sink(s, row->sample->key.dataset)) == 0;
}

void answers_case(const struct report *s, const struct report_row *row, char *text, size_t size)
{
    const struct sample *of = row->sample;
    char block[24], with_block[48] = "", threads[48] = "", shards[48] = "", files[48] = "";
    case_block(of->key.block, block, sizeof block);
    if (s->blocks_differ && of->key.block > 0)
        snprintf(with_block, sizeof with_block, " --block %s", block);
    if (of->key.threads > 1)
        snprintf(threads, sizeof threads, " with %" PRIu64 " threads", of->key.threads);
    if (of->key.split > 1)
        snprintf(shards, sizeof shards, ", %" PRIu64 " shards", of->key.split);
    if (of->key.files > 1)
        snprintf(files, sizeof files, ", %" PRIu64 " files", of->key.files);
    snprintf(text, size, "%s%s%s%s%s", of->key.backend, with_block, threads, shards, files);
}

void answers_interval(const struct stats *s, double scale, char *text, size_t size)
{
    char median[32], low[32], high[32];
    if (s->n == 0) {
        snprintf(text, size, "n/a");
        return;
    }
    table_number(s->median * scale, median, sizeof median);
    table_number(s->low * scale, low, sizeof low);
    table_number(s->high * scale, high, sizeof high);
    snprintf(text, size, "%s [%s to %s]", median, low, high);
}

/* --- sentences --- */

/* NULL text: memory ran out. */
static int add(struct document *d, char *text)
{
    char **more = text ? reallocarray(d->answers, d->answer_count + 1, sizeof *more) : NULL;
    if (!more) {
        free(text);
        return -ENOMEM;
    }
    d->answers = more;
    d->answers[d->answer_count++] = text;
    return 0;
}

int answers_say(struct document *d, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return add(d, n < 0 ? NULL : text);
}

/* The fastest of a dataset's rows that are compared; NULL: none has a time. */
static const struct report_row *fastest(const struct report *s, const char *dataset)
{
    const struct report_row *best = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n > 0 && row->sample->records > 0 && strcmp(row->sample->key.dataset, dataset) == 0 &&
            answers_compared(s, row) &&
            (!best || answers_rate(row, row->ns.median) > answers_rate(best, best->ns.median)))
            best = row;
    }
    return best;
}

static void put_rate(const struct report_row *row, char *text, size_t size)
{
    char median[32], low[32], high[32], limit[96], near[160] = "";
    table_number(answers_rate(row, row->ns.median), median, sizeof median);
    table_number(answers_rate(row, row->ns.high), low, sizeof low);
    table_number(answers_rate(row, row->ns.low), high, sizeof high);
    answers_interval(&row->of_limit, 100, limit, sizeof limit);
    if (row->of_limit.n > 0)
        snprintf(near, sizeof near, ", %s %% of its limit here (%s)", limit, row->sample->limit);
    snprintf(text, size, "%s M rec/s [%s to %s]%s", median, low, high, near);
}

/* A text that grows, cut where its room ends. */
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
    answers_case(s, row, name, sizeof name);
    put_rate(row, rate, sizeof rate);
    append(f->like, sizeof f->like, "%s%s", f->alike ? ", " : "", name);
    append(f->figures, sizeof f->figures, "%s%s: %s", f->alike ? "; " : "", name, rate);
    f->alike++;
}

static void set_field(struct field *f, const struct report *s, const struct report_row *best)
{
    *f = (struct field){.count = 1};
    add_alike(f, s, best);
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row == best || row->ns.n == 0 || row->sample->records == 0 ||
            strcmp(row->sample->key.dataset, best->sample->key.dataset) != 0 || !answers_compared(s, row))
            continue;
        f->count++;
        bool few = !row->ns.confident || !best->ns.confident;
        f->few |= few;
        if (few || answers_rate(row, row->ns.low) >= answers_rate(best, best->ns.high))
            add_alike(f, s, row);
        else if (!f->next || answers_rate(row, row->ns.median) > answers_rate(f->next, f->next->ns.median))
            f->next = row;
    }
}

static int compare_backends(struct document *d, const struct report *s, const char *dataset)
{
    const struct report_row *best = fastest(s, dataset);
    const char *sink = answers_sink(s, dataset);
    char name[96], rate[320], behind[512] = "";
    struct field f;
    if (!best)
        return answers_say(d, "Of %s nothing has a time with the sink %s.", dataset, sink);
    set_field(&f, s, best);
    if (f.next) {
        answers_case(s, f.next, name, sizeof name);
        put_rate(f.next, rate, sizeof rate);
        snprintf(behind, sizeof behind, ". Next is %s: %s", name, rate);
    }
    if (f.alike > 1)
        return answers_say(d, "On %s (sink %s) the fastest cannot be told apart, as %s: %s. %s%s.", dataset, sink,
                           f.few ? "some have fewer than 6 samples" : "their intervals overlap", f.like, f.figures,
                           behind);
    answers_case(s, best, name, sizeof name);
    put_rate(best, rate, sizeof rate);
    if (f.count == 1)
        return answers_say(d, "%s reads %s (sink %s) at %s; nothing else has a time to hold it against.", name, dataset,
                           sink, rate);
    return answers_say(d, "%s is fastest here on %s (sink %s): %s%s.", name, dataset, sink, rate, behind);
}

/* --- of a profile --- */

const char *answers_verdict(const struct profile_row *row)
{
    const struct stats *share = &row->share[PART_UNEXPLAINED];
    if (row->cpu.n == 0)
        return "n/a";
    return share->n > 0 && !share->confident ? "too few samples" : profile_verdicts[row->verdict];
}

static int say_where(struct document *d, const struct profile_row *row)
{
    size_t most = PROFILE_PARTS;
    char share[96], whole[96];
    for (size_t i = 0; i < PART_UNEXPLAINED; i++)
        if (row->share[i].n > 0 && (most == PROFILE_PARTS || row->share[i].median > row->share[most].median))
            most = i;
    if (row->cpu.n == 0)
        return answers_say(d, "%s on %s could not be taken apart: %s.", row->backend, row->dataset,
                           row->unknown          ? "the run does not say how it reads"
                           : *row->sample->error ? row->sample->error
                                                 : sample_outcomes[row->sample->outcome]);
    if (most == PROFILE_PARTS)
        return answers_say(d, "Of %s on %s no part was measured.", row->backend, row->dataset);
    answers_interval(&row->share[most], 100, share, sizeof share);
    answers_interval(&row->cpu, 1, whole, sizeof whole);
    return answers_say(
        d, "%s on %s takes %s ns of CPU time a record; the largest part is %s: %s %%. Whether the parts add up: %s.",
        row->backend, row->dataset, whole, profile_part_names[most], share, answers_verdict(row));
}

static int compare_all(struct document *d)
{
    const struct report *s = &d->run->report;
    int rc = 0;
    for (size_t i = 0; i < s->count && rc == 0 && d->topic == OF_SPEED; i++)
        if (answers_dataset(s, i))
            rc = compare_backends(d, s, s->rows[i].sample->key.dataset);
    return rc;
}

static int say_profile(struct document *d)
{
    int rc = d->of[OF_PROFILE] ? profile_of(&d->of[OF_PROFILE]->report, &d->profile) : 0;
    for (size_t i = 0; i < d->profile.count && rc == 0; i++)
        rc = say_where(d, &d->profile.rows[i]);
    return rc;
}

int answers_set(struct document *d)
{
    int (*const set[TOPICS])(struct document * d) = {compare_all, scaling_set, steps_set, say_profile};
    int rc = 0;
    for (size_t i = 0; i < TOPICS && rc == 0; i++) {
        rc = set[i](d);
        if (rc == 0 && i == d->topic && d->answer_count == 0)
            rc = answers_say(d, "Of this run's samples nothing can be said.");
        d->answer_end[i] = d->answer_count;
    }
    return rc;
}

void answers_free(struct document *d)
{
    for (size_t i = 0; i < d->answer_count; i++)
        free(d->answers[i]);
    free(d->answers);
    profile_free(&d->profile);
}
