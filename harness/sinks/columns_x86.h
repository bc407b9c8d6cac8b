/* How columns_lanes.h narrows and widens words on x86-64: with the instructions that are there for it, which not every
 * compiler finds by itself. */
#include <immintrin.h>

#if LANES == 8
#define NARROW(type, bits, store_to)                                                                                   \
    TARGET DBN_INLINE void NAME(store_##type)(uint8_t * to, const WORDS *w, unsigned shift)                            \
    {                                                                                                                  \
        store_to((void *)to, _mm512_cvtepi64_epi##bits(_mm512_srli_epi64((__m512i)*w, shift)));                        \
    }
NARROW(u8, 8, _mm_storel_epi64)
NARROW(u16, 16, _mm_storeu_si128)
NARROW(u32, 32, _mm256_storeu_si256)
#undef NARROW
#define WIDEN(type, bits, load)                                                                                        \
    TARGET DBN_INLINE void NAME(load_##type)(WORDS * w, const uint8_t *p)                                              \
    {                                                                                                                  \
        *w = (WORDS)_mm512_cvtepu##bits##_epi64(load((const void *)p));                                                \
    }
WIDEN(u8, 8, _mm_loadl_epi64)
WIDEN(u16, 16, _mm_loadu_si128)
WIDEN(u32, 32, _mm256_loadu_si256)
#undef WIDEN

TARGET DBN_INLINE void NAME(load_u64)(WORDS *w, const uint8_t *p)
{
    *w = (WORDS)_mm512_loadu_si512(p);
}
#else
/* The 4-byte halves that the field is in, and then the field out of each. */
TARGET DBN_INLINE __m128i NAME(halves)(const WORDS *w, unsigned shift)
{
    __m128 low = _mm_castsi128_ps(_mm256_castsi256_si128((__m256i)*w));
    __m128 high = _mm_castsi128_ps(_mm256_extracti128_si256((__m256i)*w, 1));
    return _mm_castps_si128(shift < 32 ? _mm_shuffle_ps(low, high, 0x88) : _mm_shuffle_ps(low, high, 0xDD));
}

TARGET DBN_INLINE void NAME(store_u32)(uint8_t *to, const WORDS *w, unsigned shift)
{
    _mm_storeu_si128((void *)to, NAME(halves)(w, shift));
}

TARGET DBN_INLINE void NAME(store_u16)(uint8_t *to, const WORDS *w, unsigned shift)
{
    const __m128i first = _mm_set_epi8(-1, -1, -1, -1, -1, -1, -1, -1, 13, 12, 9, 8, 5, 4, 1, 0);
    __m128i which = _mm_add_epi8(first, _mm_set1_epi8((char)(shift % 32 / 8)));
    _mm_storel_epi64((void *)to, _mm_shuffle_epi8(NAME(halves)(w, shift), which));
}

TARGET DBN_INLINE void NAME(store_u8)(uint8_t *to, const WORDS *w, unsigned shift)
{
    __m128i which = _mm_add_epi8(_mm_set1_epi32(0x0C080400), _mm_set1_epi8((char)(shift % 32 / 8)));
    int four = _mm_cvtsi128_si32(_mm_shuffle_epi8(NAME(halves)(w, shift), which));
    memcpy(to, &four, sizeof four);
}

TARGET DBN_INLINE void NAME(load_u8)(WORDS *w, const uint8_t *p)
{
    *w = (WORDS)_mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)dbn_load_u32(p)));
}

TARGET DBN_INLINE void NAME(load_u16)(WORDS *w, const uint8_t *p)
{
    *w = (WORDS)_mm256_cvtepu16_epi64(_mm_loadl_epi64((const void *)p));
}

TARGET DBN_INLINE void NAME(load_u32)(WORDS *w, const uint8_t *p)
{
    *w = (WORDS)_mm256_cvtepu32_epi64(_mm_loadu_si128((const void *)p));
}

TARGET DBN_INLINE void NAME(load_u64)(WORDS *w, const uint8_t *p)
{
    *w = (WORDS)_mm256_loadu_si256((const void *)p);
}
#endif
