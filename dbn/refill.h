/* The decoder's hold on its source, for those who ask it for bytes: metadata.c, decode.c and the reader of lib/. */
#ifndef DBN_REFILL_H
#define DBN_REFILL_H

#include "dbn.h"

/* Makes d->span non-empty, asking for `need` bytes if it is empty. Returns as dbn_source.next does; d->fault is set
 * unless it returned 1. */
int dbn_refill(struct dbn_decoder *d, size_t need);

/* The first n bytes of d->span are used. */
void dbn_advance(struct dbn_decoder *d, size_t n);

/* Collects one record in d->carry, piece by piece, and hands it on. 1: done; 0: clean end in front of it; < 0: error,
 * with d->fault. */
int dbn_join(struct dbn_decoder *d, struct dbn_sink sink);

#endif
