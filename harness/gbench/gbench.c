/* dbnbench-gbench: the same backends and sinks as cases of Google Benchmark, with all of its flags and output.
 *
 * decode/BACKEND/DATASET/SINK decodes a file. It is looked at when the first case asks for it, so that others need not
 * wait for that, nor even have it. core/SCHEMA/SINK is the decoder and the sink on records in memory. */
#include "../../datasets/datasets.h"
#include "../cli/exit.h"
#include "../cli/options.h"
#include "../machine/page_cache.h"
#include "../measure/plan.h"
#include "../reference/reference.h"
#include "../results/store.h"
#include "shim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    NAIVE_RECORDS = 20000, /* of a file, for a backend that makes system calls for each */
    CORE_RECORDS = 2000,   /* larger than a first-level cache and smaller than a second-level one */
};

static struct plan plan = {.input = INPUT_OPTIONS_DEFAULT};
static const char *folder; /* of the datasets */
static int worst;          /* an exit code */

struct each {
    const struct sink *sink;
    const char *schema;            /* of a core case, or else */
    const struct dataset *dataset; /* what is decoded, */
    const struct backend *backend;
    uint64_t prefix; /* how many of its records; 0: all */
};

/* --- how cases fail --- */

static void fail(struct gbench_state *s, int code, const char *text)
{
    char clean[SAMPLE_ERROR]; /* it may name a file, and goes into JSON */
    snprintf(clean, sizeof clean, "%s", text);
    sample_clean_text(clean);
    gbench_fail(s, clean);
    if (worst != EXIT_MISMATCH)
        worst = code;
}

static void check(struct gbench_state *s, const struct tally *found, const struct tally *expected)
{
    char text[SAMPLE_ERROR];
    if (tally_equal(found, expected))
        return;
    snprintf(text, sizeof text,
             "wrong result: %" PRIu64 " records, digest %016" PRIx64 " instead of %" PRIu64 ", %016" PRIx64,
             found->records, found->digest, expected->records, expected->digest);
    fail(s, EXIT_MISMATCH, text);
}

/* --- files through backends --- */

/* The dataset's file in the plan. NULL with the reason in why. */
static struct plan_file *find_file(const struct dataset *d, char *why, size_t size)
{
    char path[4096];
    bool dropped;
    for (struct plan_file *f = plan.files; f < plan.files + plan.file_count; f++)
        if (strcmp(f->name, d->name) == 0)
            return f;
    snprintf(path, sizeof path, "%s/%s", folder, d->file);
    if (access(path, F_OK) < 0) {
        snprintf(why, size, "%s: not generated yet; run: dbnbench gen --dataset %s --dir %s", path, d->name, folder);
    } else if (plan_add_file(&plan, path, d->name, why, size) == 0) {
        page_cache_settle(path, &dropped); /* what cannot be read fails where it is measured */
        return &plan.files[plan.file_count - 1];
    }
    return NULL;
}

static void run_file(struct gbench_state *s, void *arg)
{
    const struct each *e = arg;
    char text[SAMPLE_ERROR] = "";
    struct plan_file *f = find_file(e->dataset, text, sizeof text);
    const struct plan_range *range = f ? plan_range(&plan, f, e->prefix, text, sizeof text) : NULL;
    if (!range) {
        fail(s, EXIT_FAILED, text);
        return;
    }
    const struct plan_case c = {
        .file = (size_t)(f - plan.files), .backend = e->backend, .sink = e->sink, .key = {.threads = 1, .files = 1}};
    const struct tally expected = sink_expected(c.sink, range->expected);
    const struct job job = plan_job(&plan, &c, range);
    struct job_result r = {0};
    while (gbench_keep_running(s)) {
        job_run(&job, &r);
        if (r.outcome == 0) {
            check(s, &r.tally, &expected);
        } else {
            input_describe(job.paths[0], r.outcome, r.fault, text, sizeof text);
            fail(s, EXIT_FAILED, text);
        }
    }
    gbench_set_work(s, range->records, range->bytes);
}

/* --- records in memory --- */

struct stream {
    uint8_t *bytes;
    struct dbn_span records; /* behind the metadata */
    struct ref_result expected;
};

