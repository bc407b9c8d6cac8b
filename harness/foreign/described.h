/* What the objects in a decoder.json say. They are read strictly: what is not known there is an error. */
#ifndef HARNESS_DESCRIBED_H
#define HARNESS_DESCRIBED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The keys of the file, by their names. All lists end with NULL. */
struct described {
    const char *name, *summary, *does;
    const char *const *start, *const *sinks, *const *needs;
    const char *const *const *build;
    const json_t *modes; /* objects again */
    bool zstd, threads;
    unsigned warm;
};

/* The file, or a mode in it, and where the reason goes if something is wrong. */
struct place {
    const char *path;
    size_t mode; /* from 1; 0: none */
    char *why;
    size_t size;
};

/* Sets what the object says, and nothing else. False: not all of it could be understood. */
bool described_read(const json_t *object, const struct place *p, struct described *d);

/* "FILE: modes[1], KEY: WHAT". Returns false. */
bool described_wrong(const struct place *p, const char *key, const char *what, const char *instead);

/* Memory that stays as long as this program, in sight; all zero. */
void *described_keep(size_t size);
const char *described_keep_text(const char *text);

#endif
