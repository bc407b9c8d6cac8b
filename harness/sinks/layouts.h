/* dbn_layout_of() as a table: the layout of each type by the record's size, in 4-byte words, which are its first bytes.
 * */
#ifndef HARNESS_LAYOUTS_H
#define HARNESS_LAYOUTS_H

#include "../../dbn/record.h"

enum { LAYOUT_UNKNOWN, LAYOUTS = 1 + DBN_LAYOUTS };
#define LAYOUT(id) (1 + DBN_LAYOUT_##id)

extern uint8_t layouts[256][256]; /* set before main(), and then only read */

/* Of the record at p. */
DBN_INLINE unsigned layouts_at(const uint8_t *p)
{
    return layouts[p[1]][p[0]];
}

#endif
