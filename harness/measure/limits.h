/* What this machine allows at most, in each of the ways a reader of files spends its time: a result can then be said in
 * per cent of that. One short sample of each at a time (15 ms; of inflating up to 200 ms), in a process of its own, so
 * that they can take turns with what is compared with them. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include "../../backends/file.h"
#include "../results/sample.h"

#include <jansson.h>

enum { LIMITS_COUNT = 16 };

/* What samples are taken of. */
struct limits_input {
    struct file file; /* fd -1: there is none */
    bool compressed;
    unsigned window_log; /* see dbn/zstd.h */
    uint64_t begin;      /* drawn for each sample: where in the file it begins */
    unsigned cores;      /* that this process may use */
    uint64_t caches, l2; /* bytes: of all last-level caches together, of one core's L2; 0: unknown */
    uint64_t memory;     /* bytes that are worked on for memory bandwidth */
};

/* Sets cores, caches, l2 and memory. */
void limits_look_at_machine(struct limits_input *in);

struct limits_sample {
    double value;        /* by the time in which nothing interrupted it: what the machine allows */
    double wall_value;   /* by all the time it took: what was to be had of it just then */
    char why[LIMIT_WHY]; /* "", or why there is no value */
};

struct limit {
    const char *name;
    bool per_second; /* the value is bytes/s, and not ns for one of what is counted */
    enum limits_needs { NEEDS_NOTHING, NEEDS_FILE, NEEDS_COMPRESSED_FILE } needs;
    void (*measure)(const struct limits_input *in, size_t arg, struct limits_sample *s);
    size_t arg;
    const char *what;
};
extern const struct limit limits_table[LIMITS_COUNT];

/* The index of the limit in limits_table[], or LIMITS_COUNT. */
size_t limits_find(const char *name);

/* The limit that bounds one thread reading a cached file with the backend, in blocks of that size (0: its own choice).
 * NULL: none is known. */
const char *limits_for(const struct backend *b, bool compressed, size_t block);

/* Gets samples as they are taken; what is not 0 ends the taking. */
typedef int limit_keep(void *arg, const struct limit_sample *s);

/* The limits of one file. */
struct limits {
    char dataset[SAMPLE_NAME]; /* of the samples */
    struct limits_input in;
    bool wanted[LIMITS_COUNT];
    bool over[LIMITS_COUNT]; /* it failed, and why was said; it is not tried again */
    char why[LIMITS_COUNT][LIMIT_WHY];
    uint64_t random;
};

struct limits_options {
    const char *dataset;
    const char *path;    /* the file that is read; NULL: one is made, in $TMPDIR or where datasets are */
    unsigned window_log; /* of zstd frames, see dbn/zstd.h */
    uint64_t seed;       /* for orders and places */
    bool wanted[LIMITS_COUNT];
};

/* Brings the file into the page cache. A file that cannot be read or made is the reason why limits have no value; 0, or
 * what is wrong with a file that was given. Close it in any case. */
int limits_open(struct limits *l, const struct limits_options *options);

/* One sample of each limit that is wanted, in an order drawn anew. keep() gets them, and gets once why there is none.
 * > 0: a signal stopped it (see child.h); 0, or what keep() said. */
int limits_round(struct limits *l, uint64_t round, limit_keep *keep, void *arg);

/* If the file changed meanwhile, those of it have no value after all: keep() gets why. 0, or what keep() said. */
int limits_close(struct limits *l, limit_keep *keep, void *arg);

/* For a run line: what those limits are of that any of the n wants. NULL if memory ran out. */
json_t *limits_json(const struct limits *l, size_t n);

#endif
