/* A session: one run of cases, from the files on the command line to the end of what is stored. Commands that measure
 * differ in their plan and in what they show of the results. */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "../machine/page_cache.h"
#include "../machine/syscount.h"
#include "../results/run.h"
#include "../results/store.h"
#include "capacity.h"
#include "limits.h"
#include "plan.h"
#include "progress.h"

/* Samples of each case, whatever the time limit. */
enum { SESSION_SAMPLES_MIN = 3 };

struct session;

struct session_options {
    enum run_kind kind;
    struct input_options input;
    const char *datasets, *folder; /* as for plan_add_datasets(); NULL: none */
    char *const *paths;
    size_t path_count;
    const char *datasets_behind;      /* more datasets, behind the files */
    const char *out;                  /* the store; NULL: a new file in results/; "-": standard output */
    uint64_t rounds, seconds, seed;   /* seconds: all of it is to take no longer, if it can; 0: no limit */
    uint64_t timeout_s, memory_limit; /* of each sample; memory_limit 0: none */
    int argc;                         /* the command line, to be stored */
    char **argv;

    const struct backend *const *backends; /* that were asked for; ends with NULL */
    struct counter_set counters;           /* events to count in each sample */
    const unsigned *capacity;              /* numbers of threads whose capacity is measured; NULL: none */
    enum folios folios;                    /* in which the page cache holds files */
    bool cold;                             /* files are dropped from the page cache before each sample */
    bool limits;                           /* measure those that bound cases */
    bool wanted[LIMITS_COUNT];             /* and these, of every file */
    bool instructions, calls;              /* count these after the rounds */

    /* Adds the cases, once it is known what is in the files. 0; or < 0: what is wrong was printed, and -EINVAL is a
     * matter of the command line. NULL: no records are decoded, whatever is in the files. */
    int (*plan)(struct session *s, void *arg);
    void *arg;
    /* For the run line: facts of this kind of run. NULL: none. */
    json_t *(*facts)(const struct session *s, const void *arg);

    plan_complain *complain;
    FILE *progress;
};

enum session_end {
    SESSION_DONE,
    SESSION_USAGE,    /* the command line is wrong; nothing was measured */
    SESSION_FAILED,   /* something could not be run, read or stored */
    SESSION_MISMATCH, /* a decoder gave a wrong result */
    SESSION_STOPPED,  /* by a signal */
};

struct session {
    const struct session_options *o;
    struct plan plan;
    struct results results; /* that were stored */
    char path[4096];        /* of the store */

    char id[64];
    struct store *store;
    struct limits *limits; /* by plan.files; none: none are wanted */
    size_t limit_count;
    struct capacity capacity[CAPACITY_KERNELS * 16];
    size_t capacity_count;
    bool traced; /* calls are counted by a tracer; or why not: */
    char no_trace[SYSCOUNT_WHY];
    struct progress progress;
    uint64_t begin_ns;
    bool failed, stopped; /* stopped: by a signal */
    bool lost;            /* what is measured could not be stored */
    bool cut;             /* by the time limit */
    bool disagreed;       /* two ways of counting did */
};

/* Carries it out. The session may not be moved, and is to be freed in any case. */
enum session_end session_run(struct session *s, const struct session_options *options);
void session_free(struct session *s);

#endif