/* The reference decoder, which reads files, says what is in them. */
static int make_stream(const char *schema, struct stream *s)
{
    const struct generate_spec spec = {
        .schema = schema, .version = DBN_VERSIONS, .records = CORE_RECORDS, .symbols = 10, .seed = 1};
    const struct input_options options = INPUT_OPTIONS_DEFAULT;
    char path[64];
    size_t size;
    int rc = generate_memory(&spec, &s->bytes, &size);
    if (rc)
        return rc;
    size_t first = 8 + dbn_load_u32(s->bytes + 4);
    s->records = (struct dbn_span){s->bytes + first, size - first, first};
    int fd = memfd_create("core", MFD_CLOEXEC);
    rc = fd < 0 ? -errno : write(fd, s->bytes, size) != (ssize_t)size ? -EIO : 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (rc == 0) {
        ref_decode(path, &options, UINT64_MAX, &s->expected);
        rc = s->expected.outcome;
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

/* A source that lends a span all at once. */
static int lend(void *self, size_t need, struct dbn_span *out)
{
    struct dbn_span *left = self;
    (void)need;
    *out = *left;
    *left = (struct dbn_span){.ptr = out->ptr + out->len, .offset = out->offset + out->len};
    return out->len > 0;
}

static int decode_stream(const struct stream *s, const struct sink *sink, struct tally *found)
{
    struct dbn_decoder d;
    struct dbn_span left = s->records;
    void *self;
    dbn_decoder_init(&d, (struct dbn_source){lend, &left}, DBN_STEP_BLOCK);
    d.offset = left.offset;
    int rc = sink_begin(sink, &(struct sink_plan){0}, &self);
    if (rc)
        return rc;
    rc = dbn_decode(&d, (struct dbn_sink){sink->take, self});
    sink->end(self, found);
    return rc;
}

static void run_core(struct gbench_state *state, void *arg)
{
    const struct each *e = arg;
    struct stream s = {0};
    int rc = make_stream(e->schema, &s);
    const struct tally expected = sink_expected(e->sink, s.expected.tally);
    if (rc)
        fail(state, EXIT_FAILED, dbn_outcome_text(rc));
    while (gbench_keep_running(state)) {
        struct tally found;
        rc = decode_stream(&s, e->sink, &found);
        if (rc)
            fail(state, EXIT_FAILED, dbn_outcome_text(rc));
        else
            check(state, &found, &expected);
    }
    gbench_set_work(state, s.expected.records, s.records.len);
    free(s.bytes);
}

/* --- all of them --- */

static void add(struct each e, const char *name, void (*run)(struct gbench_state *s, void *arg))
{
    struct each *kept = malloc(sizeof *kept); /* as long as there are cases */
    *kept = e;
    gbench_register(name, run, kept);
}

static void add_files(const struct dataset *d, const struct backend *b)
{
    bool naive = b->step != DBN_STEP_BLOCK && d->spec.zstd_level == 0 && d->spec.records > NAIVE_RECORDS;
    char name[256], part[32] = "";
    if (naive)
        snprintf(part, sizeof part, "/first:%d", NAIVE_RECORDS);
    for (size_t i = 0; i < SINKS; i++) {
        snprintf(name, sizeof name, "decode/%s/%s/%s%s", b->name, d->name, sinks[i]->name, part);
        add((struct each){.dataset = d, .backend = b, .sink = sinks[i], .prefix = naive ? NAIVE_RECORDS : 0}, name,
            run_file);
    }
}

static void add_core(const char *schema)
{
    char name[256];
    for (size_t i = 0; i < SINKS; i++) {
        snprintf(name, sizeof name, "core/%s/%s", schema, sinks[i]->name);
        if (sinks[i]->looks != SINK_LOOKS_AWAY) /* with those there is nothing left to be measured */
            add((struct each){.schema = schema, .sink = sinks[i]}, name, run_core);
    }
}

/* False: there is no such dataset. */
static bool add_all(const char *word)
{
    bool found = false;
    for (const struct dataset *d = datasets; d->name; d++) {
        found |= dataset_matches(d, word);
        for (size_t i = 0; dataset_matches(d, word) && backends[i]; i++)
            if (!backend_unavailable(backends[i]))
                add_files(d, backends[i]);
    }
    for (size_t i = 0; generate_schemas[i]; i++)
        add_core(generate_schemas[i]);
    return found;
}

/* --- the program --- */

static void help(void)
{
    puts("dbnbench-gbench measures backends on files, and the decoder in memory, by Google Benchmark:\n"
         "  decode/BACKEND/DATASET/SINK  one iteration decodes the file (\"first:N\": so many records of it)\n"
         "  core/SCHEMA/SINK             one iteration decodes 2000 such records in memory\n"
         "Every result is compared with that of a reference decode. CPU time is that of all threads.\n"
         "Own flags:\n"
         "          [--dbnbench_dataset=<dataset or set of them, default quick>]\n"
         "          [--dbnbench_dir=<folder with the datasets, default " DATASETS_DIR ">]\n"
         "Exit status: 0 fine, 2 usage or no case matches, 4 wrong result, 5 a case failed.\n");
    gbench_help();
}

/* Takes the flag out of argv, and says what it is set to. */
static const char *take_flag(const char *flag, const char *otherwise, int *argc, char **argv)
{
    int n = 1;
    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], flag, strlen(flag)) == 0)
            otherwise = argv[i] + strlen(flag);
        else
            argv[n++] = argv[i];
    }
    argv[n] = NULL;
    *argc = n;
    return otherwise;
}

int main(int argc, char **argv)
{
    const char *word = take_flag("--dbnbench_dataset=", "quick", &argc, argv);
    int code = EXIT_USAGE;
    folder = take_flag("--dbnbench_dir=", DATASETS_DIR, &argc, argv);
    allocations_may_fail(false);
    if (!add_all(word)) {
        complain("%s: no such dataset; see `dbnbench list datasets`", word);
    } else if (gbench_begin(&argc, argv, help) == 0) {
        if (gbench_run() > 0) /* else the library has said so */
            code = worst;
    }
    plan_free(&plan);
    return code;
}
