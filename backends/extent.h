/* An extent: an aligned part of a file, read past the page cache by one request or more into aligned memory. */
#ifndef BACKENDS_EXTENT_H
#define BACKENDS_EXTENT_H

#include "file.h"

/* What memory, offsets and lengths of such reads are multiples of. Where a device wants more, reads are refused. */
enum { EXTENT_ALIGN = 4096 };

struct extent {
    uint8_t *memory;
    uint64_t begin;  /* in the file */
    size_t len, got; /* bytes that are wanted, 0 behind the end of the range; that are there, which may be more */
    bool direct;     /* the last request was to go past the page cache */
    int error;       /* behind what is there */
};

/* n, up to the next multiple. */
static inline size_t extent_round(size_t n)
{
    return (n + EXTENT_ALIGN - 1) / EXTENT_ALIGN * EXTENT_ALIGN;
}

/* Memory for extents, to be freed, in huge pages where they are to be had: a device that gets a few large pieces of
 * memory instead of many pages was seen to be twice as fast. NULL: there is none. */
uint8_t *extent_memory(size_t size);

/* What f's range is made of, in blocks of about the size that was asked for: the first begins at *begin, each other one
 * *block behind it. How many there are, at least 1. */
uint64_t extent_divide(const struct file *f, size_t asked, uint64_t *begin, size_t *block);

/* Begins an extent, of which nothing is there. */
void extent_begin(struct extent *e, const struct file *f, uint64_t begin, size_t block);

/* The next request: n bytes from *offset of the file on to *to. */
void extent_ask(struct extent *e, const struct file *f, uint8_t **to, size_t *n, uint64_t *offset);

/* What came of it: > 0 bytes, 0, or -errno. True: a further request is needed. Where the file system refuses to read
 * past the page cache (EINVAL), or what is left is not aligned any more, f is read through it from then on. */
bool extent_answer(struct extent *e, struct file *f, int64_t result);

/* Lends what is there of f's range, and counts it. 1; or 0, DBN_E_FILE_CHANGED or -errno if that is nothing. */
int extent_lend(const struct extent *e, struct file *f, struct dbn_span *out);

#endif
