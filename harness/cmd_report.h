/* What the parts of `dbnbench report` share: the runs that are shown, what they say, and pictures of it. */
#ifndef HARNESS_CMD_REPORT_H
#define HARNESS_CMD_REPORT_H

#include "profile.h"
#include "report.h"

#include <stdio.h>

struct shown_run {
    struct results results;
    struct report report;
};

enum { FIGURE_NAME = 32, FIGURE_TEXT = 512, FIGURES_MAX = 64 };

/* A picture. Its data are in NAME.tsv, and what draws them is plots/SCRIPT.gp. */
struct figure {
    char name[FIGURE_NAME];
    const char *script, *about;
    char title[FIGURE_TEXT];
    char *data;            /* the text of NAME.tsv; NULL: there is no such picture */
    size_t size;           /* of it, as long as it is being written */
    bool drawn;            /* NAME.svg and NAME.png are there */
    char why[FIGURE_TEXT]; /* why not, of data or files */
};

struct document {
    struct shown_run *runs; /* as they were taken, the youngest last */
    size_t count;
    const struct shown_run *run;      /* what the document is of: the youngest, and no profile if there is another */
    const struct shown_run *profiled; /* the youngest profile; NULL: there is none */
    struct profile profile;
    const char **datasets, **with;      /* of the profile */
    json_t *table;                      /* table_json() of run */
    char **answers;                     /* sentences, the most telling first */
    size_t answer_count, speed_answers; /* those that are not of the profile come first */
    struct figure figures[FIGURES_MAX];
    size_t figure_count;
    bool figures_left_out; /* there would have been more than FIGURES_MAX */
};

/* --- what the runs say (cmd_report_answers.c) --- */

/* Sets profile and answers. 0 or -ENOMEM. */
int answers_set(struct document *d);
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

/* --- pictures (cmd_report_figures.c, cmd_report_draw.c) --- */

/* What the runs have data for. 0 or -ENOMEM. */
int figures_set(struct document *d);
void figures_free(struct document *d);

/* Writes data and pictures into the folder. 0 or -errno, with the file's name in `path`: a picture that cannot be drawn
 * is no error, and says why. */
int figures_draw(struct document *d, const char *folder, char *path, size_t size);

/* --- documents (cmd_report_page.c, cmd_report_summary.c) --- */

/* A page of HTML that needs no other file; pictures are read from the folder. */
void page_print(const struct document *d, const char *folder, FILE *to);

/* Markdown. */
void summary_print(const struct document *d, FILE *to);

/* For a terminal, with bars of so many columns. */
void summary_print_plain(const struct document *d, size_t width, FILE *to);

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
