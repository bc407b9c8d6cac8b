/* The datasets of datasets/manifest.def. */
#ifndef DATASETS_DATASETS_H
#define DATASETS_DATASETS_H

#include "generate.h"

#define DATASETS_DIR "datasets/data" /* where they lie unless another folder is named */

struct dataset {
    const char *name;
    const char *file; /* its name in the folder */
    const char *set;  /* "bench", "quick", ... */
    struct generate_spec spec;
};

/* In the manifest's order; the one behind the last has no name. */
extern const struct dataset datasets[];

/* What the command measures unless it is told otherwise: words as above, separated by commas. NULL: nothing. */
const char *dataset_default(const char *command);

/* Is it meant by the word: its own name, its set's, or "all"? */
bool dataset_matches(const struct dataset *dataset, const char *word);

#endif
