/* Files through backends. A file is looked at when the first case asks for it, so that others need not wait
 * for that, nor even have it. */
#include "../../datasets/datasets.h"
#include "../cli/exit.h"
#include "../machine/page_cache.h"
#include "../measure/plan.h"
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A naive reader makes some system calls for each record, so it gets a part of the file: as its name says. */
enum { NAIVE_RECORDS = 20000 };

struct file_case {
    struct file_cases *all;
    struct file_case *next;
    const struct dataset *dataset;
    uint64_t prefix;
    struct plan_case c; /* but for the file and the range, which are found out later */
};

struct file_cases {
    struct plan plan;
    const char *folder;
    int *worst;
    struct file_case *first;
};

/* The place of the dataset's file in the plan. 0 or < 0 with the reason in why. */
static int find_file(struct file_cases *all, const struct dataset *d, size_t *file, char *why, size_t size)
{
    char path[4096];
    bool dropped;
    for (*file = 0; *file < all->plan.file_count; ++*file)
        if (strcmp(all->plan.files[*file].name, d->name) == 0)
            return 0;
    snprintf(path, sizeof path, "%s/%s", all->folder, d->file);
    if (access(path, F_OK) < 0) {
        snprintf(why, size, "%s: not generated yet; run: dbnbench gen --dataset %s --dir %s", path, d->name,
                 all->folder);
        return -ENOENT;
    }
    int rc = plan_add_file(&all->plan, d->name, path, why, size);
    if (rc == 0)
        page_cache_settle(path, &dropped); /* what cannot be read fails where it is measured */
    return rc;
}

static void measure_job(struct gbench_state *s, int *worst, const struct job *job, const struct plan_range *range,
                        const struct tally *expected)
{
    struct job_result r = {0};
    char text[SAMPLE_ERROR];
    while (gbench_keep_running(s)) {
        job_run(job, &r);
        if (r.outcome) {
            input_describe(job->paths[0], r.outcome, r.fault, text, sizeof text);
            case_fail(s, worst, EXIT_FAILED, text);
        } else if (!tally_equal(&r.tally, expected)) {
            case_fail_tally(s, worst, &r.tally, expected);
        }
    }
    gbench_set_work(s, range->records, range->bytes);
    if (range->records == 0)
        return;
    double records = (double)range->records;
    gbench_set_counter(s, "reads_per_record", (double)r.counts.reads / records);
    gbench_set_counter(s, "calls_per_record", (double)(r.counts.reads + r.counts.other) / records);
}

static void run_case(struct gbench_state *s, void *arg)
{
    const struct file_case *f = arg;
    struct plan *plan = &f->all->plan;
    const struct plan_range *range = NULL;
    struct plan_case c = f->c;
    char why[SAMPLE_ERROR] = "";
    int error = find_file(f->all, f->dataset, &c.file, why, sizeof why);
    if (error == 0)
        range = plan_range(plan, &plan->files[c.file], f->prefix, &error, why, sizeof why);
    if (!range) {
        case_fail(s, f->all->worst, EXIT_FAILED, *why ? why : strerror(-error));
        return;
    }
    const struct tally expected = sink_expected(c.sink, range->expected);
    struct job job = plan_job(plan, &c, range);
    measure_job(s, f->all->worst, &job, range, &expected);
}

static int add(struct file_cases *all, const struct dataset *d, const struct backend *b, const struct sink *sink)
{
    bool naive = b->step != DBN_STEP_BLOCK && d->spec.zstd_level == 0 && d->spec.records > NAIVE_RECORDS;
    char name[256], part[32] = "";
    struct file_case *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    *f = (struct file_case){.all = all, .next = all->first, .dataset = d, .prefix = naive ? NAIVE_RECORDS : 0};
    f->c = (struct plan_case){.backend = b, .sink = sink, .threads = 1};
    all->first = f;
    if (naive)
        snprintf(part, sizeof part, "/first:%d", NAIVE_RECORDS);
    snprintf(name, sizeof name, "decode/%s/%s/%s%s", b->name, d->name, sink->name, part);
    return gbench_register(name, run_case, f);
}

static int add_backend(struct file_cases *all, const struct dataset *d, const struct backend *b)
{
    int rc = 0;
    for (size_t i = 0; sinks[i] && rc == 0; i++)
        rc = add(all, d, b, sinks[i]);
    return rc;
}

struct file_cases *file_cases_register(const char *word, const char *folder, int *worst)
{
    struct file_cases *all = calloc(1, sizeof *all);
    int rc = all ? 0 : -1;
    if (rc == 0)
        *all = (struct file_cases){.plan.input = INPUT_OPTIONS_DEFAULT, .folder = folder, .worst = worst};
    for (const struct dataset *d = datasets; d->name && rc == 0; d++)
        for (size_t i = 0; dataset_matches(d, word) && backends[i] && rc == 0; i++)
            if (!backend_unavailable(backends[i]))
                rc = add_backend(all, d, backends[i]);
    if (rc == 0)
        return all;
    file_cases_free(all);
    return NULL;
}

void file_cases_free(struct file_cases *all)
{
    for (struct file_case *f = all ? all->first : NULL, *next; f; f = next) {
        next = f->next;
        free(f);
    }
    if (all)
        plan_free(&all->plan);
    free(all);
}
