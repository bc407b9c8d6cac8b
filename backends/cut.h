/* Where a stream can be cut so that each piece is whole records: what shared backends lend. */
#ifndef BACKENDS_CUT_H
#define BACKENDS_CUT_H

#include "../dbn/dbn.h"

/* Where the metadata end, from the first 8 bytes of the stream; 0 if there are none. */
uint64_t cut_metadata_end(const uint8_t *p, bool fragment);

/* How many of n bytes are whole records; *valid turns false at one that cannot be. */
size_t cut_whole_records(const uint8_t *p, size_t n, bool *valid);

#endif
