/* What is to be expected of more threads than were measured: by the laws that were fitted, and by a simulation from the
 * service times of this run. It is of this machine with more cores, and the memory bus as it is. */
#ifndef HARNESS_SCALE_CURVE_H
#define HARNESS_SCALE_CURVE_H

#include "scale.h"

enum { SCALE_CURVE_MOST = 64, SCALE_CURVE_POINTS = 32 };

/* Records a second (bytes a second, if none were looked for). NAN: not known. */
struct scale_curve_point {
    uint64_t threads;
    double measured, low, high; /* of the fastest point with so many threads */
    double machine;             /* what so many threads would come to that share nothing, by its capacity */
    double amdahl, usl, simulated;
};

struct scale_curve {
    struct scale_curve_point point[SCALE_CURVE_POINTS]; /* by threads */
    size_t count;
    char why[160]; /* "", or why nothing was simulated */
};

/* 0 or -ENOMEM. */
int scale_curve_of(const struct results *r, const struct scale *s, const struct scale_row *row, uint64_t seed,
                   struct scale_curve *curve);

#endif
