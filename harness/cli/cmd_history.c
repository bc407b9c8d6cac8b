/* dbnbench history: the trend of every case over stored runs. Its exit code says whether they could be read, and never
 * that something became slower: `gate` is for that. */
#include "exit.h"
#include "cmd_history_show.h"
#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { JSON = 'j', TSV = 't', SMALLEST = 'm', SEED = 1 /* for everybody: the same runs give the same answer */ };

struct arguments {
    bool json, tsv;
    double smallest;
    char **files;
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case JSON:
        a->json = true;
        return 0;
    case TSV:
        a->tsv = true;
        return 0;
    case SMALLEST:
        a->smallest = (double)option_number(arg, "min-change", 0, 1000, state) / 100;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (a->count == 0)
            argp_error(state, "files of results are needed, or a folder of them");
        if (a->json && a->tsv)
            argp_error(state, "one of --json and --tsv");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- reading --- */

static void say_what_is_missing(const char *path, const struct store_run *run, const struct report *s)
{
    size_t without = 0;
    for (size_t i = 0; i < s->count; i++)
        without += s->rows[i].ns.n == 0;
    if (without > 0)
        complain("%s: run %s: %zu cases without figures", path, run->id, without);
}

/* Returns 0, or < 0 if it could not be read; both have been said. */
static int add_run(struct history *h, const char *path, const struct store_run *run)
{
    struct results results;
    struct report report;
    char why[SAMPLE_ERROR];
    int rc = store_read_listed(path, run, &results, why, sizeof why);
    if (rc) {
        complain("%s: run %s: %s", path, run->id, why);
        return rc;
    }
    rc = report_of(&results, &report);
    if (rc == 0) {
        rc = history_add(h, &report);
        if (rc == 0)
            say_what_is_missing(path, run, &report);
        report_free(&report);
    }
    results_free(&results);
    if (rc == 1)
        complain("%s: run %s: it was read before, and counts once", path, run->id);
    else if (rc)
        complain("%s: run %s: %s", path, run->id, rc == -ENODATA ? "it does not say when it was" : strerror(-rc));
    return rc < 0 ? rc : 0;
}

static int add_file(struct history *h, const char *path)
{
    struct store_list list;
    int rc = store_list(path, &list);
    if (rc) {
        complain("%s: %s", path, strerror(-rc));
        return rc;
    }
    if (list.count == 0)
        complain("%s: no run in it", path);
    for (size_t i = 0; i < list.count; i++) {
        int added = add_run(h, path, &list.runs[i]);
        rc = rc ? rc : added;
    }
    store_list_free(&list);
    return rc;
}

static int is_results(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 6 && strcmp(entry->d_name + n - 6, ".jsonl") == 0;
}

static int add_folder(struct history *h, const char *path)
{
    struct dirent **names;
    int n = scandir(path, &names, is_results, alphasort), rc = 0;
    if (n < 0) {
        rc = -errno;
        complain("%s: %s", path, strerror(-rc));
        return rc;
    }
    if (n == 0)
        complain("%s: no file in it is named *.jsonl", path);
    for (int i = 0; i < n; i++) {
        char *file;
        int added = asprintf(&file, "%s/%s", path, names[i]->d_name) < 0 ? -ENOMEM : 0;
        if (added == 0) {
            added = add_file(h, file);
            free(file);
        }
        rc = rc ? rc : added;
        free(names[i]);
    }
    free(names);
    return rc;
}

static int add(struct history *h, const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? add_folder(h, path) : add_file(h, path);
}

static int show(const struct arguments *a, const struct history *h)
{
    if (a->json)
        return history_print_json(h, a->smallest);
    if (a->tsv)
        return history_print_tsv(h);
    history_print(h, a->smallest);
    return 0;
}

int cmd_history(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"min-change", SMALLEST, "PERCENT", 0, "Changes below this are none (default 5)", 0},
        {"json", JSON, NULL, 0, "Print one JSON object", 0},
        {"tsv", TSV, NULL, 0, "Print a line for each run and case, for plotting", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN...",
        .doc =
            "Show how the times of each case went over stored runs, in files or folders of *.jsonl, and where they "
            "changed.\vRuns of other machines, and of datasets with other data, are series of their own. A change is a "
            "note, and never an exit code.",
    };
    struct arguments a = {.smallest = 0.05};
    struct history history = {0};
    int rc = 0, code = EXIT_FAILED;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    for (int i = 0; i < a.count; i++) {
        int added = add(&history, a.files[i]);
        rc = rc ? rc : added;
    }
    if (history_finish(&history, a.smallest, SEED) < 0) {
        complain("%s", strerror(ENOMEM));
    } else if (history.count == 0) {
        complain("no run has figures");
    } else if (show(&a, &history) < 0) {
        complain("%s", strerror(ENOMEM));
    } else {
        code = rc ? EXIT_FAILED : EXIT_FINE;
    }
    history_free(&history);
    return code;
}
