/* From frame to frame of a zstd file without inflating anything, by what its headers claim. */
#ifndef DBN_ZSTD_FRAMES_H
#define DBN_ZSTD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads n bytes at this offset of the file. How many there were, or < 0. */
struct dbn_at {
    int64_t (*read)(void *self, void *to, size_t n, uint64_t offset);
    void *self;
};

struct dbn_zstd_frame {
    uint64_t size;    /* in the file; 0 if the content is not known: then nobody looked */
    uint64_t window;  /* bytes that a decoder has to look back; 0 for a skippable frame */
    bool known;       /* does it say how much it holds? */
    uint64_t content; /* that much */
};

/* The frame at this offset, data or skippable. 1; or 0 if no whole frame lies there. */
int dbn_zstd_frame_at(struct dbn_at in, uint64_t offset, struct dbn_zstd_frame *f);

#endif
