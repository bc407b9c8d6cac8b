/* A program run by the gate: in a process group of its own, with a fixed environment and a deadline. Nothing it prints
 * or does is trusted: what it took is what the kernel says, and its output is cut at a fixed size. */
#ifndef HARNESS_GATE_CHILD_H
#define HARNESS_GATE_CHILD_H

#include "gate_decide.h"

#include <stddef.h>
#include <stdint.h>

enum { GATE_OUTPUT = 64 << 10, GATE_ARGUMENTS = 128, GATE_PADDING = 4096 };

/* Ends with NULL. Strings are not copied. */
struct gate_command {
    const char *argv[GATE_ARGUMENTS + 1];
    size_t n;
};
void gate_add(struct gate_command *c, const char *argument);

enum gate_end {
    GATE_ENDED,   /* by itself, with `status` */
    GATE_STOPPED, /* by SIGINT or SIGTERM to this process; see child_watch_signals() */
    GATE_NO_END,  /* why says more: it crashed, hung, printed too much, or could not be started */
};

struct gate_child {
    enum gate_end end;
    int status; /* as exit(3) was given it */
    uint64_t wall_ns, cpu_ns;
    uint64_t queued_ns; /* of wall_ns, in which it could have run but others did; of its first thread, 0 if not known */
    char why[GATE_WHY];
    char out[GATE_OUTPUT + 1], err[GATE_OUTPUT + 1]; /* texts; of more than that, nothing */
};

/* padding: bytes of a variable that is put into its environment, so that its stack lies elsewhere; up to
 * GATE_PADDING, twice. The program is searched for in $PATH. */
void gate_child_run(const struct gate_command *c, size_t padding, int timeout_ms, struct gate_child *child);

#endif
