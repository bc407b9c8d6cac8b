/* dbnbench verify: compares every backend with a reference decode, with one sink of each sort that looks for records, the
 * file in one piece and in shards. */
#include "../measure/job.h"
#include "../reference/lockstep.h"
#include "../reference/reference.h"
#include "exit.h"
#include "../text/escape.h"
#include "options.h"

#include <inttypes.h>
#include <stdlib.h>

struct arguments {
    struct input_options input;
    const struct backend **backends; /* end with NULL */
    const struct sink **sinks;
    char **paths;
    size_t files;
};

enum { THREADS = 3, SHARDS = 5, TEXT = 4096 };

#define DEFAULT_SINKS "frame,sum,fields,strings,columns,rows"

/* "OK, 5 records, 280 bytes, digest 0123456789abcdef" */
static void describe(char *text, int outcome, uint64_t fault, const struct tally *t)
{
    char where[64] = "";
    if (outcome)
        snprintf(where, sizeof where, " at byte %" PRIu64, fault);
    snprintf(text, TEXT, "%s%s, %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, dbn_outcome_name(outcome),
             where, t->records, t->bytes, t->digest);
}

/* An exit code. */
static int agrees(const struct arguments *a, const char *path, const struct backend *b, size_t sink, bool shared,
                  const struct ref_result *reference)
{
    struct job job = {b, sinks[sink], &path, 1, shared ? THREADS : 1, UINT64_MAX, a->input, shared ? SHARDS : 1};
    struct job_result r;
    job_run(&job, &r);
    if (r.outcome == reference->outcome && (r.outcome == 0 || r.fault == reference->fault) &&
        tally_equal(&r.tally, &reference->tally[sink]))
        return EXIT_FINE;
    char theirs[TEXT], ours[TEXT];
    describe(theirs, r.outcome, r.fault, &r.tally);
    describe(ours, reference->outcome, reference->fault, &reference->tally[sink]);
    complain("%s: backend %s, sink %s, %u threads: %s; a reference decode: %s", path, b->name, sinks[sink]->name,
             job.threads, theirs, ours);
    bool could_not = r.outcome < 0 && r.outcome > -4096 && reference->outcome == 0;
    return could_not ? EXIT_FAILED : EXIT_MISMATCH;
}

/* A wrong result is worse than none. */
static int worse(int code, int other)
{
    return code == EXIT_MISMATCH || other == EXIT_FINE ? code : other;
}

static int backend_agrees(const struct arguments *a, const char *path, const struct backend *b,
                          const struct ref_result *reference)
{
    int code = EXIT_FINE;
    for (const struct sink **s = a->sinks; *s; s++) {
        size_t i = 0;
        while (sinks[i] != *s)
            i++;
        if (!ref_counts_records(sinks[i]))
            continue;
        code = worse(code, agrees(a, path, b, i, false, reference));
        code = worse(code, agrees(a, path, b, i, true, reference));
    }
    char text[TEXT];
    if (code == EXIT_MISMATCH && lockstep(b, path, &a->input, text, sizeof text))
        complain("%s: backend %s: %s", path, b->name, text);
    else if (code == EXIT_MISMATCH)
        complain("%s: backend %s: record by record, its bytes are those of a reference decode", path, b->name);
    return code;
}

static int verify_file(const struct arguments *a, const char *path)
{
    struct ref_result reference;
    int code = EXIT_FINE;
    ref_decode(path, &a->input, UINT64_MAX, &reference);
    for (const struct backend **b = a->backends; *b; b++)
        if (!backend_unavailable(*b))
            code = worse(code, backend_agrees(a, path, *b, &reference));
    print_plain(stdout, path, strlen(path));
    if (code) {
        puts(code == EXIT_MISMATCH ? ": wrong, not all agree" : ": not all could read it");
        return code;
    }
    uint64_t records = 0;
    for (size_t i = 0; i < reference.sinks; i++)
        records = reference.tally[i].records > records ? reference.tally[i].records : records;
    if (reference.outcome)
        printf(": %s (%s) at byte %" PRIu64 " of the %s, %" PRIu64 " records before it, all of:",
               dbn_outcome_name(reference.outcome), dbn_outcome_text(reference.outcome), reference.fault,
               dbn_outcome_in_file(reference.outcome) ? "file" : "stream", records);
    else
        printf(": ok, %" PRIu64 " records, all of:", records);
    for (const struct backend **b = a->backends; *b; b++)
        if (!backend_unavailable(*b))
            printf(" %s", (*b)->name);
    puts(" agree");
    return reference.outcome ? EXIT_FAILED : EXIT_FINE;
}

static int verify(const struct arguments *a)
{
    size_t usable = 0;
    for (const struct backend **b = a->backends; *b; b++) {
        const char *why = backend_unavailable(*b);
        if (why)
            complain("backend %s is left out: %s", (*b)->name, why);
        usable += why == NULL;
    }
    if (usable == 0) {
        complain("no backend is left to verify");
        return EXIT_FAILED;
    }
    int code = EXIT_FINE;
    for (size_t i = 0; i < a->files; i++) {
        int rc = verify_file(a, a->paths[i]);
        code = code == EXIT_MISMATCH || rc == EXIT_FINE ? code : rc; /* a wrong result is worse than bad input */
        fflush(stdout);
    }
    return code;
}

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all)", 1},
    {"sink", 's', "LIST", 0, "Workloads, of those that look for records (default " DEFAULT_SINKS ")", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'b':
        option_backends(arg, &a->backends, state);
        return 0;
    case 's':
        option_sinks(arg, &a->sinks, state);
        return 0;
    default:
        return option_files(key, state, &a->input, &a->paths, &a->files);
    }
}

int cmd_verify(int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "FILE...",
        "Decode files with every backend, in one piece and in shards, and compare the results with a reference decode.",
        children,
        NULL,
        NULL};
    struct arguments a = {.input = INPUT_OPTIONS_DEFAULT};
    char *unknown;
    a.backends = parse_backends("all", &unknown);
    a.sinks = parse_sinks(DEFAULT_SINKS, &unknown);
    int code = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) == 0)
        code = verify(&a);
    free(a.sinks);
    free(a.backends);
    return code;
}
