/* Literals in Huffman codes (RFC 8878, 4.2). */
#ifndef INFLATE_HUFFMAN_H
#define INFLATE_HUFFMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HUFFMAN_LOG = 11 };

/* The next bits give a cell: the symbol above, the bits of its code below. */
struct huffman {
    uint16_t cells[1 << HUFFMAN_LOG];
};

/* 4.2.1: the bytes of the description at p, 0 if it is none that we take. */
size_t huffman_read(struct huffman *h, const uint8_t *p, size_t n);

/* 4.2.2: n literals from 1 or 4 streams, which hold just these. */
bool huffman_one(const struct huffman *h, const uint8_t *p, size_t size, uint8_t *to, size_t n);
bool huffman_four(const struct huffman *h, const uint8_t *p, size_t size, uint8_t *to, size_t n);

#endif
