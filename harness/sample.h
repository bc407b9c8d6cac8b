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

enum { SAMPLE_NAME = 256, SAMPLE_ERROR = 512 };

struct sample {
    /* The case. */
    char dataset[SAMPLE_NAME], backend[32], sink[32];
    uint64_t threads;
    bool cold;        /* the file was dropped from the page cache first */
    uint64_t prefix;  /* only so many records of the file were decoded; 0: all */
    uint64_t records; /* in what is decoded once; also for sinks that do not look for records */
    uint64_t bytes;   /* of the stream, inflated, metadata and all */
    uint64_t place;   /* of the case in its run, which is the order of tables */

    uint64_t round;
    uint64_t inner; /* decodes one after the other; all that follows is of all of them together */
    enum sample_outcome outcome;
    char error[SAMPLE_ERROR]; /* "" if OK */

    uint64_t wall_ns, cpu_ns;
    uint64_t user_ns, system_ns; /* split by the scheduler's tick: only their sum is exact */
    uint64_t minor_faults, major_faults, voluntary_switches, involuntary_switches;
    uint64_t max_rss_bytes;                  /* with what the harness itself takes */
    uint64_t reads, other_calls, bytes_read; /* by the backend's own count */
    struct reading syscr;                    /* read calls as the kernel counted them */
    struct reading disk_bytes;               /* fetched from the device meanwhile */
    struct reading
        absent_pages; /* of the file, not in the page cache just before; a warm sample had them read in */
    uint64_t tally_records, tally_bytes, tally_digest; /* of one decode */
};

#endif
