/* Results on disk: JSON lines. For each run a `run` line with all that is the same for its samples, a
 * `sample` line as each is taken, a `limit` line for each sample of a limit, and an `end` line. Files are
 * only ever appended to, so a crash costs the line being written. */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include "sample.h"

#include <jansson.h>
#include <stddef.h>

enum {
    STORE_FORMAT = 1,         /* in every run line; it goes up when the meaning of a known key changes */
    STORE_LINE_MAX = 1 << 20, /* longer lines are skipped */
};

/* One run, in memory. Tables are made of this, whether it was just taken or read back. */
struct results {
    json_t *run, *end; /* the lines; end is NULL if it is missing */
    struct sample *samples;
    size_t count;
    struct limit_sample *limits;
    size_t limit_count;
    struct instruction_count *instructions;
    size_t instruction_count;
    size_t skipped; /* lines of the file that could not be understood */
};

/* Adds a copy. 0 or -ENOMEM. */
int results_add(struct results *r, const struct sample *s);
int results_add_limit(struct results *r, const struct limit_sample *s);
int results_add_instructions(struct results *r, const struct instruction_count *c);
void results_free(struct results *r);

struct store;

/* For appending; "-" is standard output. Makes the file if there is none, but not its folder. 0, or
 * -errno; -EEXIST if the file holds something else than results. */
int store_open(const char *path, struct store **store);
/* The line gets a "type" of this and the run's id first. The object is not changed. 0 or -errno. */
int store_append(struct store *store, const char *type, const char *run_id, const json_t *object);
/* 0 or -errno. */
int store_close(struct store *store);

/* The last run in the file, or the one with this id. 0, or < 0 with the reason in why (size bytes). */
int store_read(const char *path, const char *run_id, struct results *r, char *why, size_t size);

/* Names of files hold what they like; JSON is UTF-8, and a terminal obeys control characters. Those become
 * question marks, and so do all bytes beyond ASCII if the text is not UTF-8. For whatever goes into a
 * sample or a line. */
void sample_clean_text(char *text);
/* NULL if memory ran out. */
json_t *sample_to_json(const struct sample *s);
/* False if the object is no valid sample. Unknown keys are ignored. */
bool sample_from_json(const json_t *object, struct sample *s);

/* The same for lines of type "limit" and "instructions". */
json_t *limit_to_json(const struct limit_sample *s);
bool limit_from_json(const json_t *object, struct limit_sample *s);
json_t *instructions_to_json(const struct instruction_count *c);
bool instructions_from_json(const json_t *object, struct instruction_count *c);

#endif
