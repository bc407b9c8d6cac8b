/* dbnbench verify: checks every backend against the reference decoder, with one sink of each sort that looks for
 * records, the file in one piece and in shards. */
#include "../foreign/foreign.h"
#include "../measure/lent.h"
#include "../measure/progress.h"
#include "../reference/reference.h"
#include "exit.h"
#include "../text/safe.h"
#include "options.h"

#include <inttypes.h>
#include <string.h>

struct arguments {
    struct input_options input;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    bool full;
    uint64_t timeout_s, memory_limit; /* of decoders of others */
};

/* PREFIX: records of a file that is not compressed; those that ask for less than a block at a time take a microsecond
 * for each record.
 * KEEP: bytes that sinks keep at most. So little that they get memory that was used before: pages fresh from the kernel
 * would take most of the time. What a sink makes of more does not depend on the backend: one has it keep all. */
enum { THREADS = 3, SHARDS = 5, TEXT = 4096, PREFIX = 10000, KEEP = 256 << 10 };

/* What a file holds, and what its first records are. */
struct expected {
    const char *path;
    struct ref_result whole, prefix;
    const struct backend *keeps_all; /* NULL: none has read the whole file yet */
    struct checks *checks;
};

/* Of all files: backends with sinks, and the reference decoder. */
struct checks {
    struct progress progress;
    size_t done, all;
};

/* "OK, 5 records, 280 bytes, digest 0123456789abcdef" */
static void describe(char *text, int outcome, uint64_t fault, const struct tally *t)
{
    char where[64] = "";
    if (outcome)
        snprintf(where, sizeof where, " at byte %" PRIu64, fault);
    snprintf(text, TEXT, "%s%s, %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, dbn_outcome_name(outcome),
             where, t->records, t->bytes, t->digest);
}

static const struct ref_result *expected_of(const struct arguments *a, const struct expected *e,
                                            const struct backend *b)
{
    bool prefix = !a->full && b->step != DBN_STEP_BLOCK && e->prefix.records > 0 && !e->whole.compressed;
    return prefix ? &e->prefix : &e->whole;
}

/* --- decoders of others run in a child --- */

static struct child_limits limits_of(const struct arguments *a)
{
    return (struct child_limits){(int)a->timeout_s * 1000, a->memory_limit};
}

static int fail(struct expected *e, const struct backend *b, const struct sink *s, unsigned threads, int code,
                const char *why)
{
    progress_end(&e->checks->progress);
    complain("%s: backend %s, sink %s, %u threads: %s", e->path, b->name, s->name, threads, why);
    return code;
}

/* Of a decoder that decodes by itself. It has to find what is in a good file, and to refuse a bad one. */
static int decoder_agrees(const struct arguments *a, struct expected *e, const struct backend *b, const struct sink *s,
                          bool shared)
{
    const struct foreign_work work = {.foreign = b->foreign,
                                      .paths = &e->path,
                                      .files = 1,
                                      .sink = s->name,
                                      .threads = shared ? THREADS : 1,
                                      .decodes = 1,
                                      .timeout_ms = limits_of(a).timeout_ms};
    const struct ref_result *reference = &e->whole;
    const struct tally expected = sink_expected(s, reference->tally);
    static struct foreign_result r;
    char why[SAMPLE_ERROR];
    if (reference->compressed && !b->foreign->zstd && b->foreign->outcome == SAMPLE_OK)
        return fail(e, b, s, work.threads, EXIT_FAILED, "it reads no compressed files");
    if (!foreign_decode(&work, a->memory_limit, &r))
        return EXIT_INTERRUPTED;
    if (reference->outcome && r.refused)
        return EXIT_FINE;
    if (r.outcome != SAMPLE_OK)
        return fail(e, b, s, work.threads, r.outcome == SAMPLE_MISMATCH ? EXIT_MISMATCH : EXIT_FAILED, r.error);
    if (reference->outcome)
        return fail(e, b, s, work.threads, EXIT_MISMATCH, "it finds nothing wrong with a bad file");
    if (!foreign_agrees(&r, reference->records, reference->sums, expected.digest, why, sizeof why))
        return fail(e, b, s, work.threads, EXIT_MISMATCH, why);
    return EXIT_FINE;
}

