/* What stored runs say, in sections of sentences and tables: as a page of HTML, as Markdown, and on a terminal. */
#ifndef HARNESS_DOCUMENT_H
#define HARNESS_DOCUMENT_H

#include "cases.h"
#include "figures.h"

enum { SECTION_TABLES = 40, DOCUMENT_SECTIONS = 10 };

struct section {
    const char *title, *figure; /* of which kind its pictures are; NULL: none */
    bool example;               /* its first answer says so */
    bool of_first;              /* it is about the run that the document is about */
    bool aside;                 /* for pages: not what one asks for who measured such a run */
    struct table *answers;      /* its notes: sentences, the most telling first */
    struct table *tables[SECTION_TABLES];
    size_t table_count;
};

/* Adds a table. One without rows and notes is freed. */
void section_add(struct section *s, struct table *t);

/* A run about speed in a few lines: a row for each data set, with the sink that backends are compared by. */
struct table *answer_table(const struct report *s);
/* How long it took, of how much, and where; to be freed. */
char *answer_head(const struct report *s);

/* One function for each section: they set what the run says. */
void section_speed(const struct shown_run *run, struct section *s);
void section_scaling(const struct shown_run *run, struct section *s);
void section_steps(const struct shown_run *run, struct section *s);
void section_profile(const struct shown_run *run, struct section *s);
void section_decoders(const struct shown_run *run, struct section *s);
void section_calls(const struct shown_run *run, struct section *s);
void section_reads(const struct shown_run *run, struct section *s);
void section_compared(const struct shown_run *run, struct section *s);

struct document {
    const struct shown_runs *runs;
    struct section sections[DOCUMENT_SECTIONS]; /* those of what the document is about come first */
    size_t count;
    struct table *notes; /* what has to be said of the run that it is about */
    struct figures figures;
};

/* To be freed. */
void document_of(const struct shown_runs *runs, struct document *d);
void document_free(struct document *d); /* also one of all zeros */

/* A page that needs no other file, with the pictures that figures_draw() could draw. */
void document_page(const struct document *d, FILE *to);
void document_markdown(const struct document *d, FILE *to);
/* First which run it is. */
void document_text(const struct document *d, size_t width, FILE *to);

/* One run, as the command ends that measured it: with the answer, or as one JSON object. `stored` is where its samples
 * are. */
void document_run(const struct results *r, const char *stored, bool json, FILE *to);

#endif
