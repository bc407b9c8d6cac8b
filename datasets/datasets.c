/* The manifest as a table: which datasets there are, and what the generator is to be told to make them. */
#include "datasets.h"

#include <string.h>

const struct dataset datasets[] = {
#define DATASET(word, path, type, number, count, names, start, sent, level, parts, group)                              \
    {.name = word,                                                                                                     \
     .file = path,                                                                                                     \
     .set = group,                                                                                                     \
     .spec = {.schema = type,                                                                                          \
              .version = number,                                                                                       \
              .records = count,                                                                                        \
              .symbols = names,                                                                                        \
              .seed = start,                                                                                           \
              .ts_out = sent,                                                                                          \
              .zstd_level = level,                                                                                     \
              .frames = parts}},
#include "manifest.def"
    {0},
};

const char *dataset_default(const char *command)
{
#define DATASET_DEFAULT(name, words)                                                                                   \
    if (strcmp(command, name) == 0)                                                                                    \
        return words;
#include "manifest.def"
    return NULL;
}

bool dataset_matches(const struct dataset *dataset, const char *word)
{
    return strcmp(word, dataset->name) == 0 || strcmp(word, dataset->set) == 0 || strcmp(word, "all") == 0;
}
