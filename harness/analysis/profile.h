/* Where the time of a decode goes: its parts, each measured by leaving something out, and what they leave unexplained.
 *
 * The whole is reading a file, loading all fields of every record, and (the sink `rows`) keeping every record. Its
 * parts are differences of CPU times, a record, between cases of the same round: calls, faults and hand-over on the
 * backend with next to no work, all others on bytes that are in memory already (docs/profile.md has a table). So
 * nothing makes them add up to the whole but its being their sum; what is missing, or too much because two parts
 * overlap, is unexplained. Pure functions of numbers and samples. */
#ifndef HARNESS_PROFILE_H
#define HARNESS_PROFILE_H

#include "report.h"

/* The sample's name for a backend whose bytes are taken as they are ends with this. */
#define PROFILE_RAW "/raw"

enum profile_step {
    STEP_RAW,       /* `none` on the file as it is: compressed if it is */
    STEP_RAW_TOUCH, /* `touch` on that */
    STEP_NONE,
    STEP_TOUCH,
    STEP_FRAME,
    STEP_FIELDS,
    STEP_ROWS,
    PROFILE_STEPS,
};
extern const char *const profile_sinks[PROFILE_STEPS];

/* What a step's bytes come from. */
enum profile_source {
    FROM_BACKEND, /* that is taken apart */
    FROM_BLOCKS,  /* buffered: what a shared backend's reading would be without its threads */
    FROM_MEMORY,  /* the file's pages in memory already, and so are the next four */
    FROM_CACHE,   /* block by block, loaded once before it is lent */
    FROM_HANDED,  /* copied by another thread */
    FROM_STEPS,   /* in the pieces that a decoder asks for */
    PROFILE_SOURCES,
};
enum profile_part {
    PART_CALLS,       /* reading alone: system calls, and the copying they do */
    PART_FAULTS,      /* of pages of a mapped file: what touching it costs more than touching memory */
    PART_HAND_OVER,   /* of a shared backend: what it takes more than reading, before anybody looks at its blocks */
    PART_INFLATE,     /* from memory */
    PART_MEMORY,      /* what work costs more on bytes that are far away than on bytes in the cache */
    PART_FRAMING,     /* finding the records; for a decoder that asks field by field, joining them */
    PART_FIELDS,      /* loading all fields */
    PART_ALLOCATION,  /* keeping every record: memory that grows, its page faults, and copying */
    PART_UNEXPLAINED, /* less than 0: parts overlap */
    PROFILE_PARTS,
};
extern const char *const profile_part_names[PROFILE_PARTS];

/* What there is to know of a backend and a file: of the backend what the run says. */
struct profile_kind {
    bool compressed;
    bool mapped;  /* it makes no read calls */
    bool shared;  /* it has threads of its own */
    bool stepped; /* it is asked for fields or records, not blocks */
    bool kept;    /* the whole includes keeping the records */
};

/* Can there be such a part? */
bool profile_has(const struct profile_kind *kind, enum profile_part part);

/* CPU time of one round, ns a record. NAN: not measured. */
struct profile_times {
    double ns[PROFILE_SOURCES][PROFILE_STEPS];
};

/* The step that is taken apart. */
static inline enum profile_step profile_top(const struct profile_kind *kind)
{
    return kind->kept ? STEP_ROWS : STEP_FIELDS;
}

/* The parts of t->ns[FROM_BACKEND][the top], in ns; NAN for those that cannot be worked out, and 0 for those that there
 * cannot be. Of a file that is not compressed the raw steps need not be set. */
void profile_split(const struct profile_kind *kind, const struct profile_times *t, double part[PROFILE_PARTS]);

/* Do the parts add up to the whole? Judged by the unexplained share of it. */
enum profile_verdict {
    PROFILE_CLOSES,   /* 0 is in its interval, or it is no more than 3 % */
    PROFILE_OPEN,     /* something else takes time */
    PROFILE_OVERLAPS, /* parts take less time together than one by one */
    PROFILE_UNSURE,   /* the interval is wider than +-10 %, or there are too few rounds for one */
};
extern const char *const profile_verdicts[];
enum profile_verdict profile_judge(const struct stats *share);

/* How many times as fast it would be at most if a part with this share of the time took none: Amdahl's law. 1 for
 * shares below 0, INFINITY from 1 on. */
double profile_gain(double share);

/* One backend on one file. */
struct profile_row {
    const char *dataset, *backend;
    const struct sample *sample; /* of the whole. The failed one, if one it needs failed: then nothing else is set */
    bool unknown;                /* nor is it if the run does not say how the backend reads */
    struct profile_kind kind;
    struct stats cpu, wall;            /* of the whole, ns a record */
    struct stats part[PROFILE_PARTS];  /* ns a record; n is 0 for those that there cannot be */
    struct stats share[PROFILE_PARTS]; /* parts as ratios to the whole, in the same round */
    enum profile_verdict verdict;
    double reads, faults; /* a record, of the whole */
    double moved; /* bytes a byte of the stream: copied by the kernel or in user space, or inflated; NAN: not known */
};

struct profile {
    struct profile_row *rows;
    size_t count;
};

/* What a run says of every file and backend of which it has the whole. The report must outlive the profile. */
void profile_of(const struct report *report, struct profile *p);
void profile_free(struct profile *p);

#endif
