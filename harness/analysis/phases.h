/* Optimization phases: a chain of steps, what each was promised to gain, and what it gained. A step is one way of
 * decoding, measured like any case, in turns with all others; its gain is by how much less time a record takes than
 * with the step it is held against, in the same round. */
#ifndef HARNESS_PHASES_H
#define HARNESS_PHASES_H

#include "stats.h"
#include "../results/store.h"

enum { PHASES_MOST = 32, PHASE_NAME = 48 };

/* What a step would do away with at best. */
enum phase_frees { FREES_NOTHING, FREES_READING, FREES_KEEPING, FREES_THREADS };
extern const char *const phase_frees_names[];

struct phase {
    char name[PHASE_NAME], backend[32], sink[32];
    unsigned threads, split;  /* at least 1 */
    bool many;                /* several files at once */
    char against[PHASE_NAME]; /* "": this is the first, with which none is compared */
    double low, high;         /* promised, times as fast; 0: nothing was */
    enum phase_frees frees;
};

struct phase_chain {
    char name[PHASE_NAME];
    struct phase phase[PHASES_MOST];
    size_t count;
};

/* A chain of phases.def, for so many cores. False: there is none of that name. */
bool phase_chain_find(const char *name, unsigned cores, struct phase_chain *chain);

/* One from a text, a step a line: NAME BACKEND SINK THREADS SPLIT FILES AGAINST LOW HIGH FREES, separated by tabs;
 * numbers or "all" for threads and split, "one" or "many" files, "-" for none; empty lines and those that begin with #
 * are skipped. 0, or < 0 with the reason in why (size bytes), which names the line. */
int phase_chain_parse(const char *name, const char *text, unsigned cores, struct phase_chain *chain, char *why,
                      size_t size);

/* As it stands in the run line of a stored run. */
json_t *phase_chain_to_json(const struct phase_chain *chain);
bool phase_chain_from_json(const json_t *o, struct phase_chain *chain);

enum phase_verdict {
    PHASE_UNKNOWN,     /* not measured, or too few samples for an interval */
    PHASE_FIRST,       /* there is nothing to hold it against */
    PHASE_HOLDS,       /* its interval and what was promised overlap */
    PHASE_BETTER,      /* all of it beyond the promise */
    PHASE_WORSE,       /* some gain, but less than was promised */
    PHASE_NOTHING,     /* no difference, or none worth the name: 1 is in the interval, or it lies within 2 % of 1 */
    PHASE_LOSS,        /* it is slower */
    PHASE_GAIN,        /* nothing was promised, and it is faster */
    PHASE_CANNOT_TELL, /* the interval is too wide: it holds 1 and the promise, or is wider than +-10 % */
};
extern const char *const phase_verdicts[];
enum phase_verdict phase_judge(const struct stats *gain, double low, double high);

struct phase_row {
    const struct phase *phase;
    const struct sample *sample; /* one of its; the failed one, if one failed: then nothing else is set; NULL: none */
    size_t samples;
    struct stats record_ns;
    struct stats gain;       /* times as fast as the step it is held against */
    struct stats ceiling;    /* at most, if what it frees took no time; n = 0: not known */
    struct stats cumulative; /* times as fast as the first step */
    uint64_t peak_bytes;
    double calls; /* of reading, a record */
    enum phase_verdict verdict;
};

/* What a run says of its chain, for the input of this name, with `many` the name of the one that has several files
 * (NULL: there is none). rows: chain->count of them. 0 or -ENOMEM. */
int phases_of(const struct results *r, const struct phase_chain *chain, const char *one, const char *many,
              struct phase_row *rows);

#endif
