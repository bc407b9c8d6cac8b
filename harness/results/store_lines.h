/* The lines of a file of results, one after the other. */
#ifndef HARNESS_STORE_LINES_H
#define HARNESS_STORE_LINES_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct store_lines {
    FILE *file;
    char *buf;
    off_t begin, end; /* of the line last read, newline and all */
    size_t skipped;   /* lines that are no JSON objects with a type and a run */
    int error;        /* that ended it, or 0 */
};

/* From this offset on. 0 or -errno. */
int store_lines_open(struct store_lines *l, const char *path, off_t from);
/* The next line, a new reference; NULL at the end, or if there was an error. */
json_t *store_lines_next(struct store_lines *l);
void store_lines_close(struct store_lines *l);

/* Of a line: never NULL. */
const char *store_line_type(const json_t *line);
const char *store_line_run(const json_t *line);

#endif
