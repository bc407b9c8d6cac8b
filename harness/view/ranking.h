/* Who is fastest on a dataset with one sink: ways of reading and decoders of others, in one order for all that shows
 * them. */
#ifndef HARNESS_RANKING_H
#define HARNESS_RANKING_H

#include "../results/run.h"
#include "shown.h"
#include "table.h"

struct ranking {
    const struct report *report;
    const char *dataset, *sink;
    struct ranked {
        const struct report_row *row;
        bool foreign;
        struct run_decoder of;     /* if it is */
        struct stats ns;           /* a record, of CPU time or of time */
        struct stats ratio;        /* how many times as long as the best takes, in the same round */
    } * rows;                      /* by that ratio; those without a time last */
    const struct report_row *best; /* takes the least time; NULL: nobody has one */
    size_t count, timed;           /* rows, and those with a ratio */
    size_t foreign;                /* decoders of others, whether they have a time or not */
    bool by_cpu; /* decoders of others take part: CPU time counts, which start-up and waiting do not blur */
};

/* To be freed. The report must outlive it. Where CPU time counts, only what has one thread takes part. */
void ranking_of(const struct report *s, const char *dataset, const char *sink, struct ranking *r);
void ranking_free(struct ranking *r);

/* The sink by which a dataset is ranked: that of decoders of others if any has a time, else shown_sink(). */
const char *ranking_sink(const struct report *s, const char *dataset);

/* Is it slower than the best one beyond doubt? The winner has all others apart. */
bool ranking_is_apart(const struct ranked *of);
bool ranking_has_winner(const struct ranking *r);

/* The best one as a ratio to the machine's limit that bounds it, in the same round. */
struct stats ranking_of_limit(const struct ranking *r);

/* CPU time, ns a record. */
double ranking_cpu_ns(const struct sample *s);

/* Million records a second: of CPU time if that counts. */
struct stats ranking_rate(const struct ranked *of);

/* Who is fastest, how near to what the machine allows, and who is next: two sentences, as a note. */
void ranking_say(const struct ranking *r, struct table *to);

/* What the machine's limit that bounds the best one would give, million records a second; NAN: none is known. */
double ranking_limit(const struct ranking *r);

#endif
