/* Values of stored lines. False: they are not there, or not what they should be. */
#ifndef HARNESS_STORE_JSON_H
#define HARNESS_STORE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Made fit to be shown; one that has no room is none. */
bool store_get_text(const json_t *from, const char *key, char *to, size_t size);
/* Not negative. */
bool store_get_count(const json_t *from, const char *key, uint64_t *to);

#endif
