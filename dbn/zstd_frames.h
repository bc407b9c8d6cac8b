/* From frame to frame of a zstd file without inflating anything, by what its headers claim. */
#ifndef DBN_ZSTD_FRAMES_H
#define DBN_ZSTD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the header of a data frame says. */
struct dbn_zstd_header {
    size_t size;
    uint64_t window;                     /* bytes that a decoder has to look back */
    bool known;                          /* does it say how much it holds? */
    uint64_t content;                    /* that much */
    bool checksum, dictionary, reserved; /* is there one; does it need one; a bit that must not be set */
};

/* From its first n bytes, DBN_ZSTD_HEADER or all that there are. False if there is no whole header. */
enum { DBN_ZSTD_HEADER = 18 };
bool dbn_zstd_header(const uint8_t *p, size_t n, struct dbn_zstd_header *h);

/* The size of the frame that begins with these n bytes if it is skippable, else 0. */
uint64_t dbn_zstd_skippable(const uint8_t *p, size_t n);

/* Reads n bytes at this offset of the file. How many there were, or < 0. */
struct dbn_at {
    int64_t (*read)(void *self, void *to, size_t n, uint64_t offset);
    void *self;
};

/* Behind the last block of a frame, of which the first is at this offset; 0 if not all of them are there. */
uint64_t dbn_zstd_skip_blocks(struct dbn_at in, uint64_t at);

struct dbn_zstd_frame {
    uint64_t size;    /* in the file; 0 if the content is not known: then nobody looked */
    uint64_t window;  /* bytes that a decoder has to look back; 0 for a skippable frame */
    bool known;       /* does it say how much it holds? */
    uint64_t content; /* that much */
};

/* The frame at this offset, data or skippable. 1; or 0 if no whole frame lies there. */
int dbn_zstd_frame_at(struct dbn_at in, uint64_t offset, struct dbn_zstd_frame *f);

#endif
