/* dbnbench report: stored runs as one page, a summary, pictures, and the data of those. */
#include "../view/document.h"
#include "../view/table.h"
#include "cmd_stored.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct arguments {
    const char *folder;
    bool text;
    char **runs;
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->folder = arg;
        return 0;
    case 't':
        a->text = true;
        return 0;
    case ARGP_KEY_ARGS:
        a->runs = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!a->folder == !a->text)
            argp_error(state, "one of -o FOLDER and --text is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- the runs --- */

/* All of one invocation. */
struct reporting {
    struct stored_run *stored;
    struct shown_runs runs;
    struct document document;
};

static int by_time(const void *a, const void *b)
{
    const struct stored_run *x = a, *y = b;
    int64_t began = run_unix_ms(&x->results), other = run_unix_ms(&y->results);
    return (began > other) - (began < other);
}

static int read_runs(struct reporting *r, const struct arguments *a)
{
    char *newest = a->count ? NULL : stored_newest("results");
    size_t count = a->count ? (size_t)a->count : 1;
    int code = EXIT_FINE;
    if (a->count == 0 && !newest) {
        complain("results: no stored run is in it; `dbnbench run` stores one");
        return EXIT_FAILED;
    }
    r->stored = calloc(count, sizeof *r->stored);
    for (; r->runs.count < count && code == EXIT_FINE; r->runs.count++)
        code =
            r->stored ? stored_open(newest ? newest : a->runs[r->runs.count], &r->stored[r->runs.count]) : EXIT_FAILED;
    if (code == EXIT_FINE)
        qsort(r->stored, count, sizeof *r->stored, by_time);
    free(newest);
    return code;
}

static int set_document(struct reporting *r)
{
    struct shown_runs *runs = &r->runs;
    int rc = 0;
    runs->run = calloc(runs->count, sizeof *runs->run);
    for (size_t i = 0; i < runs->count && rc == 0; i++)
        rc = runs->run ? shown_run_of(&r->stored[i].results, &runs->run[i]) : -ENOMEM;
    if (rc == 0) {
        shown_runs_choose(runs);
        rc = document_of(runs, &r->document);
    }
    return rc ? rc : figures_of(runs, &r->document.figures);
}

static void free_all(struct reporting *r)
{
    document_free(&r->document);
    for (size_t i = 0; i < r->runs.count; i++) {
        if (r->runs.run)
            shown_run_free(&r->runs.run[i]);
        stored_close(&r->stored[i]);
    }
    free(r->runs.run);
    free(r->stored);
}

/* --- what is written --- */

/* 0 or -errno; path: of the file. */
static int write_document(const struct document *d, const char *folder, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
    FILE *f = fopen(path, "we");
    if (!f)
        return -errno;
    if (strcmp(name, "index.html") == 0)
        document_page(d, folder, f);
    else
        document_markdown(d, f);
    int rc = ferror(f) ? -EIO : 0;
    return fclose(f) != 0 && rc == 0 ? -errno : rc;
}

static int write_all(struct document *d, const char *folder)
{
    const struct figures *f = &d->figures;
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    int rc = mkdir(folder, 0777) < 0 && errno != EEXIST ? -errno : 0;
    if (rc == 0)
        rc = figures_draw(&d->figures, folder, path, sizeof path);
    if (rc == 0)
        rc = write_document(d, folder, "summary.md", path, sizeof path);
    if (rc == 0)
        rc = write_document(d, folder, "index.html", path, sizeof path);
    if (rc) {
        complain("%s: %s", path, strerror(-rc));
        return EXIT_FAILED;
    }
    printf("written: %s\n", path);
    for (size_t i = 0; i < f->count; i++)
        if (!f->all[i].drawn)
            printf("no picture of %s: %s\n", f->all[i].name, f->all[i].why);
    return EXIT_FINE;
}

static int show(struct reporting *r, const struct arguments *a)
{
    int rc = set_document(r);
    if (rc == 0 && !a->text)
        return write_all(&r->document, a->folder);
    if (rc == 0)
        rc = document_text(&r->document, true, table_width(stdout), stdout);
    if (rc)
        complain("%s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

int cmd_report(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"output", 'o', "FOLDER", 0, "Write index.html, summary.md, and pictures with their data there", 0},
        {"text", 't', NULL, 0, "Print the answers, pictures of characters and tables, and write nothing", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[RUN...]",
        .doc = "Show stored runs: FILE, the last run in it, or FILE#ID (default: the youngest file in results/)."
               "\vThe page is about the youngest of them that is of `dbnbench run`, or of another command if none is. "
               "A profile adds where the time goes, a run of `dbnbench scale` what threads gain, one of `dbnbench "
               "phases` what its steps gained, and older runs what the same cases were then. Pictures need gnuplot; "
               "without it the page says so.",
    };
    struct arguments a = {0};
    struct reporting r = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int code = read_runs(&r, &a);
    if (code == EXIT_FINE)
        code = show(&r, &a);
    free_all(&r);
    return code;
}
