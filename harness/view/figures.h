/* Pictures of stored runs: a table as data, and a script of plots/ that draws it. figures.def lists what there is. */
#ifndef HARNESS_FIGURES_H
#define HARNESS_FIGURES_H

#include "shown.h"
#include "table.h"

enum { FIGURE_TEXT = 512, FIGURE_FILE = 40 };

struct figures;

struct figure_kind {
    const char *name, *script; /* of plots/NAME.gp, and its text */
    const char *about;         /* how to read it */
    void (*add)(const struct shown_runs *runs, struct figures *to);
};

struct figure {
    const struct figure_kind *kind;
    char name[32];           /* "speed-1", also of its files */
    char title[FIGURE_TEXT]; /* of this one */
    char below[FIGURE_TEXT]; /* what is drawn, and in which unit */
    char label[64];          /* of the data, short */
    struct table *data;      /* its rows become NAME.tsv, its notes are what it says */
    char *svg, *narrow;      /* the texts of NAME.svg and, if there is one, for narrow pages; or NULL */
    char why[FIGURE_TEXT];   /* why it is not drawn */
};

struct figures {
    struct figure *all;
    size_t count;
    const struct figure_kind *kind; /* of those that are being added */
    int timeout_ms;                 /* for gnuplot to draw one */
    bool hung;                      /* one took longer: no other is tried */
};

/* For the functions of figures.def: a table with a column for each letter of table_row(), of that name. An interval, s,
 * has two more, see table_print_tsv(). */
struct table *figure_table(const char *letters, ...);

/* A name of `most` bytes, cut between characters, as pictures have space for; the end of a long one tells most. */
void figure_shorten(const char *name, size_t most, char *label, size_t size);

/* Adds a picture of this table, whose it is then; one without rows is freed. label: of the data; below: printf's. */
void figures_add(struct figures *f, struct table *data, const char *label, const char *title, const char *below, ...)
    __attribute__((format(printf, 5, 6)));

/* What the runs have data for; to be freed. */
void figures_of(const struct shown_runs *runs, struct figures *f);
void figures_free(struct figures *f);

/* The colours, and rules by which pictures have them. */
void figures_print_style(FILE *to);

/* Writes data, and pictures if there is gnuplot, into the new folder. 0 or -errno, with the file's name in `file`: a
 * picture that cannot be drawn is no error, and says why. */
int figures_draw(struct figures *f, const char *folder, char file[FIGURE_FILE]);

#endif
