#include "fse.h"

#include <string.h>

/* Bits from the lowest up; zeros behind the end. */
static uint32_t peek(const uint8_t *p, size_t n, size_t at, unsigned bits)
{
    uint32_t word = 0;
    size_t first = at / 8, have = first < n ? n - first : 0;
    memcpy(&word, p + (have ? first : 0), have < 4 ? have : 4);
    return word >> at % 8 & ((1u << bits) - 1);
}

size_t fse_read_counts(struct fse_counts *c, const uint8_t *p, size_t n, unsigned max_symbols, unsigned max_log)
{
    size_t at = 4;
    memset(c, 0, sizeof *c);
    c->log = 5 + peek(p, n, 0, 4);
    if (c->log > max_log)
        return 0;
    for (int left = 1 << c->log; left > 0;) {
        if (c->symbols == max_symbols)
            return 0;
        /* Values up to left + 1 take so many bits, the first ones of them one less. */
        unsigned bits = 32 - (unsigned)__builtin_clz((unsigned)left + 1);
        unsigned half = 1u << (bits - 1), short_ones = 2 * half - 2 - (unsigned)left;
        unsigned value = peek(p, n, at, bits - 1);
        at += bits - 1;
        if (value >= short_ones) {
            if (peek(p, n, at++, 1))
                value += half - short_ones;
        }
        int count = (int)value - 1;
        c->of[c->symbols++] = (int16_t)count;
        left -= count < 0 ? 1 : count;
        for (unsigned zeros = count == 0 ? 3 : 0; zeros == 3;) {
            zeros = peek(p, n, at, 2);
            at += 2;
            if (zeros > max_symbols - c->symbols)
                return 0;
            c->symbols += zeros;
        }
    }
    size_t size = (at + 7) / 8;
    return size <= n ? size : 0;
}

void fse_build(struct fse_cell *cells, unsigned first, const struct fse_counts *c, const struct fse_code *codes)
{
    unsigned size = 1u << c->log, high = size, step = (size >> 1) + (size >> 3) + 3, at = 0;
    uint8_t symbol_at[1 << FSE_MAX_LOG];
    uint16_t state[FSE_MAX_SYMBOLS];
    for (unsigned s = 0; s < c->symbols; s++) {
        state[s] = (uint16_t)(c->of[s] < 0 ? 1 : c->of[s]);
        if (c->of[s] < 0)
            symbol_at[--high] = (uint8_t)s;
    }
    for (unsigned s = 0; s < c->symbols; s++)
        for (int i = 0; i < c->of[s]; i++) {
            symbol_at[at] = (uint8_t)s;
            do
                at = (at + step) & (size - 1);
            while (at >= high);
        }
    for (unsigned i = 0; i < size; i++) {
        unsigned s = symbol_at[i], n = state[s]++;
        unsigned bits = c->log + (unsigned)__builtin_clz(n) - 31;
        cells[first + i] =
            (struct fse_cell){codes[s].extra, (uint8_t)bits, (uint16_t)((n << bits) - size + first), codes[s].base};
    }
}
