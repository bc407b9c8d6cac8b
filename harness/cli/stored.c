#include "stored.h"

#include "exit.h"
#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int stored_read(const char *name, struct results *r)
{
    char why[SAMPLE_ERROR];
    int rc = store_read_named(name, r, why, sizeof why);
    if (rc)
        complain("%s: %s", name, why);
    return rc ? EXIT_FAILED : EXIT_FINE;
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

static int is_runs(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 6 && strcmp(entry->d_name + n - 6, ".jsonl") == 0;
}

int stored_files(const char *folder, char ***paths)
{
    struct dirent **names;
    int found = scandir(folder, &names, is_runs, alphasort), n = 0;
    if (found < 0)
        return -errno;
    *paths = calloc((size_t)found + 1, sizeof **paths);
    for (int i = 0; i < found; i++) {
        n += asprintf(&(*paths)[n], "%s/%s", folder, names[i]->d_name) >= 0;
        free(names[i]);
    }
    free(names);
    return n;
}

/* Of several that are of the same age, as in a fresh clone, the first in the alphabet. */
char *stored_newest(const char *folder)
{
    char **paths = NULL, *newest = NULL;
    int64_t youngest = INT64_MIN;
    int n = stored_files(folder, &paths);
    for (int i = 0; i < n; i++) {
        struct stat st;
        int64_t ns = INT64_MIN;
        if (stat(paths[i], &st) == 0 && S_ISREG(st.st_mode))
            ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
        free(ns > youngest ? newest : paths[i]);
        newest = ns > youngest ? paths[i] : newest;
        youngest = ns > youngest ? ns : youngest;
    }
    free(paths);
    return newest;
}
