/* What the parts of `dbnbench report` share: the runs that are shown, what they say, and pictures of it. */
#ifndef HARNESS_CMD_REPORT_H
#define HARNESS_CMD_REPORT_H

#include "../analysis/phases.h"
#include "../analysis/profile.h"
#include "../analysis/scale.h"
#include "cmd_stored.h"

#include <stdio.h>

enum { FIGURE_NAME = 32, FIGURE_TEXT = 512, FIGURE_NOTE = 1024, FIGURES_MAX = 64 };

/* A picture. Its data are in NAME.tsv, and what draws them is plots/SCRIPT.gp. */
struct figure {
    char name[FIGURE_NAME];
    const char *script, *about;
    char note[FIGURE_NOTE]; /* what has to be said of this one, or "" */
    char title[FIGURE_TEXT];
    char *data;            /* the text of NAME.tsv; NULL: there is no such picture */
    size_t size;           /* of it, as long as it is being written */
    bool drawn;            /* NAME.svg and NAME.png are there */
    char why[FIGURE_TEXT]; /* why not, of data or files */
};

/* What a run can be of, in the order in which a document would rather be of it. */
enum topic { OF_SPEED, OF_SCALING, OF_STEPS, OF_PROFILE, TOPICS };

/* A table that is filled before it is known where it is printed. */
enum { SHOWN_COLUMNS = 12, SHOWN_CELL = 320 };
struct shown_column {
    const char *title, *what;
    bool text;
};
struct shown_table {
    char id[FIGURE_NAME], caption[FIGURE_TEXT];
    const struct shown_column *columns; /* end without a title */
    char (*cells)[SHOWN_COLUMNS][SHOWN_CELL];
    size_t rows;
};

/* What a chain of steps came to with one input. */
struct shown_steps {
    const char *dataset;
    struct phase_row *rows; /* as many as the chain has steps */
    struct shown_table table;
};

struct document {
    struct stored_run *runs; /* as they were taken, the youngest last */
    size_t count;
    const struct stored_run *of[TOPICS]; /* the youngest of each kind; NULL: there is none */
    enum topic topic;                    /* the first of which there is one */
    const struct stored_run *run;        /* what the document is of: of[topic] */
    struct profile profile;
    struct scale scale;
    struct scale_curve *curves; /* one a row of scale */
    struct shown_table scaling;
    struct phase_chain chain;
    struct shown_steps *steps; /* one an input */
    size_t step_inputs;
    json_t *table;  /* cases_json() of run */
    char **answers; /* sentences, by topic, the most telling first */
    size_t answer_count, answer_end[TOPICS];
    struct figure figures[FIGURES_MAX];
    size_t figure_count;
    bool figures_left_out; /* there would have been more than FIGURES_MAX */
};

/* --- what the runs say (cmd_report_answers.c) --- */

/* Sets what the runs are taken apart into, and answers. 0 or -ENOMEM. */
int answers_set(struct document *d);
/* Adds a sentence. 0 or -ENOMEM. */
int answers_say(struct document *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void answers_free(struct document *d);

/* The sink that the rows of a dataset are compared by: the one among theirs that does most with the records. */
const char *answers_sink(const struct report *s, const char *dataset);

/* Is the row one of those? */
bool answers_compared(const struct report *s, const struct report_row *row);

/* The dataset of row i, if no row before has the same; else NULL. */
const char *answers_dataset(const struct report *s, size_t i);

/* "mmap", "buffered --block 4K with 2 threads" */
void answers_case(const struct report *s, const struct report_row *row, char *text, size_t size);

/* Records a second, in millions. */
double answers_rate(const struct report_row *row, double decode_ns);

/* Whether the parts of a row add up. */
const char *answers_verdict(const struct profile_row *row);

/* "129 [118 to 152]", of numbers times scale; "n/a" */
void answers_interval(const struct stats *s, double scale, char *text, size_t size);

/* --- scaling and steps (cmd_report_scaling.c, cmd_report_steps.c) --- */

/* Of the youngest run of that kind, if there is one: sets what it says and its tables, and adds answers. 0 or -ENOMEM.
 */
int scaling_set(struct document *d);
void scaling_free(struct document *d);
int steps_set(struct document *d);
void steps_free(struct document *d);

/* Lines of text: what is often said of scaling, and what has to be said of its models. Nothing without such a run. */
void scaling_print_claims(const struct document *d, FILE *to);
/* Why the models of a row are not there, as sentences; "" if they are. */
void scaling_refusals(const struct document *d, size_t row, char *text, size_t size);

/* --- pictures (cmd_report_figures.c, cmd_report_draw.c) --- */

/* What the runs have data for. 0 or -ENOMEM. */
int figures_set(struct document *d);
void figures_free(struct document *d);

/* Writes data and pictures into the folder. 0 or -errno, with the file's name in `path`: a picture that cannot be drawn
 * is no error, and says why. */
int figures_draw(struct document *d, const char *folder, char *path, size_t size);

/* --- documents (cmd_report_page.c, cmd_report_tables.c, cmd_report_summary.c, cmd_report_plain.c) --- */

/* Room for the cells of so many rows, all "n/a". 0 or -ENOMEM. */
int shown_table_begin(struct shown_table *t, const struct shown_column *columns, size_t rows);
void shown_table_html(const struct shown_table *t, FILE *to);
void shown_table_markdown(const struct shown_table *t, FILE *to);
/* 0 or -ENOMEM. */
int shown_table_plain(const struct shown_table *t, FILE *to);

/* A page of HTML that needs no other file; pictures are read from the folder. */
void page_print(const struct document *d, const char *folder, FILE *to);

/* Markdown. */
void summary_print(const struct document *d, FILE *to);

/* For a terminal of so many columns: pictures of characters, or bars without gnuplot. 0 or -ENOMEM. */
int summary_print_plain(const struct document *d, size_t width, FILE *to);

/* Columns of the page's and the summary's tables. */
enum { REPORT_CELL = 320 };
struct report_column {
    const char *title, *what;
    bool text, brief; /* brief: in the summary as well */
    void (*put)(const struct document *d, size_t row,
                char *cell); /* leaves a cell as it is, "n/a", if it knows nothing */
};
extern const struct report_column report_speeds[], report_costs[]; /* they end without a title */

#endif
