/* From block to block of a file in memory, by headers alone (RFC 8878, 3.1). */
#ifndef INFLATE_WALK_H
#define INFLATE_WALK_H

#include "block.h"

#include "../dbn/zstd_frames.h"

struct walk {
    const uint8_t *p, *end;
    uint64_t window_max;
    bool in_frame;
    struct dbn_zstd_header header;
    struct block_bytes tables[BLOCK_TABLES]; /* as in a claim */
};

/* Where a block stands in its frame. */
struct walk_place {
    bool first, last;
    bool known, has_checksum; /* does the frame say how much it holds; is there a checksum */
    uint64_t content;
    uint32_t checksum; /* behind the last block */
};

void walk_begin(struct walk *w, const uint8_t *p, size_t n, unsigned window_log);

/* 1: the next block; 0: that was the last one; -1: something else than a whole block of a frame that we take. */
int walk_next(struct walk *w, struct block_claim *claim, struct walk_place *place);

#endif
