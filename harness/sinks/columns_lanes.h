/* Columns, filled LANES records at a time, for one instruction set; columns_simd.c includes this once for each. Records
 * are rows of 8-byte words. A square of LANES x LANES words is turned over in registers, and each of its rows is then
 * one word of all these records, of which every field is a shift, a narrowing, and one store. */
#define WORDS NAME(words)

typedef uint64_t WORDS __attribute__((vector_size(8 * LANES)));

#if LANES > 2
#include "columns_x86.h"
#else
#define NARROW_AND_WIDEN(type)                                                                                         \
    typedef dbn_##type NAME(type) __attribute__((vector_size(sizeof(dbn_##type) * LANES)));                            \
    DBN_INLINE void NAME(store_##type)(uint8_t * to, const WORDS *w, unsigned shift)                                   \
    {                                                                                                                  \
        NAME(type) narrow = __builtin_convertvector(*w >> shift, NAME(type));                                          \
        memcpy(to, &narrow, sizeof narrow);                                                                            \
    }                                                                                                                  \
    DBN_INLINE void NAME(load_##type)(WORDS * w, const uint8_t *p)                                                     \
    {                                                                                                                  \
        NAME(type) narrow;                                                                                             \
        memcpy(&narrow, p, sizeof narrow);                                                                             \
        *w = __builtin_convertvector(narrow, WORDS);                                                                   \
    }
DBN_INLINE void NAME(load_u64)(WORDS *w, const uint8_t *p)
{
    memcpy(w, p, sizeof *w);
}

NARROW_AND_WIDEN(u8)
NARROW_AND_WIDEN(u16)
NARROW_AND_WIDEN(u32)
#undef NARROW_AND_WIDEN
#endif

/* Exchanges what lies DISTANCE off the diagonal of every two rows that far apart. */
#define EXCHANGE(distance, low, high)                                                                                  \
    for (size_t i = 0; i < LANES; i++)                                                                                 \
        if ((i & (distance)) == 0) {                                                                                   \
            WORDS a = w[i], b = w[i + (distance)];                                                                     \
            w[i] = __builtin_shufflevector(a, b, low);                                                                 \
            w[i + (distance)] = __builtin_shufflevector(a, b, high);                                                   \
        }

TARGET DBN_INLINE void NAME(turn)(WORDS w[LANES], const uint8_t *p, size_t stride)
{
    for (size_t i = 0; i < LANES; i++)
        NAME(load_u64)(&w[i], p + i * stride);
    EXCHANGE(1, LOW_1, HIGH_1)
#if LANES > 2
    EXCHANGE(2, LOW_2, HIGH_2)
#endif
#if LANES > 4
    EXCHANGE(4, LOW_4, HIGH_4)
#endif
}

TARGET DBN_INLINE void NAME(store)(uint8_t *to, const WORDS *w, size_t width, unsigned shift)
{
    if (width == 8)
        memcpy(to, w, 8 * LANES);
    else if (width == 4)
        NAME(store_u32)(to, w, shift);
    else if (width == 2)
        NAME(store_u16)(to, w, shift);
    else
        NAME(store_u8)(to, w, shift);
}

TARGET DBN_INLINE size_t NAME(store_header)(const WORDS *w, uint8_t *base, size_t room, size_t row)
{
    size_t before = 0;
#define HEADER_FIELD(type, name, at)                                                                                   \
    if ((at) >= COLUMNS_HEADER) {                                                                                      \
        NAME(store)                                                                                                    \
        (base + before + row * sizeof(dbn_##type), &w[(at) / 8], sizeof(dbn_##type), 8 * ((at) % 8));                  \
        before += room * sizeof(dbn_##type) + COLUMNS_GAP;                                                             \
    }
#include "../../dbn/records.def"
    return before;
}

/* One layout: as long as all words that are read lie before `end`, and then as the scalar one does it. */
#define RECORD(id, Name, bytes)                                                                                        \
    TARGET static void NAME(fill_##id)(const uint8_t *restrict p, const uint8_t *end, size_t n, size_t stride,         \
                                       uint8_t *restrict base, size_t room, size_t row)                                \
    {                                                                                                                  \
        for (; n >= LANES && (size_t)(end - p) >= LANES * (stride + 8);                                                \
             n -= LANES, p += LANES * stride, row += LANES) {                                                          \
            WORDS w[LANES];                                                                                            \
            size_t square = 0;                                                                                         \
            NAME(turn)(w, p, stride);                                                                                  \
            size_t before = NAME(store_header)(w, base, room, row);
#define FIELD(type, name, at, column)                                                                                  \
    if (square != (at) / (8 * LANES)) {                                                                                \
        square = (at) / (8 * LANES);                                                                                   \
        NAME(turn)(w, p + 8 * LANES * square, stride);                                                                 \
    }                                                                                                                  \
    NAME(store)                                                                                                        \
    (base + before + row * sizeof(dbn_##type), &w[(at) / 8 % LANES], sizeof(dbn_##type), 8 * ((at) % 8));              \
    before += room * sizeof(dbn_##type) + COLUMNS_GAP;
#define TEXT(name, at, bytes, column)                                                                                  \
    for (size_t i = 0; i < LANES; i++)                                                                                 \
        memcpy(base + before + (row + i) * (bytes), p + i * stride + (at), bytes);                                     \
    before += room * (bytes) + COLUMNS_GAP;
#define END_RECORD(id)                                                                                                 \
    (void)before, (void)square;                                                                                        \
    }                                                                                                                  \
    columns_scalar.fill[LAYOUT(id)](p, end, n, stride, base, room, row);                                               \
    }
#include "../../dbn/records.def"

static columns_fill *const NAME(fills)[LAYOUTS] = {
    columns_fill_unknown,
#define RECORD(id, Name, bytes) NAME(fill_##id),
#include "../../dbn/records.def"
};

/* Of each lane by itself: adding up the sums so far weighs each value by the steps that come behind it. */
#define SUM(type)                                                                                                      \
    TARGET static struct columns_sums NAME(sum_##type)(const uint8_t *p, size_t n)                                     \
    {                                                                                                                  \
        const size_t steps = n / LANES;                                                                                \
        WORDS plain = {0}, behind = {0};                                                                               \
        for (size_t i = 0; i < steps; i++) {                                                                           \
            WORDS value;                                                                                               \
            NAME(load_##type)(&value, p + i * LANES * sizeof(dbn_##type));                                             \
            behind += plain;                                                                                           \
            plain += value;                                                                                            \
        }                                                                                                              \
        struct columns_sums s = {0};                                                                                   \
        for (size_t i = 0; i < LANES; i++) {                                                                           \
            s.plain += plain[i];                                                                                       \
            s.by_place += LANES * ((steps - 1) * plain[i] - behind[i]) + i * plain[i];                                 \
        }                                                                                                              \
        for (size_t i = steps * LANES; i < n; i++) {                                                                   \
            uint64_t value = dbn_load_##type(p + i * sizeof(dbn_##type));                                              \
            s.plain += value;                                                                                          \
            s.by_place += i * value;                                                                                   \
        }                                                                                                              \
        return s;                                                                                                      \
    }
SUM(u8)
SUM(u16)
SUM(u32)
SUM(u64)
#undef SUM

static struct columns_sums NAME(sum)(const uint8_t *column, size_t width, size_t n)
{
    return width == 1   ? NAME(sum_u8)(column, n)
           : width == 2 ? NAME(sum_u16)(column, n)
           : width == 4 ? NAME(sum_u32)(column, n)
                        : NAME(sum_u64)(column, n);
}

#undef EXCHANGE
#undef WORDS
#undef LANES
#undef NAME
#undef TARGET
#undef LOW_1
#undef HIGH_1
#undef LOW_2
#undef HIGH_2
#undef LOW_4
#undef HIGH_4
