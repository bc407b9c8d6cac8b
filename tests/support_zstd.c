#include "support_zstd.h"

#include <zstd.h>

const struct frame usual_frame = {.checksum = true};

void add(struct dbn_buffer *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    uint8_t *to = dbn_buffer_extend(b, n);
    CHECK(to);
    memcpy(to, p, n);
}

void add_frame(struct dbn_buffer *b, const void *p, size_t n, struct frame f)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    CHECK(c);
    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, f.level);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, f.checksum);
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, f.content_size);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, f.window_log);
    size_t before = b->size, most = ZSTD_compressBound(n) + 64;
    ZSTD_outBuffer out = {dbn_buffer_extend(b, most), most, 0};
    ZSTD_inBuffer in = {p, f.window_log ? n / 2 : n, 0}; /* a length that is known beforehand may narrow the window */
    CHECK(out.dst);
    CHECK(!f.window_log || !ZSTD_isError(ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue)));
    in.size = n;
    CHECK(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end) == 0);
    b->size = before + out.pos;
    ZSTD_freeCCtx(c);
}

void add_u32(struct dbn_buffer *b, uint32_t value)
{
    add(b, &value, 4);
}

void add_skippable(struct dbn_buffer *b, unsigned kind, size_t n)
{
    add_u32(b, ZSTD_MAGIC_SKIPPABLE_START + kind);
    add_u32(b, (uint32_t)n);
    uint8_t *to = dbn_buffer_extend(b, n);
    CHECK(to);
    memset(to, 0xFD, n);
}

void empty(struct dbn_buffer *b)
{
    free(b->bytes);
    *b = (struct dbn_buffer){0};
}

struct ending in_pieces(const struct dbn_buffer *file, size_t size, const struct sink *sink)
{
    static struct pieces s;
    pieces_set(&s, file->bytes, file->size, size);
    return decode_packed((struct dbn_source){pieces_next, &s}, DBN_STEP_BLOCK, sink);
}

struct ending agreed(const struct dbn_buffer *file, const char *what, size_t sizes, size_t stride)
{
    const struct sink *sink = sink_find("fields");
    struct ending first = in_pieces(file, file->size ? file->size : 1, sink);
    for (size_t size = 0; size <= sizes && size < file->size; size += stride) {
        struct ending e = in_pieces(file, size, sink);
        CHECK_FOR(ending_equal(&e, &first, sink), "%s in pieces of %zu: %s instead of %s", what, size, ending_text(&e),
                  ending_text(&first));
    }
    struct scratch s = scratch_memory();
    struct ref_result r;
    scratch_set(&s, file->bytes, file->size);
    ref_decode(s.path, &defaults, UINT64_MAX, &r);
    scratch_close(&s);
    struct ending reference = reference_ending(&r, sink);
    CHECK_FOR(ending_equal(&first, &reference, sink), "%s: %s, the reference decoder %s", what, ending_text(&first),
              ending_text(&reference));
    return first;
}

/* How the file should end: with the records that lie in the first `whole` bytes of the stream. */
void check_prefix(struct dbn_buffer *file, const char *what, int outcome, uint64_t fault, struct bytes stream,
                  size_t whole)
{
    struct ending expected = {outcome, fault, {0}}, actual = agreed(file, what, 40, 1);
    if (whole >= first_record(stream))
        expected.tally = decode_whole(stream.p, whole, sink_find("fields"), false).tally;
    CHECK_FOR(ending_equal(&actual, &expected, sink_find("fields")), "%s: %s instead of %s", what, ending_text(&actual),
              ending_text(&expected));
    empty(file);
}