/* An exit code. */
static int agrees(const struct arguments *a, struct expected *e, const struct backend *b, const struct sink *s,
                  bool shared)
{
    if (foreign_decodes(b->foreign))
        return decoder_agrees(a, e, b, s, shared);
    const struct ref_result *reference = expected_of(a, e, b);
    const struct tally expected = sink_expected(s, reference->tally);
    const struct child_limits limits = limits_of(a);
    struct lent l = {.why = ""};
    uint64_t end = reference == &e->prefix ? reference->records_end : UINT64_MAX;
    if (!e->keeps_all && reference == &e->whole)
        e->keeps_all = b;
    struct job job = {b, s, (const char **)&e->path, 1, shared ? THREADS : 1, end, a->input, shared ? SHARDS : 1, NULL};
    job.options.keep = b == e->keeps_all && !shared ? 0 : KEEP;
    if (b->foreign)
        lent_run(&job, &limits, &l);
    else
        job_run(&job, &l.result);
    if (*l.why)
        return fail(e, b, s, job.threads, EXIT_FAILED, l.why);
    const struct job_result r = l.result;
    bool equal = tally_equal(&r.tally, &expected) && (r.outcome == 0 || r.fault == reference->fault);
    enum job_verdict verdict = job_judge(r.outcome, reference->outcome, equal);
    if (verdict == VERDICT_RIGHT)
        return EXIT_FINE;
    char theirs[TEXT], ours[TEXT];
    describe(theirs, r.outcome, r.fault, &r.tally);
    describe(ours, reference->outcome, reference->fault, &expected);
    progress_end(&e->checks->progress);
    complain("%s: backend %s, sink %s, %u threads: %s; the reference decoder: %s", e->path, b->name, s->name,
             job.threads, theirs, ours);
    if (b->foreign && verdict == VERDICT_WRONG && lent_lockstep(&job, &limits, theirs, sizeof theirs))
        complain("%s: backend %s: %s", e->path, b->name, theirs);
    return verdict == VERDICT_WRONG ? EXIT_MISMATCH : EXIT_FAILED;
}

/* A wrong result is worse than none. */
static int worse(int code, int other)
{
    return code == EXIT_MISMATCH || other == EXIT_FINE ? code : other;
}

static void show_progress(struct expected *e, const char *who, const char *what)
{
    char text[128];
    snprintf(text, sizeof text, "checking %s %s", who, what);
    progress_step(&e->checks->progress, e->checks->done++, e->checks->all, text);
}

/* Of a decoder of others, which may take minutes to fail: up to the first failure. */
static int foreign_backend_agrees(const struct arguments *a, struct expected *e, const struct backend *b)
{
    const struct foreign *f = b->foreign;
    bool decodes = foreign_decodes(f), any = false;
    int code = EXIT_FINE;
    for (const struct sink **s = a->sinks; *s && code == EXIT_FINE; s++) {
        if ((*s)->looks != SINK_LOOKS_AT_RECORDS || (decodes && !foreign_has_sink(f, (*s)->name)))
            continue;
        any = true;
        show_progress(e, b->name, (*s)->name);
        code = agrees(a, e, b, *s, false);
        if (code == EXIT_FINE && (!decodes || f->threads))
            code = agrees(a, e, b, *s, true);
    }
    progress_end(&e->checks->progress);
    if (!any)
        complain("%s: backend %s: it has none of these sinks", e->path, b->name);
    return any ? code : EXIT_FAILED;
}

static int backend_agrees(const struct arguments *a, struct expected *e, const struct backend *b)
{
    const char *path = e->path;
    int code = EXIT_FINE;
    for (const struct sink **s = a->sinks; *s; s++) {
        if ((*s)->looks != SINK_LOOKS_AT_RECORDS)
            continue;
        show_progress(e, b->name, (*s)->name);
        code = worse(code, agrees(a, e, b, *s, false));
        code = worse(code, agrees(a, e, b, *s, true));
    }
    char text[TEXT];
    progress_end(&e->checks->progress);
    if (code == EXIT_MISMATCH && lockstep(b, path, &a->input, text, sizeof text))
        complain("%s: backend %s: %s", path, b->name, text);
    else if (code == EXIT_MISMATCH)
        complain("%s: backend %s: record by record, its bytes are those of the reference decoder", path, b->name);
    return code;
}

/* Names those that agree, and says if they read a prefix only. */
static void print_agreeing(const struct arguments *a, const struct expected *e)
{
    for (const struct backend **b = a->backends; *b; b++) {
        if (backend_unavailable(*b))
            continue;
        printf(" %s", (*b)->name);
        if (expected_of(a, e, *b) == &e->prefix)
            printf(" (first %d records)", PREFIX);
    }
    puts(" agree");
}

