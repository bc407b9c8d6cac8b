/* dbnbench run: measures backends on files, stores every sample, and prints what they say. */
#include "child.h"
#include "cmd_run_arguments.h"
#include "../datasets/datasets.h"
#include "exit.h"
#include "options.h"
#include "progress.h"
#include "run_line.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *clock_name(time_t at, char *name, size_t size)
{
    struct tm utc;
    gmtime_r(&at, &utc);
    size_t n = strftime(name, size, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(name + n, size - n, "-%ld", (long)getpid());
    return name;
}

/* --- what is measured --- */

static int add_dataset(struct plan *p, const struct dataset *d, const char *folder)
{
    char path[4096], why[SAMPLE_ERROR];
    snprintf(path, sizeof path, "%s/%s", folder, d->file);
    if (access(path, F_OK) < 0) {
        complain("%s: not generated yet; run: dbnbench gen --dataset %s --dir %s", path, d->name, folder);
        return EXIT_FAILED;
    }
    if (plan_add_file(p, d->name, path, why, sizeof why) == 0)
        return EXIT_FINE;
    complain("%s", why);
    return EXIT_FAILED;
}

static int add_datasets(struct plan *p, const struct run_arguments *a)
{
    int code = EXIT_FINE;
    char *list = a->datasets ? strdup(a->datasets) : NULL, *rest = list, *word;
    while (code != EXIT_USAGE && (word = strsep(&rest, ",")) != NULL) {
        bool known = false;
        for (const struct dataset *d = datasets; d->name; d++) {
            if (!dataset_matches(d, word))
                continue;
            known = true;
            if (add_dataset(p, d, a->folder))
                code = EXIT_FAILED;
        }
        if (!known) {
            complain("no dataset is named %s; see `dbnbench list`", word);
            code = EXIT_USAGE;
        }
    }
    free(list);
    return code;
}

static int add_files(struct plan *p, const struct run_arguments *a)
{
    for (int i = 0; i < a->path_count; i++) {
        char why[SAMPLE_ERROR];
        const char *slash = strrchr(a->paths[i], '/'), *name = slash ? slash + 1 : a->paths[i];
        if (plan_add_file(p, name, a->paths[i], why, sizeof why) == 0)
            continue;
        complain("%s", why);
        return EXIT_FAILED;
    }
    return EXIT_FINE;
}

static int make_plan(struct plan *p, const struct run_arguments *a)
{
    *p = (struct plan){.input = a->input, .cold = a->cold};
    int code = add_datasets(p, a);
    if (code == EXIT_FINE)
        code = add_files(p, a);
    if (code)
        return code;
    if (plan_cross(p, a->backends, a->sinks, a->threads) < 0) {
        complain("%s", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    for (const struct backend **b = a->backends; *b && p->case_count == 0; b++) {
        const char *why = (*b)->unavailable ? (*b)->unavailable() : NULL;
        complain("backend %s: %s", (*b)->name, why ? why : "decodes a file with 1 thread only");
    }
    return p->case_count ? EXIT_FINE : EXIT_FAILED;
}

/* --- where it goes --- */

static int open_store(struct run *r, const struct run_arguments *a, char *path, size_t size)
{
    snprintf(path, size, "%s", a->out ? a->out : "");
    if (!a->out) {
        if (mkdir("results", 0777) < 0 && errno != EEXIST) {
            complain("results: %s", strerror(errno));
            return EXIT_FAILED;
        }
        snprintf(path, size, "results/run-%s.jsonl", r->id);
    }
    int rc = store_open(path, &r->store);
    if (rc == -EEXIST)
        complain("%s: holds something else than results, so nothing is added to it", path);
    else if (rc)
        complain("%s: %s", path, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

static enum run_end append_line(struct run *r, const char *type, json_t *line)
{
    r->error = line ? store_append(r->store, type, r->id, line) : -ENOMEM;
    if (r->error || json_object_set_new(line, "run", json_string(r->id)) < 0) {
        json_decref(line);
        return RUN_NOT_STORED;
    }
    if (strcmp(type, "run") == 0)
        r->results->run = line;
    else
        r->results->end = line;
    return RUN_DONE;
}

static int print_results(const struct run *r, const struct run_arguments *a, const char *path)
{
    FILE *to = a->out && strcmp(a->out, "-") == 0 ? stderr : stdout;
    struct report report;
    int rc = report_of(r->results, &report);
    json_t *json = rc == 0 && a->json ? table_json(r->results, &report) : NULL;
    if (json) {
        json_object_set_new(json, "stored", json_string(path));
        rc = json_dumpf(json, to, JSON_INDENT(1)) < 0 ? -EIO : 0;
        fputc('\n', to);
        json_decref(json);
    } else if (rc == 0) {
        rc = table_print(r->results, &report, table_width(to), to);
        fprintf(to, "stored: %s\n", strcmp(path, "-") == 0 ? "standard output" : path);
    }
    report_free(&report);
    if (rc)
        complain("the table: %s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* --- the run --- */

/* The gravest of what went wrong; a wrong result is graver than none. */
static int code_of(const struct results *results, enum run_end end)
{
    int code = end == RUN_NOT_STORED || end == RUN_NOT_EXPECTED ? EXIT_FAILED : EXIT_FINE;
    for (size_t i = 0; i < results->count; i++) {
        if (results->samples[i].outcome == SAMPLE_MISMATCH)
            code = EXIT_MISMATCH;
        else if (results->samples[i].outcome != SAMPLE_OK && code == EXIT_FINE)
            code = EXIT_FAILED;
    }
    return end == RUN_STOPPED ? EXIT_INTERRUPTED : code;
}

static int measure_and_store(struct run *r, const struct run_arguments *a)
{
    char path[4096];
    int code = open_store(r, a, path, sizeof path);
    if (code)
        return code;
    enum run_end end = append_line(r, "run", run_line_begin(r, a->backends, a->argc, a->argv));
    if (end == RUN_DONE)
        end = run_calibrate(r);
    if (end == RUN_DONE)
        end = run_measure(r);
    if (end != RUN_NOT_STORED && append_line(r, "end", run_line_end(end)) == RUN_NOT_STORED)
        end = RUN_NOT_STORED;
    progress_end(r->progress_arg);
    int rc = store_close(r->store);
    if (rc && end != RUN_NOT_STORED) {
        r->error = rc;
        end = RUN_NOT_STORED;
    }
    if (end == RUN_NOT_STORED)
        complain("%s: %s", path, strerror(-r->error));
    if (end == RUN_NOT_EXPECTED)
        complain("%s", r->why);
    if (end == RUN_NOT_STORED && r->results->count == 0)
        return EXIT_FAILED;
    code = print_results(r, a, path);
    return code ? code : code_of(r->results, end);
}

static int run(const struct run_arguments *a)
{
    struct plan plan;
    struct results results = {0};
    struct progress progress;
    char id[64];
    struct run r = {
        .plan = &plan,
        .id = clock_name(time(NULL), id, sizeof id),
        .results = &results,
        .rounds = (unsigned)a->rounds,
        .seed = a->seed,
        .begin_ns = run_now_ns(),
        .limit_ns = a->seconds * 1000000000u,
        .progress = progress_show,
        .progress_arg = &progress,
    };
    progress_begin(&progress, stderr);
    int code = make_plan(&plan, a);
    if (code == EXIT_FINE) {
        child_watch_signals();
        enum run_end end = run_prepare(&r);
        progress_end(&progress);
        if (end == RUN_NOT_EXPECTED)
            complain("%s", r.why);
        code = end == RUN_STOPPED ? EXIT_INTERRUPTED : end ? EXIT_FAILED : measure_and_store(&r, a);
    }
    results_free(&results);
    plan_free(&plan);
    return code;
}

int cmd_run(int argc, char **argv)
{
    struct run_arguments a;
    run_arguments_parse(&a, argc, argv);
    int code = run(&a);
    run_arguments_free(&a);
    return code;
}
