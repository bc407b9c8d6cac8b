/* Sequences out of their codes (RFC 8878, 3.1.1.3.2). */
#ifndef INFLATE_SEQUENCES_H
#define INFLATE_SEQUENCES_H

#include "block.h"

/* Sets the tables of the claim's block. *size: the bytes that it describes its own with. */
bool sequences_read_tables(struct block_tables *t, const struct block_claim *claim, const struct block_layout *l,
                           size_t *size);

/* Decodes b->sequences_n of them, and adds the lengths of their matches to b->size. */
bool sequences_decode(struct block *b, const struct block_claim *claim, const struct block_tables *t,
                      struct block_bytes from);

#endif
