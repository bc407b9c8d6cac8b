/* The parts of dbnbench gate. All that end with an exit code print what is wrong. */
#ifndef HARNESS_CMD_GATE_H
#define HARNESS_CMD_GATE_H

#include "../gate/gate_show.h"

enum { GATE_FILES = 64, GATE_SINKS = 16 };

struct gate_arguments {
    const char *program[4]; /* base, head, and both with their code laid out in another way */
    size_t programs;
    const char *datasets, *folder, *backends, *sinks; /* backends: NULL for all that either program has */
    char *files[GATE_FILES];
    int file_count;
    unsigned threads;
    uint64_t seed, time;
    const char *allow, *inject;
    bool exact, strict, cold, no_instructions, json, self_test;
    const char *junit, *markdown, *log, *resample;
    uint64_t gates; /* to be resampled */
};

/* Prints what is wrong and exits, as argp does. */
void gate_arguments_parse(struct gate_arguments *a, int argc, char **argv);

/* One gate, from its arguments to *s. */
int gate_carry_out(const struct gate_arguments *a, struct gate *g, struct gate_summary *s);
void gate_free(struct gate *g);

/* Shows it, and writes what files were asked for. */
int gate_output(const struct gate_arguments *a, const struct gate *g, const struct gate_summary *s);

int gate_self_test(const struct gate_arguments *a);
int gate_resample(const struct gate_arguments *a);

#endif
