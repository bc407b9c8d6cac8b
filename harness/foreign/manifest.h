/* decoder.json: what a decoder program is called, how it is built and started, and what it can do. docs/your-decoder.md
 * describes the file. What is read stays as long as this program. */
#ifndef HARNESS_MANIFEST_H
#define HARNESS_MANIFEST_H

#include "foreign.h"

struct manifest {
    const char *folder;                 /* absolute */
    const char *name, *summary;         /* "" if it does not say */
    const char *const *needs;           /* programs; ends with NULL, as all lists here */
    const char *const *const *build;    /* command lines */
    const struct foreign *const *modes; /* at least one */
};

/* Can a decoder have this name? */
bool manifest_is_name(const char *name);
#define MANIFEST_NAMES "letters, digits, and - . _ behind the first"

/* Of a decoder, by its name, or by the path of its folder, which begins with . or /. NULL with the reason in why. */
const struct manifest *manifest_read(const char *name, char *why, size_t size);

/* The names of all that are found without a path, sorted; ends with NULL. */
const char *const *manifest_names(void);

/* The first of its needs that is missing here, or NULL. */
const char *manifest_lacks(const struct manifest *m);

#endif
