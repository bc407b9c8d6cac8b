/* External timing: hyperfine's times of whole processes as a run like any other, so that it is compared like any
 * other. The two differ by what it takes to start a process; but the order of the backends should not. */
#ifndef HARNESS_HYPERFINE_H
#define HARNESS_HYPERFINE_H

#include "report.h"

/* Is it hyperfine's JSON? */
bool hyperfine_is(const json_t *o);

/* Each time becomes a sample of the case of `like` that hyperfine's command is named after (-n): as case_name() has it,
 * but without block and advice. The process decoded the whole file. r is a run of the kind `process`. 0, or < 0
 * with the reason in why; -ENOMEM. */
int hyperfine_read(const json_t *hyperfine, const struct report *like, struct results *r, char *why, size_t size);

#endif
