/* What a gate found, for people and for programs. */
#ifndef HARNESS_GATE_SHOW_H
#define HARNESS_GATE_SHOW_H

#include "gate.h"

#include <stdio.h>

struct gate_summary {
    enum gate_verdict verdict;
    int code; /* of exit.h */
    bool strict, interrupted;
    double seconds;
    const char *time; /* of day, when it began */
};

void gate_print(const struct gate *g, const struct gate_summary *s, FILE *to);
void gate_print_markdown(const struct gate *g, const struct gate_summary *s, FILE *to);
void gate_print_junit(const struct gate *g, const struct gate_summary *s, FILE *to);

/* With every block, so that it can be judged again. NULL if memory ran out. */
json_t *gate_json(const struct gate *g, const struct gate_summary *s);

#endif
