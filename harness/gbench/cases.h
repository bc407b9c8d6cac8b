/* What there is to measure, in two kinds. Exit codes are those of exit.h; the gravest of a case goes to
 * *worst. */
#ifndef HARNESS_GBENCH_CASES_H
#define HARNESS_GBENCH_CASES_H

#include "../sinks/sink.h"
#include "shim.h"

struct file_cases;
struct core_cases;

/* decode/BACKEND/DATASET/SINK: one job_run() of the file an iteration. The datasets are those that the word
 * stands for; backends that are unavailable are left out. NULL: out of memory. */
struct file_cases *file_cases_register(const char *word, const char *folder, int *worst);
void file_cases_free(struct file_cases *all);

/* core/TYPE/SINK: the decoder and the sink on bytes that are in memory already, which no backend can beat.
 * TYPE is a record's name, or "mixed" for a stream like a captured one. 0 or an exit code; *all is to be
 * freed either way. */
int core_cases_register(int *worst, struct core_cases **all);
void core_cases_free(struct core_cases *all);

/* The case is an error, and so is the whole: EXIT_FAILED or EXIT_MISMATCH. */
void case_fail(struct gbench_state *s, int *worst, int code, const char *text);
void case_fail_tally(struct gbench_state *s, int *worst, const struct tally *found, const struct tally *expected);

#endif
