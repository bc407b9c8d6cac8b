/* Streaming inflation in constant memory. What libzstd delivers before it notices a fault depends on how its input and
 * output are cut, so both are cut here, at fixed places: every way of reading then fails alike. */
#include "inflate.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { HEAD = 5 }; /* of a frame: magic and descriptor */

struct dbn_zstd {
    struct dbn_source source;
    unsigned window_log;
    enum { UNKNOWN, RAW, COMPRESSED } kind;
    bool end_of_file;

    struct dbn_span span; /* lent by the source, and not yet in a slice */
    uint8_t first[4];     /* joined here if the source lends less than that */
    size_t first_len;
    uint64_t first_offset;

    ZSTD_DCtx *ctx;
    ZSTD_inBuffer in;
    uint64_t in_offset, out_offset; /* of in.src in the file; of the next byte of output in the stream */

    bool between_frames;
    uint64_t frame_begin;
    uint8_t head[HEAD];
    size_t head_len;
    struct dbn_zstd_stats stats;

    uint8_t *slice; /* DBN_ZSTD_IN bytes, then DBN_ZSTD_OUT of output */
};

int dbn_zstd_open(struct dbn_source in, unsigned window_log, struct dbn_zstd **z)
{
    *z = calloc(1, sizeof **z);
    if (!*z)
        return -ENOMEM;
    (*z)->source = in;
    (*z)->window_log = window_log;
    return 0;
}

void dbn_zstd_close(struct dbn_zstd *z)
{
    if (!z)
        return;
    ZSTD_freeDCtx(z->ctx);
    free(z->slice);
    free(z);
}

struct dbn_zstd_stats dbn_zstd_stats(const struct dbn_zstd *z)
{
    return z->stats;
}

static bool is_skippable(uint32_t magic)
{
    return (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

bool dbn_zstd_magic(const uint8_t *p, size_t n)
{
    return n >= 4 && (dbn_load_u32(p) == ZSTD_MAGICNUMBER || is_skippable(dbn_load_u32(p)));
}

static int start(struct dbn_zstd *z)
{
    z->ctx = ZSTD_createDCtx();
    z->slice = malloc(DBN_ZSTD_IN + DBN_ZSTD_OUT);
    if (!z->ctx || !z->slice || ZSTD_isError(ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax, (int)z->window_log)))
        return -ENOMEM;
    z->between_frames = true;
    z->in_offset = z->first_len ? z->first_offset : z->span.offset;
    return 0;
}

int dbn_zstd_detect(struct dbn_zstd *z, size_t need, uint64_t *fault)
{
    if (z->kind != UNKNOWN)
        return z->kind == COMPRESSED;
    while (z->first_len < sizeof z->first) {
        int rc = z->source.next(z->source.self, need, &z->span);
        if (rc < 0) {
            *fault = z->span.offset;
            return rc;
        }
        z->end_of_file = rc == 0;
        if (rc == 0 || (z->first_len == 0 && z->span.len >= sizeof z->first))
            break;
        if (z->first_len == 0)
            z->first_offset = z->span.offset;
        size_t n = sizeof z->first - z->first_len;
        n = n < z->span.len ? n : z->span.len;
        memcpy(z->first + z->first_len, z->span.ptr, n);
        z->first_len += n;
        z->span = (struct dbn_span){z->span.ptr + n, z->span.len - n, z->span.offset + n};
        need = sizeof z->first - z->first_len;
    }
    if (z->end_of_file)
        z->span.len = 0;
    bool magic = z->first_len ? dbn_zstd_magic(z->first, z->first_len) : dbn_zstd_magic(z->span.ptr, z->span.len);
    z->kind = magic ? COMPRESSED : RAW;
    if (z->kind == RAW)
        return 0;
    *fault = 0;
    int rc = start(z);
    return rc ? rc : 1;
}

/* Sets z->in to the next DBN_ZSTD_IN bytes of the file, in place if they were lent in one piece. 1, 0 at the end, or
 * the source's error. */
static int next_slice(struct dbn_zstd *z, struct dbn_span *fault)
{
    z->in_offset += z->in.size;
    z->in = (ZSTD_inBuffer){z->slice, z->first_len, 0};
    memcpy(z->slice, z->first, z->first_len);
    z->stats.joined += z->first_len;
    z->first_len = 0;
    while (z->in.size < DBN_ZSTD_IN) {
        if (z->span.len == 0) {
            int rc = z->end_of_file ? 0 : z->source.next(z->source.self, DBN_ZSTD_IN - z->in.size, &z->span);
            if (rc < 0) {
                *fault = z->span;
                return rc;
            }
            if (rc == 0) {
                z->end_of_file = true;
                z->span.len = 0;
                break;
            }
        }
        size_t n = DBN_ZSTD_IN - z->in.size;
        n = n < z->span.len ? n : z->span.len;
        if (n == DBN_ZSTD_IN)
            z->in.src = z->span.ptr;
        else
            memcpy(z->slice + z->in.size, z->span.ptr, n);
        z->stats.joined += n == DBN_ZSTD_IN ? 0 : n;
        z->in.size += n;
        z->span = (struct dbn_span){z->span.ptr + n, z->span.len - n, z->span.offset + n};
    }
    return z->in.size > 0;
}

static int zstd_fault(size_t result)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_prefix_unknown:
        return DBN_E_ZSTD_TRAILING_GARBAGE;
    case ZSTD_error_frameParameter_windowTooLarge:
        return DBN_E_ZSTD_WINDOW_TOO_LARGE;
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_dictionary_corrupted:
        return DBN_E_ZSTD_DICTIONARY;
    case ZSTD_error_memory_allocation:
        return -ENOMEM;
    default:
        return DBN_E_ZSTD_CORRUPT;
    }
}

