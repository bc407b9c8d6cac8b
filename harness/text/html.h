/* Text that anybody may have made up, such as names of files, inside HTML and Markdown: it is shown, and never means
 * anything. Control characters become \xNN (see escape.h). */
#ifndef HARNESS_HTML_H
#define HARNESS_HTML_H

#include <stdio.h>

/* Also between quotes of an attribute. */
void html_text(FILE *to, const char *text);

/* Also in a cell of a table. Neither marks up, nor names a user or an issue where the Markdown is a comment. */
void markdown_text(FILE *to, const char *text);

/* As a word of a command line, in quotes if it needs them. For both, text is what comes out of it. */
void shell_word(FILE *to, const char *word);

#endif