static int verify_file(const struct arguments *a, const char *path, struct checks *checks)
{
    struct expected e = {.path = path, .checks = checks};
    const struct ref_result *reference = &e.whole;
    int code = EXIT_FINE;
    show_progress(&e, "the reference", "decoder");
    ref_decode(path, &a->input, UINT64_MAX, &e.whole);
    progress_end(&e.checks->progress);
    if (dbn_outcome_could_not_run(reference->outcome)) {
        char text[TEXT];
        input_describe(path, reference->outcome, reference->fault, text, sizeof text);
        complain("%s", text);
        return EXIT_FAILED;
    }
    if (reference->records > PREFIX)
        ref_decode(path, &a->input, PREFIX, &e.prefix);
    for (const struct backend **b = a->backends; *b; b++)
        if (!backend_unavailable(*b))
            code = worse(code, (*b)->foreign ? foreign_backend_agrees(a, &e, *b) : backend_agrees(a, &e, *b));
    print_plain(stdout, path, strlen(path));
    if (code) {
        puts(code == EXIT_MISMATCH ? ": wrong, not all agree" : ": not all could read it");
        return code;
    }
    if (reference->outcome)
        printf(": bad file: %s (%s) at byte %" PRIu64 " of the %s, %" PRIu64 " records before it, all of:",
               dbn_outcome_name(reference->outcome), input_outcome_text(reference->outcome), reference->fault,
               dbn_outcome_in_file(reference->outcome) ? "file" : "stream", reference->records);
    else
        printf(": ok, %" PRIu64 " records, all of:", reference->records);
    print_agreeing(a, &e);
    return reference->outcome ? EXIT_FAILED : EXIT_FINE;
}

/* Of a file, if nothing fails. */
static size_t count_checks(const struct arguments *a)
{
    size_t checks = 1;
    for (const struct backend **b = a->backends; *b; b++)
        for (const struct sink **s = a->sinks; *s && !backend_unavailable(*b); s++)
            checks += (*s)->looks == SINK_LOOKS_AT_RECORDS &&
                      (!foreign_decodes((*b)->foreign) || foreign_has_sink((*b)->foreign, (*s)->name));
    return checks;
}

static bool any_usable(const struct arguments *a)
{
    bool any = false;
    for (const struct backend **b = a->backends; *b; b++) {
        const char *why = backend_unavailable(*b);
        if (why)
            complain("backend %s is left out: %s", (*b)->name, why);
        any |= why == NULL;
    }
    if (!any)
        complain("no backend is left to verify");
    return any;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    int code = EXIT_FINE;
    if (!any_usable(a))
        return EXIT_FAILED;
    struct checks checks = {.all = line->count * count_checks(a)};
    progress_begin(&checks.progress, stderr);
    for (size_t i = 0; i < line->count; i++) {
        code = worse(code, verify_file(a, line->operand[i], &checks));
        fflush(stdout);
    }
    return code;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"backend", 'b', "LIST", BACKEND_HELP, set_list, TO(backends), .names = &known_backends, .preset = "all"},
    {"sink", 's', "LIST", "Sinks; those that look for no records are left out", set_list, TO(sinks),
     .names = &known_sinks, .preset = "frame,sum,fields,strings,columns,rows"},
    {"full", 0, NULL, "Have readers without a buffer read all of a long file, not only its first 10000 records",
     set_flag, TO(full)},
    {"timeout", 0, "SECONDS", "Give up a decode of a plug-in or a program that takes longer", set_number, TO(timeout_s),
     .min = 1, .max = 24 * 3600, .preset = "120"},
    {"memory-limit", 0, "SIZE", "Give up one that touches more memory (default no limit)", set_size, TO(memory_limit),
     .max = UINT64_MAX},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_verify = {
    .name = "verify",
    .summary = "check every backend against the reference decoder",
    .operands = "FILE...",
    .least = 1,
    .options = options,
    .about = "Decode files with every backend, in one piece and in shards, and compare the results with those of the "
             "reference decoder. Exit status 4: a result is wrong; 5: a file is bad, or a backend could not run.",
    .examples = "verify *.dbn\nverify -b mmap -s sum trades.dbn.zst",
    .size = sizeof(struct arguments),
    .run = run,
};
