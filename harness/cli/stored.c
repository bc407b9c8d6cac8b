#include "stored.h"

#include "exit.h"
#include "options.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int stored_read(const char *name, struct results *r)
{
    char why[SAMPLE_ERROR];
    int rc = store_read(name, r, why, sizeof why);
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

static bool is_younger(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Of several that are of the same age, as in a fresh clone, the first in the alphabet. */
char *stored_newest(const char *folder)
{
    struct dirent **names = NULL;
    char path[PATH_MAX], *newest = NULL;
    struct stat st, its;
    int n = scandir(folder, &names, is_runs, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        free(names[i]);
        if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || (newest && !is_younger(&st.st_mtim, &its.st_mtim)))
            continue;
        free(newest);
        newest = strdup(path);
        its = st;
    }
    free(names);
    return newest;
}
