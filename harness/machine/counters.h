/* Events of the processor and the kernel, counted by perf_event_open(2), and the calls of the allocator.
 *
 *   counters_choose(&set, list, why, sizeof why);    names them
 *   counters_try(&set);                              finds out which can be counted here, and why not
 *   counters_open(&c, &set);                         where and when it is done, in any process
 *   counters_begin(&c);
 *   ...
 *   counters_end(&c, readings);
 *   counters_close(&c);
 *
 * Nothing in here fails because an event cannot be counted: its reading is unsupported then, and its `why`
 * is set. */
#ifndef HARNESS_COUNTERS_H
#define HARNESS_COUNTERS_H

#include "../results/sample.h"

#include <jansson.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdio.h>

/* Known work: so many additions, and fresh pages. */
enum { COUNTER_TEXT = 192, COUNTER_ADDITIONS = 1000000, COUNTER_PAGES = 256 };

struct counter_spec {
    char name[COUNTER_NAME];     /* as given */
    char resolved[COUNTER_TEXT]; /* in full, as libpfm4 or the kernel spell it; "": unknown */
    struct perf_event_attr attr;
    uint64_t least;         /* what known work must give */
    bool kernel_only;       /* it happens in the kernel, so that counting the user's side counts nothing */
    bool user_only;         /* what the kernel does for the program is left out: it must not be seen */
    int error;              /* the errno of the kernel, if it was that which refused */
    char why[COUNTER_TEXT]; /* "": it can be counted, as far as is known */
};

struct counter_set {
    struct counter_spec spec[COUNTERS_MAX];
    size_t count;
};

/* Names from a list "a,b,c"; those of libpfm4 may have its modifiers, as in "cycles:u". Names nobody knows are in the
 * set, and only they have a `why`. 0, or -EINVAL with the reason in why: too many, empty or too long a name. */
int counters_choose(struct counter_set *set, const char *list, char *why, size_t size);

/* Opens each and has it count known work: 10 ms. Takes back what the kernel does not permit to see
 * (user_only), and sets `why` of what cannot be counted. To be called once, before anything is opened. */
void counters_try(struct counter_set *set);

struct counter_raw {
    uint64_t value, enabled_ns, running_ns;
};

struct counting {
    const struct counter_set *set;
    struct counter_event {
        int fd;
        int error; /* errno: it could not be opened, or read */
        struct counter_raw begin;
    } event[COUNTERS_MAX];
};

/* Counts in the calling thread and all threads that it starts later, for as long as this is open; of those that still
 * run as well. Events that open refuses now have no reading. The set must outlive this. */
void counters_open(struct counting *c, const struct counter_set *set);
/* These two cost a read(2) an event. */
void counters_begin(struct counting *c);
void counters_end(struct counting *c, struct counter_reading readings[COUNTERS_MAX]);
void counters_close(struct counting *c);

/* What was counted while it was enabled for one time and ran for another. */
struct counter_reading counter_scale(struct counter_raw counted);

/* --- names --- */

/* The names that every build knows, by number; NULL behind the last. */
const char *counters_generic(size_t i);
/* Every such name with what happens to it here, and what would change that. */
void counters_list(FILE *to);
/* For the run's line: {"cycles": {"event": "PERF_COUNT_HW_CPU_CYCLES", "user_only": false}, "LLC-load-misses":
 * null}. The reasons of those that are null go into `missing`. */
json_t *counters_json(const struct counter_set *set, json_t *missing);

/* Of libpfm4, if it is built in. Fills resolved, attr or why. */
void counters_pfm_resolve(struct counter_spec *spec);
/* "4.13", or NULL. */
const char *counters_pfm_version(void);

/* --- instructions of a program, by valgrind: a figure that a busy machine does not change --- */

/* Runs the program under callgrind: some 50 times as slow, with a deadline. argv and environment as in struct
 * child_program. *n: the instructions of all threads of its busiest process, without what the kernel does for it; or
 * the reason in why ("" if there is none) that they are not known. False: stopped by a signal. */
bool instructions_count(const char *const *argv, const char *const *environment, uint64_t *n, char *why, size_t size);

/* --- the allocator --- */

/* Calls of malloc() and its kin, and the bytes they asked for, from all threads and all libraries. Each call
 * of begin() starts anew. Unsupported where something else has taken the allocator's place; why() says so, if
 * called while nothing is counted. */
void allocations_begin(void);
void allocations_end(struct reading *calls, struct reading *bytes);
const char *allocations_why(void);

/* Only a decode has a use for being told that there is no memory: it is then its outcome. Everywhere else a failed
 * allocation, be it a library's, ends the process: one line of text, and exit status ALLOCATION_FAILED. So nothing but
 * backends, sinks and the decoder looks at what the allocator returns. They may fail until main() forbids it. Returns
 * what was allowed before. Not with sanitizers, which bring their own allocator. */
enum { ALLOCATION_FAILED = 5 };
bool allocations_may_fail(bool yes);

#endif
