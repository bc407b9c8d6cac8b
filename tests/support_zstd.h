/* Compressed files for tests, put together frame by frame, and decodes of them in pieces of all sizes. */
#ifndef TESTS_SUPPORT_ZSTD_H
#define TESTS_SUPPORT_ZSTD_H

#include "../dbn/encode.h"
#include "support.h"

struct frame {
    int level; /* 0: the library's choice */
    bool checksum, content_size;
    int window_log; /* 0: the level's own */
};

extern const struct frame usual_frame; /* with a checksum */

/* Each appends to the file. */
void add(struct dbn_buffer *b, const void *p, size_t n);
void add_u32(struct dbn_buffer *b, uint32_t value);
void add_frame(struct dbn_buffer *b, const void *p, size_t n, struct frame f);
void add_skippable(struct dbn_buffer *b, unsigned kind, size_t n); /* kind: 0 to 15 */
void empty(struct dbn_buffer *b);

/* The file's decode in pieces of that size; 0: of what is asked for. */
struct ending in_pieces(const struct dbn_buffer *file, size_t size, const struct sink *sink);

/* The file in one piece, in those of size 0, stride, 2 * stride, ... up to `sizes`, and by the reference decoder: they
 * all end alike. Returns how. */
struct ending agreed(const struct dbn_buffer *file, const char *what, size_t sizes, size_t stride);

/* They end like that, with the records that lie in the first `whole` bytes of the stream. Empties the file. */
void check_prefix(struct dbn_buffer *file, const char *what, int outcome, uint64_t fault, struct bytes stream,
                  size_t whole);

#endif
