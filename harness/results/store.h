/* Results on disk: JSON lines. For each run a `run` line with all that is the same for its samples, a
 * `sample` line as each is taken, a `limit` line for each sample of a limit, and an `end` line. Files are
 * only ever appended to, so a crash of the program costs the line being written: what store_append() returned 0 for
 * is there. Nothing is forced to the disk, so a crash of the machine can cost the last seconds. */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include "sample.h"

#include <sys/types.h>

enum {
    STORE_FORMAT = 2,          /* in every run line; it goes up when the meaning of a known key changes */
    STORE_LINE_MAX = 1 << 20,  /* longer lines are not written, and skipped */
    STORE_PIPE_MAX = 64 << 20, /* more out of a pipe or a device is refused: it might never end */
};

struct store;

/* For appending; "-" is standard output. Makes the file if there is none, but not its folder. 0, or
 * -errno; -EEXIST if the file holds something else than results. From then on the process ignores SIGXFSZ: a file that
 * reached its limit is an error like any other. */
int store_open(const char *path, struct store **store);
/* The line gets a "type" of this and the run's id first. The object is not changed. 0 or -errno; -EMSGSIZE, and
 * nothing is written, if the line is too long. Many processes may append to one file, but one thread of each. */
int store_append(struct store *store, const char *type, const char *run_id, const json_t *object);
/* 0 or -errno. */
int store_close(struct store *store);

/* The last run in FILE, or of FILE#ID, if there is no file of that name, the one with this id. 0, or < 0 with the
 * reason in why (size bytes): -EEXIST if it has two cases under one key. Runs of format 1 are brought to this one. */
int store_read(const char *name, struct results *r, char *why, size_t size);

/* The runs in a file, in the order in which they begin. Of a run that begins twice, as in a file that was appended to
 * itself, the later one counts, here and for store_read(). */
struct store_list {
    struct store_run {
        char *id;
        off_t begin, end; /* its lines lie between */
        size_t before;    /* lines of the file before those */
    } * runs;
    size_t count;
};
/* 0, or < 0 with the reason in why. Of a pipe, which could not be read again, there is no list. */
int store_list(const char *path, struct store_list *list, char *why, size_t size);
void store_list_free(struct store_list *list);
/* One of them, without reading what lies before and behind it. */
int store_read_listed(const char *path, const struct store_run *run, struct results *r, char *why, size_t size);

/* What somebody wrote, as one JSON object. 0; -EINVAL: it is none, or another -errno: it could not be read; with the
 * reason in why. */
int store_load_json(const char *path, json_t **o, char *why, size_t size);

#endif
