/* What commands do alike that measure and store samples. They print what is wrong; exit codes are those of exit.h. */
#ifndef HARNESS_CMD_SESSION_H
#define HARNESS_CMD_SESSION_H

#include "../measure/run.h"
#include "cmd_session_arguments.h"
#include "progress.h"

#include <stdio.h>

/* Datasets, or sets of them, separated by commas (NULL: none), in their folder. An exit code. */
int session_add_datasets(struct plan *p, const char *list, const char *folder);
int session_add_files(struct plan *p, char *const *paths, int count);

/* One invocation. It may not be moved. */
struct session {
    const struct session_arguments *a;
    struct plan plan;
    struct results results;
    struct run run;
    struct progress progress;
    char id[64];     /* of the run */
    char path[4096]; /* of the store */
};
void session_begin(struct session *s, const struct session_arguments *a);
void session_end(struct session *s);

/* All datasets and files of the command line. An exit code. */
int session_add_inputs(struct session *s);

/* What is in the files. Signals only stop it from here on. An exit code. */
int session_prepare(struct session *s);

/* Opens the store; a new file in results/ is named after the kind and the run. An exit code. */
int session_open_store(struct session *s, const char *kind);

/* Stores the line of the run and keeps it with the results. Owns it, and minds NULL. */
enum run_end session_append(struct session *s, json_t *line);

/* The same, and then calibrates and measures all cases. */
enum run_end session_measure(struct session *s, json_t *line);

/* Stores the end line, closes the store, and says what went wrong. How the run ended after all. */
enum run_end session_close(struct session *s, enum run_end end);

/* Where people and programs read: what is stored on standard output is not to be mixed with it. */
FILE *session_output(const struct session *s);

/* Where samples are stored; the path may hold any bytes. */
void session_print_stored(const char *path, FILE *to);
json_t *session_stored_json(const char *path);

/* The gravest of what went wrong; a wrong result is graver than none. shown: 0, or the error of showing the results,
 * which is printed. */
int session_code(const struct session *s, enum run_end end, int shown);

#endif
