/* Memory for a stream of which the last bytes are kept: what would run over its end comes out at its beginning, and
 * stands in one piece all the same, since it is mapped twice in a row. */
#ifndef BACKENDS_MIRROR_H
#define BACKENDS_MIRROR_H

#include <stddef.h>
#include <stdint.h>

struct mirror {
    uint8_t *base;
    size_t size;
};

/* Keeps at least `size` bytes. 0 or -errno. */
int mirror_open(struct mirror *m, size_t size);
void mirror_close(struct mirror *m); /* or one that is all zero */

/* Where the byte at this offset of the stream stands. `before` bytes in front of it can be read, and all but as many of
 * m->size behind it be written. */
static inline uint8_t *mirror_at(const struct mirror *m, uint64_t offset, uint64_t before)
{
    size_t at = (size_t)(offset % m->size);
    return m->base + at + (at < before ? m->size : 0);
}

#endif