/* Remembers the first bytes of each frame, which tell a data frame from a skippable one and from garbage. */
static void keep_head(struct dbn_zstd *z, size_t from)
{
    while (z->head_len < HEAD && from < z->in.pos)
        z->head[z->head_len++] = ((const uint8_t *)z->in.src)[from++];
}

static void frame_done(struct dbn_zstd *z)
{
    z->between_frames = true;
    bool data = z->head_len == HEAD && dbn_load_u32(z->head) == ZSTD_MAGICNUMBER;
    z->stats.frames += data;
    z->stats.checksums += data && (z->head[4] & 4);
}

/* The input ended inside a frame; or inside the first bytes of what may never have been one. */
static int cut_off(const struct dbn_zstd *z)
{
    static const uint8_t data[4] = {0x28, 0xB5, 0x2F, 0xFD}, skip[4] = {0x50, 0x2A, 0x4D, 0x18};
    if (z->head_len == 0)
        return DBN_E_ZSTD_TRUNCATED;
    size_t n = z->head_len < 4 ? z->head_len : 4;
    bool frame = memcmp(z->head, data, n) == 0;
    bool skippable = (z->head[0] & 0xF0) == skip[0] && memcmp(z->head + 1, skip + 1, n - 1) == 0;
    return frame || skippable ? DBN_E_ZSTD_TRUNCATED : DBN_E_ZSTD_TRAILING_GARBAGE;
}

static bool is_dbz(const struct dbn_zstd *z)
{
    const uint8_t *p = z->in.src;
    return z->in_offset + z->in.pos == 0 && z->in.size >= 12 && is_skippable(dbn_load_u32(p)) &&
           memcmp(p + 8, "DBZ", 3) == 0;
}

int dbn_zstd_inflate(struct dbn_zstd *z, uint8_t *dst, size_t *len, uint64_t *offset)
{
    for (;;) {
        if (z->in.pos == z->in.size) {
            struct dbn_span fault;
            int rc = next_slice(z, &fault);
            if (rc < 0) {
                *offset = fault.offset;
                return rc;
            }
            if (rc == 0 && z->between_frames)
                return 0;
        }
        if (z->between_frames) {
            z->frame_begin = z->in_offset + z->in.pos;
            z->head_len = 0;
            z->between_frames = false;
            *offset = 0;
            if (is_dbz(z))
                return DBN_E_LEGACY_DBZ;
        }
        size_t from = z->in.pos;
        ZSTD_outBuffer out = {dst, DBN_ZSTD_OUT, 0};
        size_t result = ZSTD_decompressStream(z->ctx, &out, &z->in);
        *offset = z->frame_begin;
        if (ZSTD_isError(result))
            return zstd_fault(result);
        keep_head(z, from);
        if (result == 0)
            frame_done(z);
        if (out.pos) {
            *len = out.pos;
            *offset = z->out_offset;
            z->out_offset += out.pos;
            z->stats.inflated += out.pos;
            return 1;
        }
        if (result != 0 && z->in.pos == z->in.size && z->end_of_file) {
            int code = cut_off(z);
            *offset = code == DBN_E_ZSTD_TRUNCATED ? z->in_offset + z->in.size : z->frame_begin;
            return code;
        }
    }
}

int dbn_zstd_next(void *self, size_t need, struct dbn_span *out)
{
    struct dbn_zstd *z = self;
    int compressed = dbn_zstd_detect(z, need, &out->offset);
    if (compressed < 0)
        return compressed;
    if (compressed) {
        out->ptr = z->slice + DBN_ZSTD_IN;
        return dbn_zstd_inflate(z, z->slice + DBN_ZSTD_IN, &out->len, &out->offset);
    }
    if (z->first_len) {
        *out = (struct dbn_span){z->first, z->first_len, z->first_offset};
        z->first_len = 0;
        return 1;
    }
    if (z->span.len) {
        *out = z->span;
        z->span.len = 0;
        return 1;
    }
    return z->end_of_file ? 0 : z->source.next(z->source.self, need, out);
}
