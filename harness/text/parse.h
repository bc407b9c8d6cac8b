/* Numbers in texts. */
#ifndef HARNESS_PARSE_H
#define HARNESS_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* Parses "65536", "64K", "1M", "2G" (powers of 1024). False if it is not that, or larger than max. */
bool parse_size(const char *text, uint64_t max, uint64_t *value);
/* A plain decimal number from min to max, with nothing behind it. */
bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
