#include "zstd_frames.h"

#include "record.h"

#include <zstd.h>

enum {
    MAX_HEADER = 18, /* magic, descriptor, window, 4 of dictionary id, 8 of content size */
    BLOCK_HEADER = 3,
    CHECKSUM = 4,
    BLOCK_RLE = 1,
    BLOCK_RESERVED = 3,
};

static uint64_t load(const uint8_t *p, size_t n)
{
    uint64_t value = 0;
    memcpy(&value, p, n); /* little-endian */
    return value;
}

/* Behind the last block, or 0. */
static uint64_t skip_blocks(struct dbn_at in, uint64_t at)
{
    for (;;) {
        uint8_t header[BLOCK_HEADER];
        if (in.read(in.self, header, sizeof header, at) != (int64_t)sizeof header)
            return 0;
        uint32_t bits = (uint32_t)load(header, sizeof header), type = bits >> 1 & 3, size = bits >> 3;
        if (type == BLOCK_RESERVED)
            return 0;
        at += BLOCK_HEADER + (type == BLOCK_RLE ? 1 : size);
        if (bits & 1)
            return at;
    }
}

/* Is there a byte before this offset? */
static int exists(struct dbn_at in, uint64_t end)
{
    uint8_t last;
    return in.read(in.self, &last, 1, end - 1) == 1;
}

int dbn_zstd_frame_at(struct dbn_at in, uint64_t offset, struct dbn_zstd_frame *f)
{
    static const uint8_t dictionary_sizes[] = {0, 1, 2, 4}, content_sizes[] = {0, 2, 4, 8};
    uint8_t h[MAX_HEADER] = {0};
    int64_t got = in.read(in.self, h, sizeof h, offset);
    *f = (struct dbn_zstd_frame){.known = true};
    if (got < 8)
        return 0;
    uint32_t magic = dbn_load_u32(h);
    if ((magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START) {
        f->size = 8 + (uint64_t)dbn_load_u32(h + 4);
        return exists(in, offset + f->size);
    }
    if (magic != ZSTD_MAGICNUMBER)
        return 0;
    uint8_t descriptor = h[4];
    bool single = descriptor & 0x20;
    size_t size_at = 5 + (size_t)!single + dictionary_sizes[descriptor & 3];
    size_t bytes = descriptor >> 6 ? content_sizes[descriptor >> 6] : single;
    f->known = bytes > 0;
    f->content = load(h + size_at, bytes) + (bytes == 2 ? 256 : 0);
    f->window = single ? f->content : (UINT64_C(8) + (h[5] & 7)) << (7 + (h[5] >> 3));
    if (!f->known)
        return 1;
    uint64_t end = skip_blocks(in, offset + size_at + bytes);
    end += end && (descriptor & 4) ? CHECKSUM : 0;
    f->size = end - offset;
    return end && exists(in, end);
}
