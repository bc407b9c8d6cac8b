#include "pack.h"

#include "../dbn/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

/* Of zstd's seekable format, contrib/seekable_format/zstd_seekable_compression_format.md. */
#define TABLE_MAGIC (ZSTD_MAGIC_SKIPPABLE_START + 0xE)
#define TABLE_END_MAGIC 0x8F92EAB1u
enum { TABLE_FOOTER = 9 };

struct pack {
    struct pack_spec spec;
    ZSTD_CCtx *ctx;
    struct dbn_buffer content, table; /* of the frame; two numbers for each: bytes in the file, and of the stream */
    uint8_t *packed;
    size_t room;
    uint64_t frames;
};

static bool set(ZSTD_CCtx *ctx, ZSTD_cParameter parameter, int value)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, parameter, value));
}

int pack_open(const struct pack_spec *spec, struct pack **to)
{
    struct pack *p = *to = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->spec = *spec;
    p->ctx = ZSTD_createCCtx();
    if (p->ctx && set(p->ctx, ZSTD_c_compressionLevel, spec->level) && set(p->ctx, ZSTD_c_checksumFlag, 1))
        return 0;
    pack_close(p);
    return -ENOMEM;
}

void pack_close(struct pack *p)
{
    ZSTD_freeCCtx(p->ctx);
    free(p->content.bytes);
    free(p->table.bytes);
    free(p->packed);
    free(p);
}

static int add(struct dbn_buffer *to, const void *bytes, size_t n)
{
    uint8_t *end = n ? dbn_buffer_extend(to, n) : NULL;
    if (!end)
        return n ? -ENOMEM : 0;
    memcpy(end, bytes, n);
    return 0;
}

static int end_frame(struct pack *p)
{
    size_t most = ZSTD_compressBound(p->content.size);
    if (most > p->room) {
        free(p->packed);
        p->packed = malloc(p->room = most);
    }
    size_t n = p->packed ? ZSTD_compress2(p->ctx, p->packed, p->room, p->content.bytes, p->content.size) : 0;
    if (!p->packed || ZSTD_isError(n)) /* the only thing that can go wrong with valid parameters */
        return -ENOMEM;
    const uint32_t sizes[] = {(uint32_t)n, (uint32_t)p->content.size};
    int rc = p->spec.table ? add(&p->table, sizes, sizeof sizes) : 0;
    p->content.size = 0;
    p->frames++;
    return rc ? rc : p->spec.write(p->spec.self, p->packed, n);
}

int pack_bytes(struct pack *p, const uint8_t *bytes, size_t n)
{
    return add(&p->content, bytes, n);
}

int pack_records(struct pack *p, const uint8_t *bytes, size_t n, size_t *taken)
{
    const uint8_t *from = bytes, *at = bytes, *end = bytes + n;
    int rc = 0;
    for (size_t size; rc == 0 && (size = dbn_walk(at, end)) != 0;) {
        at += size;
        if (p->content.size + (size_t)(at - from) < p->spec.frame)
            continue;
        rc = add(&p->content, from, (size_t)(at - from));
        rc = rc ? rc : end_frame(p);
        from = at;
    }
    *taken = (size_t)(at - bytes);
    return rc ? rc : add(&p->content, from, (size_t)(at - from));
}

static int write_table(struct pack *p)
{
    const uint32_t head[] = {TABLE_MAGIC, (uint32_t)p->table.size + TABLE_FOOTER};
    const uint32_t frames = (uint32_t)p->frames, magic = TABLE_END_MAGIC;
    uint8_t foot[TABLE_FOOTER] = {0}; /* of the byte in the middle no bit is set: the entries have no checksums */
    memcpy(foot, &frames, 4);
    memcpy(foot + 5, &magic, 4);
    int rc = p->spec.write(p->spec.self, (const uint8_t *)head, sizeof head);
    rc = rc ? rc : p->spec.write(p->spec.self, p->table.bytes, p->table.size);
    return rc ? rc : p->spec.write(p->spec.self, foot, sizeof foot);
}

int pack_end(struct pack *p, uint64_t *frames)
{
    int rc = p->content.size || p->frames == 0 ? end_frame(p) : 0;
    *frames = p->frames;
    return rc == 0 && p->spec.table ? write_table(p) : rc;
}
