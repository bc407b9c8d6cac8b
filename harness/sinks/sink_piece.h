/* For sinks that keep something: they work through lent bytes piece by piece, so that what one loop has walked is still
 * in the first-level cache for the next, and so that soon after memory ran out nothing is taken any more. */
#ifndef HARNESS_SINK_PIECE_H
#define HARNESS_SINK_PIECE_H

#include "sink.h"

enum { SINK_PIECE = 16 << 10 };

/* The body of a take(), in pieces of as many bytes, which hold the longest record: what take_piece() returns is how
 * much it took, 0 if no whole record was there, or DBN_NO_MEMORY. */
DBN_INLINE size_t sink_take_pieces(void *self, const uint8_t *p, size_t n, uint64_t offset, size_t piece,
                                   size_t (*take_piece)(void *self, const uint8_t *p, size_t n, uint64_t offset))
{
    size_t at = 0, taken = 1;
    while (at < n && taken > 0) {
        taken = take_piece(self, p + at, n - at < piece ? n - at : piece, offset + at);
        if (taken == DBN_NO_MEMORY)
            return taken;
        at += taken;
    }
    return at;
}

#endif
