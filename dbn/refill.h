/* The decoder's hold on its source, shared by metadata.c and decode.c. */
#ifndef DBN_REFILL_H
#define DBN_REFILL_H

#include "dbn.h"

/* Makes d->span non-empty, asking for `need` bytes if it is empty. Returns as dbn_source.next does; d->fault is set
 * unless it returned 1. */
int dbn_refill(struct dbn_decoder *d, size_t need);

/* The first n bytes of d->span are used. */
void dbn_advance(struct dbn_decoder *d, size_t n);

#endif
