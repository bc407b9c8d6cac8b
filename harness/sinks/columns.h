/* Records as columns: for each kind of record, its type and length, one array for each of its fields. Columns are kept
 * in blocks, in each of which they stand one behind the other, so that they grow without being moved. */
#ifndef HARNESS_COLUMNS_H
#define HARNESS_COLUMNS_H

#include "layouts.h"

/* Puts n records into columns, all but what is behind the layout. They lie `stride` bytes from each other, and the
 * bytes up to `end` may be read.
 *
 * The columns of a block begin at `base`; it has `room` for rows, and the first record goes to `row`. Their order is:
 * publisher_id, instrument_id and ts_event, the layout's own fields but for reserved bytes, and, if records are longer
 * than their layout, what is behind it. Of no layout: all behind the header. Column c begins at base + room * (the
 * widths before c) + c * COLUMNS_GAP. */
typedef void columns_fill(const uint8_t *restrict p, const uint8_t *end, size_t n, size_t stride,
                          uint8_t *restrict base, size_t room, size_t row);

/* Of n values v[i] of 1, 2, 4 or 8 bytes, as unsigned numbers, n up to COLUMNS_ROWS: the sums of v[i] and of i * v[i].
 * */
struct columns_sums {
    uint64_t plain, by_place;
};
typedef struct columns_sums columns_sum(const uint8_t *column, size_t width, size_t n);

enum {
    COLUMNS_ROWS = 4096, /* in a block, at most */
    COLUMNS_GAP = 64,    /* bytes between columns. Else many would begin at the same place of a page, and so share a few
                          * lines of the first-level cache */
    COLUMNS_HEADER = 2,  /* the header's fields from here on have columns: length and type are the kind's */
};

/* Records of no layout have the header's columns, however they are filled. */
columns_fill columns_fill_unknown;

/* One way of doing it; all give the same columns. */
struct columns_way {
    const char *name;
    bool (*usable)(void);      /* on this processor; NULL: on all */
    columns_fill *const *fill; /* [LAYOUTS] */
    columns_sum *sum;          /* NULL: it has none */
    size_t tile;               /* bytes of records that fill() is best given at most; 0: it does not matter */
};

extern const struct columns_way columns_scalar;
/* All of them, from the plainest to the best; ends with NULL. */
extern const struct columns_way *const columns_ways[];
/* The best that is usable here. */
const struct columns_way *columns_best(void);

#endif
