/* Bytes that a file made up, as text that no terminal or parser stumbles over.
 *
 * Policy: a string ends at its first NUL, or with its field. In JSON, quotes, backslashes and control
 * characters are escaped, and a byte that is not part of valid UTF-8 is U+FFFD. Elsewhere control
 * characters and such bytes are \xNN. */
#ifndef HARNESS_ESCAPE_H
#define HARNESS_ESCAPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ESCAPE_MOST = 6 }; /* characters that one byte may become */

/* They append to `to`, which has room for ESCAPE_MOST times n (JSON: and two quotes), and return the end. */
char *escape_json(char *to, const void *text, size_t n);
char *escape_plain(char *to, const void *text, size_t n);
char *escape_hex(char *to, const void *bytes, size_t n);

/* The same, written to a stream. */
void print_json(FILE *to, const void *text, size_t n);
void print_plain(FILE *to, const void *text, size_t n);

#endif
