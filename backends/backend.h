/* A backend: one way of reading a file. It moves bytes and knows nothing of records, workers, or clocks. */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include "../dbn/dbn.h"

/* What a backend does to get its bytes, counted as it happens. */
struct backend_counts {
    uint64_t reads;      /* read(2) and its kin */
    uint64_t other;      /* further system calls: open, fstat, mmap, ... */
    uint64_t bytes_read; /* that those reads moved */
    uint64_t direct;     /* of bytes_read, past the page cache */
    uint64_t copied;     /* bytes that it moved by itself, or inflated, on top of that */
    bool unknown;        /* nobody counted the five above */
    uint64_t wait_ns;    /* that consumers of a shared backend slept until there were records for them, added up */
};

enum backend_advice {
    ADVISE_NOTHING,
    ADVISE_SEQUENTIAL,
    ADVISE_WILLNEED,
    ADVISE_POPULATE,  /* a mapping's pages at once; other reads take it for willneed */
    ADVISE_PREFAULT,  /* the same, but MiB by MiB before it is lent; other reads go without */
    ADVISE_READAHEAD, /* readahead(2), some MiB ahead of what is lent */
    ADVISE_DONTCACHE, /* what was read does not stay in the page cache; -EOPNOTSUPP where that is not to be had */
};
extern const char *const backend_advice_names[]; /* in that order; ends with NULL */

struct backend_input {
    const char *path;           /* NULL: standard input, for backends that stream */
    uint64_t begin, end;        /* bytes of the file to read; end: UINT64_MAX for all */
    bool fragment;              /* the range begins with a record, not with metadata */
    size_t block;               /* bytes asked for at a time; 0: the backend's own choice */
    unsigned depth;             /* blocks asked for at a time; 0: the backend's own choice */
    enum backend_advice advice; /* for the kernel; see --advise */
    unsigned window_log;        /* see dbn/inflate.h; for backends that inflate */
    unsigned helpers;           /* threads that are to help consumers inflate; for backends that can */
};

enum { BACKEND_DEPTH_MAX = 1024 };

#define BACKEND_COPY "copy"

/* Rules: the bytes are lent once, in order. EINTR is retried. Nothing is printed, nothing exits, no mutable globals,
 * so that many can be open in many threads. A failed open leaves nothing behind. */
struct backend {
    const char *name, *summary; /* name: CLI word, JSON value and symbol suffix */

    /* What it is like. Nobody asks for its name. */
    enum dbn_step step; /* how much the decoder asks it for at a time */
    size_t block; /* bytes that it reads at a time unless backend_input.block says otherwise; 0: it has no blocks */
    unsigned
        depth; /* blocks that it asks for at a time unless backend_input.depth says otherwise; 0: it has no queue */
    const char *limit; /* what bounds it on a cached file: one that `dbnbench limits` measures, or BACKEND_COPY: copying
                             its blocks from the page cache; NULL: unknown */
    bool mapped;       /* it lends the file's own pages: no read calls, but page faults */
    bool lazy;         /* nothing is read before somebody touches what it lends, so lending alone is no work */
    bool direct;       /* it reads past the page cache where the file allows that: its limit is the device's */
    bool streams;      /* it reads from the beginning on and only once, so standard input will do */
    unsigned own_threads;          /* that it starts besides its consumers */
    const struct foreign *foreign; /* a decoder of others; NULL: ours */

    /* A shared backend has one handle and many consumers. It inflates by itself, and what it lends never holds the end
     * of the metadata and a record at once: after the metadata each span holds whole records, so that any consumer
     * can take any span; the last one may be what an error or the end left of one. Each consumer calls next() with a
     * handle of its own, from attach(). Who takes no more has to be detached: others may wait for what it was lent. */
    int (*attach)(void *self, void **consumer);
    void (*detach)(void *consumer);

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

/* The first that only reads blocks: each consumer its own, nothing mapped, no threads. Others are compared with it. */
const struct backend *backend_plain(void);

/* NULL, or why it cannot run here. */
static inline const char *backend_unavailable(const struct backend *b)
{
    return b->unavailable ? b->unavailable() : NULL;
}

#endif
