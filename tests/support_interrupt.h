/* Calls that a signal interrupts: of local files they never are, of files on some others they may be. And calls that
 * fail. */
#ifndef TESTS_SUPPORT_INTERRUPT_H
#define TESTS_SUPPORT_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* From now on every other call of open, read, pread, write and flock that a thread makes comes back at once, with
 * EINTR. The C library's own calls do not. */
void interrupt_begin(void);
/* No more. How many calls of read and pread there were, interrupted ones and all. */
uint64_t interrupt_end(void);

/* From now on pread fails with this error; 0: no more. */
void pread_fails(int error);

/* What reads past the page cache meet, be they pread's or io_uring's. */
enum direct_fault {
    DIRECT_WORKS,
    DIRECT_REFUSED,      /* the file system does not let the file be read so */
    DIRECT_READS_FAIL,   /* only the reads are refused, from the third on */
    DIRECT_SHORT,        /* each read but of a single byte gives one byte less */
    DIRECT_SINGLE_BYTES, /* each read gives one byte */
    DIRECT_INTERRUPTED,  /* each second read comes back with EINTR */
    DIRECT_ERROR,        /* the third read fails with EIO */
    DIRECT_FAULTS
};
void direct_meets(enum direct_fault fault);
/* No more. How often it did. */
unsigned direct_met(void);

#endif
