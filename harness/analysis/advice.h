/* What reading a folder of files will take, from what a sample of them took. */
#ifndef HARNESS_ADVICE_H
#define HARNESS_ADVICE_H

#include "stats.h"

#include <stddef.h>

enum { ADVICE_KINDS = 64, ADVICE_WAYS = 20, ADVICE_ROUNDS = 15, ADVICE_WHY = 512 };

/* Files that are expected to be alike. Small ones are a kind of their own: opening them counts. */
struct advice_kind {
    enum advice_packing {
        ADVICE_PLAIN,
        ADVICE_ONE_FRAME,
        ADVICE_MANY_FRAMES,
        ADVICE_UNSIZED, /* many frames that do not say what they hold, so that they cannot be shared */
    } packing;
    const char *schema; /* NULL: mixed */
    bool small;
    uint64_t files, bytes;
    uint64_t frames, window; /* of one-frame and many-frame files: the most that one has */
    double stream;           /* bytes of the stream for each of a file, measured; 0: not measured */
};
extern const char *const advice_packings[];

struct advice_file {
    char *path;
    uint64_t size;
    size_t kind;
    bool bad; /* it cannot be read, and does not count */
};

/* One way of reading the folder, or a part of it. */
struct advice_way {
    enum advice_group {
        ADVICE_ONE,    /* thread */
        ADVICE_FILES,  /* threads take files */
        ADVICE_SHARDS, /* threads take shards of files */
        ADVICE_SHARED, /* threads work on one file together */
        ADVICE_MOVING, /* what one thread takes for the bytes of the files alone, */
        ADVICE_STREAM, /* and for those of the stream */
        ADVICE_CHANGE, /* as shards, once the files are packed otherwise */
        ADVICE_COLD,   /* the bytes of the files alone, from the device */
    } group;
    const char *backend, *sink;
    size_t block; /* 0: the backend's own */
    unsigned threads, split;
    int level;        /* of a change: 0 is not compressed */
    double size;      /* of a change: bytes of the folder then; NAN: not known */
    double pack_rate; /* of a change: bytes of the stream a second that one thread compresses */

    double seconds[ADVICE_ROUNDS]; /* for the folder, one figure from each round */
    double doubled[ADVICE_ROUNDS]; /* a model: the same with twice the threads, each as fast as now */
    size_t rounds;
    char why[ADVICE_WHY]; /* "", or why there is no figure */
};

/* The options of `decode` that read like that: "-b mmap -t 2 --split 16" */
enum { ADVICE_NAME = 128 };
const char *advice_name(const struct advice_way *w, char text[ADVICE_NAME]);

struct advice {
    struct advice_file *files;
    size_t file_count;
    struct advice_kind kinds[ADVICE_KINDS];
    size_t kind_count;
    struct advice_way ways[ADVICE_WAYS];
    size_t way_count;

    const char *sink;
    unsigned threads;
    bool whole;                    /* the folder was measured as a whole, else a sample of it */
    uint64_t memory;               /* of the machine; 0: not known */
    uint64_t bytes, sampled;       /* of the files that count; of those read in each round */
    uint64_t others, links;        /* files that are no DBN; symbolic links, which are not followed */
    uint64_t unseen, unseen_bytes; /* files for which there was no time: they count as if like the others */
    uint64_t pages, absent;        /* of the files; those not in the page cache */
    char no_pages[ADVICE_WHY];     /* or why that is not known */
    char where[128];               /* device and file system of the first file */
    double gain[ADVICE_ROUNDS];    /* of all threads over one in work that shares nothing */
    size_t gains;
    char no_cold[ADVICE_WHY]; /* why nothing was read from the device */
};

/* What a thread does with a file: so many ns, in so many parts at least that other threads can take. */
struct advice_load {
    double ns;
    unsigned parts;
};
/* The ns until all are done, where each thread takes the next part once it has done one. */
double advice_makespan(const struct advice_load *load, size_t n, unsigned threads);

/* Seconds for the folder; n 0: there are none. The interval of a sample is never narrower than ADVICE_LEAST of the
 * median to each side, since repeats of a sample do not show what the sample leaves out. */
#define ADVICE_LEAST 0.05
struct stats advice_seconds(const struct advice *a, const struct advice_way *w);

/* The fastest of the group. Of those within a hundredth of it the first; NULL: none was measured. */
const struct advice_way *advice_fastest(const struct advice *a, enum advice_group from, enum advice_group to);

/* All files, also those for which there was no time, and their bytes; and those of their streams, 0: not known. */
uint64_t advice_files(const struct advice *a);
double advice_bytes(const struct advice *a);
double advice_stream(const struct advice *a);

/* A file turns out to be bad. */
void advice_drop(struct advice *a, size_t file);

void advice_free(struct advice *a);

#endif
