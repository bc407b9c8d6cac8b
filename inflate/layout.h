/* What the headers of a block's sections say (RFC 8878, 3.1.1.3). */
#ifndef INFLATE_LAYOUT_H
#define INFLATE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BLOCK_MAX = 128 << 10, /* 3.1.1.2.4: bytes that a block holds at most, packed or not */
    BLOCK_SEQUENCES = BLOCK_MAX / 3,
};

struct block_bytes {
    const uint8_t *p;
    size_t n;
};

enum literals_type { LITERALS_RAW, LITERALS_RLE, LITERALS_CODED, LITERALS_TREELESS };

/* What a block may take over from one before: the codes of literals; of literal lengths, offsets, match lengths. */
enum block_table { TABLE_LITERALS, TABLE_LENGTHS, TABLE_OFFSETS, TABLE_MATCHES, BLOCK_TABLES };
enum table_mode { MODE_PREDEFINED, MODE_RLE, MODE_CODED, MODE_REPEAT };

struct block_layout {
    enum literals_type type;
    bool four_streams;
    struct block_bytes literals, tables; /* both without the header; the tables, and the sequences behind them */
    size_t literals_n, sequences_n;      /* how many */
    unsigned modes;
};

/* Of a compressed block. False if it is damaged. */
bool layout_read(struct block_bytes b, struct block_layout *l);

/* 3.1.1.3.2.1.1: of a table of sequences. */
enum table_mode layout_mode(const struct block_layout *l, enum block_table table);

/* Does this block describe the table? Blocks behind it may use it then. */
bool layout_describes(const struct block_layout *l, enum block_table table);

#endif
