/* The second stage: what the first one found is put behind what is there already. Blocks come in order. */
#ifndef INFLATE_EXECUTE_H
#define INFLATE_EXECUTE_H

#include "walk.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Bytes behind a block's content that may be overwritten. */
enum { EXECUTE_SPARE = 64 };

/* The frame that is being put together. */
struct execution {
    uint64_t size;
    uint32_t offsets[3]; /* 3.1.1.5 */
    XXH64_state_t checksum;
};

/* Puts the block at `to`, before which lie the last bytes of the frame, as many as its window. False if it is damaged,
 * or the frame is not what it says. */
bool execute(struct execution *e, const struct block_claim *claim, const struct walk_place *place,
             const struct block *b, uint8_t *to);

#endif
