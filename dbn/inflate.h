/* A source that inflates another one, if that is compressed. Found by its magic, never by a name. */
#ifndef DBN_INFLATE_H
#define DBN_INFLATE_H

#include "dbn.h"

DBN_API_BEGIN

enum {
    DBN_ZSTD_IN = 64 << 10,   /* libzstd is fed slices of the file of this size, whatever pieces it is read in, */
    DBN_ZSTD_OUT = 128 << 10, /* and hands over at most this much a call: so a fault shows at the same place always */
    DBN_ZSTD_WINDOW_LOG = 27, /* 128 MiB: the default limit of a frame's window, as the usual tools have it */
};

struct dbn_zstd;

/* Do these first bytes of a file, 4 or more, say that it is compressed? False for fewer. */
bool dbn_zstd_magic(const uint8_t *p, size_t n);

/* Wraps `in`, which stays the caller's and must outlive the handle. 0 or -ENOMEM. */
int dbn_zstd_open(struct dbn_source in, unsigned window_log, struct dbn_zstd **z);
void dbn_zstd_close(struct dbn_zstd *z);

/* As dbn_source.next. Input that is not compressed is lent on as it is. */
int dbn_zstd_next(void *z, size_t need, struct dbn_span *out);

/* Reads as much of the input as it takes to tell: 1 if it is compressed, 0 if not, < 0: error, *fault says where. */
int dbn_zstd_detect(struct dbn_zstd *z, size_t need, uint64_t *fault);

/* Only after dbn_zstd_detect() gave 1: inflates up to DBN_ZSTD_OUT bytes to dst, which must have room for exactly that
 * many. Returns as dbn_source.next; *len and *offset: how many bytes, and where in the stream (or the fault). */
int dbn_zstd_inflate(struct dbn_zstd *z, uint8_t *dst, size_t *len, uint64_t *offset);

/* Of what has been inflated so far: complete frames (skippable ones not among them), and those with a checksum. Bytes
 * of output, and of input that had to be copied to make a slice of it. */
struct dbn_zstd_stats {
    uint64_t frames, checksums;
    uint64_t inflated, joined;
};
struct dbn_zstd_stats dbn_zstd_stats(const struct dbn_zstd *z);

DBN_API_END

#endif
