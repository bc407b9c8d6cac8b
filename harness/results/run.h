/* What is the same for all samples of a run: its run line and its end line. Files of format 1 did not say what kind of
 * run they hold, nor what their backends are; that is added once, when they are read. */
#ifndef HARNESS_RESULTS_RUN_H
#define HARNESS_RESULTS_RUN_H

#include "store.h"

/* Which command measured it. RUN_UNKNOWN: one that this program does not know. */
enum run_kind { RUN_UNKNOWN, RUN_RUN, RUN_SCALE, RUN_PROFILE, RUN_PHASES, RUN_LIMITS, RUN_PROCESS, RUN_KINDS };
extern const char *const run_kinds[RUN_KINDS]; /* as stored */
enum run_kind run_kind(const struct results *r);

/* What analysis has to know of a backend. */
enum run_asks { ASKS_BLOCKS, ASKS_RECORDS, ASKS_FIELDS };
struct run_backend {
    enum run_asks asks;   /* what its decoder asks it for at a time */
    bool shared;          /* one handle serves all threads, which take blocks from it */
    bool mapped;          /* it lends the file's own pages: no read calls, but page faults */
    uint64_t own_threads; /* that it starts besides those that decode */
};

/* False: the run does not say what that backend is. */
bool run_backend(const struct results *r, const char *name, struct run_backend *b);
/* For the run line's object `backends`. */
json_t *run_backend_json(const struct run_backend *b);

/* A decoder of others, as the run line has it. NULL of what is not known. */
struct run_decoder {
    const char *name, *version, *does;
};
/* Of a case; false: it is ours. */
bool run_decoder(const struct results *r, const struct case_key *key, struct run_decoder *d);

/* "" if the run has no id. */
const char *run_id(const struct results *r);

/* When it began, in ms since 1970; -1 if nobody wrote that down. */
int64_t run_unix_ms(const struct results *r);

/* It ended by itself: neither killed nor interrupted. A time limit may have cut it short. */
bool run_is_complete(const struct results *r);

/* Has anything been measured? */
bool run_has_results(const struct results *r);

/* One of those that come with the program: of some other machine than the reader's. */
bool run_is_example(const struct results *r);
#define RUN_EXAMPLE "an example that comes with dbnbench, measured on another machine"

/* The entry of a data set in the run line: "path", "size", "records", "bytes", "container". NULL: there is none. */
const json_t *run_dataset(const struct results *r, const char *name);

/* For the store: gives a line of a run of format 1 the keys of today; and, after all lines, adds what the run does not
 * say. */
void run_upgrade_line(json_t *line);
void run_upgrade(struct results *r);

#endif
