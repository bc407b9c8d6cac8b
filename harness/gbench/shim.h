/* Google Benchmark behind a C face: what is measured stays C, and shim.cc is all the C++ there is.
 *
 * A case measures one thing, over and over:
 *
 *   while (gbench_keep_running(s))
 *       if (work() != expected)
 *           gbench_fail(s, "why");
 *   gbench_set_work(s, records, bytes); */
#ifndef HARNESS_GBENCH_SHIM_H
#define HARNESS_GBENCH_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench_state; /* one go of a case; there are several, until it has run for long enough */

/* Takes the library's own flags out of argv. `help` is called for --help, before the process ends. 0, or -1
 * if what is left is no flag of the library either: it has said so on stderr. */
int gbench_begin(int *argc, char **argv, void (*help)(void));
/* The library's own help, on stdout. */
void gbench_help(void);

/* A case, timed by the wall clock; CPU time is that of all threads of the process. */
void gbench_register(const char *name, void (*run)(struct gbench_state *s, void *arg), void *arg);

/* Runs all cases that are asked for, and says how many those are (or, with --benchmark_list_tests, would be). */
size_t gbench_run(void);

/* --- for cases --- */

/* True until there were enough iterations, or an error. A case has to ask until it is false. */
bool gbench_keep_running(struct gbench_state *s);
/* The case is an error, with this text instead of figures. */
void gbench_fail(struct gbench_state *s, const char *text);

/* After the loop: how much was done in each iteration, of which rates are shown. What is 0 is left out: version 1.7
 * writes the variation of zeros as NaN, which is no JSON. */
void gbench_set_work(struct gbench_state *s, uint64_t items, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
