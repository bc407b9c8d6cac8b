/* What our own inflater makes of compressed files in memory, on one thread, and what libzstd does. */
#ifndef TESTS_SUPPORT_INFLATE_H
#define TESTS_SUPPORT_INFLATE_H

#include "../inflate/walk.h"
#include "support_zstd.h"

/* What blocks were seen, so that a test can tell that it tried what it means to. */
struct seen {
    unsigned types[4], literals[4], four_streams, modes[BLOCK_TABLES][4];
    unsigned most_sequences; /* in a block */
};

/* Appends the content. False if it refuses the file. */
bool own_inflate(struct bytes file, unsigned window_log, struct dbn_buffer *content, struct seen *seen);

/* The same by dbn/inflate.h: 0, or the outcome. */
int libzstd_inflate(struct bytes file, unsigned window_log, struct dbn_buffer *content);

/* Files that our own one takes are good ones, with the same content. True if it takes it. */
bool own_agrees(struct bytes file, const char *what);

/* Three threads of the backend end as libzstd does, records and all. */
void own_agrees_on_threads(struct bytes file, const char *what);

#endif
