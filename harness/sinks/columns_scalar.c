/* Columns, filled a field at a time: for each of them one loop over some records, which stay in the first-level cache
 * meanwhile. Compilers may make of it what they can. */
#include "columns.h"

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
    static void fill_##id(const uint8_t *restrict p, const uint8_t *end, size_t n, size_t stride,                      \
                          uint8_t *restrict base, size_t room, size_t row)                                             \
    {                                                                                                                  \
        (void)end;                                                                                                     \
        size_t before = fill_header(p, n, stride, base, room, row);
#define FIELD(type, name, at, column) COLUMN(type, at)
#define TEXT(name, at, bytes, column)                                                                                  \
    for (size_t i = 0; i < n; i++)                                                                                     \
        memcpy(base + before + (row + i) * (bytes), p + i * stride + (at), bytes);                                     \
    before += room * (bytes) + COLUMNS_GAP;
#define END_RECORD(id) }
#include "../../dbn/records.def"

void columns_fill_unknown(const uint8_t *restrict p, const uint8_t *end, size_t n, size_t stride,
                          uint8_t *restrict base, size_t room, size_t row)
{
    (void)end;
    fill_header(p, n, stride, base, room, row);
}

static columns_fill *const fills[LAYOUTS] = {
    columns_fill_unknown,
#define RECORD(id, Name, bytes) fill_##id,
#include "../../dbn/records.def"
};

const struct columns_way columns_scalar = {"scalar", .fill = fills, .tile = 8 << 10};
