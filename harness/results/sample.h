/* A sample: one repetition of one case, as it was measured. All that the measuring half and the reading
 * half (store, stats, summary, table) both know. Every figure is derived from samples; nothing derived is
 * ever stored. */
#ifndef HARNESS_SAMPLE_H
#define HARNESS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* Missing is not zero: memory that was only zeroed is no reading. */
enum reading_state { READING_UNSUPPORTED = 0, READING_EXACT, READING_SCALED };

struct reading {
    enum reading_state state;
    uint64_t value;
};

/* Of an event that may have to share the processor's counters with others. */
struct counter_reading {
    struct reading reading; /* scaled: it counted part of the time, and this is what it would have been */
    uint32_t ran_ppm;       /* that part; 1000000 if exact */
};
enum { COUNTERS_MAX = 16, COUNTER_NAME = 64 };

/* How a sample ended; the names are those of sample_outcomes[]. Only an OK sample has numbers. */
enum sample_outcome {
    SAMPLE_OK,
    SAMPLE_MISMATCH, /* not what the plain decoder found */
    SAMPLE_FAILED,   /* the backend could not do it */
    SAMPLE_CRASHED,  /* by a signal */
    SAMPLE_TIMED_OUT,
    SAMPLE_UNAVAILABLE, /* it cannot be measured here: no cold file, no child process */
    SAMPLE_OUTCOMES,
};
extern const char *const sample_outcomes[SAMPLE_OUTCOMES];

enum { SAMPLE_NAME = 256, SAMPLE_ERROR = 512, LIMIT_NAME = 32, LIMIT_WHY = 160 };

struct sample {
    /* The case. */
    char dataset[SAMPLE_NAME], backend[32], sink[32];
    uint64_t threads;
    uint64_t files;         /* that are decoded by turns, at least 1 */
    uint64_t split;         /* shards that each is cut into where it can be; 1: it is not */
    uint64_t block;         /* bytes asked for at a time; 0: the backend has no blocks, or nobody wrote it down */
    bool cold;              /* the file was dropped from the page cache first */
    uint64_t prefix;        /* only so many records of the file were decoded; 0: all */
    uint64_t records;       /* in what is decoded once; also for sinks that do not look for records */
    uint64_t bytes;         /* of the stream, inflated, metadata and all */
    uint64_t place;         /* of the case in its run, which is the order of tables */
    char limit[LIMIT_NAME]; /* that bounds it, as in struct limit_sample; "": none is known */

    uint64_t round;
    uint64_t inner; /* decodes one after the other; all that follows is of all of them together */
    enum sample_outcome outcome;
    char error[SAMPLE_ERROR]; /* "" if OK */

    uint64_t wall_ns, cpu_ns;
    uint64_t user_ns, system_ns; /* split by the scheduler's tick: only their sum is exact */
    uint64_t minor_faults, major_faults, voluntary_switches, involuntary_switches;
    uint64_t max_rss_bytes;                  /* with what the harness itself takes */
    uint64_t reads, other_calls, bytes_read; /* by the backend's own count */
    struct reading copied;                   /* bytes moved or inflated in user space, on top of bytes_read */
    struct reading syscr;                    /* read calls as the kernel counted them */
    struct reading disk_bytes;               /* fetched from the device meanwhile */
    struct reading absent_pages; /* of the file, not in the page cache just before; a warm sample had them read in */
    struct reading allocations, allocated_bytes; /* of all threads and libraries */
    struct reading steal_ns, stall_us; /* of the host meanwhile, whoever was meant: taken from all cores for others, in
                                        * ticks; the time in which something waited for a core */
    struct reading plan_ns, start_ns, open_ns, work_ns, idle_ns, wait_ns, merge_ns; /* where the time went, see job.h */
    struct reading shards, redone;
    uint64_t tally_records, tally_bytes, tally_digest; /* of one decode */

    uint64_t counters; /* how many events were to be counted */
    struct sample_counter {
        char name[COUNTER_NAME];
        struct counter_reading count;
    } counter[COUNTERS_MAX];
};

static inline double sample_decode_ns(const struct sample *s)
{
    return (double)s->wall_ns / (double)s->inner;
}

/* One sample of a limit (see limits.h), taken between the samples of a round. */
struct limit_sample {
    char dataset[SAMPLE_NAME], limit[LIMIT_NAME];
    bool per_second; /* values are bytes/s, else ns for each of what is counted */
    uint64_t round;
    double value, wall_value; /* undisturbed; with all that came between, as samples of cases are */
    char why[LIMIT_WHY];      /* "", or why the limit has no value, in any round */
};

/* What a decode takes in instructions, whoever carries them out. */
struct instruction_count {
    uint64_t place;                 /* of the case */
    uint64_t records, instructions; /* these many more records took these many more */
    char why[LIMIT_WHY];            /* "", or why it is not known */
};

#endif
