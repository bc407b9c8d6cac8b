/* The generator: made-up market data that look like real ones. The same specification gives the same stream
 * on every machine; what zstd makes of it also depends on the version of libzstd. And the data sets made by it. */
#ifndef DATASETS_DATASETS_H
#define DATASETS_DATASETS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GENERATE_MAX_RECORDS UINT64_C(10000000000) /* beyond that the clock of some schemas would overflow */
enum {
    GENERATE_MAX_SYMBOLS = 100000, /* their metadata stay below the 64 MiB that readers accept by default */
    GENERATE_MAX_LEVEL = 22,
    GENERATE_MAX_FRAMES = 1000000,
};

struct generate_spec {
    const char *schema; /* one of generate_schemas[] */
    uint8_t version;
    uint64_t records;
    uint32_t symbols; /* at least 1 */
    uint64_t seed;
    bool ts_out;
    unsigned zstd_level;               /* 0: not compressed */
    uint32_t frames;                   /* of the compressed stream, cut at arbitrary bytes; 0 counts as 1 */
    const volatile sig_atomic_t *stop; /* optional: once it is not 0, the generator gives up with -EINTR */
};

/* The names of the schemas, ended by NULL. Beside those of the format there are
 *   mixed  like a captured live session: acknowledgements, symbol mappings, then all sorts of records
 *   all    every record type of the version, with varied values; one record in 16 is of an unknown type or
 *          longer than its type, for tests */
extern const char *const generate_schemas[];

/* Writes the file, which appears whole or not at all, readable by all but for the umask. *size (unless NULL) is how
 * large it is. 0 or < 0: -EINVAL if the specification is outside the limits above; -EEXIST if there is a file already
 * and `replace` is false; DBN_E_UNSUPPORTED_FILE if what is there is no regular file. A process that wants -EFBIG, not
 * a signal, at its file size limit ignores SIGXFSZ. */
int generate_file(const struct generate_spec *spec, const char *path, bool replace, uint64_t *size);

/* The same bytes in memory, to be freed by the caller. 0 or < 0, and then nothing is to be freed. */
int generate_memory(const struct generate_spec *spec, uint8_t **bytes, size_t *size);

/* --- the data sets of manifest.def --- */

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

/* Is it meant by one of the words, separated by commas: its own name, its set's, or "all"? */
bool dataset_matches(const struct dataset *dataset, const char *list);

#endif
