/* A second opinion: hyperfine's times of whole processes, next to a run's of decodes. The two will differ,
 * by what it takes to start a process; but the order of the backends should not. */
#ifndef HARNESS_REPORT_HYPERFINE_H
#define HARNESS_REPORT_HYPERFINE_H

#include "report.h"

struct second_opinion {
    char backend[32];
    struct stats decode;  /* ns for one decode of the whole file, by the run; n = 0: the run has none */
    struct stats process; /* ns, by hyperfine */
};

struct second_opinions {
    char dataset[SAMPLE_NAME], sink[32];
    bool cold;
    struct second_opinion *of; /* in the order of hyperfine's commands */
    size_t count;
};

/* Reads hyperfine's JSON. Its commands have names (-n), BACKEND/SINK/warm/DATASET or
 * BACKEND/SINK/cold/DATASET, all with the same sink, cache and dataset; `decode` is from the run's rows of
 * that, with 1 thread. 0, or < 0 with the reason in why. */
int second_opinions_of(const json_t *hyperfine, const struct results *r, const struct report *s,
                       struct second_opinions *o, char *why, size_t size);
void second_opinions_free(struct second_opinions *o);

/* Of all pairs of backends that both have: how many they put into the same order, how many into opposite
 * ones, and for how many the intervals of one of them overlap, so that it does not say. */
struct second_pairs {
    size_t all, alike, opposite, tied;
};
struct second_pairs second_opinions_compare(const struct second_opinions *o);

/* "a < b ~ c" into text, fastest first, of those that both have; ~ where intervals overlap. */
void second_opinions_order(const struct second_opinions *o, bool process, char *text, size_t size);

#endif
