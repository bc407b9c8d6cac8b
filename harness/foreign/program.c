/* The host's side of the protocol (docs/your-decoder.md), in the child process of a sample. The program's clocks are
 * read while it waits for a question, so that its start and what it does to warm up are left out. */
#include "../machine/clock.h"
#include "../machine/family.h"
#include "../machine/syscount.h"
#include "../machine/talk.h"
#include "foreign.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL "1"
enum { NOTHINGS = 9, LAST_WORDS = 240, LAST_LINES = 3 };

struct session {
    const struct foreign_work *work;
    struct foreign_result *result;
    struct talk talk;
    char question[PATH_MAX + 64]; /* with its line end */
};

/* --- what goes wrong --- */

/* The end of its standard error: up to LAST_LINES as one. */
static void last_words(const struct talk *t, char words[LAST_WORDS + 1])
{
    size_t end = t->said_size, lines = 0, n = 0;
    while (end > 0 && strchr("\n\r ", t->said[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && end - begin < LAST_WORDS && (t->said[begin - 1] != '\n' || ++lines < LAST_LINES))
        begin--;
    for (; begin < end; begin++)
        words[n++] = t->said[begin] == '\n' ? '|' : t->said[begin] == '\0' ? '?' : t->said[begin];
    words[n] = '\0';
}

static bool __attribute__((format(printf, 3, 4)))
fail(struct session *s, enum sample_outcome outcome, const char *format, ...)
{
    struct foreign_result *r = s->result;
    char words[LAST_WORDS + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(r->error, sizeof r->error - sizeof words, format, args);
    va_end(args);
    last_words(&s->talk, words);
    if (*words)
        snprintf(r->error + strlen(r->error), sizeof r->error - strlen(r->error), "; its last words: %s", words);
    sample_clean_text(r->error);
    r->outcome = outcome;
    return false;
}

static bool no_answer(struct session *s)
{
    const struct talk *t = &s->talk;
    const char *q = s->question;
    int n = (int)strcspn(q, "\n"), timeout_ms = s->work->timeout_ms;
    char how[128];
    n = n < 80 ? n : 80;
    switch (t->end) {
    case TALK_NOT_STARTED:
        return fail(s, SAMPLE_UNAVAILABLE, "%s cannot be started: %s", s->work->foreign->program.start[0],
                    strerror(t->detail));
    case TALK_EXITED:
        return fail(s, SAMPLE_FAILED, "it ended with exit status %d, and no answer to '%.*s'", t->detail, n, q);
    case TALK_CRASHED:
        child_describe(CHILD_CRASHED, t->detail, 0, how, sizeof how);
        return fail(s, SAMPLE_CRASHED, "%s, and no answer to '%.*s'", how, n, q);
    case TALK_TIMED_OUT:
        return fail(s, SAMPLE_TIMED_OUT, "no answer to '%.*s' within %g s of its start", n, q, timeout_ms / 1e3);
    case TALK_CLOSED:
        return fail(s, SAMPLE_FAILED, "it closed its standard output before an answer to '%.*s'", n, q);
    case TALK_TOO_LONG:
        return fail(s, SAMPLE_FAILED, "its answer to '%.*s' is longer than %d bytes", n, q, TALK_LINE - 1);
    case TALK_EARLY:
        return fail(s, SAMPLE_FAILED, "it wrote to its standard output before it was asked '%.*s'", n, q);
    case TALK_ANSWERED:
        break;
    }
    s->result->refused = strncmp(t->answer, "error ", 6) == 0;
    if (s->result->refused)
        return fail(s, SAMPLE_FAILED, "%.200s", t->answer + 6);
    return fail(s, SAMPLE_FAILED, "its answer to '%.*s' is '%.160s'", n, q, t->answer);
}

/* --- asking --- */

static bool ask(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool ask(struct session *s, const char *format, ...)
{
    struct talk *t = &s->talk;
    va_list args;
    va_start(args, format);
    vsnprintf(s->question, sizeof s->question - 1, format, args);
    va_end(args);
    strcat(s->question, "\n");
    if (talk_ask(t, s->question) != TALK_ANSWERED)
        return false;
    for (char *nul = t->answer; (nul = memchr(nul, '\0', t->answer_size - (size_t)(nul - t->answer))) != NULL;)
        *nul = '?';
    return true;
}

/* The rest of an answer that begins with the word, or NULL. */
static const char *after(const char *answer, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(answer, word, n) != 0 || (answer[n] != '\0' && answer[n] != ' '))
        return NULL;
    return answer + n + (answer[n] == ' ');
}

static bool is_ok(struct session *s, bool answered)
{
    return (answered && after(s->talk.answer, "ok")) || no_answer(s);
}

static bool hello(struct session *s)
{
    if (!ask(s, "hello " PROTOCOL))
        return no_answer(s);
    const char *version = after(s->talk.answer, "hello " PROTOCOL), *other = after(s->talk.answer, "hello"),
               *error = after(s->talk.answer, "error");
    if (error)
        return fail(s, SAMPLE_UNAVAILABLE, "%s", error);
    if (other && !version)
        return fail(s, SAMPLE_UNAVAILABLE, "it speaks version '%.8s' of the protocol instead of " PROTOCOL, other);
    if (!version)
        return no_answer(s);
    snprintf(s->result->version, sizeof s->result->version, "%s", version);
    sample_clean_text(s->result->version);
    return true;
}

static bool open_file(struct session *s)
{
    const char *name = s->work->paths[0];
    char path[PATH_MAX];
    if (s->work->files > 1)
        return fail(s, SAMPLE_UNAVAILABLE, "a program decodes one file at a time");
    if (!realpath(name, path))
        return fail(s, SAMPLE_FAILED, "%s: %s", name, strerror(errno));
    if (strchr(path, '\n'))
        return fail(s, SAMPLE_UNAVAILABLE, "%s: a line end in its name cannot be asked for", path);
    return is_ok(s, ask(s, "open %s", path));
}

static bool get_ready(struct session *s)
{
    const struct foreign_work *w = s->work;
    unsigned warm = w->foreign->program.warm;
    return open_file(s) && (w->threads == 1 || is_ok(s, ask(s, "threads %u", w->threads))) &&
           (warm == 0 || is_ok(s, ask(s, "warm %s %u", w->sink, warm)));
}

/* --- what is measured --- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The median of what it takes to ask and answer. */
static bool ask_for_nothing(struct session *s)
{
    uint64_t ns[NOTHINGS];
    for (int i = 0; i < NOTHINGS; i++) {
        uint64_t begin = clock_now_ns();
        bool answered = ask(s, "nothing");
        ns[i] = clock_now_ns() - begin;
        if (!is_ok(s, answered))
            return false;
    }
    qsort(ns, NOTHINGS, sizeof ns[0], by_value);
    s->result->empty_ns = (struct reading){READING_EXACT, ns[NOTHINGS / 2]};
    return true;
}

/* A number of up to 64 bits, with a sign or without, and the space behind it. */
static bool take_number(const char **at, uint64_t *value)
{
    bool negative = **at == '-';
    const char *digits = *at + negative;
    char *end;
    errno = 0;
    *value = strtoull(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || errno || (*end != '\0' && *end != ' ') ||
        (negative && *value > (uint64_t)INT64_MAX + 1))
        return false;
    *value = negative ? -*value : *value;
    *at = end + (*end == ' ');
    return true;
}

/* RECORDS TS_EVENT PRICE SIZE [DIGEST], and what later versions may add. */
static bool read_found(struct session *s)
{
    struct foreign_result *r = s->result;
    const char *at = after(s->talk.answer, "ok");
    if (!at || *at == '-' || !take_number(&at, &r->records))
        return no_answer(s);
    for (size_t i = 0; i < SUMS; i++)
        if (!take_number(&at, &r->sums[i]))
            return no_answer(s);
    size_t digits = strspn(at, "0123456789abcdefABCDEF");
    r->has_digest = digits == 16 && (at[digits] == '\0' || at[digits] == ' ');
    r->digest = r->has_digest ? strtoull(at, NULL, 16) : 0;
    return true;
}

/* What processes take that come or go meanwhile nobody knows, so then it is unknown as a whole. */
static bool run(struct session *s)
{
    struct foreign_result *r = s->result;
    const struct foreign_work *w = s->work;
    struct family before, after;
    struct family_counts counts[2];
    struct reading cpu[2];
    family_find(s->talk.keeper, &before);
    family_count(&before, &counts[0]);
    cpu[0] = family_cpu_ns(&before);
    syscount_begin();
    uint64_t begin = clock_now_ns();
    bool answered = ask(s, "run %s %" PRIu64, w->sink, w->decodes);
    r->wall_ns = clock_now_ns() - begin;
    syscount_end();
    cpu[1] = family_cpu_ns(&before);
    family_count(&before, &counts[1]);
    family_find(s->talk.keeper, &after);
    if (!answered)
        return no_answer(s);
    if (family_same(&before, &after)) {
        r->cpu_ns = family_grown(cpu[0], cpu[1]);
        r->syscr = family_grown(counts[0].syscr, counts[1].syscr);
        r->disk_bytes = family_grown(counts[0].disk_bytes, counts[1].disk_bytes);
        r->minor_faults = family_grown(counts[0].minor_faults, counts[1].minor_faults);
        r->major_faults = family_grown(counts[0].major_faults, counts[1].major_faults);
        r->max_rss_bytes = counts[1].peak_bytes;
    }
    return read_found(s);
}

void program_sample(const struct foreign_work *work, struct foreign_result *r)
{
    const struct foreign_program *p = &work->foreign->program;
    struct session *s = malloc(sizeof *s);
    struct child_program start = {.argv = p->start, .folder = p->folder, .timeout_ms = work->timeout_ms};
    *s = (struct session){.work = work, .result = r};
    *r = (struct foreign_result){.outcome = SAMPLE_OK};
    talk_begin(&s->talk, &start);
    bool answered = hello(s) && (work->decodes == 0 || (get_ready(s) && ask_for_nothing(s) && run(s)));
    talk_close(&s->talk, answered ? "quit\n" : NULL);
    free(s);
}
