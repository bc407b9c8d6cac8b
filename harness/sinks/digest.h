/* How tallies get their digest, by workload; this is DIGEST_VERSION. All are sums mod 2^64 over records, so parts add
 * up in any order.
 *
 *   none    0
 *   touch   and copy: the sum of the little-endian 8-byte words at stream offsets that are multiples of 64
 *   frame   by record: digest_frame_type(rtype) + offset * DIGEST_OFFSET
 *   sum     digest_sum() of the sums of ts_event, price and size
 *   fields  by record: the sum of digest_word() of its words
 *   filter  by record that matches digest_head(); records that do not match count as records
 *   split   by instrument, and split-days by day: digest_key() times (its records + its bytes * DIGEST_OFFSET)
 *   rows    and its kin: that of fields, and by record ts_event, read back from the row that was made of it,
 *           * DIGEST_OFFSET
 *   columns, columns-scalar and batches: by record the sum of its columns' values as unsigned numbers of their own
 *           size, each times digest_column() of its place, and of length and type as one number times DIGEST_FINAL;
 *           all that times 2 * offset + 1. The value of a text, and of what is behind the layout, is its hash
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

/* A record's bytes are words of 8, little-endian, with reserved bytes set to 0 and the last word filled up with them.
 * What the i-th word is multiplied by depends on itself, on i and on the record's offset: on all bits of those, so that
 * no bytes can change places unnoticed. That a word is added as well lets no single bit change unnoticed. */
DIGEST_INLINE uint64_t digest_place(uint64_t offset)
{
    uint64_t place = (offset + 1) * DIGEST_OFFSET;
    return place ^ place >> 32;
}

DIGEST_INLINE uint64_t digest_word_key(uint64_t i)
{
    uint64_t key = (i + 1) * DIGEST_FIELD;
    return key ^ key >> 32;
}

/* key: that of the word, xor the record's place. */
DIGEST_INLINE uint64_t digest_word(uint64_t word, uint64_t key)
{
    uint64_t x = word ^ key;
    return (x & UINT32_MAX) * (x >> 32) + word;
}

__attribute__((noinline, unused)) static uint64_t digest_xxh3(const uint8_t *p, size_t n)
{
    return XXH3_64bits(p, n);
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

#endif
