#include "cut.h"

uint64_t cut_metadata_end(const uint8_t *p, bool fragment)
{
    return fragment || memcmp(p, "DBN", 3) != 0 ? 0 : 8 + (uint64_t)dbn_load_u32(p + 4);
}

size_t cut_whole_records(const uint8_t *p, size_t n, bool *valid)
{
    const uint8_t *q = p, *stop = p + n;
    for (size_t size; (size = dbn_walk(q, stop)) != 0;) {
        const uint8_t *last = stop - size;
        for (uint8_t length = q[0]; q <= last && q[0] == length;)
            q += size;
    }
    *valid = q == stop || dbn_record_size(q) >= DBN_HEADER_SIZE;
    return (size_t)(q - p);
}
