#include "layout.h"

#include "../dbn/record.h"

static uint64_t load(struct block_bytes b, size_t n)
{
    uint64_t value = 0;
    memcpy(&value, b.p, n);
    return value;
}

static struct block_bytes behind(struct block_bytes b, size_t n)
{
    return (struct block_bytes){b.p + n, b.n - n};
}

/* 3.1.1.3.1.1: the size of the header, which ends with one number or two. */
static size_t read_literals(struct block_bytes b, struct block_layout *l, size_t *size)
{
    static const uint8_t plain_headers[] = {1, 2, 1, 3}, plain_skips[] = {3, 4, 3, 4};
    static const uint8_t coded_headers[] = {3, 3, 4, 5}, coded_bits[] = {10, 10, 14, 18};
    unsigned format = b.p[0] >> 2 & 3;
    l->type = b.p[0] & 3;
    if (l->type < LITERALS_CODED) {
        if (plain_headers[format] > b.n)
            return 0;
        l->literals_n = (size_t)(load(b, plain_headers[format]) >> plain_skips[format]);
        *size = l->type == LITERALS_RLE ? 1 : l->literals_n;
        return plain_headers[format];
    }
    if (coded_headers[format] > b.n)
        return 0;
    uint64_t numbers = load(b, coded_headers[format]) >> 4, mask = (UINT64_C(1) << coded_bits[format]) - 1;
    l->four_streams = format > 0;
    l->literals_n = (size_t)(numbers & mask);
    *size = (size_t)(numbers >> coded_bits[format]);
    return coded_headers[format];
}

/* 3.1.1.3.2.1: the size of the header. Versions of libzstd differ in what follows a 0 that takes two bytes. */
static size_t read_sequences(struct block_bytes b, struct block_layout *l)
{
    if (b.n == 0)
        return 0;
    unsigned first = b.p[0];
    size_t size = first < 128 ? 1 : first < 255 ? 2 : 3;
    if (size + (first > 0) > b.n || (first == 128 && b.p[1] == 0))
        return 0;
    l->sequences_n = size == 1   ? first
                     : size == 2 ? (size_t)(first - 128) << 8 | b.p[1]
                                 : (size_t)b.p[1] + ((size_t)b.p[2] << 8) + 0x7F00;
    l->modes = first ? b.p[size] : 0;
    return size + (first > 0);
}

bool layout_read(struct block_bytes b, struct block_layout *l)
{
    size_t header, size;
    *l = (struct block_layout){0};
    if (b.n == 0 || (header = read_literals(b, l, &size)) == 0 || size > b.n - header || l->literals_n > BLOCK_MAX)
        return false;
    b = behind(b, header);
    l->literals = (struct block_bytes){b.p, size};
    b = behind(b, size);
    if ((header = read_sequences(b, l)) == 0 || l->sequences_n > BLOCK_SEQUENCES || (l->modes & 3))
        return false;
    l->tables = behind(b, header);
    return true;
}

enum table_mode layout_mode(const struct block_layout *l, enum block_table table)
{
    return l->modes >> (8 - 2 * table) & 3;
}

bool layout_describes(const struct block_layout *l, enum block_table table)
{
    if (table == TABLE_LITERALS)
        return l->type == LITERALS_CODED;
    return l->sequences_n && layout_mode(l, table) != MODE_REPEAT;
}
