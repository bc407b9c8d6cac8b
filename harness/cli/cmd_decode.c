/* dbnbench decode: one decode and nothing else, so that whole processes can be timed and traced. */
#include "../measure/job.h"
#include "exit.h"
#include "../machine/counters.h"
#include "../measure/inject.h"
#include "options.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct arguments {
    struct input_options input;
    const struct backend *backend;
    const struct sink *sink;
    unsigned threads, split;
    uint64_t end;
    bool json;
    struct inject inject;
    const char **files;
    size_t count;
};

enum { END = 256, SPLIT, INJECT };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    uint64_t n;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->input;
        return 0;
    case 'b':
        if ((a->backend = backend_find(arg)) == NULL)
            argp_error(state, "%s: no such backend; see `dbnbench list backends`", arg);
        return 0;
    case 's':
        if ((a->sink = sink_find(arg)) == NULL)
            argp_error(state, "%s: no such sink; see `dbnbench list sinks`", arg);
        return 0;
    case 't':
        if (!parse_number(arg, 1, MAX_THREADS, &n))
            argp_error(state, "-t: %s is not a number from 1 to %d", arg, MAX_THREADS);
        a->threads = (unsigned)n;
        return 0;
    case SPLIT:
        if (!parse_number(arg, 1, MAX_SPLIT, &n))
            argp_error(state, "--split: %s is not a number from 1 to %d", arg, MAX_SPLIT);
        a->split = (unsigned)n;
        return 0;
    case END:
        if (!parse_number(arg, 0, UINT64_MAX, &a->end))
            argp_error(state, "--end: %s is not a number of bytes", arg);
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case INJECT:
        if (!inject_parse(arg, &a->inject))
            argp_error(state, "--inject: %s is not cpu=N%%, sleep=Nus, syscall=1/N or corrupt=RECORD:FIELD", arg);
        return 0;
    case ARGP_KEY_ARGS:
        a->files = (const char **)state->argv + state->next;
        a->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no file given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static json_t *reading_json(const struct reading *r)
{
    return r->state == READING_EXACT ? json_integer((json_int_t)r->value) : json_null();
}

static void print_json(const struct arguments *a, const struct job_result *r, const struct reading *allocations,
                       const struct reading *allocated)
{
    char digest[17];
    snprintf(digest, sizeof digest, "%016" PRIx64, r->tally.digest);
    json_t *o = json_pack(
        "{s:s, s:s, s:i, s:i, s:I, s:I, s:s, s:I, s:I, s:s, s:I, s:o, s:o, s:I, s:I}", "backend", a->backend->name,
        "sink", a->sink->name, "threads", (int)a->threads, "files", (int)a->count, "shards", (json_int_t)r->shards,
        "redone", (json_int_t)r->redone, "outcome", dbn_outcome_name(r->outcome), "records",
        (json_int_t)r->tally.records, "bytes", (json_int_t)r->tally.bytes, "digest", digest, "copied",
        (json_int_t)(r->counts.copied + r->copied), "allocations", reading_json(allocations), "allocated_bytes",
        reading_json(allocated), "reads", (json_int_t)r->counts.reads, "bytes_read", (json_int_t)r->counts.bytes_read);
    if (!o || json_dumpf(o, stdout, 0) < 0)
        complain("out of memory");
    json_decref(o);
    putchar('\n');
}

static void print_text(const struct arguments *a, const struct job_result *r)
{
    printf("%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, r->tally.records, r->tally.bytes,
           r->tally.digest);
    if (a->split > 1)
        printf(", %" PRIu64 " shards, %" PRIu64 " of them decoded again", r->shards, r->redone);
    putchar('\n');
    const struct sink_facts *f = &r->facts;
    if (f->distinct)
        printf("%" PRIu64 " strings, %" PRIu64 " distinct, kept in %" PRIu64 " bytes, which saves %" PRIu64 "\n",
               f->strings, f->distinct, f->string_bytes, f->saved_bytes);
    else if (f->strings)
        printf("%" PRIu64 " strings kept in %" PRIu64 " bytes\n", f->strings, f->string_bytes);
}

/* The result, with what is injected into it; allocations are those of the decode alone. */
static bool decode(struct arguments *a, struct job_result *r, struct reading *allocations, struct reading *allocated)
{
    char why[512];
    struct job job = {a->backend, a->sink, a->files, a->count, a->threads, a->end, a->input, a->split};
    const char *path = a->inject.what ? inject_path(&a->inject, a->files[0], &a->input, why, sizeof why) : a->files[0];
    if (!path) {
        complain("--inject: %s", why);
        return false;
    }
    for (size_t i = 0; a->inject.what && i < a->count; i++)
        a->files[i] = path;
    if (a->json)
        allocations_begin();
    job_run(&job, r);
    if (a->json)
        allocations_end(allocations, allocated);
    if (a->inject.what)
        inject_after(&a->inject, &job, r);
    return true;
}

int cmd_decode(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"backend", 'b', "NAME", 0, "Way of reading (default mmap)", 1},
        {"sink", 's', "NAME", 0, "Workload (default sum)", 1},
        {"threads", 't', "N", 0, "Threads, each taking one file at a time (default 1)", 1},
        {"split", SPLIT, "N", 0, "Cut each file into so many shards, which threads take one at a time", 1},
        {"end", END, "BYTES", 0, "Read only so much of each file, up to the end of a record", 1},
        {"json", 'j', NULL, 0, "Print one JSON object", 1},
        {"inject", INJECT, "WHAT", OPTION_HIDDEN, "Do something wrong, to try a gate", 1},
        {0},
    };
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 2}, {0}};
    static const struct argp argp = {options, parse, "FILE...", "Decode files once.", children, NULL, NULL};
    struct arguments a = {.input = INPUT_OPTIONS_DEFAULT,
                          .backend = backend_find("mmap"),
                          .sink = sink_find("sum"),
                          .threads = 1,
                          .split = 1,
                          .end = UINT64_MAX};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    const char *why = backend_unavailable(a.backend);
    if (why) {
        complain("%s cannot run here: %s", a.backend->name, why);
        return EXIT_FAILED;
    }
    struct job_result r;
    struct reading allocations = {0}, allocated = {0};
    if (!decode(&a, &r, &allocations, &allocated))
        return EXIT_FAILED;
    if (a.json)
        print_json(&a, &r, &allocations, &allocated);
    else
        print_text(&a, &r);
    if (r.outcome == 0)
        return EXIT_FINE;
    char text[4096];
    input_describe(r.file < a.count ? a.files[r.file] : "decode", r.outcome, r.fault, text, sizeof text);
    complain("%s", text);
    return EXIT_FAILED;
}
