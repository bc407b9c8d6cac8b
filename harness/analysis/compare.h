/* Two runs held against each other, case by case. They were not interleaved, so whatever else changed between them is
 * in the ratios as well. Functions of samples and of the runs' lines. */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include "report.h"

enum compare_verdict {
    COMPARE_ALIKE, /* 1 is in the interval: no difference was seen, which is not that there is none */
    COMPARE_FASTER,
    COMPARE_SLOWER,
    COMPARE_TOO_FEW, /* samples for an interval that reaches STATS_LEVEL */
    COMPARE_FAILED,  /* a sample of it did, in either run */
    COMPARE_VERDICTS,
};
extern const char *const compare_verdicts[COMPARE_VERDICTS];

struct compare_case {
    const struct report_row *a, *b; /* NULL: the other run alone has it; then nothing else is set */
    enum compare_verdict verdict;
    /* How fast b is in parts of a, 2: twice as fast. The interval is made of one for each median, so that both hold
     * theirs with `level` together: it holds the ratio at least as probably. Set if neither failed. */
    double ratio, low, high, level;
    double
        smallest; /* change in parts, up or down, beyond which 1 would not have been in an interval as wide as this */
    bool parts_differ; /* they read other parts of the file: the ratio is by record */
};

struct comparison {
    struct compare_case *cases; /* in the order of a's, then those that only b has */
    size_t count;
    size_t with[COMPARE_VERDICTS]; /* so many */
};

/* Reports must outlive the comparison. 0 or -ENOMEM. */
int compare_reports(const struct report *a, const struct report *b, struct comparison *c);
void compare_free(struct comparison *c);

/* Are datasets of one name the same data? By records, bytes and tallies; false with the reason in why. */
bool compare_datasets(const json_t *run_a, const json_t *run_b, const struct report *a, const struct report *b,
                      char *why, size_t size);

/* What differs of machines and builds: [{"field": "machine.cpu", "a": ..., "b": ...}]. NULL if memory ran out. */
json_t *compare_surroundings(const json_t *run_a, const json_t *run_b);

#endif
