#include "stored.h"

#include "exit.h"
#include "options.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One that was interrupted early hides those before it. */
static void look_further_back(const char *path, struct results *r)
{
    struct store_list list;
    struct results before;
    char why[SAMPLE_ERROR];
    complain("%s: run %s %s", path, run_id(r),
             r->end && !run_is_complete(r) ? "was interrupted before its first sample" : "has no sample");
    if (store_list(path, &list, why, sizeof why) < 0)
        return;
    for (size_t i = list.count; i-- > 0 && !run_has_results(r);) {
        if (store_read_listed(path, &list.runs[i], &before, why, sizeof why) < 0)
            continue;
        if (run_has_results(&before)) {
            results_free(r);
            *r = before;
        } else {
            results_free(&before);
        }
    }
    store_list_free(&list);
}

int stored_read(const char *name, struct results *r)
{
    char why[SAMPLE_ERROR], skipped[SKIPPED_TEXT];
    if (store_read(name, r, why, sizeof why) < 0) {
        complain("%s: %s", name, why);
        return EXIT_FAILED;
    }
    results_skipped_text(r, skipped);
    if (*skipped)
        complain("%s: %s", name, skipped);
    if (!run_has_results(r))
        look_further_back(name, r);
    return EXIT_FINE;
}

int stored_open(const char *name, struct stored_run *r)
{
    *r = (struct stored_run){.name = name};
    int code = stored_read(name, &r->results);
    if (code == EXIT_FINE)
        report_of(&r->results, &r->report);
    return code;
}

void stored_close(struct stored_run *r)
{
    report_free(&r->report);
    results_free(&r->results);
}

/* --- the newest --- */

enum { PATH_SIZE = sizeof "results/" + NAME_MAX };

static bool look_at(const struct dirent *entry, char path[PATH_SIZE], struct stat *st)
{
    snprintf(path, PATH_SIZE, "results/%s", entry->d_name);
    return stat(path, st) == 0 && S_ISREG(st->st_mode);
}

static int is_runs(const struct dirent *entry)
{
    char path[PATH_SIZE];
    struct stat st;
    size_t n = strlen(entry->d_name);
    return n > 6 && strcmp(entry->d_name + n - 6, ".jsonl") == 0 && look_at(entry, path, &st);
}

static int younger_first(const struct dirent **a, const struct dirent **b)
{
    char path[PATH_SIZE];
    struct stat x = {0}, y = {0};
    look_at(*a, path, &x);
    look_at(*b, path, &y);
    if (x.st_mtim.tv_sec != y.st_mtim.tv_sec)
        return x.st_mtim.tv_sec < y.st_mtim.tv_sec ? 1 : -1;
    return x.st_mtim.tv_nsec < y.st_mtim.tv_nsec ? 1 : x.st_mtim.tv_nsec > y.st_mtim.tv_nsec ? -1 : alphasort(a, b);
}

char *stored_newest(struct results *r)
{
    struct dirent **names = NULL;
    struct results kept;
    char path[PATH_SIZE], *newest = NULL, *unfinished = NULL, example[PATH_SIZE] = "";
    int n = scandir("results", &names, is_runs, younger_first);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "results/%s", names[i]->d_name);
        free(names[i]);
        if (newest || stored_read(path, r) != EXIT_FINE)
            continue;
        bool is_example = run_is_example(r);
        if (is_example && strcmp(path, example) > 0) /* the plainest name is the last */
            strcpy(example, path);
        bool mine = !is_example && r->count > 0; /* limits alone are asked for by name */
        if (mine && run_is_complete(r)) {
            newest = strdup(path);
        } else if (mine && !unfinished) {
            unfinished = strdup(path);
            kept = *r;
        } else {
            results_free(r);
        }
    }
    free(names);
    if (newest && unfinished) {
        results_free(&kept);
        free(unfinished);
    } else if (unfinished) {
        newest = unfinished;
        *r = kept;
    }
    if (!newest)
        complain("results: no stored run%s is in it; `make bench` stores one, and so does `dbnbench run FILE`%s%s%s",
                 *example ? " of your own" : "",
                 *example ? ". An example from another machine: `dbnbench report --text " : "", example,
                 *example ? "`" : "");
    return newest;
}
