/* What a run is made of: files, what must be found in them, and the cases that measure reading them. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "job.h"
#include "../machine/counters.h"
#include "../results/sample.h"

/* A part of a file, from its start on, and what the reference decoder finds in it. */
struct plan_range {
    uint64_t prefix;              /* records; 0: the whole file */
    uint64_t end;                 /* bytes of the file; UINT64_MAX: all */
    uint64_t records, bytes;      /* bytes of the stream, metadata and all */
    struct tally expected[SINKS]; /* in the order of sinks[]; see sink_expected() */
    bool raw;                     /* the bytes of the file as they are; see job.h */
};

enum { PLAN_RANGES = 32 };

struct plan_file {
    char *path;
    char name[SAMPLE_NAME]; /* of the dataset, for tables and results */
    uint64_t size;
    bool compressed;
    bool dropped;                         /* from the page cache, before it was read into it; see page_cache_settle() */
    struct plan_range range[PLAN_RANGES]; /* those worked out so far, the whole file first */
    size_t ranges;
};

struct plan_case {
    size_t file;         /* of plan.files, the first */
    size_t files;        /* from there on, decoded in one job; 0: 1. With more the range is their sum, and set */
    const char *dataset; /* what samples are named after; NULL: the file */
    const struct backend *backend;
    const struct sink *sink;
    unsigned threads;
    unsigned split; /* shards that a file is cut into; 0: 1 */
    size_t block;   /* 0: that of plan.input */
    const struct plan_range *range;
    uint64_t inner;  /* decodes in a sample */
    unsigned rounds; /* that it takes part in */
    bool failed;     /* then it is not tried again */
};

struct plan {
    struct plan_file *files;
    const char **paths; /* those of the files */
    size_t file_count;
    struct plan_case *cases;
    size_t case_count;
    struct input_options input;
    struct counter_set counters;
    bool cold;
    unsigned most_threads;          /* asked for */
    const struct backend *left_out; /* with a sink that looks away: nothing would be read; or NULL */
};

/* One file is decoded by one thread, unless the backend is shared: others with more threads would only
 * idle. */
static inline bool plan_is_useful(const struct backend *b, unsigned threads)
{
    return threads == 1 || b->attach != NULL;
}

/* 0, or < 0 with the reason in why, which names the file. A file that is there already is not added again. */
int plan_add_file(struct plan *p, const char *name, const char *path, char *why, size_t size);

/* Every file with every backend, block size, sink and number of threads; files vary slowest, threads fastest.
 * Lists end with NULL and 0; left out are backends and sinks that are unavailable, and threads that would idle. Block
 * sizes are for backends that have any; an empty list is that of p->input alone. 0 or -ENOMEM. */
int plan_cross(struct plan *p, const struct backend *const *backends, const struct sink *const *with,
               const size_t *blocks, const unsigned *threads);

/* A copy of *c. 0 or -ENOMEM. */
int plan_add_case(struct plan *p, const struct plan_case *c);

/* What is in that many files one after the other, whose whole ranges are known. */
struct plan_range plan_sum(const struct plan *p, size_t first, size_t files);

/* How many files the case decodes, and what its samples are named after. */
size_t plan_files(const struct plan_case *c);
const char *plan_name(const struct plan *p, const struct plan_case *c);

/* Bytes that the case asks for at a time; 0: its backend has no blocks. */
size_t plan_block(const struct plan *p, const struct plan_case *c);

/* The first `prefix` records of the file (0: all of it; beyond that only for files that are not
 * compressed), decoded by the reference decoder in a child, or found among those known. The range stays the
 * file's. NULL with the reason in why (empty if a signal stopped it) and *error. */
const struct plan_range *plan_range(const struct plan *p, struct plan_file *f, uint64_t prefix, int *error, char *why,
                                    size_t size);

struct job plan_job(const struct plan *p, const struct plan_case *c, const struct plan_range *range);

void plan_free(struct plan *p);

#endif
