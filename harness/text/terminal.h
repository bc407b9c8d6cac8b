/* What a stream can show: how wide it is, whether lines on it can be written over, and whether it has colours. */
#ifndef HARNESS_TERMINAL_H
#define HARNESS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns: COLUMNS, or the terminal's behind `to`, or 80. */
size_t terminal_width(FILE *to);
/* A terminal on which a line can be written over. */
bool terminal_is_live(FILE *to);
/* The same, unless NO_COLOR is set. */
bool terminal_has_colour(FILE *to);

/* Characters of a text that was made safe. */
size_t terminal_columns(const char *text);

/* The text, made safe, in lines of at most `width` characters that end between words; all but the first are indented
 * by two. A word that is longer has a line of its own. */
void terminal_prose(const char *text, size_t width, FILE *to);

#endif
