/* dbnbench export: a run's figures for other tools. */
#include "exit.h"
#include "../view/export.h"
#include "cmd_stored.h"
#include "options.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* --- formats --- */

enum { SAMPLES = 0x100, BETTER };

struct arguments {
    const struct format *format;
    const char *run, *out;
    bool samples, bigger;
};

static json_t *action(const struct export *e, const struct arguments *a)
{
    return a->bigger ? export_bigger_is_better(e) : export_smaller_is_better(e);
}

static const struct format {
    const char *name;
    json_t *(*json)(const struct export *e); /* or NULL */
    char separator;                          /* or 0 */
} formats[] = {
    {"gbench", export_gbench, 0},
    {"hyperfine", export_hyperfine, 0},
    {"github-action-benchmark", NULL, 0},
    {"bencher", export_bencher, 0},
    {"csv", NULL, ','},
    {"tsv", NULL, '\t'},
    {"markdown", NULL, 0},
};

static bool is_format(const struct arguments *a, const char *name)
{
    return strcmp(a->format->name, name) == 0;
}

static int write_text(const struct arguments *a, const struct export *e, FILE *to)
{
    if (a->format->separator)
        return (a->samples ? export_samples : export_cases)(e, a->format->separator, to);
    if (is_format(a, "markdown"))
        return export_markdown(e, to);
    json_t *json = a->format->json ? a->format->json(e) : action(e, a);
    int rc = json && json_dumpf(json, to, JSON_INDENT(2)) == 0 ? 0 : -ENOMEM;
    fputc('\n', to);
    json_decref(json);
    return rc;
}

/* --- arguments --- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'f':
        a->format = NULL;
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
            if (strcmp(arg, formats[i].name) == 0)
                a->format = &formats[i];
        if (!a->format)
            argp_error(state, "--format %s: unknown", arg);
        return 0;
    case BETTER:
        a->bigger = strcmp(arg, "bigger") == 0;
        if (!a->bigger && strcmp(arg, "smaller") != 0)
            argp_error(state, "--better %s: neither smaller nor bigger", arg);
        return 0;
    case SAMPLES:
        a->samples = true;
        return 0;
    case 'o':
        a->out = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (a->run)
            argp_error(state, "one run at a time");
        a->run = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->run || !a->format)
            argp_error(state, "--format and a run's file are needed");
        if (a->samples && !a->format->separator)
            argp_error(state, "--samples goes with csv and tsv");
        if (a->bigger && !is_format(a, "github-action-benchmark"))
            argp_error(state, "--better goes with github-action-benchmark");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0,
     "gbench (JSON of Google Benchmark), hyperfine, github-action-benchmark, bencher, csv, "
     "tsv or markdown",
     0},
    {"better", BETTER, "WORD", 0,
     "Of github-action-benchmark: smaller (ns for a record, the default) or bigger "
     "(records per second)",
     0},
    {"samples", SAMPLES, NULL, 0, "A line for each sample instead of each case, of csv and tsv", 0},
    {"output", 'o', "FILE", 0, "Where to, instead of standard output. It appears whole or not at all", 0},
    {0},
};

/* --- what is done --- */

/* What a format without a place for it leaves out is said here. How many cases have figures. */
static size_t say_what_is_missing(const struct arguments *a, const struct results *r, const struct export *e)
{
    size_t with = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct report_row *row = e->cases[i].row;
        with += row->ns.n > 0;
        if (row->ns.n == 0)
            complain("%s: no figures: %s: %s", e->cases[i].name, sample_outcomes[row->sample->outcome],
                     row->sample->error);
        else if (row->sample->records == 0)
            complain("%s: no records, so nothing for each of them", e->cases[i].name);
    }
    if (r->skipped > 0)
        complain("%s: %zu lines could not be understood", a->run, r->skipped);
    if (!r->end || json_is_true(json_object_get(r->end, "interrupted")))
        complain("%s: the run was not finished", a->run);
    return with;
}

static int save(const struct arguments *a, const char *text, size_t n)
{
    int rc = 0;
    if (!a->out || strcmp(a->out, "-") == 0)
        fwrite(text, 1, n, stdout); /* main() notices if that failed */
    else
        rc = export_save(a->out, text, n);
    if (rc)
        complain("%s: %s", a->out, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

static int write_out(const struct arguments *a, const struct results *r, const struct report *s)
{
    struct export e;
    char *text = NULL;
    size_t n, with = 0;
    int rc = export_of(r, s, &e);
    FILE *to = rc ? NULL : open_memstream(&text, &n);
    if (to) {
        with = say_what_is_missing(a, r, &e);
        rc = write_text(a, &e, to);
        rc = fclose(to) == 0 ? rc : -ENOMEM;
    }
    export_free(&e);
    int code = EXIT_FAILED;
    if (!to || rc)
        complain("%s: %s", a->run, strerror(ENOMEM));
    else if (with == 0)
        complain("%s: no case has figures, so nothing is written", a->run);
    else
        code = save(a, text, n);
    free(text);
    return code;
}

int cmd_export(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN[#ID]",
        .doc = "Write the figures of a run for other tools: of the last one in the file RUN, or of that with this ID.",
    };
    struct arguments a = {0};
    struct stored_run run;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int code = stored_open(a.run, &run);
    if (code == EXIT_FINE)
        code = write_out(&a, &run.results, &run.report);
    stored_close(&run);
    return code;
}
