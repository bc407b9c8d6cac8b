/* A gate: two programs, base and head, carry out the same decodes side by side, and head must not be worse. What can be
 * counted is compared first, exactly; then time, in randomised blocks. */
#ifndef HARNESS_GATE_H
#define HARNESS_GATE_H

#include "../foreign/foreign.h"
#include "../machine/child.h"
#include "../measure/plan.h"
#include "../results/case.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>

/* From the least to the most severe, which is that of a whole gate. */
enum gate_verdict {
    GATE_NOTHING, /* was compared: of a whole gate that is a failure */
    GATE_OK,
    GATE_IMPROVED,
    GATE_INCONCLUSIVE,
    GATE_REGRESSED,
    GATE_COULD_NOT_RUN,
    GATE_WRONG,
    GATE_VERDICTS,
};
extern const char *const gate_verdicts[GATE_VERDICTS];

/* --- what is judged --- */

enum { GATE_LOOKS = 3, GATE_BLOCKS = 80, GATE_WHY = 256, GATE_ITEMS = 64 };

struct gate_count {
    bool known;
    uint64_t value;
};

/* Something that is counted exactly. */
struct gate_item {
    char name[48];
    struct gate_count base, head;
    enum gate_verdict verdict;
    char why[GATE_WHY];
};

/* Logarithms of head's over base's. */
struct gate_block {
    double cpu, wall;
    double waits; /* of the time over the CPU time in it, without that in which others had the processor */
};

struct gate_judgement {
    enum gate_verdict verdict;
    size_t n;
    /* All as a ratio to the base: 0.05 is 5 % more. Set if n > 0 and the verdict is not GATE_COULD_NOT_RUN. */
    double estimate, low, high;
    double detectable; /* minimum effect: a change of this size would be called a regression in 9 of 10 gates */
    size_t needed;     /* blocks with which that would be the target */
    char why[GATE_WHY];
};

struct gate_timing {
    struct gate_block block[GATE_BLOCKS];
    size_t n;
    bool done, shifted;
    enum gate_verdict verdict;
    struct gate_judgement time;  /* by the case's clock */
    struct gate_judgement waits; /* only where CPU time decides: it does not see them */
    char why[GATE_WHY];
};

/* What a decode counts itself: the key in its JSON, the name of the item, and that for --allow. */
enum { GATE_COUNTS = 5 };
extern const struct gate_counted {
    const char *key, *name, *group;
} gate_counted[GATE_COUNTS];

/* What a decode says of itself, in `dbnbench decode --json`. */
struct gate_reading {
    struct tally found;
    uint64_t digest_version;
    struct gate_count count[GATE_COUNTS];
};

struct gate_case {
    struct case_key key;
    struct plan_file *file;
    const char *word;               /* for --backend; NULL: its name */
    bool in[2];                     /* does the arm have this backend? */
    bool by_wall;                   /* CPU time does not see waiting, where that is part of the work */
    bool per_record;                /* every record takes system calls */
    const struct plan_range *range; /* of the file, that is decoded */
    uint64_t decodes;               /* in a timed process */
    struct tally found;             /* by the first process: by every timed one of both arms as well */

    struct gate_item item[GATE_ITEMS];
    size_t items;
    struct gate_timing timing, confirming;
    enum gate_verdict exact, verdict;
    char why[GATE_WHY];
};

/* --- judging: pure functions; every verdict comes from here --- */

/* The share of gates in which one of two equal programs is called a regression, at most, in one measurement. It has to
 * be called that once more, in another random order, before the gate says so: that is a tenth of a tenth. */
#define GATE_ALPHA 0.1

extern const size_t gate_looks[GATE_LOOKS]; /* blocks after which a case is judged; the last is GATE_BLOCKS */

/* As a ratio to the base: up to the floor nothing is called a regression, since code that only lies elsewhere differs
 * by as much; and a case is ok once a change as large as the target is ruled out. */
struct gate_rule {
    double floor, target;
};
extern const struct gate_rule gate_cpu_rule, gate_wall_rule;

enum gate_verdict gate_worse(enum gate_verdict a, enum gate_verdict b);

/* d: the logarithm of head's time over base's, of each block. tests: how many such judgements the gate makes in all, so
 * that all of them together keep to GATE_ALPHA. */
struct gate_judgement gate_judge(const double *d, size_t n, size_t tests, const struct gate_rule *rule);

/* Judges the blocks so far; t->done unless more are needed. */
void gate_judge_timing(struct gate_timing *t, bool by_wall, size_t tests);

