/* Pictures by gnuplot, if it is there. A script is the text of one of plots/; plots/common.gp goes before it. */
#ifndef HARNESS_GNUPLOT_H
#define HARNESS_GNUPLOT_H

#include <stddef.h>

/* Runs the script in the folder, where it reads NAME.tsv and writes NAME.svg and NAME.png. name: of letters, digits and
 * hyphens; title: any text. No shell and none of the user's settings take part. 0, or < 0 with the reason in why (size
 * bytes). */
int gnuplot_draw(const char *script, const char *name, const char *title, const char *folder, char *why, size_t size);

/* The same picture made of characters, so many columns wide, from the text of a table. *text: to be freed. */
int gnuplot_text(const char *script, const char *title, const char *data, size_t columns, char **text, char *why,
                 size_t size);

#endif
