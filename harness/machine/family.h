/* The processes that descend from one, and what they have taken so far: from /proc, and from their CPU clocks. */
#ifndef HARNESS_FAMILY_H
#define HARNESS_FAMILY_H

#include "../results/fields.h"

#include <sys/types.h>

enum { FAMILY_MAX = 64 };

struct family {
    size_t count; /* 0: unknown, or too many */
    struct family_member {
        pid_t pid;
        uint64_t started;   /* ticks since boot: with the pid it is nobody else */
        uint64_t of_others; /* page faults of its children that it waited for: if more, one came and went */
    } member[FAMILY_MAX];   /* the first is the root, which only holds them together: nothing of its own counts */
};

/* Since they were started. A reading is unsupported if it cannot be had of each of them. */
struct family_counts {
    struct reading syscr, disk_bytes, minor_faults, major_faults;
    struct reading peak_bytes; /* the most memory that each of them had, added up */
};

/* Kills the children of this process until it has none, and so in one that adopts orphans all that descend from it.
 * True if there were any; those that ended by themselves do not count. */
bool family_kill_children(void);

void family_find(pid_t root, struct family *f);
/* Were both found, and did nobody come or go in between? */
bool family_same(const struct family *before, const struct family *after);

struct reading family_cpu_ns(const struct family *f);
void family_count(const struct family *f, struct family_counts *counts);

/* What came in between. */
struct reading family_grown(struct reading before, struct reading after);

#endif