/* Counts that have to be equal. */
enum gate_verdict gate_judge_count(struct gate_count base, struct gate_count head, bool may_differ, char why[GATE_WHY]);

/* Counts that may rise a little: above `warn` that is said, above `fail` it is a regression. */
enum gate_verdict gate_judge_rise(struct gate_count base, struct gate_count head, double warn, double fail,
                                  bool may_differ, char why[GATE_WHY]);

/* Of all that is known of the case; sets c->why if that is not said yet. */
enum gate_verdict gate_judge_case(struct gate_case *c, bool exact_only);

/* --- comparing --- */

struct gate_arm {
    const char *name; /* "base" or "head" */
    const char *program;
    const char *shifted;                /* the same program with its code laid out in another way, or NULL */
    const struct foreign *const *modes; /* of a decoder of others, which it is then; else NULL */
};

enum { GATE_OUTPUT = 64 << 10, GATE_PADDING = 4096 };

struct gate {
    /* as it was asked for */
    bool exact_only, strict, skip_instructions;
    const char *allow;      /* names of counts that may differ, separated by commas; or NULL */
    uint64_t limit_s;       /* of the timing, and of the confirming, beyond the first look; 0: none */
    uint64_t random;        /* state of the generator */
    char path[4][PATH_MAX]; /* of the arms' programs */
    struct gate_arm arm[2]; /* base and head, of which both or neither are there in another layout */
    struct plan plan;
    struct gate_case *cases;
    size_t count;
    void (*progress)(void *arg, const char *what, const struct gate_case *c, size_t n);
    void *progress_arg;

    struct child_use use;                    /* of the last process */
    char out[GATE_OUTPUT], err[GATE_OUTPUT]; /* what it printed */

    /* what came of it */
    enum gate_verdict verdict;
    int code; /* the exit code */
    bool interrupted;
    double seconds;
    char time[32];                                      /* of day, when it began */
    char why[GATE_WHY];                                 /* it could not be set up; "" */
    char no_calls[GATE_WHY], no_instructions[GATE_WHY]; /* why these are not counted; "" */
};

/* These return false if a signal stopped them. */

/* Names of the arm's backends, separated by commas, or why there are none. */
bool gate_find_backends(struct gate *g, const struct gate_arm *arm, char *names, size_t size, char why[GATE_WHY]);
/* Fixes what the case decodes, and how often, so that a process takes some tens of milliseconds. */
bool gate_fit(struct gate *g, struct gate_case *c);
bool gate_compare_counts(struct gate *g, struct gate_case *c);
bool gate_compare_times(struct gate *g);

/* Is the word in the list, which has commas, or is NULL? */
bool gate_names(const char *list, const char *word);

/* --- processes --- */

struct gate_decode {
    const char *sink;
    uint64_t decodes; /* of the case's file */
    size_t padding;
    bool shifted;
};

/* One process of the arm. GATE_OK, or what went wrong, with the reason in why; GATE_NOTHING if a signal came. g->use is
 * what it took. */
enum gate_verdict gate_decode(struct gate *g, const struct gate_arm *arm, const struct gate_case *c,
                              const struct gate_decode *what, struct gate_reading *reading, char why[GATE_WHY]);

enum { GATE_ARGUMENTS = 128 };

/* The command line of that, with the environment of every process of a gate. Points to texts of its own, of the arm and
 * of the case. */
struct gate_command {
    const char *argv[GATE_ARGUMENTS + 1], *environment[7];
    size_t used;
    char texts[GATE_PADDING + 512];
};
void gate_decode_command(const struct gate_arm *arm, const struct gate_case *c, const struct gate_decode *what,
                         struct gate_command *command);

/* The same of an arm that is a decoder: what it finds is right, or that is why it is GATE_WRONG. CPU time that is not
 * known is 0. */
enum gate_verdict gate_decode_by(struct gate *g, const struct gate_arm *arm, const struct gate_case *c,
                                 const struct gate_decode *what, struct gate_reading *reading, char why[GATE_WHY]);
/* Its modes, as the names of backends. */
void gate_list_modes(const struct gate_arm *arm, char *names, size_t size);

/* What such a process printed. Pure. */
enum gate_verdict gate_reading_parse(const char *out, const char *backend, const char *sink, uint64_t decodes,
                                     struct gate_reading *r, char why[GATE_WHY]);

/* --- showing --- */

void gate_print(const struct gate *g, bool markdown, FILE *to);
void gate_print_junit(const struct gate *g, FILE *to);

/* With every block, so that it can be judged again. */
json_t *gate_json(const struct gate *g);

#endif
