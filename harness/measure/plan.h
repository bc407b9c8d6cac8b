/* What a run is made of: files, what must be found in them, and the cases that measure reading them. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "../machine/child.h"
#include "../machine/counters.h"
#include "../machine/page_cache.h"
#include "../results/sample.h"
#include "job.h"

/* A part of a file, from its start on, and what the reference decoder finds in it. */
struct plan_range {
    uint64_t prefix;                   /* records; 0: the whole file */
    uint64_t end;                      /* bytes of the file; UINT64_MAX: all */
    uint64_t records, bytes;           /* bytes of the stream, metadata and all */
    struct tally expected[SINKS_MOST]; /* in the order of sinks[] */
    uint64_t sums[SUMS];               /* of the sink `sum` */
    bool raw;                          /* the bytes of the file as they are; see job.h */
};

enum { PLAN_RANGES = 32 };

struct plan_file {
    char *path;
    char name[SAMPLE_NAME]; /* of the dataset, for tables and results */
    bool is_dataset;        /* else it is named after its path */
    uint64_t size;
    bool compressed;
    double faults_per_mib;                /* see page_cache_faults() */
    bool dropped;                         /* from the page cache, before it was read into it; see page_cache_settle() */
    struct plan_range range[PLAN_RANGES]; /* those worked out so far, the whole file first */
    size_t ranges;
};

#define PLAN_ALL_FILES "all files together"

/* What stood together on the command line: a dataset, a set of them, a file, or all files. */
struct plan_input {
    char name[SAMPLE_NAME];
    size_t first, files; /* of plan.files */
    bool apart;          /* some of them were named before, so they are not one after the other */
};

struct plan_case {
    size_t file; /* of plan.files, the first */
    const struct backend *backend;
    const struct sink *sink;
    struct case_key key; /* plan_add_case() completes it: what is 0 or "" is as usual */
    const char *limit;   /* of the machine, that bounds it; NULL: none is known */
    uint64_t prefix;     /* records that it decodes instead of what calibration would choose; 0: calibration chooses */
    bool raw;            /* the bytes of the file as they are */
    size_t follows;      /* it decodes what the earlier case with this number decodes, the first being 1; 0: none */

    /* Set by calibration. */
    const struct plan_range *range;
    struct plan_range sum; /* of several files */
    uint64_t iterations;   /* decodes in a sample */
    /* Set by that and by the rounds. */
    uint64_t cost_ns, taken; /* what its last sample took, all in all; samples so far */
    bool due;                /* it takes part in the round */
    bool failed;             /* then it is not tried again */
};

struct plan {
    struct plan_file *files;
    const char **paths; /* those of the files */
    size_t file_count;
    struct plan_input *inputs;
    size_t input_count;
    struct plan_case *cases;
    size_t case_count;
    struct input_options input;
    struct counter_set counters;
    struct child_limits limits; /* of each sample */
    bool cold;
    enum folios folios;
    json_t *notes; /* what the plan has to say: what it left out, and why. NULL: nothing */
};

/* Prints one line about what is wrong. */
typedef void plan_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Datasets, or sets of them, separated by commas, in their folder. 0; -EINVAL: a word that names none; or another
 * error. What is wrong was printed. A file that is there already is not added again. */
int plan_add_datasets(struct plan *p, const char *words, const char *folder, plan_complain *complain);

/* Files, named after the shortest end of each path that tells it from all others: in whatever order they come. */
int plan_add_files(struct plan *p, char *const *paths, size_t count, plan_complain *complain);

/* One file. 0, or < 0 with the reason in why, which names the file. */
int plan_add_file(struct plan *p, const char *path, const char *dataset, char *why, size_t size);

/* Every file with every backend, block size, sink and number of threads; files vary slowest, threads fastest.
 * Lists end with NULL and 0; left out are backends and sinks that are unavailable, and threads that would idle. Block
 * sizes are for backends that have any; an empty list is that of p->input alone. */
void plan_cross(struct plan *p, const struct backend *const *backends, const struct sink *const *with,
                const size_t *blocks, const unsigned *threads);

/* A copy of *c, unless the same case of the same file is there already; and of the same with several sinks. */
void plan_add_case(struct plan *p, const struct plan_case *c);
void plan_add_sinks(struct plan *p, struct plan_case c, const struct sink *const *with);

/* The first `prefix` records of the file (0: all of it; beyond that only for files that are not compressed), decoded by
 * the reference decoder in a child, or its bytes as they are; or found among those known. The range stays the file's.
 * NULL with the reason in why, which is empty if a signal stopped it. */
const struct plan_range *plan_range(const struct plan *p, struct plan_file *f, uint64_t prefix, char *why, size_t size);
#define PLAN_RAW UINT64_MAX

/* What a case of several files decodes: all of them. */
const struct plan_range *plan_sum(const struct plan *p, struct plan_case *c);

struct job_expected plan_expected(const struct plan_case *c, const struct plan_range *range);
struct job plan_job(const struct plan *p, const struct plan_case *c, const struct plan_range *range);

void plan_free(struct plan *p);

#endif
