/* What this machine allows at most, in each of the ways a reader of files spends its time: a result can then be said in
 * per cent of that. One short sample of each at a time (15 ms; of inflating up to 200 ms), so that they can take turns
 * with what is compared with them. */
#ifndef HARNESS_LIMITS_H
#define HARNESS_LIMITS_H

#include "../../backends/file.h"
#include "../analysis/stats.h"
#include "../results/sample.h"

#include <jansson.h>

/* Gets samples as they are taken; what is not 0 ends the taking. */
typedef int limit_keep(void *arg, const struct limit_sample *s);

enum { LIMITS_COUNT = 19, LIMITS_WHY = 160 };

enum limits_unit {
    LIMITS_NS, /* for one of what is counted */
    LIMITS_BYTES_PER_S,
};
extern const char *const limits_units[];

/* What samples are taken of. */
struct limits_input {
    struct file file; /* fd -1: there is none */
    bool compressed;
    unsigned window_log; /* see dbn/zstd.h */
    uint64_t place;      /* drawn for each sample: where in the file it begins */
    unsigned cores;      /* that this process may use */
    uint64_t caches, l2; /* bytes: of all last-level caches together, of one core's L2; 0: unknown */
    uint64_t memory;     /* bytes that are worked on for memory bandwidth */
};

struct limits_sample {
    double value;         /* by the time in which nothing interrupted it: what the machine allows */
    double wall_value;    /* by all the time it took: what was to be had of it just then */
    char why[LIMITS_WHY]; /* "", or why there is no value */
};

enum limits_needs { NEEDS_NOTHING, NEEDS_FILE, NEEDS_COMPRESSED_FILE };

struct limit {
    const char *name;
    enum limits_unit unit;
    enum limits_needs needs;
    void (*measure)(const struct limits_input *in, size_t arg, struct limits_sample *s);
    size_t arg;
    const char *what;
};
extern const struct limit limits_table[LIMITS_COUNT];

/* The limit, or NULL. */
const struct limit *limits_find(const char *name);

/* What is known of a limit. Failing once ends it: then why is not "", and nothing else counts. */
struct limits_result {
    bool wanted;
    char why[LIMITS_WHY];
    struct limits_sample *samples; /* one of each round */
    size_t n;
};

struct limits {
    struct limits_input in;
    struct limits_result results[LIMITS_COUNT]; /* in the order of limits_table[] */
    uint64_t random;
};

struct limits_options {
    const char *path;    /* the file that is read; NULL: one is made for it, in $TMPDIR or where datasets are */
    unsigned window_log; /* of zstd frames, see dbn/zstd.h */
    uint64_t seed;       /* for orders and places */
    const bool *wanted;  /* LIMITS_COUNT of them; NULL: all */
};

/* Brings the file into the page cache. 0, or < 0 with the reason in why (size bytes), which names the file. That no
 * file can be made is no error, but the reason why some limits have no value. */
int limits_open(struct limits *l, const struct limits_options *options, char *why, size_t size);
/* 0, or DBN_E_FILE_CHANGED: then no sample of a file counts. */
int limits_close(struct limits *l);

/* One sample of each limit that is wanted, each in a process of its own, in an order drawn anew. False: a signal
 * stopped it (see child.h). */
bool limits_round(struct limits *l);

/* Of the values so far; n is 0 if there are none. */
struct stats limits_stats(const struct limits_result *r);

/* Each wanted limit with all its samples, or with the reason why there are none. NULL if memory ran out. */
json_t *limits_json(const struct limits *l);

/* The limit that bounds one thread reading a cached file with the backend, in blocks of that size (0: its own choice).
 * NULL: none is known. */
const char *limits_for(const struct backend *b, bool compressed, size_t block);

/* The least time in which `bytes` of a stream can be had by `reads` read calls, if the limit's value is this. Divided
 * by the time that it took, it says how near to the limit that came. */
double limits_least_ns(const struct limit *limit, double value, uint64_t bytes, uint64_t reads);

#endif
