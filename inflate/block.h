/* The first stage of decoding a block: its literals and sequences, out of their codes (RFC 8878, 3.1.1.3). It needs no
 * other block but those that describe its tables. */
#ifndef INFLATE_BLOCK_H
#define INFLATE_BLOCK_H

#include "fse.h"
#include "huffman.h"
#include "layout.h"

enum { BLOCK_SPARE = 32 }; /* bytes that are read behind literals */

enum block_type { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED, BLOCK_RESERVED }; /* 3.1.1.2.2 */

/* A block as its header describes it. */
struct block_claim {
    enum block_type type;
    struct block_bytes bytes;
    size_t spare; /* bytes of input behind them */
    size_t size;  /* of the content if it is not compressed */
    size_t limit; /* of the content */
    uint64_t window;
    struct block_bytes tables[BLOCK_TABLES]; /* the block that described each, before this one; p NULL: none did */
};

/* Tables that were built. Each thread has its own, all zero at first. */
struct block_tables {
    const uint8_t *by[BLOCK_TABLES]; /* the block that described it */
    uint8_t log[BLOCK_TABLES];
    struct huffman literals;
    struct fse_cell cells[BLOCK_TABLES << FSE_MAX_LOG]; /* of sequences, those of each table from FIRST_CELL on */
};
#define FIRST_CELL(table) ((unsigned)(table) << FSE_MAX_LOG)

/* A sequence: the length of literals, that of the match less 3, and the offset. An offset that is not known without the
 * blocks before is one of the three that they leave, less a number: OFFSET_LEFT(0 to 2) - number. */
#define SEQUENCE(literals, match, offset) ((uint64_t)(literals) << 47 | (uint64_t)(match) << 30 | (offset))
#define SEQUENCE_LITERALS(s) ((size_t)((s) >> 47))
#define SEQUENCE_MATCH(s) ((size_t)((s) >> 30 & 0x1FFFF) + 3)
#define SEQUENCE_OFFSET(s) ((uint32_t)(s)&0x3FFFFFFF)
enum {
    OFFSET_MAX = 1 << 29,
    OFFSET_NUMBERS = 1 << 18, /* more than there are sequences in a block */
};
#define OFFSET_LEFT(i) (OFFSET_MAX + ((uint32_t)(i) + 1) * OFFSET_NUMBERS)

/* What becomes of a block. */
struct block {
    const uint8_t *literals; /* in the input, or in `room` */
    size_t literals_n, sequences_n, size;
    uint32_t offsets[3]; /* that it leaves */
    uint64_t sequences[BLOCK_SEQUENCES];
    uint8_t room[BLOCK_MAX + BLOCK_SPARE];
};

/* False if it is damaged, or not as RFC 8878 has it. */
bool block_decode(struct block *b, const struct block_claim *claim, struct block_tables *tables);

#endif
