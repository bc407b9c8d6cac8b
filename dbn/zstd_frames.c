#include "zstd_frames.h"

#include "record.h"

#include <zstd.h>

enum {
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

bool dbn_zstd_header(const uint8_t *p, size_t n, struct dbn_zstd_header *h)
{
    static const uint8_t dictionary_sizes[] = {0, 1, 2, 4}, content_sizes[] = {0, 2, 4, 8};
    if (n < 6 || dbn_load_u32(p) != ZSTD_MAGICNUMBER)
        return false;
    uint8_t descriptor = p[4];
    bool single = descriptor & 0x20;
    size_t dictionary = dictionary_sizes[descriptor & 3], at = 5 + (size_t)!single + dictionary;
    size_t bytes = descriptor >> 6 ? content_sizes[descriptor >> 6] : single;
    if (n < at + bytes)
        return false;
    uint64_t content = load(p + at, bytes) + (bytes == 2 ? 256 : 0);
    *h = (struct dbn_zstd_header){
        .size = at + bytes,
        .window = single ? content : (UINT64_C(8) + (p[5] & 7)) << (7 + (p[5] >> 3)),
        .known = bytes > 0,
        .content = content,
        .checksum = descriptor & 4,
        .dictionary = load(p + at - dictionary, dictionary) != 0,
        .reserved = descriptor & 8,
    };
    return true;
}

uint64_t dbn_zstd_skippable(const uint8_t *p, size_t n)
{
    if (n < 8 || (dbn_load_u32(p) & ZSTD_MAGIC_SKIPPABLE_MASK) != ZSTD_MAGIC_SKIPPABLE_START)
        return 0;
    return 8 + (uint64_t)dbn_load_u32(p + 4);
}

uint64_t dbn_zstd_skip_blocks(struct dbn_at in, uint64_t at)
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
    uint8_t p[DBN_ZSTD_HEADER];
    struct dbn_zstd_header h;
    int64_t got = in.read(in.self, p, sizeof p, offset);
    *f = (struct dbn_zstd_frame){.known = true};
    if (got < 0)
        return 0;
    f->size = dbn_zstd_skippable(p, (size_t)got);
    if (f->size)
        return exists(in, offset + f->size);
    if (!dbn_zstd_header(p, (size_t)got, &h))
        return 0;
    f->window = h.window;
    f->known = h.known;
    f->content = h.content;
    if (!h.known)
        return 1;
    uint64_t end = dbn_zstd_skip_blocks(in, offset + h.size);
    end += end && h.checksum ? CHECKSUM : 0;
    f->size = end - offset;
    return end && exists(in, end);
}
