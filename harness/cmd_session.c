#include "cmd_session.h"

#include "../datasets/datasets.h"
#include "escape.h"
#include "exit.h"
#include "options.h"
#include "progress.h"
#include "run_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

int session_add_datasets(struct plan *p, const char *words, const char *folder)
{
    int code = EXIT_FINE;
    char *list = words ? strdup(words) : NULL, *rest = list, *word;
    while (code != EXIT_USAGE && (word = strsep(&rest, ",")) != NULL) {
        bool known = false;
        for (const struct dataset *d = datasets; d->name; d++) {
            if (!dataset_matches(d, word))
                continue;
            known = true;
            if (add_dataset(p, d, folder))
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

int session_add_files(struct plan *p, char *const *paths, int count)
{
    for (int i = 0; i < count; i++) {
        char why[SAMPLE_ERROR];
        const char *slash = strrchr(paths[i], '/'), *name = slash ? slash + 1 : paths[i];
        if (plan_add_file(p, name, paths[i], why, sizeof why) == 0)
            continue;
        complain("%s", why);
        return EXIT_FAILED;
    }
    return EXIT_FINE;
}

void session_id(char id[SESSION_ID])
{
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    size_t n = strftime(id, SESSION_ID, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(id + n, SESSION_ID - n, "-%ld", (long)getpid());
}

int session_open_store(struct run *r, const char *out, const char *kind, char *path, size_t size)
{
    snprintf(path, size, "%s", out ? out : "");
    if (!out) {
        if (mkdir("results", 0777) < 0 && errno != EEXIST) {
            complain("results: %s", strerror(errno));
            return EXIT_FAILED;
        }
        snprintf(path, size, "results/%s-%s.jsonl", kind, r->id);
    }
    int rc = store_open(path, &r->store);
    if (rc == -EEXIST)
        complain("%s: holds something else than results, so nothing is added to it", path);
    else if (rc)
        complain("%s: %s", path, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

enum run_end session_append(struct run *r, const char *type, json_t *line)
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

enum run_end session_close(struct run *r, enum run_end end, const char *path)
{
    if (end != RUN_NOT_STORED && session_append(r, "end", run_line_end(end)) == RUN_NOT_STORED)
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
    return end;
}

void session_print_stored(const char *path, FILE *to)
{
    const char *where = strcmp(path, "-") == 0 ? "standard output" : path;
    fputs("stored: ", to);
    print_plain(to, where, strlen(where));
    fputc('\n', to);
}

json_t *session_stored_json(const char *path)
{
    char clean[4096];
    snprintf(clean, sizeof clean, "%s", path);
    sample_clean_text(clean);
    return json_string(clean);
}

int session_code(const struct results *results, enum run_end end)
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
