/* A sample: one repetition of one case, as it was measured. All that the measuring half and the reading half (store,
 * stats, summary, table) both know. Every figure is derived from samples; nothing derived is ever stored. */
#ifndef HARNESS_SAMPLE_H
#define HARNESS_SAMPLE_H

#include "case.h"

/* Of an event that may have to share the processor's counters with others. */
struct counter_reading {
    struct reading reading; /* scaled: it counted part of the time, and this is what it would have been */
    uint32_t ran_ppm;       /* that part; 1000000 if exact */
};
enum { COUNTERS_MAX = 16, COUNTER_NAME = 64 };

/* How a sample ended; the names are those of sample_outcomes[]. Only an OK sample has numbers. */
enum sample_outcome {
    SAMPLE_OK,
    SAMPLE_MISMATCH, /* not what the reference decoder found */
    SAMPLE_FAILED,   /* the backend could not do it */
    SAMPLE_CRASHED,  /* by a signal */
    SAMPLE_TIMED_OUT,
    SAMPLE_UNAVAILABLE, /* it cannot be measured here: no cold file, no child process */
    SAMPLE_OUTCOMES,
};
extern const char *const sample_outcomes[SAMPLE_OUTCOMES];

enum { SAMPLE_NAME = sizeof(((struct case_key *)0)->dataset), SAMPLE_ERROR = 512, LIMIT_NAME = 32, LIMIT_WHY = 160 };
enum { CALL_NAME = 32, CALLS_NAMED = 64 };

/* Each field is explained in fields.def. */
struct sample {
    struct case_key key;
#define SAMPLE FIELD_MEMBER
#include "fields.def"
    enum sample_outcome outcome;
    char error[SAMPLE_ERROR]; /* "" if OK */

    uint64_t counters; /* how many events were to be counted */
    struct sample_counter {
        char name[COUNTER_NAME];
        struct counter_reading count;
    } counter[COUNTERS_MAX];
};

static inline double sample_decode_ns(const struct sample *s)
{
    return (double)s->wall_ns / (double)s->iterations;
}

/* One sample of a limit (see limits.h), taken between the samples of a round. */
struct limit_sample {
#define LIMIT FIELD_MEMBER
#include "fields.def"
    char why[LIMIT_WHY]; /* "", or why the limit has no value, in any round */
};

/* A machine's capacity is stored as limits of a dataset of their own: what so many threads come to, all together, that
 * share nothing. */
#define CAPACITY_DATASET "capacity"
enum capacity_kind {
    CAPACITY_ARITHMETIC, /* in registers: ns for one operation */
    CAPACITY_MEMORY,     /* reading memory, each thread its own: bytes/s */
    CAPACITY_KERNELS,
};
/* The name of the limit with so many threads: "memory x2". */
void capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME]);

/* What a decode takes in instructions, of all threads. */
struct instruction_count {
#define INSTRUCTIONS FIELD_MEMBER
#include "fields.def"
    char why[LIMIT_WHY]; /* "", or why it is not known */
};

/* The system calls and page faults of one decode, counted exactly and without a clock. */
struct call_count {
#define CALLS FIELD_MEMBER
#include "fields.def"
    char why[LIMIT_WHY]; /* "", or why nothing was counted */

    size_t names; /* of the calls that were made, the most frequent first; together they are `calls` */
    struct named_calls {
        char name[CALL_NAME];
        uint64_t calls;
    } named[CALLS_NAMED];
};

/* One run, in memory. Tables are made of this, whether it was just taken or read back. */
struct results {
    json_t *run, *end; /* the lines; end is NULL if it is missing */
    struct sample *samples;
    size_t count;
    struct limit_sample *limits;
    size_t limit_count;
    struct instruction_count *instructions;
    size_t instruction_count;
    struct call_count *calls;
    size_t call_count;
    size_t skipped;               /* lines of the file that could not be used */
    size_t skipped_line;          /* the number of the first, */
    char skipped_why[STORED_WHY]; /* and what is wrong with it */
};

/* The types of line that hold what was measured, each with a struct in sample.h. */
enum stored { STORED_SAMPLE, STORED_LIMIT, STORED_INSTRUCTIONS, STORED_CALLS, STORED_TYPES };
extern const struct stored_type {
    const char *name;
    const struct stored_field *fields;
    size_t size;        /* of the struct */
    const char *reason; /* key of the reason why there is no measurement */
    size_t why, room;   /* its member and that one's size; "": there is one */
    size_t list, count; /* members of struct results */
} stored_types[STORED_TYPES];

json_t *stored_to_json(enum stored type, const void *from);
/* False with the reason in why if the object is no valid line of the type. Unknown keys are ignored. */
bool stored_from_json(enum stored type, const json_t *object, void *to, char why[STORED_WHY]);

/* Two cases under one key, or two keys of one case, could not be told apart afterwards. 0, or -EEXIST with the case in
 * why. */
int results_check_cases(const struct results *r, char *why, size_t size);

/* The samples, ordered by their keys and then by their indices, to be freed. */
struct sample **results_by_key(const struct results *r);

/* Adds a copy of a sample just taken, unless it is of another case than its key or its index says. */
bool results_keep(struct results *r, const struct sample *s);

/* Adds a copy of what is of the type. */
void results_add(struct results *r, enum stored type, const void *one);
void results_free(struct results *r);

enum { SKIPPED_TEXT = STORED_WHY + 80 };
/* "2 lines could not be used, the first is line 7: round cannot be -1"; "": there are none. */
void results_skipped_text(const struct results *r, char text[SKIPPED_TEXT]);

#endif
