/* Tables of finite state entropy (RFC 8878, 4.1). */
#ifndef INFLATE_FSE_H
#define INFLATE_FSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FSE_MAX_SYMBOLS = 53, FSE_MAX_LOG = 9 };

struct fse_counts {
    unsigned log, symbols;
    int16_t of[FSE_MAX_SYMBOLS]; /* -1: less than one */
};

/* What a symbol stands for: base plus the value of that many bits. */
struct fse_code {
    uint32_t base;
    uint8_t extra;
};

/* A state: what it stands for, and the one behind it: next plus the value of that many bits. */
struct fse_cell {
    uint8_t extra, bits;
    uint16_t next;
    uint32_t base;
};

/* 4.1.1: the bytes of the description at p, 0 if it is none. */
size_t fse_read_counts(struct fse_counts *c, const uint8_t *p, size_t n, unsigned max_symbols, unsigned max_log);

/* Fills 1 << log cells from the first on, which may be one of many: `next` counts from cells[0]. */
void fse_build(struct fse_cell *cells, unsigned first, const struct fse_counts *c, const struct fse_code *codes);

#endif
