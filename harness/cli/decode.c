/* dbnbench decode: one decode and nothing else, so that whole processes can be timed and traced. */
#include "../text/safe.h"
#include "../foreign/foreign.h"
#include "../measure/lent.h"
#include "exit.h"
#include "../machine/counters.h"
#include "../machine/page_cache.h"
#include "options.h"

#include <inttypes.h>
#include <limits.h>
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
static json_t *sums_json(const uint64_t sums[SUMS])
{
    json_t *o = json_object();
    for (size_t i = 0; i < SUMS; i++)
        json_object_set_new(o, sum_names[i], json_integer((json_int_t)sums[i]));
    return o;
}

static json_t *counted_json(const struct backend_counts *c, uint64_t n)
{
    return c->unknown ? json_null() : json_integer((json_int_t)n);
}

static void print_as_json(const struct job *job, const struct lent *l)
{
    const struct job_result *r = &l->result;
    const struct backend_counts *c = &r->counts;
    char digest[17];
    snprintf(digest, sizeof digest, "%016" PRIx64, r->tally.digest);
    json_t *o = json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:s, s:I, s:I, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                          "backend", job->backend->name, "sink", job->sink->name, "threads", (int)job->threads, "files",
                          (int)job->files, "shards", (json_int_t)r->shards, "redone", (json_int_t)r->redone, "outcome",
                          dbn_outcome_name(r->outcome), "records", (json_int_t)r->tally.records, "bytes",
                          (json_int_t)r->tally.bytes, "digest", digest, "digest_version", DIGEST_VERSION, "sums",
                          r->facts.has_sums ? sums_json(r->facts.sums) : json_null(), "matched",
                          r->facts.filters ? json_integer((json_int_t)r->facts.matched) : json_null(), "copied",
                          counted_json(c, c->copied + r->copied), "allocations", reading_json(&l->allocations),
                          "allocated_bytes", reading_json(&l->allocated_bytes), "reads", counted_json(c, c->reads),
                          "bytes_read", counted_json(c, c->bytes_read));
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
    if (f->filters)
        printf("%" PRIu64 " of %" PRIu64 " records match, %.3g %%\n", f->matched, r->tally.records,
               r->tally.records ? 100.0 * (double)f->matched / (double)r->tally.records : 0);
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
    const struct arguments *a = arguments;
    snprintf(why, OPTION_WHY, "%s decodes by itself, and whole files only: neither --split nor --end can be given",
             a->backend->name);
    return !foreign_decodes(a->backend->foreign) || (a->split <= 1 && !is_given(line, "end"));
}

static void decode(const struct job *job, bool count, struct lent *l)
{
    if (count)
        allocations_begin();
    job_run(job, &l->result);
    if (count)
        allocations_end(&l->allocations, &l->allocated_bytes);
}

/* --- decoders of others that decode by themselves --- */

static const struct child_limits no_limits = {.timeout_ms = INT_MAX};

static void print_found(const struct arguments *a, size_t files, const struct foreign_result *r)
{
    json_t *digest = r->has_digest ? json_sprintf("%016" PRIx64, r->digest) : json_null();
    if (a->json) {
        put_json(json_pack("{s:s, s:s, s:i, s:i, s:s, s:I, s:o, s:o}", "backend", a->backend->name, "sink",
                           a->sink->name, "threads", (int)a->threads, "files", (int)files, "outcome",
                           dbn_outcome_name(0), "records", (json_int_t)r->records, "digest", digest, "sums",
                           sums_json(r->sums)),
                 0, stdout);
        return;
    }
    printf("%" PRIu64 " records", r->records);
    for (size_t i = 0; i < SUMS; i++)
        printf(", sum of %s %" PRId64, sum_names[i], (int64_t)r->sums[i]);
    putchar('\n');
    json_decref(digest);
}

static int decode_by_itself(const struct arguments *a, const struct command_line *line)
{
    const struct foreign *f = a->backend->foreign;
    const struct foreign_work work = {.foreign = f,
                                      .paths = (const char **)line->operand,
                                      .files = line->count,
                                      .sink = a->sink->name,
                                      .threads = a->threads,
                                      .decodes = 1,
                                      .timeout_ms = no_limits.timeout_ms / 2};
    static struct foreign_result r;
    if (f->outcome == SAMPLE_OK && !foreign_has_sink(f, a->sink->name)) {
        complain("%s has no sink %s", f->name, a->sink->name);
        return EXIT_FAILED;
    }
    if (!foreign_decode(&work, no_limits.memory, &r))
        return EXIT_INTERRUPTED;
    if (r.outcome != SAMPLE_OK) {
        complain("%s: %s", f->name, r.error);
        return EXIT_FAILED;
    }
    print_found(a, line->count, &r);
    return EXIT_FINE;
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
                      a->input,    a->split,   NULL};
    struct lent l = {.why = ""};
    if (foreign_decodes(a->backend->foreign))
        return decode_by_itself(a, line);
    if (a->backend->foreign)
        lent_run(&job, &no_limits, &l);
    else
        decode(&job, a->json, &l);
    if (*l.why) {
        complain("%s: %s", a->backend->name, l.why);
        return EXIT_FAILED;
    }
    if (a->json)
        print_as_json(&job, &l);
    else
        print_text(&job, &l.result);
    const struct job_result *r = &l.result;
    if (r->outcome == 0)
        return EXIT_FINE;
    char text[4096];
    input_describe(r->file < job.files ? job.paths[r->file] : "decode", r->outcome, r->fault, text, sizeof text);
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
                "decode -b buffered - <trades.dbn.zst\n"
                "decode -s filter:instrument=7:from=2024-01-02T14:30 trades.dbn",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
