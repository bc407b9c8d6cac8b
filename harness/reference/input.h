/* How the bytes of a file are to be understood and read: the options that all commands share. */
#ifndef HARNESS_INPUT_H
#define HARNESS_INPUT_H

#include "../../backends/backend.h"
#include "../../dbn/inflate.h"

struct input_options {
    bool fragment;           /* no metadata; a name with ".frag" says the same */
    uint8_t version;         /* of a fragment; 0: unknown, the records' sizes tell their layouts */
    bool ts_out;             /* of a fragment */
    uint64_t metadata_limit; /* bytes */
    unsigned window_log;     /* of zstd frames */
    uint64_t keep;           /* see sink_plan */
    size_t block;            /* bytes at a time; 0: the backend's choice */
    unsigned depth;          /* blocks at a time; 0: the backend's choice */
    enum backend_advice advice;
    bool raw; /* not understood at all: the bytes of the file go to the sink as they are, which must not look for
                 records. Not with shared backends */
};

#define INPUT_OPTIONS_DEFAULT                                                                                          \
    {                                                                                                                  \
        .metadata_limit = DBN_METADATA_LIMIT, .window_log = DBN_ZSTD_WINDOW_LOG                                        \
    }

/* Paths are those of struct backend_input: NULL is standard input. */
const char *input_name(const char *path);

/* Is the file to be read as a fragment, by its options or its name? */
bool input_is_fragment(const char *path, const struct input_options *options);

/* The limit of each thread's window: as given, but together no more than 1 GiB, or than one of them if that is more. */
unsigned input_window_log(const struct input_options *options, unsigned threads);

/* As dbn_outcome_text(), and which option has to do with it. */
const char *input_outcome_text(int outcome);

/* "FILE: at byte N of the file: reason (OUTCOME)" into buf; without the offset if the file was not begun. */
void input_describe(const char *path, int outcome, uint64_t fault, char *buf, size_t size);

#endif
