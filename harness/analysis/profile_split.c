/* The arithmetic of one round, and how it is judged. */
#include "profile.h"

#include <math.h>

/* Beyond this width of the interval, to both sides, nothing is said; up to this much may be missing. */
#define UNSURE_SHARE 0.10
#define SMALL_SHARE 0.03

const char *const profile_sinks[PROFILE_STEPS] = {
    [STEP_RAW] = "none",    [STEP_RAW_TOUCH] = "touch", [STEP_NONE] = "none", [STEP_TOUCH] = "touch",
    [STEP_FRAME] = "frame", [STEP_FIELDS] = "fields",   [STEP_ROWS] = "rows",
};

const char *const profile_part_names[PROFILE_PARTS] = {
    [PART_CALLS] = "calls",     [PART_FAULTS] = "faults",         [PART_HAND_OVER] = "hand-over",
    [PART_INFLATE] = "inflate", [PART_MEMORY] = "memory",         [PART_FRAMING] = "framing",
    [PART_FIELDS] = "fields",   [PART_ALLOCATION] = "allocation", [PART_UNEXPLAINED] = "unexplained",
};

const char *const profile_verdicts[] = {
    [PROFILE_CLOSES] = "closes",
    [PROFILE_OPEN] = "does not close",
    [PROFILE_OVERLAPS] = "overlaps",
    [PROFILE_UNSURE] = "too noisy",
};

bool profile_has(const struct profile_kind *kind, enum profile_part part)
{
    switch (part) {
    case PART_FAULTS:
        return kind->mapped;
    case PART_HAND_OVER:
        return kind->shared;
    case PART_INFLATE:
        return kind->compressed;
    case PART_MEMORY: /* what is inflated is in the cache, whatever it was inflated from */
        return (kind->mapped || kind->shared) && !kind->compressed;
    case PART_ALLOCATION:
        return kind->kept;
    default:
        return true;
    }
}

/* A file that is not compressed is raw as it is. */
static struct profile_times with_raw(const struct profile_kind *kind, const struct profile_times *t)
{
    struct profile_times all = *t;
    for (size_t i = 0; i < PROFILE_SOURCES && !kind->compressed; i++) {
        all.ns[i][STEP_RAW] = all.ns[i][STEP_NONE];
        all.ns[i][STEP_RAW_TOUCH] = all.ns[i][STEP_TOUCH];
    }
    return all;
}

void profile_split(const struct profile_kind *kind, const struct profile_times *times, double part[PROFILE_PARTS])
{
    const struct profile_times t = with_raw(kind, times);
    const double *backend = t.ns[FROM_BACKEND], *memory = t.ns[FROM_MEMORY];

    /* The work on bytes that are there already, and what it takes to have them there. */
    const double *work = kind->stepped ? t.ns[FROM_STEPS] : kind->compressed ? memory : t.ns[FROM_CACHE];
    double there = kind->stepped ? memory[STEP_NONE] : work[STEP_NONE];

    for (size_t i = 0; i < PROFILE_PARTS; i++)
        part[i] = 0;
    part[PART_CALLS] = (kind->shared ? t.ns[FROM_BLOCKS] : backend)[STEP_RAW];
    if (kind->stepped && !kind->compressed) /* `none` joins the fields that were read; that is framing */
        part[PART_CALLS] -= work[STEP_NONE] - there;
    if (kind->mapped)
        part[PART_FAULTS] = (backend[STEP_RAW_TOUCH] - backend[STEP_RAW]) - (memory[STEP_RAW_TOUCH] - memory[STEP_RAW]);
    if (kind->compressed)
        part[PART_INFLATE] = memory[STEP_NONE] - memory[STEP_RAW];
    if (kind->shared)
        part[PART_HAND_OVER] = backend[STEP_NONE] - part[PART_CALLS] - part[PART_INFLATE];
    part[PART_FRAMING] = work[STEP_FRAME] - there;
    part[PART_FIELDS] = work[STEP_FIELDS] - work[STEP_FRAME];
    if (profile_has(kind, PART_MEMORY)) {
        const double *far = kind->mapped ? memory : t.ns[FROM_HANDED];
        part[PART_MEMORY] = (far[STEP_FIELDS] - far[STEP_NONE]) - (work[STEP_FIELDS] - there);
        work = far;
    }
    if (kind->kept)
        part[PART_ALLOCATION] = work[STEP_ROWS] - work[STEP_FIELDS];

    double explained = 0;
    for (size_t i = 0; i < PART_UNEXPLAINED; i++)
        explained += part[i];
    part[PART_UNEXPLAINED] = backend[profile_top(kind)] - explained;
}

enum profile_verdict profile_judge(const struct stats *share)
{
    if (!share->confident || share->high - share->low > 2 * UNSURE_SHARE)
        return PROFILE_UNSURE;
    if ((share->low <= 0 && share->high >= 0) || fabs(share->median) <= SMALL_SHARE)
        return PROFILE_CLOSES;
    return share->median > 0 ? PROFILE_OPEN : PROFILE_OVERLAPS;
}

double profile_gain(double share)
{
    return share <= 0 ? 1 : share < 1 ? 1 / (1 - share) : (double)INFINITY;
}
