/* The beginning of a compressed DBN file as a file of its own, so that a sample of a large file can be read in every
 * way in which files are read. Nothing is compressed anew: frames and blocks stay what they are. */
#ifndef DATASETS_EXCERPT_H
#define DATASETS_EXCERPT_H

#include "../dbn/encode.h"
#include "../dbn/zstd_frames.h"

/* Adds blocks to *to until they hold `least` bytes of the stream. The frame that this cuts loses its checksum and the
 * size of its content. What is missing of the last record follows as a block that is not compressed. Skippable frames
 * are left out. *stream: how much of it there is. 1; 0: the file ends before that; < 0: it cannot be read. */
int excerpt_zstd(struct dbn_at in, uint64_t least, struct dbn_buffer *to, uint64_t *stream);

#endif
