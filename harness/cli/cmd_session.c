#include "cmd_session.h"

#include "../measure/clock.h"
#include "../../datasets/datasets.h"
#include "exit.h"
#include "../machine/child.h"
#include "../measure/run_line.h"
#include "../text/safe.h"

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

static void set_id(char *id, size_t size)
{
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    size_t n = strftime(id, size, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(id + n, size - n, "-%ld", (long)getpid());
}

void session_begin(struct session *s, const struct session_arguments *a)
{
    *s = (struct session){.a = a, .plan = {.input = a->input}};
    set_id(s->id, sizeof s->id);
    progress_begin(&s->progress, stderr);
    s->run = (struct run){
        .plan = &s->plan,
        .id = s->id,
        .results = &s->results,
        .rounds = (unsigned)a->rounds,
        .seed = a->seed,
        .begin_ns = clock_now_ns(),
        .limit_ns = a->seconds * 1000000000u,
        .progress = progress_show,
        .progress_arg = &s->progress,
    };
}

void session_end(struct session *s)
{
    results_free(&s->results);
    plan_free(&s->plan);
}

int session_add_inputs(struct session *s)
{
    int code = session_add_datasets(&s->plan, s->a->datasets, s->a->folder);
    return code ? code : session_add_files(&s->plan, s->a->paths, s->a->path_count);
}

int session_prepare(struct session *s)
{
    child_watch_signals();
    enum run_end end = run_prepare(&s->run);
    progress_end(&s->progress);
    if (end == RUN_NOT_EXPECTED)
        complain("%s", s->run.why);
    return end == RUN_STOPPED ? EXIT_INTERRUPTED : end ? EXIT_FAILED : EXIT_FINE;
}

int session_open_store(struct session *s, const char *kind)
{
    snprintf(s->path, sizeof s->path, "%s", s->a->out ? s->a->out : "");
    if (!s->a->out) {
        if (mkdir("results", 0777) < 0 && errno != EEXIST) {
            complain("results: %s", strerror(errno));
            return EXIT_FAILED;
        }
        snprintf(s->path, sizeof s->path, "results/%s-%s.jsonl", kind, s->id);
    }
    int rc = store_open(s->path, &s->run.store);
    if (rc == -EEXIST)
        complain("%s: holds something else than results, so nothing is added to it", s->path);
    else if (rc)
        complain("%s: %s", s->path, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

static enum run_end append(struct run *r, const char *type, json_t *line, json_t **kept)
{
    r->error = line ? store_append(r->store, type, r->id, line) : -ENOMEM;
    if (r->error || json_object_set_new(line, "run", json_string(r->id)) < 0) {
        json_decref(line);
        return RUN_NOT_STORED;
    }
    *kept = line;
    return RUN_DONE;
}

enum run_end session_append(struct session *s, json_t *line)
{
    return append(&s->run, "run", line, &s->results.run);
}

enum run_end session_measure(struct session *s, json_t *line)
{
    enum run_end end = session_append(s, line);
    if (end == RUN_DONE)
        end = run_calibrate(&s->run);
    if (end == RUN_DONE)
        end = run_measure(&s->run);
    return end;
}

enum run_end session_close(struct session *s, enum run_end end)
{
    struct run *r = &s->run;
    if (end != RUN_NOT_STORED && append(r, "end", run_line_end(end), &s->results.end) == RUN_NOT_STORED)
        end = RUN_NOT_STORED;
    progress_end(&s->progress);
    int rc = store_close(r->store);
    if (rc && end != RUN_NOT_STORED) {
        r->error = rc;
        end = RUN_NOT_STORED;
    }
    if (end == RUN_NOT_STORED)
        complain("%s: %s", s->path, strerror(-r->error));
    if (end == RUN_NOT_EXPECTED)
        complain("%s", r->why);
    return end;
}

FILE *session_output(const struct session *s)
{
    return s->a->out && strcmp(s->a->out, "-") == 0 ? stderr : stdout;
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

static int worst_of(const struct results *results)
{
    int code = EXIT_FINE;
    for (size_t i = 0; i < results->count; i++) {
        if (results->samples[i].outcome == SAMPLE_MISMATCH)
            return EXIT_MISMATCH;
        if (results->samples[i].outcome != SAMPLE_OK)
            code = EXIT_FAILED;
    }
    return code;
}

int session_code(const struct session *s, enum run_end end, int shown)
{
    int code = worst_of(&s->results);
    if (shown) {
        complain("the table: %s", strerror(-shown));
        return EXIT_FAILED;
    }
    if (end == RUN_STOPPED)
        return EXIT_INTERRUPTED;
    return code == EXIT_FINE && (end == RUN_NOT_STORED || end == RUN_NOT_EXPECTED) ? EXIT_FAILED : code;
}
