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
    uint64_t word; /* the 8 bytes at p: taken from the top down */
    uint64_t left; /* bits of it; more than 64: less than none */
    const uint8_t *p, *begin;
    uintptr_t near; /* before it, p has fewer than 8 bytes before it */
};

/* False if no bit says where it ends. */
DBN_INLINE bool bits_open(struct bits *b, const uint8_t *p, size_t n)
{
    size_t held = n < 8 ? n : 8;
    if (n == 0)
        return false;
    *b = (struct bits){.p = p + n - held, .begin = p, .near = (uintptr_t)p + 8};
    memcpy(&b->word, b->p, held);
    if (b->word >> 8 * (held - 1) == 0)
        return false;
    b->left = 63 - (unsigned)__builtin_clzll(b->word);
    return true;
}

/* From now on at least 57 bits can be taken, or all that there are. */
DBN_INLINE void bits_refill(struct bits *b)
{
    uint64_t bytes = (64 - b->left) >> 3;
    if (__builtin_expect((uintptr_t)b->p < b->near, 0)) {
        uint64_t before = (uint64_t)(b->p - b->begin);
        bytes = bytes < before ? bytes : before;
        if (bytes == 0)
            return;
    }
    b->p -= bytes;
    b->left += 8 * bytes;
    b->word = dbn_load_u64(b->p);
}

DBN_INLINE uint64_t bits_take(struct bits *b, uint8_t n)
{
    b->left -= n;
    return b->word >> (b->left & 63) & ((UINT64_C(1) << n) - 1);
}

DBN_INLINE bool bits_taken_too_far(const struct bits *b)
{
    return b->left > 64;
}

DBN_INLINE bool bits_all_taken(const struct bits *b)
{
    return b->p == b->begin && b->left == 0;
}

#endif
