/* What commands do alike that measure and store samples. They print what is wrong; exit codes are those of exit.h. */
#ifndef HARNESS_CMD_SESSION_H
#define HARNESS_CMD_SESSION_H

#include "run.h"

#include <stdio.h>

/* Datasets, or sets of them, separated by commas (NULL: none), in their folder. An exit code. */
int session_add_datasets(struct plan *p, const char *list, const char *folder);
int session_add_files(struct plan *p, char *const *paths, int count);

/* A name for a run that begins now. */
enum { SESSION_ID = 64 };
void session_id(char id[SESSION_ID]);

/* Opens r->store. out: NULL for a new file in results/, named after the kind and the run. The path it has goes to path
 * (size bytes). An exit code. */
int session_open_store(struct run *r, const char *out, const char *kind, char *path, size_t size);

/* Stores the line and keeps it in r->results: type "run" or "end". Owns it, and minds NULL. */
enum run_end session_append(struct run *r, const char *type, json_t *line);

/* Stores the end line, closes the store, and says what went wrong. How the run ended after all. */
enum run_end session_close(struct run *r, enum run_end end, const char *path);

/* Where samples are stored, for people and for programs; the path may hold any bytes. */
void session_print_stored(const char *path, FILE *to);
json_t *session_stored_json(const char *path);

/* The gravest of what went wrong; a wrong result is graver than none. */
int session_code(const struct results *results, enum run_end end);

#endif
