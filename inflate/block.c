#include "block.h"

#include "sequences.h"

#include <string.h>

static bool read_codes(struct block_tables *t, const struct block_claim *claim, const struct block_layout *l,
                       size_t *size)
{
    const uint8_t *by = l->type == LITERALS_CODED ? claim->bytes.p : claim->tables[TABLE_LITERALS].p;
    struct block_bytes from = l->literals;
    *size = 0;
    if (l->type == LITERALS_TREELESS) {
        struct block_layout other;
        if (t->by[TABLE_LITERALS] == by)
            return by != NULL;
        if (!by || !layout_read(claim->tables[TABLE_LITERALS], &other))
            return false;
        from = other.literals;
    }
    t->by[TABLE_LITERALS] = NULL;
    size_t read = huffman_read(&t->literals, from.p, from.n);
    if (read == 0)
        return false;
    t->by[TABLE_LITERALS] = by;
    *size = l->type == LITERALS_CODED ? read : 0;
    return true;
}

/* 3.1.1.3.1. */
static bool decode_literals(struct block *b, const struct block_claim *claim, const struct block_layout *l,
                            struct block_tables *t)
{
    size_t header, behind = claim->spare + (size_t)(claim->bytes.p + claim->bytes.n - l->literals.p) - l->literals.n;
    b->literals = b->room;
    b->literals_n = l->literals_n;
    switch (l->type) {
    case LITERALS_RAW:
        if (behind >= BLOCK_SPARE)
            b->literals = l->literals.p;
        else
            memcpy(b->room, l->literals.p, l->literals_n);
        return true;
    case LITERALS_RLE:
        memset(b->room, l->literals.p[0], l->literals_n);
        return true;
    default:
        return read_codes(t, claim, l, &header) &&
               (l->four_streams ? huffman_four : huffman_one)(&t->literals, l->literals.p + header,
                                                              l->literals.n - header, b->room, l->literals_n);
    }
}

static bool decode_sequences(struct block *b, const struct block_claim *claim, const struct block_layout *l,
                             struct block_tables *t)
{
    b->sequences_n = l->sequences_n;
    if (l->sequences_n == 0)
        return l->tables.n == 0;
    size_t size;
    return sequences_read_tables(t, claim, l, &size) &&
           sequences_decode(b, claim, t, (struct block_bytes){l->tables.p + size, l->tables.n - size});
}

bool block_decode(struct block *b, const struct block_claim *claim, struct block_tables *t)
{
    b->sequences_n = 0;
    for (int i = 0; i < 3; i++)
        b->offsets[i] = OFFSET_LEFT(i);
    if (claim->type == BLOCK_COMPRESSED) {
        struct block_layout l;
        b->size = 0;
        if (!layout_read(claim->bytes, &l) || !decode_literals(b, claim, &l, t) || !decode_sequences(b, claim, &l, t))
            return false;
        b->size += b->literals_n;
        return b->size <= claim->limit;
    }
    b->size = b->literals_n = claim->size;
    b->literals = claim->bytes.p;
    if (claim->type == BLOCK_RLE)
        b->literals = memset(b->room, claim->bytes.p[0], claim->size);
    return true;
}
