/* The one place where text that anybody may have made up, such as names of files, is made harmless for where it goes:
 * it is shown, and never means anything.
 *
 * Policy: a string ends at its first NUL, or with its field. Control characters (C0, DEL, C1), what turns the direction
 * of text around or ends a line (U+200E-F, U+2028-E, U+2066-9), and bytes that are not part of valid UTF-8 are \xNN; in
 * JSON such characters are \uNNNN, and such bytes U+FFFD. */
#ifndef HARNESS_SAFE_H
#define HARNESS_SAFE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* --- into memory: they append to `to` and return the end --- */

enum { ESCAPE_MOST = 6 }; /* characters that one byte may become */

/* `to` has room for ESCAPE_MOST times n (JSON: and two quotes). */
char *escape_json(char *to, const void *text, size_t n);
char *escape_plain(char *to, const void *text, size_t n);
/* These lose nothing: bytes that are not part of valid UTF-8, and NULs but for those at the end, are \xNN as well,
 * and a backslash is two. A field of CSV is in quotes if it needs them. `to` has room for 2 characters more. */
char *escape_json_exactly(char *to, const void *bytes, size_t n);
char *escape_csv_exactly(char *to, const void *bytes, size_t n);
char *escape_hex(char *to, const void *bytes, size_t n); /* two digits a byte */

/* --- to a stream --- */

void print_json(FILE *to, const void *text, size_t n);
/* For terminals and logs. */
void print_plain(FILE *to, const void *text, size_t n);
void plain_text(FILE *to, const char *text);
/* An object on lines of its own; flags: of jansson. It is consumed. */
void put_json(json_t *o, size_t flags, FILE *to);
/* HTML and XML; also between quotes of an attribute. */
void html_text(FILE *to, const char *text);
/* Also in a cell of a table. Neither marks up, nor names a user or an issue where the Markdown is a comment. */
void markdown_text(FILE *to, const char *text);
/* A field of CSV, in quotes if it needs them. What a spreadsheet would take for a formula gets a ' in front. */
void csv_text(FILE *to, const char *text);
/* A field between tabs, as gnuplot reads it: a backslash is doubled, a double quote is \042. Formulas as in CSV. */
void tsv_text(FILE *to, const char *text);
/* As a text in an expression of gnuplot: in single quotes, in which it knows nothing but their end. */
void gnuplot_word(FILE *to, const char *text);
/* As a word of a command line, in quotes if it needs them: for the shell, text is what comes out of it. */
void shell_word(FILE *to, const char *text);

#endif
