#include "walk.h"

#include "../dbn/record.h"

void walk_begin(struct walk *w, const uint8_t *p, size_t n, unsigned window_log)
{
    uint64_t max = UINT64_C(1) << window_log;
    *w = (struct walk){.p = p, .end = p + n, .window_max = max < OFFSET_MAX ? max : OFFSET_MAX};
}

static size_t left(const struct walk *w)
{
    return (size_t)(w->end - w->p);
}

/* 1: a frame has begun; 0: there is no more; -1: not one that we take. */
static int begin_frame(struct walk *w)
{
    for (uint64_t skip; (skip = dbn_zstd_skippable(w->p, left(w))) != 0; w->p += skip)
        if (skip > left(w) || (skip >= 12 && memcmp(w->p + 8, "DBZ", 3) == 0)) /* see dbn/inflate.c */
            return -1;
    if (left(w) == 0)
        return 0;
    if (!dbn_zstd_header(w->p, left(w), &w->header) || w->header.dictionary || w->header.reserved ||
        w->header.window > w->window_max)
        return -1;
    w->p += w->header.size;
    w->in_frame = true;
    memset(w->tables, 0, sizeof w->tables);
    return 1;
}

/* 3.1.1.2. */
static bool read_block(struct walk *w, struct block_claim *c, bool *last)
{
    enum { HEADER = 3 };
    if (left(w) < HEADER)
        return false;
    uint32_t bits = w->p[0] | (uint32_t)w->p[1] << 8 | (uint32_t)w->p[2] << 16;
    *last = bits & 1;
    c->type = bits >> 1 & 3;
    c->size = bits >> 3;
    c->bytes = (struct block_bytes){w->p + HEADER, c->type == BLOCK_RLE ? 1 : c->size};
    c->limit = w->header.window < BLOCK_MAX ? (size_t)w->header.window : BLOCK_MAX;
    c->window = w->header.window;
    if (c->type == BLOCK_RESERVED || c->size > c->limit || c->bytes.n > left(w) - HEADER)
        return false;
    w->p = c->bytes.p + c->bytes.n;
    c->spare = left(w);
    return true;
}

static bool read_checksum(struct walk *w, uint32_t *checksum)
{
    enum { CHECKSUM = 4 };
    if (left(w) < CHECKSUM)
        return false;
    *checksum = dbn_load_u32(w->p);
    w->p += CHECKSUM;
    return true;
}

/* Notes which tables the block describes. */
static bool note_tables(struct walk *w, const struct block_claim *c)
{
    struct block_layout l;
    if (c->type != BLOCK_COMPRESSED)
        return true;
    if (!layout_read(c->bytes, &l))
        return false;
    for (enum block_table k = 0; k < BLOCK_TABLES; k++)
        if (layout_describes(&l, k))
            w->tables[k] = c->bytes;
    return true;
}

int walk_next(struct walk *w, struct block_claim *claim, struct walk_place *place)
{
    bool first = !w->in_frame;
    int rc = first ? begin_frame(w) : 1;
    if (rc <= 0)
        return rc;
    *place = (struct walk_place){
        .first = first,
        .known = w->header.known,
        .has_checksum = w->header.checksum,
        .content = w->header.content,
    };
    memcpy(claim->tables, w->tables, sizeof w->tables);
    if (!read_block(w, claim, &place->last) || !note_tables(w, claim))
        return -1;
    w->in_frame = !place->last;
    return place->last && place->has_checksum && !read_checksum(w, &place->checksum) ? -1 : 1;
}
