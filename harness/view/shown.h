/* Stored runs as documents show them: each with what analysis makes of its kind of run. Views use nothing else. */
#ifndef HARNESS_SHOWN_H
#define HARNESS_SHOWN_H

#include "../analysis/phases.h"
#include "../analysis/profile.h"
#include "../analysis/report.h"
#include "../analysis/scale.h"
#include "../results/run.h"

/* Parts of it point to each other, so it stays where it is. */
struct shown_run {
    const struct results *results;
    struct report report;
    enum run_kind kind; /* RUN_UNKNOWN, and what follows is empty, if the run is not what its kind should be */

    struct scale scale;         /* of RUN_SCALE */
    struct scale_curve *curves; /* one a row of scale */

    struct profile profile; /* of RUN_PROFILE */

    struct phase_chain chain; /* of RUN_PHASES */
    struct shown_steps {
        const char *dataset;
        struct phase_row *rows; /* as many as the chain has steps */
    } * steps;                  /* one an input */
    size_t inputs;

    const struct shown_run *before; /* the one of its kind that came before it; NULL: none */
};

/* The results must outlive it. */
void shown_run_of(const struct results *r, struct shown_run *run);
void shown_run_free(struct shown_run *run);

/* Or of a special kind? */
bool shown_is_about_speed(const struct shown_run *run);

struct shown_runs {
    struct shown_run *run; /* in the order of time, the youngest last */
    size_t count;
    const struct shown_run *of[RUN_KINDS]; /* the youngest of each kind; NULL: there is none */
    const struct shown_run *first;         /* what a document is about */
};

/* Sets the last two: a document is about the youngest run, but rather about one that says how fast cases are than about
 * a special kind. */
void shown_runs_choose(struct shown_runs *runs);

/* What a limit is of, as the run says; else its name. */
const char *shown_limit(const struct results *r, const char *name);

/* "Intel Xeon 2.50GHz, 2 cores" */
void shown_machine(const struct results *r, char *text, size_t size);

/* Which run it is, when and where it was taken, and of what data. To be freed. */
char *shown_head(const struct report *s);

/* When it began, as in "2026-11-22 13:23:18 UTC"; "n/a" if nobody wrote that down. */
void shown_time(const struct results *r, char *text, size_t size);

/* The command that measured it, for a shell; to be freed. */
char *shown_command(const struct results *r);

/* The dataset of row i, if no row before has the same; else NULL. */
const char *shown_dataset(const struct report *s, size_t i);

/* The sink that backends are compared by on this dataset: of those that look for records the one that takes most time
 * with them, over all cases of the run that have it. */
const char *shown_sink(const struct report *s, const char *dataset);

/* "mmap", "buffered --block 4K with 2 threads" */
void shown_case(const struct report *s, const struct report_row *row, char *text, size_t size);

/* Its dataset, that, and its sink; returns the text. */
enum { SHOWN_NAME = SAMPLE_NAME + 256 };
const char *shown_name(const struct report *s, const struct report_row *row, char text[SHOWN_NAME]);

/* Is there a time for records? How many millions a second those are; n = 0: there is none. */
bool shown_has_rate(const struct report_row *row);
struct stats shown_rate(const struct report_row *row);

#endif
