/* Columns, filled a field at a time: for each of them one loop over some records, which stay in the first-level cache
 * meanwhile. Compilers may make of it what they can. */
#include "columns.h"

enum { TILE_BYTES = 8 << 10 };

#define COLUMN(type, at)                                                                                               \
    {                                                                                                                  \
        uint8_t *to_here = base + before + row * sizeof(dbn_##type);                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            dbn_##type value = dbn_load_##type(p + i * stride + (at));                                                 \
            memcpy(to_here + i * sizeof value, &value, sizeof value);                                                  \
        }                                                                                                              \
        before += room * sizeof(dbn_##type) + COLUMNS_GAP;                                                             \
    }
#define HEADER_COLUMN(type, at)                                                                                        \
    if ((at) >= COLUMNS_HEADER)                                                                                        \
    COLUMN(type, at)

DBN_INLINE size_t fill_header(const uint8_t *restrict p, size_t n, size_t stride, uint8_t *restrict base, size_t room,
                              size_t row)
{
    size_t before = 0;
#define HEADER_FIELD(type, name, at) HEADER_COLUMN(type, at)
#include "../../dbn/records.def"
    return before;
}

#define RECORD(id, Name, bytes)                                                                                        \
    static void tile_of_##id(const uint8_t *restrict p, size_t n, size_t stride, uint8_t *restrict base, size_t room,  \
                             size_t row)                                                                               \
    {                                                                                                                  \
        size_t before = fill_header(p, n, stride, base, room, row);
#define FIELD(type, name, at) COLUMN(type, at)
#define TEXT(name, at, bytes)                                                                                          \
    for (size_t i = 0; i < n; i++)                                                                                     \
        memcpy(base + before + (row + i) * (bytes), p + i * stride + (at), bytes);                                     \
    before += room * (bytes) + COLUMNS_GAP;
#define END_RECORD(id) }
#include "../../dbn/records.def"

static void tile_of_unknown(const uint8_t *restrict p, size_t n, size_t stride, uint8_t *restrict base, size_t room,
                            size_t row)
{
    fill_header(p, n, stride, base, room, row);
}

DBN_INLINE void fill(const uint8_t *p, size_t n, size_t stride, const struct columns_to *to,
                     void (*tile)(const uint8_t *p, size_t n, size_t stride, uint8_t *base, size_t room, size_t row))
{
    size_t most = TILE_BYTES / stride;
    for (size_t i = 0; i < n; i += most)
        tile(p + i * stride, n - i < most ? n - i : most, stride, to->base, to->room, to->row + i);
}

#define FILL(id)                                                                                                       \
    static void fill_##id(const uint8_t *p, const uint8_t *end, size_t n, size_t stride, const struct columns_to *to)  \
    {                                                                                                                  \
        (void)end;                                                                                                     \
        fill(p, n, stride, to, tile_of_##id);                                                                          \
    }
#define RECORD(id, Name, bytes) FILL(id)
#include "../../dbn/records.def"
void columns_fill_unknown(const uint8_t *p, const uint8_t *end, size_t n, size_t stride, const struct columns_to *to)
{
    (void)end;
    fill(p, n, stride, to, tile_of_unknown);
}

static columns_fill *const fills[LAYOUTS] = {
#define RECORD(id, Name, bytes) fill_##id,
#include "../../dbn/records.def"
    columns_fill_unknown,
};

#define SUM(type)                                                                                                      \
    static struct columns_sums sum_##type(const uint8_t *p, size_t n)                                                  \
    {                                                                                                                  \
        struct columns_sums s = {0};                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                               \
            s.plain += dbn_load_##type(p + i * sizeof(dbn_##type));                                                    \
            s.by_place += i * (uint64_t)dbn_load_##type(p + i * sizeof(dbn_##type));                                   \
        }                                                                                                              \
        return s;                                                                                                      \
    }
SUM(u8)
SUM(u16)
SUM(u32)
SUM(u64)

static struct columns_sums sum(const uint8_t *column, size_t width, size_t n)
{
    return width == 1   ? sum_u8(column, n)
           : width == 2 ? sum_u16(column, n)
           : width == 4 ? sum_u32(column, n)
                        : sum_u64(column, n);
}

static bool usable(void)
{
    return true;
}

const struct columns_way columns_scalar = {"scalar", usable, fills, sum};
