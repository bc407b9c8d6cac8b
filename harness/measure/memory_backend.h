/* Ways of having bytes without a system call for them: what remains is the work that is done with them. They are in no
 * list: commands that take work apart use them, each against `none` with the same one, which leaves out what it takes
 * by itself. */
#ifndef HARNESS_MEMORY_BACKEND_H
#define HARNESS_MEMORY_BACKEND_H

#include "../../backends/backend.h"

/* "memory": the file mapped, with every page in place before the first byte is lent, in one piece. */
extern const struct backend memory_backend;

/* "memory-cached": the same, block by block (64 KiB, or --block), each of which is loaded once before it is lent, so
 * that it lies in the nearest caches, as it does behind a read(2). */
extern const struct backend memory_backend_cached;

/* "memory-handed": copied by a thread of its own to blocks (128 KiB, or --block), which go through a ring. */
extern const struct backend memory_backend_handed;

/* "memory-fields", "memory-records": lent in the pieces that a decoder asks for that takes these steps. NULL for
 * DBN_STEP_BLOCK. */
const struct backend *memory_backend_stepped(enum dbn_step step);

#endif
