/* Optimization phases: a chain of steps, what each was promised to gain, and what it gained. A step is one way of
 * decoding, measured like any case, in turns with all others; its gain is by how much less time a record takes than
 * with the step it is compared with, in the same round. */
#ifndef HARNESS_PHASES_H
#define HARNESS_PHASES_H

#include "report.h"

enum { PHASES_MOST = 32, PHASE_NAME = 48 /* as much of a name as is shown beside other text */ };

struct phase {
    const char *name, *backend, *sink;
    unsigned threads, split; /* at least 1 */
    bool many;               /* several files at once */
    const char *against;     /* "": this is the first, with which none is compared */
    double low, high;        /* promised, times as fast; 0: nothing was */
};

struct phase_chain {
    json_t *json; /* what it was read from, and its texts belong to: for json_decref() */
    const char *name;
    struct phase phase[PHASES_MOST];
    size_t count;
};

/* From a file, or, if the path is NULL, the one that is built in: docs/claims/roadmap.json, the roadmap that work on
 * this kind of decoder began with. It is an object with a name and `steps`, each of which has what struct phase has:
 * name, backend, sink; and what is not as usual: threads and split (1, or "all", as many as there are cores), many
 * (false), against (the step before it), low and high (0, or "all"). 0, or with the reason in why (size bytes) -EINVAL,
 * or another -errno if it could not be read. */
int phase_chain_load(const char *path, unsigned cores, struct phase_chain *chain, char *why, size_t size);

/* The same of an object, as it also stands in the run line of a stored run. In place of "all" are then numbers. */
int phase_chain_read(json_t *o, unsigned cores, struct phase_chain *chain, char *why, size_t size);

enum phase_verdict {
    PHASE_UNKNOWN,      /* not measured, or too few samples for an interval */
    PHASE_FIRST,        /* there is nothing to compare it with */
    PHASE_HOLDS,        /* its interval and what was promised overlap */
    PHASE_BETTER,       /* all of it beyond the promise */
    PHASE_WORSE,        /* some gain, but less than was promised */
    PHASE_NOTHING,      /* no difference, or none worth the name: 1 is in the interval, or it lies within 2 % of 1 */
    PHASE_LOSS,         /* it is slower */
    PHASE_GAIN,         /* nothing was promised, and it is faster */
    PHASE_INCONCLUSIVE, /* the interval is too wide: it holds 1 and the promise, or is wider than +-10 % */
};
extern const char *const phase_verdicts[];
enum phase_verdict phase_judge(const struct stats *gain, double low, double high);

struct phase_row {
    const struct phase *phase;
    const struct sample *sample; /* one of its; the failed one, if one failed: then nothing else is set; NULL: none */
    struct stats record_ns;
    struct stats gain;       /* times as fast as the step it is compared with */
    struct stats cumulative; /* times as fast as the first step */
    enum phase_verdict verdict;
};

/* What a run says of its chain, for the input of this name, with `many` the name of the one that has several files
 * (NULL: there is none). rows: chain->count of them. */
void phases_of(const struct report *s, const struct phase_chain *chain, const char *one, const char *many,
               struct phase_row *rows);

#endif
