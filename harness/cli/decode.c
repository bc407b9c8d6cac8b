/* dbnbench decode: one decode and nothing else, so that whole processes can be timed and traced. */
#include "../text/safe.h"
#include "../measure/job.h"
#include "exit.h"
#include "../machine/counters.h"
#include "../machine/page_cache.h"
#include "options.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct arguments {
    struct input_options input;
    const struct backend *backend;
    const struct sink *sink;
    unsigned threads, split;
    uint64_t end;
    bool json, drop_cache;
};

static json_t *reading_json(const struct reading *r)
{
    return r->state == READING_EXACT ? json_integer((json_int_t)r->value) : json_null();
}

/* As signed numbers: JSON has no others of 64 bits. */
static json_t *sums_json(const struct sink_facts *f)
{
    json_t *o = json_object();
    if (!f->has_sums) {
        json_decref(o);
        return json_null();
    }
    for (size_t i = 0; i < SUMS; i++)
        json_object_set_new(o, sum_names[i], json_integer((json_int_t)f->sums[i]));
    return o;
}

static void print_as_json(const struct job *job, const struct job_result *r, const struct reading *allocations,
                          const struct reading *allocated)
{
    char digest[17];
    snprintf(digest, sizeof digest, "%016" PRIx64, r->tally.digest);
    json_t *o = json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:s, s:I, s:I, s:s, s:o, s:I, s:o, s:o, s:I, s:I}", "backend",
                          job->backend->name, "sink", job->sink->name, "threads", (int)job->threads, "files",
                          (int)job->files, "shards", (json_int_t)r->shards, "redone", (json_int_t)r->redone, "outcome",
                          dbn_outcome_name(r->outcome), "records", (json_int_t)r->tally.records, "bytes",
                          (json_int_t)r->tally.bytes, "digest", digest, "sums", sums_json(&r->facts), "copied",
                          (json_int_t)(r->counts.copied + r->copied), "allocations", reading_json(allocations),
                          "allocated_bytes", reading_json(allocated), "reads", (json_int_t)r->counts.reads,
                          "bytes_read", (json_int_t)r->counts.bytes_read);
    put_json(o, 0, stdout);
}

static void print_text(const struct job *job, const struct job_result *r)
{
    printf("%" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64, r->tally.records, r->tally.bytes,
           r->tally.digest);
    if (job->split > 1)
        printf(", %" PRIu64 " shards, %" PRIu64 " of them decoded again", r->shards, r->redone);
    putchar('\n');
    const struct sink_facts *f = &r->facts;
    if (f->distinct)
        printf("%" PRIu64 " strings, %" PRIu64 " distinct, kept in %" PRIu64 " bytes, which saves %" PRIu64 "\n",
               f->strings, f->distinct, f->string_bytes, f->saved_bytes);
    else if (f->strings)
        printf("%" PRIu64 " strings kept in %" PRIu64 " bytes\n", f->strings, f->string_bytes);
}

static bool drop_all(char *const *paths, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        char why[256];
        if (page_cache_drop(paths[i], why, sizeof why) == 0)
            continue;
        complain("%s: %s", paths[i], why);
        good = false;
    }
    return good;
}

/* "syscall, buffered" */
static void name_streaming(char *text, size_t size)
{
    size_t n = 0;
    for (const struct backend *const *b = backends; *b; b++)
        if ((*b)->streams && n < size)
            n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", (*b)->name);
}

/* Of a line where standard input is among the files. */
static bool check_streams(const struct arguments *a, char *why)
{
    char names[200];
    name_streaming(names, sizeof names);
    if (a->drop_cache)
        snprintf(why, OPTION_WHY, "standard input cannot be dropped from the page cache");
    else if (a->split > 1)
        snprintf(why, OPTION_WHY, "standard input cannot be cut into shards");
    else
        snprintf(why, OPTION_WHY, "%s needs a file; standard input can be read by: %s", a->backend->name, names);
    return !a->drop_cache && a->split <= 1 && a->backend->streams;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    for (size_t i = 0; i < line->count; i++)
        if (!operand_path(line->operand[i]))
            return check_streams(arguments, why);
    return true;
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    for (size_t i = 0; i < line->count; i++)
        line->operand[i] = (char *)operand_path(line->operand[i]);
    if (a->drop_cache)
        return drop_all(line->operand, line->count) ? EXIT_FINE : EXIT_FAILED;
    const char *why = backend_unavailable(a->backend);
    if (why) {
        complain("%s cannot run here: %s", a->backend->name, why);
        return EXIT_FAILED;
    }
    struct job job = {a->backend,  a->sink,    (const char **)line->operand,
                      line->count, a->threads, is_given(line, "end") ? a->end : UINT64_MAX,
                      a->input,    a->split};
    struct job_result r;
    struct reading allocations = {0}, allocated = {0};
    if (a->json)
        allocations_begin();
    job_run(&job, &r);
    if (a->json)
        allocations_end(&allocations, &allocated);
    if (a->json)
        print_as_json(&job, &r, &allocations, &allocated);
    else
        print_text(&job, &r);
    if (r.outcome == 0)
        return EXIT_FINE;
    char text[4096];
    input_describe(r.file < job.files ? job.paths[r.file] : "decode", r.outcome, r.fault, text, sizeof text);
    complain("%s", text);
    return EXIT_FAILED;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"backend", 'b', "NAME", "Way of reading", set_name, TO(backend), .names = &known_backends, .preset = "mmap"},
    {"sink", 's', "NAME", "What is done with the records", set_name, TO(sink), .names = &known_sinks, .preset = "sum"},
    {"threads", 't', "N", "Threads, each of which takes one file at a time", set_number, TO(threads), .min = 1,
     .max = MAX_THREADS, .preset = "1"},
    {"split", 0, "N", "Cut each file into so many shards, which threads take one at a time", set_number, TO(split),
     .min = 1, .max = MAX_SPLIT, .preset = "1"},
    {"end", 0, "BYTES", "Read only so much of each file, which has to end where a record does", set_number, TO(end),
     .max = UINT64_MAX},
    {"drop-cache", 0, NULL,
     "Do not decode: drop the files from the page cache, so that the next reader reads "
     "from the disk. Only who owns a file, or may write to it, can do that",
     set_flag, TO(drop_cache)},
    {"json", 'j', NULL, "Print one JSON object", set_flag, TO(json)},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_decode = {
    .name = "decode",
    .summary = "decode files once, for tools that time whole processes",
    .operands = "FILE...",
    .least = 1,
    .options = options,
    .about =
        "Decode files once, and nothing else, so that whole processes can be timed and traced. The file - is standard "
        "input, for backends that read from the beginning on and only once.",
    .examples = "decode -b buffered -s sum trades.dbn\ndecode --drop-cache trades.dbn\n"
                "decode -b buffered - <trades.dbn.zst",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
