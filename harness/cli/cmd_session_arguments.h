/* What every command line has that measures and stores samples. */
#ifndef HARNESS_CMD_SESSION_ARGUMENTS_H
#define HARNESS_CMD_SESSION_ARGUMENTS_H

#include "../../datasets/datasets.h"
#include "../reference/input.h"
#include "options.h"

struct session_arguments {
    struct input_options input;
    const char *datasets, *folder;
    const char *out; /* NULL: a new file in results/ */
    char **paths;
    int path_count;
    uint64_t rounds, seconds, seed;
    bool json;
    int argc;
    char **argv;
};

enum { SESSION_SAMPLES = 512, SESSION_TIME, SESSION_SEED, SESSION_DIR };

/* For a command's table of options; what stands behind the words for datasets, and the default number of samples. */
/* clang-format off */
#define SESSION_OPTIONS(datasets, samples)                                                              \
    {"dataset", 'd', "LIST", 0, "Datasets, or sets of them" datasets, 1},                               \
    {"samples", SESSION_SAMPLES, "N", 0, "Samples of each case (default " samples ")", 1},              \
    {"time", SESSION_TIME, "SECONDS", 0, "Begin no round that would end later, after the first 3", 1},  \
    {"output", 'o', "FILE", 0,                                                                          \
     "Append samples to FILE, - for standard output (default a new file in results/)", 1},              \
    {"seed", SESSION_SEED, "S", 0, "Of the order of cases (default random)", 1},                        \
    {"json", 'j', NULL, 0, "Print one JSON object", 1},                                                 \
    {"dir", SESSION_DIR, "FOLDER", 0, "Where datasets are (default " DATASETS_DIR ")", 1}
/* clang-format on */

/* With the defaults, and a random seed. */
struct session_arguments session_arguments_default(unsigned rounds, int argc, char **argv);

/* What a command's parser does with every key that is not its own. Its first child is input_argp. */
error_t session_option(int key, char *arg, struct argp_state *state, struct session_arguments *a);

#endif
