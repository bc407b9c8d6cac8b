/* The one model of a table. What fills it gives typed values; printers give them the form of their format. Text from
 * outside is made safe by the printers, and by nothing else. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include "../analysis/stats.h"
#include "../results/fields.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct table_column {
    const char *key;     /* of programs: in JSON and CSV. An array of columns ends without one */
    const char *title;   /* of people; NULL: the key */
    const char *meaning; /* one sentence */
    enum table_kind { TABLE_TEXT, TABLE_COUNT, TABLE_NUMBER, TABLE_INTERVAL } kind;
    unsigned rank; /* the largest is left out first where there is no room; 0 never is */
    bool data;     /* for programs: people do not see it */
    bool group;    /* people see rows with the same values in all of these together, and space between groups */
    bool sort;     /* people see those of a group in the order of its values, unknown ones last */
    bool tells;    /* part of what a row is about: it stays where rows would be alike without it */
    bool verdict;  /* says how something came out, so it is in each row even if all are alike */
    bool bar;      /* pages show its numbers as bars, too, as long as that of the largest in the group */
    double scale;  /* people see numbers multiplied by it; 0: as they are */
};

/* The key that stands for all columns of what a case is, one for each field of its key. */
#define TABLE_CASE ""

enum { TABLE_COLUMNS = 192 };

struct table {
    const char *key;
    char *title; /* "" for none */
    struct table_column columns[TABLE_COLUMNS];
    size_t column_count, cell_count, row_count, note_count;
    size_t head_count;        /* of the notes, those that stand above the rows */
    struct table_cell *cells; /* row by row */
    char **notes;
};

/* Texts are copied, but for titles and meanings of columns. columns: NULL for none. */
struct table *table_new(const char *key, const char *title, const struct table_column *columns);
void table_free(struct table *t);

/* One column more, before there are rows. Those beyond TABLE_COLUMNS are left out. */
void table_add_column(struct table *t, const struct table_column *column);

/* One row. kinds has a letter for each column, and its arguments follow:
 *   t  const char *, NULL is missing           n  uint64_t              N  uint64_t, of which 0 is none: "-"
 *   d  double, NAN is missing                  r  struct reading        b  bool (int)
 *   T  const char *, const char *: the usual one, which is not worth a column
 *   w  double, const char *: what people see of it, or NULL
 *   s  const struct stats *, double scale: median and interval; NULL is none, n = 0 is missing
 *   m  the same, but people see the median alone
 *   F  const struct stored_field *, const void *: that field of the struct
 *   c  const struct case_key *: all columns of TABLE_CASE
 * Missing values read "n/a", and are null to programs. */
void table_row(struct table *t, const char *kinds, ...);
/* A part of a row: it is complete when it has all columns. */
void table_put(struct table *t, const char *kinds, ...);

/* The row put last is the one to look at in its group. */
void table_stress(struct table *t);

/* A line below it. */
void table_note(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- printers; errors of `to` stay with it --- */

/* People do not see columns in which there is nothing, or nothing but what is usual. Where all of 3 rows or more have
 * the same value, or none is known, the caption says so once. For a terminal columns with the largest rank are left
 * out, then ranges, then the middle of long texts, until a row fits into `width`; a note says what. Rows are never
 * broken. */
void table_print_text(const struct table *t, size_t width, FILE *to);
void table_print_markdown(const struct table *t, FILE *to);
void table_print_html(const struct table *t, FILE *to);
/* Numbers unrounded; an interval takes two columns more, KEY_low and KEY_high. */
void table_print_csv(const struct table *t, FILE *to);
void table_print_tsv(const struct table *t, FILE *to); /* for gnuplot as well: see text/safe.h */
/* An array with an object for each row. */
json_t *table_json(const struct table *t);

/* --- for printers --- */

struct table_cell {
    enum cell_type { CELL_NONE, CELL_MISSING, CELL_TEXT, CELL_COUNT, CELL_NUMBER, CELL_STATS, CELL_FLAG } type;
    bool usual; /* it says nothing, if all others of its column are so too */
    bool stressed;
    bool ranged;    /* the text has the range of an interval */
    char *text;     /* what people see */
    uint64_t count; /* or the flag */
    double number;
    struct stats stats;
};
const struct table_cell *table_cell(const struct table *t, size_t row, size_t column);
const char *table_title(const struct table_column *c);
/* The columns that people see; how many there are. fold: not those in which all rows are alike. */
size_t table_shown(const struct table *t, bool fold, size_t columns[TABLE_COLUMNS]);
/* What the caption says of these, "" for nothing: "all: sink sum; n/a: reads/rec". To be freed. */
char *table_alike(const struct table *t);
/* The rows as people see them: groups in the order of their first rows. first: there is space before it, as it begins
 * a group; not if each group has but one row. To be freed. */
struct table_line {
    size_t row;
    bool first;
} * table_lines(const struct table *t);
/* Three significant digits, without exponent; "n/a" of what is not finite. */
void table_number(double value, char *text, size_t size);
/* What a noun ends with: "s", but for one. */
const char *table_plural(uint64_t n);
/* "129 [118 to 152]", of numbers times scale; "n/a" */
void table_interval(const struct stats *s, double scale, char *text, size_t size);

/* A number as JSON; null if it is not finite. */
json_t *json_value(double value);

#endif
