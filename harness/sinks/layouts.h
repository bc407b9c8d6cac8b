/* dbn_layout_of() as a table: the layout of each type by the record's size, in 4-byte words, which are its first bytes.
 * */
#ifndef HARNESS_LAYOUTS_H
#define HARNESS_LAYOUTS_H

#include "../../dbn/record.h"

enum { LAYOUT_UNKNOWN = DBN_LAYOUTS, LAYOUTS };

struct layouts {
    uint8_t of[256][256];
};

static inline void layouts_set(struct layouts *l)
{
    memset(l->of, LAYOUT_UNKNOWN, sizeof l->of);
#define RTYPE(value, name, id)                                                                                         \
    memset(&l->of[value][sizeof(struct dbn_##id) / 4], DBN_LAYOUT_##id, 256 - sizeof(struct dbn_##id) / 4);
#include "../../dbn/records.def"
}

/* Of the record at p. */
DBN_INLINE unsigned layouts_at(const struct layouts *l, const uint8_t *p)
{
    return l->of[p[1]][p[0]];
}

#endif
