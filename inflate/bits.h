/* A stream of bits that is read from its end (RFC 8878, 4.1 and 4.2.2): the highest set bit of its last byte says where
 * that is. Reading too far gives bits without meaning, and shows at the end. */
#ifndef INFLATE_BITS_H
#define INFLATE_BITS_H

#include "../dbn/record.h"

/* Loops that take bits run half as long again without the shifts of BMI2, so there are two of each. */
#ifdef __x86_64__
#define INFLATE_BMI2 __attribute__((target("bmi,bmi2")))
#define INFLATE_HAS_BMI2() (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
#else
#define INFLATE_BMI2
#define INFLATE_HAS_BMI2() false
#endif

struct bits {
    uint64_t word;            /* the 8 bytes at p: taken from the top down */
    unsigned used;            /* bits of it; more than 64: read too far */
    const uint8_t *p, *begin; /* begin == p: no more bytes come */
};

/* False if no bit says where it ends. */
DBN_INLINE bool bits_open(struct bits *b, const uint8_t *p, size_t n)
{
    size_t held = n < 8 ? n : 8;
    if (n == 0)
        return false;
    *b = (struct bits){.p = p + n - held, .begin = p};
    memcpy(&b->word, b->p, held);
    if (b->word >> 8 * (held - 1) == 0)
        return false;
    b->used = (unsigned)__builtin_clzll(b->word) + 1;
    return true;
}

/* From now on at least 57 bits can be taken, or all that there are. */
DBN_INLINE void bits_refill(struct bits *b)
{
    size_t left = (size_t)(b->p - b->begin), bytes = b->used >> 3;
    if (__builtin_expect(left < 8, 0)) {
        bytes = bytes < left ? bytes : left;
        if (bytes == 0)
            return;
    }
    b->p -= bytes;
    b->used -= (unsigned)bytes * 8;
    b->word = dbn_load_u64(b->p);
}

DBN_INLINE uint32_t bits_take(struct bits *b, unsigned n)
{
    b->used += n;
    return (uint32_t)(b->word >> (-b->used & 63) & ((UINT64_C(1) << n) - 1));
}

DBN_INLINE bool bits_all_taken(const struct bits *b)
{
    return b->p == b->begin && b->used == 64;
}

#endif
