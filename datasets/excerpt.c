#include "excerpt.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

enum { BLOCK = 128 << 10, BLOCK_HEADER = 3, BLOCK_RLE = 1, BLOCK_RESERVED = 3, CHECKSUM = 4, FRAME_HEADER = 6 };

struct excerpt {
    struct dbn_at in;
    uint64_t at; /* in the file */
    struct dbn_buffer *to;
    ZSTD_DCtx *ctx;

    bool in_frame;
    size_t frame; /* where it begins in *to */
    uint64_t frame_stream;
    struct dbn_zstd_header header;

    uint64_t stream, boundary; /* inflated so far; where the metadata end, or the record that began last */
    uint8_t head[8];           /* of the metadata */
    struct dbn_buffer rest;    /* of the record that is cut */
    bool cut;
    uint8_t out[BLOCK];
};

/* Follows the lengths from record to record. 0 or an outcome. */
static int follow(struct excerpt *x, const uint8_t *p, size_t n)
{
    uint64_t begin = x->stream;
    x->stream += n;
    for (size_t i = 0; begin + i < sizeof x->head && i < n; i++)
        x->head[begin + i] = p[i];
    if (begin < sizeof x->head && x->stream >= sizeof x->head)
        x->boundary += dbn_load_u32(x->head + 4);
    while (x->boundary >= sizeof x->head && x->boundary < x->stream && x->stream >= sizeof x->head) {
        size_t size = dbn_record_size(p + (x->boundary - begin));
        if (size < DBN_HEADER_SIZE)
            return DBN_E_BAD_RECORD_LENGTH;
        x->boundary += size;
    }
    return 0;
}

/* Of the record that is cut. */
static int keep(struct excerpt *x, const uint8_t *p, size_t n)
{
    size_t missing = (size_t)(x->boundary - x->stream);
    n = n < missing ? n : missing;
    uint8_t *to = n ? dbn_buffer_extend(&x->rest, n) : NULL;
    x->stream += n;
    if (to)
        memcpy(to, p, n);
    return to || n == 0 ? 0 : -ENOMEM;
}

static int inflate(struct excerpt *x, const uint8_t *p, size_t n)
{
    ZSTD_inBuffer in = {p, n, 0};
    for (;;) {
        ZSTD_outBuffer out = {x->out, sizeof x->out, 0};
        if (ZSTD_isError(ZSTD_decompressStream(x->ctx, &out, &in)))
            return DBN_E_ZSTD_CORRUPT;
        int rc = x->cut ? keep(x, x->out, out.pos) : follow(x, x->out, out.pos);
        if (rc || (in.pos == in.size && out.pos < out.size))
            return rc;
    }
}

/* The next n bytes of the file go to *to, and into the stream. */
static int take(struct excerpt *x, size_t n)
{
    uint8_t *p = dbn_buffer_extend(x->to, n);
    if (!p)
        return -ENOMEM;
    int64_t got = x->in.read(x->in.self, p, n, x->at);
    x->at += n;
    return got < 0 ? (int)got : (uint64_t)got < n ? DBN_E_ZSTD_TRUNCATED : inflate(x, p, n);
}

/* 1; 0: there is no other frame; < 0: an error. */
static int take_header(struct excerpt *x)
{
    uint8_t p[DBN_ZSTD_HEADER];
    int64_t got = x->in.read(x->in.self, p, sizeof p, x->at);
    if (got <= 0)
        return (int)got;
    uint64_t skip = dbn_zstd_skippable(p, (size_t)got);
    x->at += skip;
    if (skip)
        return 1;
    if (!dbn_zstd_header(p, (size_t)got, &x->header) || x->header.dictionary)
        return x->header.dictionary ? DBN_E_ZSTD_DICTIONARY : DBN_E_ZSTD_CORRUPT;
    x->in_frame = true;
    x->frame = x->to->size;
    x->frame_stream = x->stream;
    int rc = take(x, x->header.size);
    return rc ? rc : 1;
}

