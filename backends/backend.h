/* A backend: one way of reading a file. It moves bytes and knows nothing of records, workers, or clocks. */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include "../dbn/dbn.h"

/* What a backend does to get its bytes, counted as it happens. */
struct backend_counts {
    uint64_t reads;      /* read(2) and its kin */
    uint64_t other;      /* further system calls: open, fstat, mmap, ... */
    uint64_t bytes_read; /* that those reads moved */
    uint64_t copied;     /* bytes that it moved by itself, or inflated, on top of that */
    uint64_t wait_ns;    /* that consumers of a shared backend slept until there was something for them, added up */
};

enum backend_advice { ADVISE_NOTHING, ADVISE_SEQUENTIAL, ADVISE_WILLNEED, ADVISE_POPULATE };

struct backend_input {
    const char *path;
    uint64_t begin, end;        /* bytes of the file to read; end: UINT64_MAX for all */
    bool fragment;              /* the range begins with a record, not with metadata */
    size_t block;               /* bytes asked for at a time; 0: the backend's own choice */
    enum backend_advice advice; /* for the kernel; see --advise */
    unsigned window_log;        /* see dbn/zstd.h; for backends that inflate */
};

/* Rules: the bytes are lent once, in order. EINTR is retried. Nothing is printed, nothing exits, no mutable globals,
 * so that many can be open in many threads. A failed open leaves nothing behind. */
struct backend {
    const char *name, *summary; /* name: CLI word, JSON value and symbol suffix */
    enum dbn_step step;
    size_t block; /* asked for at a time unless backend_input.block says otherwise; 0: it has no blocks */

    /* A shared backend has one handle and many consumers. It inflates by itself, and what it lends never holds the end
     * of the metadata and a record at once: after the metadata each span holds whole records, so that any consumer
     * can take any span. Each consumer calls next() with a handle of its own, from attach(). */
    int (*attach)(void *self, void **consumer);
    void (*detach)(void *consumer);
    unsigned own_threads; /* that it starts besides its consumers */
    bool untouched;       /* what it lends has not been read yet: whoever touches it first has that done */

    const char *(*unavailable)(void); /* optional: NULL, or why it cannot run here */

    /* 0, or an error: -errno or DBN_E_UNSUPPORTED_FILE. */
    int (*open)(const struct backend_input *in, void **self);
    /* As dbn_source.next. */
    int (*next)(void *self, size_t need, struct dbn_span *out);
    /* 0, or DBN_E_FILE_CHANGED: what was lent was not the file that was opened, so no result of it counts.
     * *counts is optional. */
    int (*close)(void *self, struct backend_counts *counts);
};

/* All of them, in the order of list.h, which is the order in every table; ends with NULL. */
extern const struct backend *const backends[];
const struct backend *backend_find(const char *name);

/* NULL, or why it cannot run here. */
static inline const char *backend_unavailable(const struct backend *b)
{
    return b->unavailable ? b->unavailable() : NULL;
}

#endif
