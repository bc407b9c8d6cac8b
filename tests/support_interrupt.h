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

#endif
