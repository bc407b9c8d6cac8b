#include "cmd_stored.h"

#include "exit.h"
#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int stored_open(const char *name, struct stored_run *r)
{
    char why[SAMPLE_ERROR];
    *r = (struct stored_run){.name = name};
    int rc = store_read_named(name, &r->results, why, sizeof why);
    if (rc == 0) {
        rc = report_of(&r->results, &r->report);
        snprintf(why, sizeof why, "%s", strerror(-rc));
    }
    if (rc)
        complain("%s: %s", name, why);
    return rc ? EXIT_FAILED : EXIT_FINE;
}

void stored_close(struct stored_run *r)
{
    report_free(&r->report);
    results_free(&r->results);
}

static bool is_runs(const char *name)
{
    size_t n = strlen(name);
    return n > 6 && strcmp(name + n - 6, ".jsonl") == 0;
}

static bool is_younger(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Of several that are of the same age, as in a fresh clone, the first in the alphabet. */
char *stored_newest(const char *folder)
{
    DIR *dir = opendir(folder);
    char *newest = NULL;
    struct timespec its = {0};
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        struct stat st;
        char *path = NULL;
        if (!is_runs(entry->d_name) || fstatat(dirfd(dir), entry->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode) ||
            asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            continue;
        bool same_age = st.st_mtim.tv_sec == its.tv_sec && st.st_mtim.tv_nsec == its.tv_nsec;
        if (!newest || is_younger(&st.st_mtim, &its) || (same_age && strcmp(path, newest) < 0)) {
            free(newest);
            newest = path;
            its = st.st_mtim;
        } else {
            free(path);
        }
    }
    if (dir)
        closedir(dir);
    return newest;
}

void stored_time(const struct results *r, char *text, size_t size)
{
    int64_t ms = run_unix_ms(r);
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    char whole[40];
    if (ms < 0 || !gmtime_r(&seconds, &utc) || strftime(whole, sizeof whole, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
        snprintf(whole, sizeof whole, "n/a");
    snprintf(text, size, "%s", whole);
}
