/* For tests of split files: each is decoded whole, and then in shards in many ways that must all find the same. */
#ifndef TESTS_SUPPORT_SPLIT_H
#define TESTS_SUPPORT_SPLIT_H

#include "../dbn/encode.h"
#include "support.h"

struct split_file {
    struct scratch on;
    struct input_options options;
    uint64_t end; /* of what is read */
    char what[100];
    /* Sums over what was compared. */
    uint64_t jobs, shards, redone;
};

/* A file of these bytes, to be released with split_close(). */
struct split_file split_open(const void *bytes, size_t n, const char *what);
/* Other bytes for it. */
void split_set(struct split_file *f, const void *bytes, size_t n);
void split_close(const struct split_file *f);

/* Decodes it with each backend that can split, with the sinks fields and rows, in several numbers of shards by several
 * threads; with a sanitizer, where threads take long to start, in fewer; and together with other files. Returns how it
 * ends, by all of them. */
struct ending split_check(struct split_file *f);
/* The same with one backend, and with these numbers. */
struct ending split_check_with(struct split_file *f, const struct backend *b, const char *sink, const unsigned *shards,
                               size_t n);

/* For records by hand: what a file of version 3 without symbols begins with, and then one record, with all bytes
 * behind its type set to `fill`. Returns where its bytes are until the next one is added. */
void add_metadata(struct dbn_buffer *b);
uint8_t *add_record(struct dbn_buffer *b, size_t size, uint8_t rtype, uint8_t fill);

#endif
