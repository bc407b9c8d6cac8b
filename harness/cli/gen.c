/* dbnbench gen: writes one made-up DBN file, or those of the manifest that are not there yet. */
#include "../machine/child.h"
#include "../../datasets/datasets.h"
#include "exit.h"
#include "../text/safe.h"
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct arguments {
    struct generate_spec spec;
    const char *output, *dataset, *dir;
    bool force;
};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {.help = "One file:"},
    {"schema", 0, "NAME",
     "trades, mbo, mbp-1, mbp-10, ohlcv-1s, definition, mixed (as of a live session) or all (types)", set_word,
     TO(spec.schema), .words = generate_schemas},
    {"records", 0, "N", "How many records", set_number, TO(spec.records), .max = GENERATE_MAX_RECORDS},
    {"output", 'o', "FILE", "The file; it appears whole or not at all", set_text, TO(output)},
    {"dbn-version", 0, "N", "DBN version, 1 to 3", set_number, TO(spec.version), .min = 1, .max = DBN_VERSIONS,
     .preset = "3"},
    {"symbols", 0, "N", "How many instruments", set_number, TO(spec.symbols), .min = 1, .max = GENERATE_MAX_SYMBOLS,
     .preset = "100"},
    {"seed", 0, "N", "Another seed gives other data", set_number, TO(spec.seed), .max = UINT64_MAX, .preset = "1"},
    {"ts-out", 0, NULL, "Records end with a ts_out", set_flag, TO(spec.ts_out)},
    {"zstd", 0, "LEVEL", "Compress, level 1 to 22", set_number, TO(spec.zstd_level), .min = 1,
     .max = GENERATE_MAX_LEVEL},
    {"frames", 0, "N", "Compress into N frames, cut at arbitrary bytes", set_number, TO(spec.frames), .min = 1,
     .max = GENERATE_MAX_FRAMES, .preset = "1"},
    {.help = "Data sets to measure with:"},
    {"dataset", 0, "LIST", "Data sets, sets of them, or all; a file that is there is kept", set_names, TO(dataset),
     .names = &known_datasets},
    {"dir", 0, "FOLDER", "Where data sets are", set_text, TO(dir), .preset = DATASETS_DIR},
    {.help = "Both:"},
    {"force", 0, NULL, "Replace a file that is there", set_flag, TO(force)},
    {0},
};

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    bool one = false;
    for (const struct option_row *o = options + 1; o->name; o++)
        one |= is_given(line, o->name);
    const char *wrong = "";
    if (a->dataset && one)
        wrong = "--dataset says all that is to be generated";
    else if (!a->dataset && !(a->spec.schema && is_given(line, "records") && a->output))
        wrong = "--schema, --records and -o are needed, or --dataset";
    else if (!a->dataset && is_given(line, "dir"))
        wrong = "--dir goes with --dataset";
    else if (a->spec.frames > 1 && a->spec.zstd_level == 0)
        wrong = "--frames goes with --zstd";
    else if (a->output && strcmp(a->output, "-") == 0)
        wrong = "-o -: only a file can appear whole or not at all";
    snprintf(why, OPTION_WHY, "%s", wrong);
    return !*wrong;
}

/* Signals only raise a flag; the generator sees it, and what was written so far is removed. */
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
    return rc == -EINTR ? EXIT_INTERRUPTED : EXIT_FAILED;
}

static int generate_dataset(const struct dataset *dataset, const char *dir, bool force)
{
    struct generate_spec spec = dataset->spec;
    spec.stop = child_watch_signals();
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir, dataset->file) >= (int)sizeof path) {
        complain("%s: %s", dir, strerror(ENAMETOOLONG));
        return EXIT_FAILED;
    }
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
    return code;
}

static int generate_datasets(const char *list, const char *dir, bool force)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        complain("%s: %s", dir, strerror(errno));
        return EXIT_FAILED;
    }
    int code = EXIT_FINE;
    for (const struct dataset *d = datasets; d->name && code == EXIT_FINE; d++)
        if (dataset_matches(d, list))
            code = generate_dataset(d, dir, force);
    return code;
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    (void)line;
    a->spec.stop = child_watch_signals();
    if (a->dataset)
        return generate_datasets(a->dataset, a->dir, a->force);
    return generate_one(&a->spec, a->output, a->force, NULL);
}

const struct command command_gen = {
    .name = "gen",
    .summary = "generate a DBN file",
    .options = options,
    .about = "Generate a DBN file of made-up market data. The same options give the same bytes.",
    .examples = "gen --schema mbo --records 1000000 -o mbo.dbn\ngen --dataset bench",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
