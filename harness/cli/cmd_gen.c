/* dbnbench gen: writes one made-up DBN file, or those of the manifest that are not there yet. */
#include "../../datasets/datasets.h"
#include "exit.h"
#include "../text/escape.h"
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SCHEMA = 256, VERSION, RECORDS, SYMBOLS, SEED, TS_OUT, ZSTD, FRAMES, SET, DIR, FORCE };
#define NOT_GIVEN UINT64_MAX

struct arguments {
    struct generate_spec spec;
    bool described; /* a part of the specification was given */
    const char *output, *dataset, *dir;
    bool force;
};

static const struct argp_option gen_options[] = {
    {NULL, 0, NULL, 0, "One file:", 1},
    {"schema", SCHEMA, "NAME", 0,
     "trades, mbo, mbp-1, mbp-10, ohlcv-1s, definition, mixed (as of a live session) or all (every type)", 1},
    {"records", RECORDS, "N", 0, "How many records", 1},
    {"output", 'o', "FILE", 0, "The file; it appears whole or not at all", 1},
    {"dbn-version", VERSION, "N", 0, "DBN version, 1 to 3 (default 3)", 1},
    {"symbols", SYMBOLS, "N", 0, "How many instruments (default 100)", 1},
    {"seed", SEED, "N", 0, "Another seed gives other data (default 1)", 1},
    {"ts-out", TS_OUT, NULL, 0, "Records end with a ts_out", 1},
    {"zstd", ZSTD, "LEVEL", 0, "Compress, level 1 to 22", 1},
    {"frames", FRAMES, "N", 0, "Compress into N frames, cut at arbitrary bytes (default 1)", 1},
    {NULL, 0, NULL, 0, "Datasets to measure with:", 2},
    {"dataset", SET, "NAME", 0, "One of `dbnbench list`, or bench, quick or all; a file that is there is kept", 2},
    {"dir", DIR, "DIR", 0, "Where datasets lie (default " DATASETS_DIR ")", 2},
    {NULL, 0, NULL, 0, "Both:", 3},
    {"force", FORCE, NULL, 0, "Replace a file that is there", 3},
    {0},
};

static uint64_t number(struct argp_state *state, const char *what, const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = min;
    if (!parse_number(text, min, max, &value))
        argp_error(state, "%s %s: must be a number from %" PRIu64 " to %" PRIu64, what, text, min, max);
    return value;
}

static const char *schema_name(struct argp_state *state, const char *text)
{
    for (const char *const *name = generate_schemas; *name; name++)
        if (strcmp(*name, text) == 0)
            return *name;
    argp_error(state, "--schema %s: not one that can be generated", text);
    return NULL;
}

static error_t parse_spec(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    struct generate_spec *spec = &a->spec;
    switch (key) {
    case SCHEMA:
        spec->schema = schema_name(state, arg);
        break;
    case VERSION:
        spec->version = (uint8_t)number(state, "--dbn-version", arg, 1, 3);
        break;
    case RECORDS:
        spec->records = number(state, "--records", arg, 0, GENERATE_MAX_RECORDS);
        break;
    case SYMBOLS:
        spec->symbols = (uint32_t)number(state, "--symbols", arg, 1, GENERATE_MAX_SYMBOLS);
        break;
    case SEED:
        spec->seed = number(state, "--seed", arg, 0, UINT64_MAX);
        break;
    case TS_OUT:
        spec->ts_out = true;
        break;
    case ZSTD:
        spec->zstd_level = (unsigned)number(state, "--zstd", arg, 1, GENERATE_MAX_LEVEL);
        break;
    case FRAMES:
        spec->frames = (uint32_t)number(state, "--frames", arg, 1, GENERATE_MAX_FRAMES);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    a->described = true;
    return 0;
}

static void check_together(struct argp_state *state, const struct arguments *a)
{
    if (a->dataset && (a->described || a->output))
        argp_error(state, "--dataset says all that is to be generated");
    else if (!a->dataset && (!a->spec.schema || a->spec.records == NOT_GIVEN || !a->output))
        argp_error(state, "--schema, --records and -o are needed, or --dataset");
    else if (!a->dataset && a->dir)
        argp_error(state, "--dir goes with --dataset");
    else if (a->spec.frames > 1 && a->spec.zstd_level == 0)
        argp_error(state, "--frames goes with --zstd");
    else if (a->output && strcmp(a->output, "-") == 0)
        argp_error(state, "-o -: only a file can appear whole or not at all");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->output = arg;
        return 0;
    case SET:
        a->dataset = arg;
        return 0;
    case DIR:
        a->dir = arg;
        return 0;
    case FORCE:
        a->force = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: unexpected (the file to write is named by -o)", arg);
        return 0;
    case ARGP_KEY_END:
        check_together(state, a);
        return 0;
    default:
        return parse_spec(key, arg, state);
    }
}

