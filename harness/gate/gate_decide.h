/* What a gate makes of what it saw. Pure functions: every verdict and every exit code comes from here. */
#ifndef HARNESS_GATE_DECIDE_H
#define HARNESS_GATE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

enum gate_verdict gate_worse(enum gate_verdict a, enum gate_verdict b);
enum gate_verdict gate_whole(const enum gate_verdict *verdict, size_t n);
/* As in exit.h. */
int gate_exit_code(enum gate_verdict whole, bool strict, bool interrupted);

/* --- time --- */

/* The share of gates in which one of two equal programs is called a regression, at most, in one measurement. It has to
 * be called that once more, in another random order, before the gate says so: that is a tenth of a tenth. */
#define GATE_ALPHA 0.1

enum { GATE_LOOKS = 3, GATE_BLOCKS = 80, GATE_WHY = 256 };
extern const size_t gate_looks[GATE_LOOKS]; /* blocks after which a case is judged; the last is GATE_BLOCKS */

/* As a ratio to the base: up to the floor nothing is called a regression, since code that only lies elsewhere differs
 * by as much; and a case is ok once a change as large as the target is ruled out. */
struct gate_rule {
    double floor, target;
};
extern const struct gate_rule gate_cpu_rule, gate_wall_rule;

struct gate_judgement {
    enum gate_verdict verdict;
    size_t n;
    /* All as a ratio to the base: 0.05 is 5 % more. Set if n > 0 and the verdict is not GATE_COULD_NOT_RUN. */
    double estimate, low, high;
    double detectable; /* minimum effect: a change of this size would be called a regression in 9 of 10 gates */
    size_t needed;     /* blocks with which that would be the target */
    char why[GATE_WHY];
};

/* d: the logarithm of head's time over base's, of each block. tests: how many such judgements the gate makes in all, so
 * that all of them together keep to GATE_ALPHA. */
struct gate_judgement gate_judge(const double *d, size_t n, size_t tests, const struct gate_rule *rule);

/* Need no more blocks be taken? */
bool gate_is_final(const struct gate_judgement *j);

/* What a regression is that was measured again, in another random order and layout of the code. */
enum gate_verdict gate_confirmed(enum gate_verdict again);

/* --- counts --- */

struct gate_count {
    bool known;
    uint64_t value;
};

/* Counts that have to be equal. */
enum gate_verdict gate_judge_count(struct gate_count base, struct gate_count head, bool may_differ, char why[GATE_WHY]);

/* Counts that may rise a little: above `warn` that is said, above `fail` it is a regression. */
enum gate_verdict gate_judge_rise(struct gate_count base, struct gate_count head, double warn, double fail,
                                  bool may_differ, char why[GATE_WHY]);

#endif