static int take_block(struct excerpt *x)
{
    uint8_t p[4] = {0};
    int64_t got = x->in.read(x->in.self, p, BLOCK_HEADER, x->at);
    if (got < BLOCK_HEADER)
        return got < 0 ? (int)got : DBN_E_ZSTD_TRUNCATED;
    uint32_t bits = dbn_load_u32(p), type = bits >> 1 & 3, size = type == BLOCK_RLE ? 1 : bits >> 3;
    bool last = bits & 1;
    if (type == BLOCK_RESERVED || size > BLOCK)
        return DBN_E_ZSTD_CORRUPT;
    int rc = take(x, BLOCK_HEADER + size + (last && x->header.checksum ? CHECKSUM : 0));
    x->in_frame = !last;
    return rc ? rc : 1;
}

static int take_next(struct excerpt *x)
{
    return x->in_frame ? take_block(x) : take_header(x);
}

/* The header of a frame of unknown content, with the least window that will do. */
static void put_header(uint8_t *to, uint64_t window)
{
    const uint32_t magic = ZSTD_MAGICNUMBER;
    uint8_t coded = 0;
    while ((UINT64_C(8) + (coded & 7)) << (7 + (coded >> 3)) < window)
        coded++;
    memcpy(to, &magic, sizeof magic);
    to[4] = 0;
    to[5] = coded;
}

/* Ends the frame with what is left of the record; where no frame was begun, that is one of its own. */
static int end_frame(struct excerpt *x, bool in_frame)
{
    struct dbn_buffer *to = x->to;
    uint64_t window = x->stream - x->frame_stream;
    if (in_frame) {
        size_t header = x->frame + x->header.size;
        memmove(to->bytes + x->frame + FRAME_HEADER, to->bytes + header, to->size - header);
        to->size -= x->header.size - FRAME_HEADER;
        put_header(to->bytes + x->frame, window < x->header.window ? window : x->header.window);
    } else if (x->rest.size > 0) {
        uint8_t *p = dbn_buffer_extend(to, FRAME_HEADER);
        if (!p)
            return -ENOMEM;
        put_header(p, x->rest.size);
    } else {
        return 1;
    }
    const uint32_t block = (uint32_t)x->rest.size << 3 | 1;
    uint8_t *p = dbn_buffer_extend(to, BLOCK_HEADER + x->rest.size);
    if (!p)
        return -ENOMEM;
    memcpy(p, &block, BLOCK_HEADER);
    if (x->rest.size > 0)
        memcpy(p + BLOCK_HEADER, x->rest.bytes, x->rest.size);
    return 1;
}

static int make(struct excerpt *x, uint64_t least)
{
    int rc = 1;
    while (rc > 0 && (x->stream < least || x->boundary > x->stream + DBN_MAX_RECORD))
        rc = take_next(x);
    if (rc <= 0)
        return rc;
    const struct dbn_zstd_header header = x->header;
    const uint64_t frame_stream = x->frame_stream;
    const size_t frame = x->frame, size = x->to->size;
    const bool in_frame = x->in_frame;
    x->cut = true;
    while (rc > 0 && x->stream < x->boundary)
        rc = take_next(x);
    x->to->size = size;
    x->frame = frame;
    x->frame_stream = frame_stream;
    x->header = header;
    return rc < 0 ? rc : end_frame(x, in_frame);
}

int excerpt_zstd(struct dbn_at in, uint64_t least, struct dbn_buffer *to, uint64_t *stream)
{
    struct excerpt *x = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    x->in = in;
    x->to = to;
    x->boundary = sizeof x->head;
    x->ctx = ZSTD_createDCtx();
    int rc = -ENOMEM;
    if (x->ctx && !ZSTD_isError(ZSTD_DCtx_setParameter(x->ctx, ZSTD_d_windowLogMax, 31)))
        rc = make(x, least);
    *stream = x->stream;
    ZSTD_freeDCtx(x->ctx);
    free(x->rest.bytes);
    free(x);
    return rc;
}
