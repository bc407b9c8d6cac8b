/* A gate: two programs, base and head, carry out the same decodes side by side, and head must not be worse. What can be
 * counted is compared first, exactly; then time, in randomised blocks. */
#ifndef HARNESS_GATE_H
#define HARNESS_GATE_H

#include "../machine/child.h"
#include "../measure/plan.h"
#include "../results/case.h"
#include "gate_decide.h"

#include <jansson.h>
#include <limits.h>

struct gate_arm {
    const char *name; /* "base" or "head" */
    const char *program;
    const char *shifted; /* the same program with its code laid out in another way, or NULL */
};

/* What a decode says of itself, in `dbnbench decode --json`. */
struct gate_reading {
    uint64_t records, bytes, digest;
    struct gate_count reads, bytes_read, copied, allocations, allocated_bytes;
};

/* Something that is counted exactly. */
struct gate_item {
    char name[48];
    struct gate_count base, head;
    enum gate_verdict verdict;
    char why[GATE_WHY];
};
enum { GATE_ITEMS = 64 };

/* Logarithms of head's over base's. */
struct gate_block {
    double cpu, wall;
    double waits; /* of the time over the CPU time in it, without that in which others had the processor */
};

struct gate_timing {
    struct gate_block block[GATE_BLOCKS];
    size_t n, retaken; /* blocks; those taken again because the host was busy with others */
    bool done, shifted;
    enum gate_verdict verdict;
    struct gate_judgement time;  /* by the case's clock */
    struct gate_judgement other; /* by the other one: for information */
    struct gate_judgement waits; /* only where CPU time decides: it does not see them */
    char why[GATE_WHY];
};

struct gate_case {
    struct case_key key;
    struct plan_file *file;
    bool in_base, in_head;          /* does the arm have this backend? */
    bool by_wall;                   /* CPU time does not see waiting, where that is part of the work */
    bool per_record;                /* every record takes system calls */
    const struct plan_range *range; /* of the file, that is decoded */
    uint64_t decodes;               /* in a timed process */
    struct gate_reading reading;    /* that every timed process of both arms must have */

    struct gate_item item[GATE_ITEMS];
    size_t items;
    struct gate_timing timing, confirming;
    enum gate_verdict exact, verdict;
    char why[GATE_WHY];
};

enum { GATE_OUTPUT = 64 << 10, GATE_PADDING = 4096 };

struct gate {
    char path[4][PATH_MAX]; /* of the arms' programs */
    struct gate_arm base, head;
    struct plan plan;
    struct gate_case *cases;
    size_t count;
    bool exact_only, cold, instructions;
    const char *allow;                       /* names of counts that may differ, separated by commas; "" */
    uint64_t limit_ns;                       /* of the timing, and of the confirming, beyond the first look; 0: none */
    uint64_t random;                         /* state of the generator */
    struct child_use use;                    /* of the last process */
    char out[GATE_OUTPUT], err[GATE_OUTPUT]; /* what it printed */
    char why[GATE_WHY];                      /* it could not be set up; "" */
    char no_calls[GATE_WHY], no_instructions[GATE_WHY]; /* why these are not counted; "" */
    void (*progress)(void *arg, const char *what, const struct gate_case *c, size_t n);
    void *progress_arg;
};

/* All return false if a signal stopped them. */
bool gate_find_backends(struct gate *g, const struct gate_arm *arm, char *names, size_t size, char why[GATE_WHY]);
/* Fixes what the case decodes, and how often, so that a process takes some tens of milliseconds. */
bool gate_fit(struct gate *g, struct gate_case *c);
bool gate_compare_counts(struct gate *g, struct gate_case *c);
bool gate_compare_times(struct gate *g);

/* --- parts of these --- */

/* One process of the arm that decodes the file `decodes` times. GATE_OK, or what went wrong, with c's reason in why;
 * GATE_NOTHING if a signal came. g->use is what it took. */
struct gate_decode {
    const char *sink;
    uint64_t decodes, end;
    size_t padding;
    bool shifted;
};
enum gate_verdict gate_decode(struct gate *g, const struct gate_arm *arm, const struct gate_case *c,
                              const struct gate_decode *what, struct gate_reading *reading, char why[GATE_WHY]);

enum { GATE_ARGUMENTS = 128 };

/* The command line of that, with the environment of every process of a gate. Points to strings of its own, of the arm
 * and of the case. */
struct gate_command {
    const char *argv[GATE_ARGUMENTS + 1], *environment[7];
    size_t n;
    char backend[64], sink[64], threads[32], end[48], padding[sizeof "PADDING=" + GATE_PADDING];
};
void gate_decode_command(const struct gate_arm *arm, const struct gate_case *c, const struct gate_decode *what,
                         struct gate_command *command);

/* What such a process printed. Pure. */
enum gate_verdict gate_reading_parse(const char *out, const char *backend, const char *sink, uint64_t decodes,
                                     struct gate_reading *r, char why[GATE_WHY]);

/* Judges the blocks so far; t->done unless more are needed. Pure. */
void gate_judge_timing(struct gate_timing *t, bool by_wall, size_t tests);
/* Of all that is known of the case. Pure; sets c->why if that is not said yet. */
enum gate_verdict gate_judge_case(struct gate_case *c, bool exact_only);

/* A fair draw below n. */
uint64_t gate_draw(struct gate *g, uint64_t n);

#endif
