/* How tallies get their digest, by workload. All are sums mod 2^64 over records, so parts add up in any order.
 *
 *   none    0
 *   touch   and copy: the sum of the little-endian 8-byte words at stream offsets that are multiples of 64
 *   frame   by record: digest_frame_type(rtype) + offset * DIGEST_OFFSET
 *   sum     digest_sum() of the sums of ts_event, price and size
 *   fields  by record: digest_begin() to digest_end() over its fields in file order, header first, reserved bytes
 *           left out; the bytes behind the known layout count as one string more
 *   filter  by record that matches digest_head(); records that do not match count as records
 *   split   by instrument, and split-days by day: digest_key() times (its records + its bytes * DIGEST_OFFSET)
 *   rows    and its kin: that of fields, and by record ts_event, read back from the row that was made of it,
 *           * DIGEST_OFFSET
 *   columns and columns-scalar: by record the sum of its columns' values as unsigned numbers of their own size, each
 *           times digest_column() of its place, and of length and type as one number times DIGEST_FINAL; all that
 *           times 2 * offset + 1. The value of a text, and of what is behind the layout, is its hash
 *   strings and strings-copy: by text digest_text(), of the string that was kept
 *   A+B     the sum of both */
#ifndef HARNESS_DIGEST_H
#define HARNESS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DIGEST_INLINE static inline __attribute__((always_inline))

/* Odd numbers with well-mixed bits: the golden ratio's, and two of XXH64's primes. */
#define DIGEST_FIELD UINT64_C(0x9E3779B97F4A7C15)
#define DIGEST_OFFSET UINT64_C(0xC2B2AE3D27D4EB4F)
#define DIGEST_FINAL UINT64_C(0x165667B19E3779F9)

/* Both halves of the 128-bit product, so that every bit of a and b counts; added, since sums of it are wanted. */
DIGEST_INLINE uint64_t digest_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product + (uint64_t)(product >> 64);
}

DIGEST_INLINE uint64_t digest_frame_type(uint8_t rtype)
{
    return digest_fold(rtype + UINT64_C(1), DIGEST_FIELD);
}

DIGEST_INLINE uint64_t digest_sum(uint64_t ts_event, uint64_t price, uint64_t size)
{
    return ts_event * DIGEST_FIELD + price * DIGEST_OFFSET + size * DIGEST_FINAL;
}

/* Of a record's header, as two words. Both factors depend on the offset, else bits that two records exchange could add
 * up to the same. */
DIGEST_INLINE uint64_t digest_head(uint64_t first, uint64_t second, uint64_t offset)
{
    uint64_t place = (offset + 1) * DIGEST_OFFSET;
    return digest_fold(first ^ place, second ^ (place << 32 | place >> 32));
}

/* Of an instrument or a day. */
DIGEST_INLINE uint64_t digest_key(uint32_t key)
{
    return digest_fold(key + UINT64_C(1), DIGEST_FINAL);
}

/* The fields of one record, in file order. Integers and characters go into 8-byte words, each at the place it has in
 * the record, so that compilers can load several at once; a string is a word of its own. Words are multiplied in pairs:
 * the first with a key by its number, the second with one by the record's offset. */
struct digest {
    uint64_t sum, place, held;
    unsigned words;
    uint64_t word; /* being put together: it has the fields from byte 8 * at on */
    unsigned at;
    bool open;
};

/* Of the record at this offset in the stream. */
DIGEST_INLINE struct digest digest_begin(uint64_t offset)
{
    return (struct digest){.place = (offset + 1) * DIGEST_OFFSET};
}

DIGEST_INLINE void digest_word(struct digest *d, uint64_t word)
{
    if (d->words++ % 2 == 0)
        d->held = word ^ (d->words * DIGEST_FIELD);
    else
        d->sum += digest_fold(d->held, word ^ d->place);
}

DIGEST_INLINE void digest_flush(struct digest *d)
{
    if (d->open)
        digest_word(d, d->word);
    d->open = false;
}

/* `bits`: the value as an unsigned number of its own size; `offset`: of the field in the record. */
DIGEST_INLINE void digest_field(struct digest *d, uint64_t bits, unsigned offset)
{
    if (d->open && d->at != offset / 8)
        digest_flush(d);
    d->word = (d->open ? d->word : 0) | bits << 8 * (offset % 8);
    d->at = offset / 8;
    d->open = true;
}

/* Out of line: a definition has 15 strings, and XXH3 inlined 15 times would bury the rest. */
__attribute__((noinline, unused)) static uint64_t digest_xxh3(const uint8_t *p, size_t n)
{
    return XXH3_64bits(p, n);
}

DIGEST_INLINE void digest_bytes(struct digest *d, const uint8_t *p, size_t n)
{
    digest_flush(d);
    digest_word(d, digest_xxh3(p, n));
}

/* Odd numbers, one for each column. */
DIGEST_INLINE uint64_t digest_column(uint64_t column)
{
    return (2 * column + 1) * DIGEST_FIELD;
}

/* Of a string without its end, by its hash; `offset`: of the text in the stream. */
DIGEST_INLINE uint64_t digest_text(uint64_t hash, uint64_t offset)
{
    return digest_fold(hash, (offset + 1) * DIGEST_OFFSET);
}

DIGEST_INLINE uint64_t digest_end(struct digest d)
{
    digest_flush(&d);
    return d.words % 2 ? d.sum + d.held * (d.place | 1) : d.sum;
}

#endif
