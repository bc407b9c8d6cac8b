/* How decoding scales over threads: derived from the samples of a run. A row is one way
 * of decoding something, a point of it a number of threads and shards.
 *
 * Speed-ups are those over one thread with the file in one piece, in the same round. What the machine could give at
 * most, its capacity, is what a kernel that shares nothing gained by as many threads in that round: of arithmetic where
 * the file is compressed, of reading memory where it is not. Karp-Flatt's serial fraction and the fits are of the
 * speed-up as a ratio to that, as if n threads had had n times what one has. */
#ifndef HARNESS_SCALE_H
#define HARNESS_SCALE_H

#include "../results/sample.h"
#include "fit.h"
#include "report.h"

enum {
    SCALE_LAW_ROUNDS = 6, /* at least: fewer have no interval at STATS_LEVEL */
    SCALE_AMDAHL_POINTS = 3,
    SCALE_USL_POINTS = 4,
};

/* Where the time of all threads went: shares of threads x wall time. */
enum scale_part {
    SCALE_PLAN,  /* finding where to cut; one thread does, so it counts for all */
    SCALE_START, /* until the threads run */
    SCALE_OPEN,
    SCALE_WORK,
    SCALE_WAIT,  /* for blocks of a shared backend */
    SCALE_IDLE,  /* with no shard left to take */
    SCALE_MERGE, /* joining, and decoding again what was cut wrongly; one thread does */
    SCALE_OTHER, /* what these leave */
    SCALE_PARTS,
};

struct scale_point {
    const struct report_row *row;
    const struct sample *sample; /* one of it. The failed one, if there is any: then nothing else is set */
    size_t samples;              /* 0: one failed */
    bool oversubscribed;         /* more threads than cores: not part of fits */
    struct stats rate;           /* records/s; of bytes/s if no records were looked for */
    struct stats speedup;
    struct stats capacity;          /* n = 0: unknown */
    struct stats of_capacity;       /* the speed-up as a ratio to that */
    struct stats serial;            /* Karp-Flatt; n = 0 with one thread */
    struct stats part[SCALE_PARTS]; /* n = 0: not written down */
    struct stats growth; /* of the time of SCALE_WORK of all threads, over that of one thread: 0.1 is 10 % more */
    uint64_t redone;     /* the most shards that were decoded again */
};

/* Fitted to the fastest point of each number of threads that have a core each, in each round that has all of them. */
struct scale_law {
    char why[128];             /* "", or why nothing was fitted: then nothing else is set */
    struct stats sigma, kappa; /* see fit.h; over the rounds */
    struct fit_law law;        /* with their medians, or 0 for what is below */
};

struct scale_row {
    const char *dataset, *backend, *sink;
    uint64_t files;
    size_t first, points;      /* within scale.points, by threads and then shards; the first is the base */
    enum capacity_kind kernel; /* that the capacity is of */
    struct scale_law amdahl, usl;
    size_t law_points, law_rounds; /* numbers of threads that they were fitted to, and rounds that have all of these */
};

struct scale {
    const struct report *report;
    struct scale_point *points;
    struct scale_row *rows;
    size_t point_count, count;
    uint64_t cores;
};

/* Rows without a base that worked are left out, and so are prefixes of files. The report must outlive it. */
void scale_of(const struct report *report, struct scale *s);
void scale_free(struct scale *s);

/* --- more threads --- */

/* What is to be expected of more threads than were measured: by the laws that were fitted, and by a simulation from the
 * times of this run. It is of this machine with more cores, and the memory bus as it is. */
enum { SCALE_CURVE_MOST = 64, SCALE_CURVE_POINTS = 32 };

/* Records a second (bytes a second, if none were looked for). NAN: not known. */
struct scale_curve_point {
    uint64_t threads;
    struct stats measured; /* of the fastest point with so many threads */
    double machine;        /* what so many threads would come to that share nothing, by its capacity */
    double amdahl, usl, simulated;
};

struct scale_curve {
    struct scale_curve_point point[SCALE_CURVE_POINTS]; /* by threads */
    size_t count;
    char why[160]; /* "", or why nothing was simulated */
};

void scale_curve_of(const struct scale *s, const struct scale_row *row, struct scale_curve *curve);

#endif
