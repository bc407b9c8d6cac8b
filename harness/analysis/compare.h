/* Two runs compared, case by case. They were not interleaved, so whatever else changed between them is in the ratios as
 * well. Functions of samples and of the runs' lines. */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include "report.h"

enum { COMPARE_SAMPLES = 7 }; /* of each run; fewer give no interval whose level is the square root of STATS_LEVEL */

enum compare_verdict {
    COMPARE_ALIKE, /* 1 is in the interval: no difference was seen, which is not that there is none */
    COMPARE_FASTER,
    COMPARE_SLOWER,
    COMPARE_TOO_FEW, /* samples */
    COMPARE_FAILED,  /* a sample of it did, in either run */
    COMPARE_VERDICTS,
};
extern const char *const compare_verdicts[COMPARE_VERDICTS];

struct compare_case {
    const struct report_row *a, *b; /* NULL: the other run alone has it; then nothing else is set */
    enum compare_verdict verdict;
    /* How fast b is as a ratio to a, 2: twice as fast; by record if they read other parts of the file. Its interval is
     * made of one for each median. n = 0: one of them failed. */
    struct stats ratio;
    double smallest; /* change, up or down, beyond which 1 would not have been in an interval as wide as this */
};

struct comparison {
    struct compare_case *cases; /* in the order of a's, then those that only b has */
    size_t count;
    size_t with[COMPARE_VERDICTS]; /* so many */
    json_t *differences;           /* of machines and builds: [{"field": "machine.cpu", "a": ..., "b": ...}] */
};

/* Reports must outlive the comparison. */
void compare_reports(const struct report *a, const struct report *b, struct comparison *c);
void compare_free(struct comparison *c);

/* Are datasets of one name the same data? By records, bytes and tallies; false with the reason in why. */
bool compare_datasets(const struct report *a, const struct report *b, char *why, size_t size);

/* Of all pairs of cases that both runs have and that differ by the backend alone: how many both put into the same order
 * by the time of a record, how many into opposite ones, and for how many the intervals of a run overlap, so that it
 * does not say. External timing must not turn the order around. */
struct compare_order {
    size_t alike, opposite, tied;
};
struct compare_order compare_order(const struct comparison *c);

/* --- external timing: hyperfine's times of whole processes as a run like any other ---
 * The two differ by what it takes to start a process; but the order of the backends should not. */

/* Is it hyperfine's JSON? */
bool hyperfine_is(const json_t *o);

/* Each time becomes a sample of the case of `like` that hyperfine's command is named after (-n): as case_name() has it,
 * but without block and advice. The process decoded the whole file. r is a run of the kind `process`. 0, or < 0 with
 * the reason in why. */
int hyperfine_read(const json_t *hyperfine, const struct report *like, struct results *r, char *why, size_t size);

#endif
