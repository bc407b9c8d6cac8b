/* The one model of a table. What fills it gives typed values; printers give them the form of their format. Text from
 * outside is made safe by the printers, and by nothing else. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include "../analysis/stats.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct table_column {
    const char *key;     /* of programs: in JSON and CSV. An array of columns ends without one */
    const char *title;   /* of people; NULL: the key */
    const char *unit;    /* "", "ns", "%" */
    const char *meaning; /* one sentence */
    enum table_kind { TABLE_TEXT, TABLE_COUNT, TABLE_NUMBER } kind;
    bool group;    /* rows with another value begin a new group */
    unsigned rank; /* the largest is left out first where there is no room; 0 never is */
};

struct table {
    const char *key, *title; /* title: "" for none */
    const struct table_column *columns;
    size_t column_count, row_count, note_count;
    struct table_cell *cells; /* row by row */
    char **notes;
    bool failed; /* memory ran out: it is not to be shown */
};

/* Columns must outlive it, texts are copied. Calls on a table without memory do nothing; printers then return -ENOMEM.
 */
struct table *table_new(const char *key, const char *title, const struct table_column *columns);
void table_free(struct table *t);

/* One row. kinds has a letter for each column, and its arguments follow:
 *   t  const char *, NULL is missing           n  uint64_t              N  uint64_t, of which 0 is none: "-"
 *   d  double, NAN is missing                  r  struct reading
 *   s  const struct stats *, double scale: median and interval; NULL is none, n = 0 is missing
 *   m  the same, but people see the median alone
 *   f  const char *, const struct stats *, double scale: the text, or if that is NULL, as s
 * Missing values read "n/a", and are null to programs. */
void table_row(struct table *t, const char *kinds, ...);

/* A line below it. */
void table_note(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- printers. 0 or -ENOMEM; errors of `to` stay with it --- */

/* Columns in which there is nothing are left out, then those with the largest rank until the rest fits into `width`. A
 * note says which. Rows are never broken. */
int table_print_text(const struct table *t, size_t width, FILE *to);
int table_print_markdown(const struct table *t, FILE *to);
int table_print_html(const struct table *t, FILE *to);
/* Numbers unrounded; an interval takes two columns more, KEY_low and KEY_high. */
int table_print_csv(const struct table *t, FILE *to);
int table_print_tsv(const struct table *t, FILE *to); /* for gnuplot as well: see text/safe.h */
/* An array with an object for each row; NULL if memory ran out. */
json_t *table_json(const struct table *t);

/* --- for printers --- */

struct table_cell {
    enum cell_type { CELL_NONE, CELL_MISSING, CELL_TEXT, CELL_COUNT, CELL_NUMBER, CELL_STATS } type;
    char *text; /* what people see */
    uint64_t count;
    double number, low, high; /* of CELL_STATS the median and its interval */
    bool confident;
    size_t samples;
};
const struct table_cell *table_cell(const struct table *t, size_t row, size_t column);
const char *table_title(const struct table_column *c);
/* Is there a cell with an interval in it? */
bool table_has_interval(const struct table *t, size_t column);
/* Does the row begin a new group? */
bool table_begins_group(const struct table *t, size_t row);

/* Three significant digits, without exponent. */
void table_number(double value, char *text, size_t size);

/* How many columns there are to print to: COLUMNS, or the terminal's behind `to`, or 110. */
size_t table_width(FILE *to);

/* Numbers as JSON: null if not finite, or of which there are none. */
json_t *json_value(double value);
json_t *json_stats(const struct stats *s, double scale);

#endif
