/* What this machine allows at most, in each of the ways a reader of files spends its time: a result can then be said in
 * per cent of that. One short sample of each at a time (15 ms; of inflating up to 200 ms), in a process of its own, so
 * that they can take turns with what is compared with them. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include "../../backends/file.h"
#include "../machine/page_cache.h"
#include "../results/sample.h"

#include <jansson.h>

enum { LIMITS_COUNT = 12, LIMITS_STEPS = 4096 };

/* A sample is made of steps of less than a millisecond, so that those which were interrupted stand out. */
struct limits_steps {
    uint64_t begin_ns; /* of the step that goes on */
    uint64_t ns;       /* of those that are over */
    size_t n;
    struct limits_step {
        uint64_t ns, amount;
    } step[LIMITS_STEPS];
};

struct limits;

struct limit {
    const char *name;
    bool per_second; /* the value is bytes/s, and not ns for one of what is counted */
    bool inflates;   /* the file has to be compressed */
    bool device;     /* the file is not read from the page cache */
    int (*measure)(const struct limits *l, struct limits_steps *t); /* 0 or an outcome */
    size_t arg;                                                     /* for it */
    const char *what;
};
extern const struct limit limits_table[LIMITS_COUNT];

/* The limits of one file. */
struct limits {
    /* Set before it is opened: */
    const char *path, *dataset; /* of the file, and of the samples */
    bool wanted[LIMITS_COUNT];
    enum folios folios;  /* that the page cache is to hold it in */
    unsigned window_log; /* of zstd frames, see dbn/inflate.h */
    uint64_t random;     /* a seed for places in the file */

    struct file file; /* fd -1: it is not open */
    int error;        /* why it cannot be read */
    bool compressed;
    bool over[LIMITS_COUNT];  /* it failed, and why was said; it is not tried again */
    const struct limit *turn; /* what is measured now */
    uint64_t begin;           /* drawn for each sample: where in the file it begins */
};

/* The index of the limit in limits_table[], or LIMITS_COUNT. */
size_t limits_find(const char *name);

/* The limit that bounds one thread reading a file with the backend, in blocks of that size (0: its own choice).
 * cold: the file is not cached. NULL: none is known. */
const char *limits_for(const struct backend *b, bool compressed, size_t block, bool cold);

/* Gets samples as they are taken; what is not 0 ends the taking. */
typedef int limit_keep(void *arg, const struct limit_sample *s);

/* Brings the file into the page cache, in large pieces. 0, or what is wrong with it: then that is why limits have no
 * value. Close it in any case. */
int limits_open(struct limits *l);

/* A sample of the limit with this index, if it is wanted. keep() gets it, or once why there is none. > 0: a signal
 * stopped it (see child.h); 0, or what keep() said. */
int limits_take(struct limits *l, size_t i, uint64_t round, limit_keep *keep, void *arg);

/* If the file changed meanwhile, its limits have no value after all: keep() gets why. 0, or what keep() said. */
int limits_close(struct limits *l, limit_keep *keep, void *arg);

/* For a run line: what those limits are of that any of the n wants. NULL if memory ran out. */
json_t *limits_json(const struct limits *l, size_t n);

/* The values of a limit sample from its steps, which it sorts. */
void limits_finish(struct limits_steps *t, struct limit_sample *s);

/* The sum of the 8-byte words that begin every `stride` bytes, as far as they are whole. Loads nothing else. */
uint64_t limits_touch(const uint8_t *p, size_t n, size_t stride);

#endif