/* Signals only raise a flag; the generator sees it, and what was written so far is removed. */
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
    caught = signal;
}

static void set_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* write() then says EFBIG */
}

/* Returns an exit code. */
static int generate_one(const struct generate_spec *spec, const char *path, bool force, uint64_t *size)
{
    int rc = generate_file(spec, path, force, size);
    if (rc == 0)
        return EXIT_FINE;
    if (rc == -EINTR)
        complain("%s: stopped by a signal, nothing was written", path);
    else
        complain("%s: %s%s", path, dbn_outcome_text(rc), rc == -EEXIST ? " (--force replaces it)" : "");
    return rc == -EINTR && caught == SIGINT ? EXIT_INTERRUPTED : EXIT_FAILED;
}

static int generate_dataset(const struct dataset *dataset, const char *dir, bool force)
{
    char *path;
    if (asprintf(&path, "%s/%s", dir, dataset->file) < 0) {
        complain("%s: %s", dataset->file, strerror(ENOMEM));
        return EXIT_FAILED;
    }
    struct generate_spec spec = dataset->spec;
    spec.stop = &caught;
    struct stat st;
    bool there = !force && lstat(path, &st) == 0;
    uint64_t size = there ? (uint64_t)st.st_size : 0;
    int code = there ? EXIT_FINE : generate_one(&spec, path, force, &size);
    if (code == EXIT_FINE) {
        printf("%-18s %12" PRIu64 " bytes %s ", dataset->name, size, there ? "kept in" : "written to");
        print_plain(stdout, path, strlen(path));
        putchar('\n');
        fflush(stdout); /* main() notices if that failed */
    }
    free(path);
    return code;
}

static bool any_dataset(const char *word)
{
    for (const struct dataset *d = datasets; d->name; d++)
        if (dataset_matches(d, word))
            return true;
    return false;
}

static int generate_datasets(const char *word, const char *dir, bool force)
{
    if (!any_dataset(word)) {
        complain("%s: no such dataset", word);
        return EXIT_USAGE;
    }
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        complain("%s: %s", dir, strerror(errno));
        return EXIT_FAILED;
    }
    int code = EXIT_FINE;
    for (const struct dataset *d = datasets; d->name && code == EXIT_FINE; d++)
        if (dataset_matches(d, word))
            code = generate_dataset(d, dir, force);
    return code;
}

int cmd_gen(int argc, char **argv)
{
    static const struct argp argp = {
        gen_options, parse, NULL, "Generate a DBN file of made-up market data. The same options give the same bytes.",
        NULL,        NULL,  NULL,
    };
    struct arguments a = {.spec = GENERATE_SPEC_DEFAULT};
    a.spec.records = NOT_GIVEN;
    a.spec.stop = &caught;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    set_signals();
    if (a.dataset)
        return generate_datasets(a.dataset, a.dir ? a.dir : DATASETS_DIR, a.force);
    return generate_one(&a.spec, a.output, a.force, NULL);
}
