/* What somebody may have meant who mistyped a name. */
#ifndef HARNESS_SUGGEST_H
#define HARNESS_SUGGEST_H

#include <stddef.h>

/* The i-th name there is; NULL behind the last. */
typedef const char *suggest_name(const void *names, size_t i);

/* "; did you mean rows or row?" with the names nearest to the word, up to three, and the mark before each.
 * Empty if none is near. */
void suggest(const char *word, suggest_name *name, const void *names, const char *mark, char *text, size_t size);

#endif
