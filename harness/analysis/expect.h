/* Expectations: what somebody promised, beside what stored runs found. A file of them is JSON:
 *
 *   {"title": "...", "about": ["a line", ...], "promises": [PROMISE, ...], "notes": ["a line", ...]}
 *
 * and a promise {"says": "...", "low": 10, "high": 15, "unit": "a record", "measure": "read_calls", "case": {...}} with
 * what its measure needs besides. `case` says which cases are meant, by any fields that make a case (see
 * results/README.md): a value as it is stored, a list of which any will do, or {"least": N}. Measures:
 *
 *   read_calls    for a record, of a case in a run of `run`
 *   rate          millions of records a second, of the same
 *   limit         of the machine, the one named `limit` for the data set of `case`
 *   share         of the CPU time, %, of the `parts` together, in a run of `profile`
 *   gain          of the `step`, %, in a run of `phases`
 *   speedup, of_capacity (%), serial (Karp and Flatt's fraction, %): in a run of `scale`
 *
 * If several cases fit, the fastest counts; if several runs have one, the last. */
#ifndef HARNESS_EXPECT_H
#define HARNESS_EXPECT_H

#include "report.h"

struct expect_measure;

struct expectation {
    const char *says, *unit;
    double low, high; /* in that unit */
    const struct expect_measure *measure;
    const json_t *promise; /* as it stands in the file */
};

struct expectations {
    json_t *file;
    const char *title;
    const json_t *about, *notes; /* lists of lines; NULL: none */
    struct expectation *of;
    size_t count;
};

/* 0, or with the reason in why -EINVAL, or another -errno if it could not be read. */
int expect_read(const char *path, struct expectations *e, char *why, size_t size);
void expect_free(struct expectations *e);

struct expect_finding {
    struct stats value;         /* n = 0: no run has it */
    char what[CASE_NAME + 128]; /* of which case; or which run is needed */
};

void expect_find(const struct expectation *e, const struct stored_run *runs, size_t count, struct expect_finding *f);

enum expect_verdict { EXPECT_NOT_MEASURED, EXPECT_HOLDS, EXPECT_BELOW, EXPECT_ABOVE, EXPECT_INCONCLUSIVE };
extern const char *const expect_verdicts[];
/* Below, above: what was measured is, with all of its interval. It holds if all of that lies within what was promised,
 * 5 % more or less: round numbers are not meant to the last digit. */
enum expect_verdict expect_judge(const struct stats *value, double low, double high);

#endif
