/* dbnbench report: stored runs as one page, a summary, pictures, and the data of those. */
#include "cmd_report.h"

#include "exit.h"
#include "../view/cases.h"
#include "cmd_stored.h"
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

static json_int_t began(const struct stored_run *run)
{
    return json_integer_value(json_object_get(json_object_get(run->results.run, "before"), "unix_ms"));
}

static int by_time(const void *a, const void *b)
{
    json_int_t x = began(a), y = began(b);
    return (x > y) - (x < y);
}

/* A chain that cannot be understood makes no steps of it. */
static enum topic topic_of(const struct results *r)
{
    struct phase_chain chain;
    char why[256];
    if (run_kind(r) == RUN_PROFILE)
        return OF_PROFILE;
    if (run_kind(r) == RUN_SCALE)
        return OF_SCALING;
    return phase_chain_read(json_object_get(r->run, "chain"), 1, &chain, why, sizeof why) == 0 ? OF_STEPS : OF_SPEED;
}

static int read_runs(struct document *d, const struct arguments *a)
{
    char *newest = a->count ? NULL : stored_newest("results");
    int code = EXIT_FINE, count = a->count ? a->count : 1;
    if (a->count == 0 && !newest) {
        complain("results: no stored run is in it; `dbnbench run` stores one");
        return EXIT_FAILED;
    }
    d->runs = calloc((size_t)count, sizeof *d->runs);
    for (int i = 0; i < count && code == EXIT_FINE; i++)
        code = d->runs ? stored_open(newest ? newest : a->runs[i], &d->runs[d->count++]) : EXIT_FAILED;
    free(newest);
    if (code)
        return code;
    qsort(d->runs, d->count, sizeof *d->runs, by_time);
    for (size_t i = 0; i < d->count; i++)
        d->of[topic_of(&d->runs[i].results)] = &d->runs[i];
    while (!d->of[d->topic])
        d->topic++;
    d->run = d->of[d->topic];
    return EXIT_FINE;
}

static void free_document(struct document *d)
{
    json_decref(d->table);
    figures_free(d);
    answers_free(d);
    scaling_free(d);
    steps_free(d);
    for (size_t i = 0; i < d->count; i++)
        stored_close(&d->runs[i]);
    free(d->runs);
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
        page_print(d, folder, f);
    else
        summary_print(d, f);
    int rc = ferror(f) ? -EIO : 0;
    return fclose(f) != 0 && rc == 0 ? -errno : rc;
}

static int write_all(struct document *d, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    int rc = mkdir(folder, 0777) < 0 && errno != EEXIST ? -errno : 0;
    if (rc == 0)
        rc = figures_draw(d, folder, path, sizeof path);
    if (rc == 0)
        rc = write_document(d, folder, "summary.md", path, sizeof path);
    if (rc == 0)
        rc = write_document(d, folder, "index.html", path, sizeof path);
    if (rc) {
        complain("%s: %s", path, strerror(-rc));
        return EXIT_FAILED;
    }
    printf("written: %s\n", path);
    for (size_t i = 0; i < d->figure_count; i++)
        if (!d->figures[i].drawn)
            printf("no picture of %s: %s\n", d->figures[i].name, d->figures[i].why);
    return EXIT_FINE;
}

static int show(struct document *d, const struct arguments *a)
{
    int rc = answers_set(d);
    if (rc == 0)
        rc = figures_set(d);
    d->table = rc == 0 ? cases_json(&d->run->results, &d->run->report) : NULL;
    if (rc == 0 && !d->table)
        rc = -ENOMEM;
    if (rc) {
        complain("%s", strerror(-rc));
        return EXIT_FAILED;
    }
    if (!a->text)
        return write_all(d, a->folder);
    rc = summary_print_plain(d, table_width(stdout), stdout);
    if (rc)
        complain("%s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

int cmd_report(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"output", 'o', "FOLDER", 0, "Write index.html, summary.md, and pictures with their data there", 0},
        {"text", 't', NULL, 0, "Print the answers and bars, and write nothing", 0},
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
    struct document d = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int code = read_runs(&d, &a);
    if (code == EXIT_FINE)
        code = show(&d, &a);
    free_document(&d);
    return code;
}
