/* The parts of a session, in the order in which it comes to them. Each returns false if the session is to end now: then
 * s->failed or s->stopped is set, and what is wrong was printed. */
#ifndef HARNESS_SESSION_PARTS_H
#define HARNESS_SESSION_PARTS_H

#include "session.h"

/* The lines of a run that are no samples: all that is the same for all of its samples, and how it ended. Facts that
 * cannot be had are null, and "missing" holds the reason for each. */
json_t *run_line_begin(const struct session *s);
json_t *run_line_end(const struct session *s);

/* Fixes what each case decodes, and how often. A case that fails is stored like that, and out. */
bool session_calibrate(struct session *s);

/* Takes and stores the samples: of cases, of limits, and of capacity. */
bool session_measure(struct session *s);

/* Instructions a record of a case that did not fail, by valgrind: a figure that a busy machine does not change. Takes
 * seconds. */
bool session_count_instructions(struct session *s, const struct plan_case *c);

/* System calls and page faults of one decode, exactly. */
bool session_count_calls(struct session *s, const struct plan_case *c);
/* How that will be done: for the run line. */
json_t *session_calls_json(const struct session *s);

/* --- for them --- */

/* Stores a sample. A case that failed once gives no numbers any more, so it leaves the run. */
bool session_keep(struct session *s, struct plan_case *c, const struct sample *sample);
/* A sample of a limit: a limit_keep, for the session. */
int session_keep_limit(void *session, const struct limit_sample *l);
/* Adds one of the type to s->results, and stores it. */
bool session_store(struct session *s, enum stored type, const void *one);

bool session_fail(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool session_stop(struct session *s);
/* As plan_range(), but NULL is a failure already. */
const struct plan_range *session_range(struct session *s, struct plan_file *f, uint64_t prefix);

/* What is done, and to which case; NULL: it is said whenever the last line was. */
void session_progress(struct session *s, const struct case_key *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of the run that is none of a case. */
bool session_append(struct session *s, const char *type, const json_t *line);

#endif
