/* Where bytes come from: a stream lent piece by piece. Backends are sources; so is dbn_zstd, which wraps one. */
#ifndef DBN_SOURCE_H
#define DBN_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct dbn_span {
    const uint8_t *ptr;
    size_t len;
    uint64_t offset; /* of ptr[0], from the start of the stream (of the inflated one behind dbn_zstd) */
};

/* next() lends the bytes of the stream once, in order. need: the fewest bytes with which the caller can go on. A hint:
 * any number may be lent, but at least one. Returns 1: *out holds bytes, valid until the next call or the close; 0: end
 * of stream; < 0: an error (see outcome.h), and out->offset says where, in bytes from the start of the file. */
struct dbn_source {
    int (*next)(void *self, size_t need, struct dbn_span *out);
    void *self;
};

#endif
