/* dbnbench-gbench: the same backends and sinks as cases of Google Benchmark, with all of its flags and output.
 *
 * decode/BACKEND/DATASET/SINK decodes a file. It is looked at when the first case asks for it, so that others need not
 * wait for that, nor even have it. */
#include "../../datasets/datasets.h"
#include "../cli/exit.h"
#include "../cli/options.h"
#include "../machine/page_cache.h"
#include "../measure/plan.h"
#include "../results/store.h"
#include "shim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAIVE_RECORDS = 20000 }; /* of a file, for a backend that makes system calls for each */

static struct plan plan = {.input = INPUT_OPTIONS_DEFAULT};
static const char *folder; /* of the datasets */
static int worst;          /* an exit code */

struct each {
    const struct sink *sink;
    const struct dataset *dataset;
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
        page_cache_settle(path, FOLIOS_LARGE, &dropped); /* what cannot be read fails where it is measured */
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

/* --- all of them --- */

static void add_files(const struct dataset *d, const struct backend *b)
{
    bool naive = b->step != DBN_STEP_BLOCK && d->spec.zstd_level == 0 && d->spec.records > NAIVE_RECORDS;
    char name[256], part[32] = "";
    if (naive)
        snprintf(part, sizeof part, "/first:%d", NAIVE_RECORDS);
    for (size_t i = 0; i < SINKS; i++) {
        snprintf(name, sizeof name, "decode/%s/%s/%s%s", b->name, d->name, sinks[i]->name, part);
        struct each *e = malloc(sizeof *e); /* as long as there are cases */
        *e = (struct each){.dataset = d, .backend = b, .sink = sinks[i], .prefix = naive ? NAIVE_RECORDS : 0};
        gbench_register(name, run_file, e);
    }
}

/* False: there is no such dataset. */
static bool add_all(const char *word)
{
    bool found = false;
    for (const struct dataset *d = datasets; d->name; d++) {
        found |= dataset_matches(d, word);
        for (size_t i = 0; dataset_matches(d, word) && backends[i]; i++)
            if (!backend_unavailable(backends[i]) && !backends[i]->direct)
                add_files(d, backends[i]);
    }
    return found;
}

/* --- the program --- */

static void help(void)
{
    puts("dbnbench-gbench measures backends on files by Google Benchmark:\n"
         "  decode/BACKEND/DATASET/SINK  one iteration decodes the file (\"first:N\": so many records of it)\n"
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
